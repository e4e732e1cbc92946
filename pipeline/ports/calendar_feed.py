"""Days to be reminded of, in the form that calendars subscribe to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.procedure import CalendarDay


class CalendarFeed(Protocol):
    """Thread-safe."""

    def render(self, days: Sequence[CalendarDay], *, made_at: datetime) -> bytes:
        """The days as an iCalendar object (RFC 5545), each a whole day that takes no time of anybody's."""
        ...
