"""Calendar periods such as six months (K7): months are months, never a number of days."""

import re
from dataclasses import dataclass
from typing import Self

_ISO_PERIOD = re.compile(r"P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPeriod:
    """A non-zero ISO 8601 date period: years, months and days (weeks count as seven days)."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0 or self.months + self.days == 0:
            raise ValueError("a period is longer than nothing")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``P6M``, ``P1Y``, ``P90D``, ``P1Y2M3D``. Raises ValueError with what a period looks like."""
        match = _ISO_PERIOD.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an ISO 8601 period of years, months, weeks or days, such as P6M")
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        return cls(months=12 * years + months, days=7 * weeks + days)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = ((years, "Y"), (months, "M"), (self.days, "D"))
        return "P" + "".join(f"{count}{unit}" for count, unit in parts if count)

    def never_exceeds(self, other: "CalendarPeriod") -> bool:
        """Whether this period is over no later than the other, whichever day both begin on."""
        if self.months <= other.months and self.days <= other.days:
            return True
        return self.at_most_days() <= 28 * other.months + other.days

    def at_most_days(self) -> int:
        """The most days the period can span: months of 31 days, a year never more than 366 days."""
        years, months = divmod(self.months, 12)
        return 366 * years + 31 * months + self.days
