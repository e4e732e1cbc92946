"""Master keys."""

from callwarden.desks.keys import Rewrapped
from callwarden.workers.shapes import Row


def rewrapped_shape(done: Rewrapped) -> Row:
    """How many data keys are under the current master key now, and how many are lost."""
    return {
        "master_key": done.master_key_id,
        "rewrapped": done.rewrapped,
        "already": done.already,
        "lost": done.lost,
    }
