"""The one source of "now". Rules never ask it: steps do, once, and pass the instant on."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """An aware instant in UTC. Two calls may go backwards: clocks jump."""
        ...
