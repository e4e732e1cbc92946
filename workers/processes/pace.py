"""How a worker spends its time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker spends its time; seconds."""

    threads: int = 8
    cleaners: int = 2
    """Threads for what follows a result, such as deleting the landing copy: behind the queue of slow work it would hold
    back the offsets."""
    window: int = 128
    """Deliveries in the worker's hands at once: enough to keep the threads busy while results are written."""
    batch: int = 32
    """Results are written together once there are so many …"""
    linger_s: float = 0.25
    """… or the first of them has waited so long, or nothing else is under way."""
    idle_poll_s: float = 0.5
    busy_wait_s: float = 0.02
    keep_alive_s: float = 1.0
    """How often the bus hears of a worker whose hands are full."""
    housekeeping_s: float = 1.0
    orphans_every_s: float = 10.0
    """How often a worker looks for messages that another left unsent, which lie for `ORPHANED_AFTER_S` by then."""
    commit_every_s: float = 0.1
    first_retry_s: float = 0.2
    longest_retry_s: float = 30.0
    last_retries: int = 6
    """How often one piece of work is tried again before a drain leaves it."""
    left_again_s: float = 300.0
    """How long something that failed for a reason of its own is left before it is tried again."""
    stop_within_s: float = 15.0
    """How long a worker that is to stop waits for what its threads are at. What takes longer is given back."""
