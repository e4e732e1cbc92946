"""The arithmetic of legal periods, in whole days (arts. 640 to 642 CPC, 801 CPP)."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

from callwarden.model.period import CalendarPeriod

Closed = Callable[[date], bool]
"""Whether a day is a public holiday at the court's seat."""

_DAY = timedelta(days=1)
_SATURDAY = 5


def falls_on(start: date, period: CalendarPeriod, *, clear: bool = False) -> date:
    """The day on which a period that runs from an act of `start` ends, before it moves on.

    Months first: to the day of the same number, or the month's last where there is none; then days, the first being the
    one after (art. 641). Of a `clear` period the day it would end on does not count either: it ends a day later.
    """
    return months_later(start, period.months) + timedelta(days=period.days + clear)


def months_later(day: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last (art. 641 CPC; Regulation 1182/71, article
    3(2)(c)). Raises OverflowError past the year 9999."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year > date.max.year:
        raise OverflowError("a period ends in a year that has four digits")
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def moved_on(day: date, closed: Closed) -> date:
    """This day, or where it is a Saturday, a Sunday or a holiday the next that is none of these (art. 642 CPC)."""
    while day.weekday() >= _SATURDAY or closed(day):
        day += _DAY
    return day


def longer(period: CalendarPeriod, by: CalendarPeriod | None) -> CalendarPeriod:
    """Both as one period, so that months are counted before days (arts. 641, 643 CPC)."""
    if by is None:
        return period
    return CalendarPeriod(months=period.months + by.months, days=period.days + by.days)
