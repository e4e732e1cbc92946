"""How long an answer of ``unknown`` takes: its time tells nothing of whether there is such a recording (U2)."""

import time
from typing import Final

UNKNOWN_TAKES_S: Final = 0.02
"""It leaves at a multiple of this after the question."""


def take_as_long_as_any_unknown(began: float) -> None:
    """Wait until an answer to a question that `began` then (monotonic) may leave."""
    time.sleep(UNKNOWN_TAKES_S - (time.monotonic() - began) % UNKNOWN_TAKES_S)
