"""May this be tried now? So many at once, then one at a time: a leaky bucket kept as one instant.

The instant says until when what may be tried is used up (GCRA, the generic cell rate algorithm of ITU-T I.371); it is
the same in every process, and an old one says nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`burst` at once, then one `each`."""

    burst: int
    each: timedelta

    @property
    def fills_in(self) -> timedelta:
        """How long it takes until all of it may be tried again."""
        return self.burst * self.each


def wait(free_at: datetime, pace: Pace, *, now: datetime) -> timedelta:
    """How long to wait until something may be tried; nothing where it may be now."""
    # A clock that was set back must not shut anybody out for longer than a full bucket takes.
    used = min(free_at - now, pace.fills_in)
    return max(used - (pace.burst - 1) * pace.each, timedelta())


def left(free_at: datetime, pace: Pace, *, now: datetime) -> int:
    """How many may be tried at once."""
    used = max(min(free_at - now, pace.fills_in), timedelta())
    return (pace.fills_in - used) // pace.each


def charged(free_at: datetime, pace: Pace, *, now: datetime, count: int = 1) -> datetime:
    """The instant once so many more were tried."""
    return min(max(free_at, now), now + pace.fills_in) + count * pace.each
