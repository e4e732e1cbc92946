"""Which days are public holidays, by where a court has its seat."""

from datetime import date
from typing import Protocol


class Holidays(Protocol):
    """Thread-safe."""

    def is_closed(self, day: date, *, seat: str | None) -> bool:
        """Whether `day` is a public holiday at this seat: a department or overseas collectivity by its number (``57``,
        ``2A``, ``974``), None for those of the whole country only. Saturdays and Sundays are not its business."""
        ...
