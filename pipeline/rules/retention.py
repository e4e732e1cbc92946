"""How long a recording is kept, and whether its times can be believed (K1, K2, K7)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callwarden.model.outcome import Reason
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Limits
from callwarden.rules.calendar import months_later

EARLIEST_CALL = datetime(2000, 1, 1, tzinfo=UTC)
"""A call dated before this was dated by a clock that had lost its battery."""
LAST = datetime.max.replace(tzinfo=UTC)
"""No instant is later."""
_FIRST = datetime(1, 1, 3, tzinfo=UTC)
"""Shown by the clock of every zone."""


def keep_until(ended_at: datetime, period: CalendarPeriod, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, from which a call that ended at `ended_at` is kept no longer (K7).

    Counted on the calendar and the clock of `zone`: the same day of the month and the same time of day so many
    months later, the month's last day where that day does not exist (31 August + P6M is the end of February), then
    the period's days. Whatever the nights of the clock change do, the answer is the *first* instant at which the
    local clock shows that time or a later one: a time the clock skips becomes the end of the gap, a time it shows
    twice the first showing. So nothing is ever kept longer than promised.

    There is an answer for every instant: `LAST` where it lies past the year 9999, and what a zone's clock cannot show
    of the first days of the year 1 counts from their end. Raises ValueError for a naive `ended_at`.
    """
    if ended_at.utcoffset() is None:
        raise ValueError("the end of a call is an aware instant")
    try:
        wall = max(ended_at, _FIRST).astimezone(zone).replace(tzinfo=None, fold=0)
        return _first_instant(_add(wall, period), zone)
    except OverflowError:
        return LAST


def is_past(keep_until: datetime, *, now: datetime) -> bool:
    """Whether the period is over. From that very instant on it is."""
    return now >= keep_until


def credible_time(
    started_at: datetime | None, ended_at: datetime | None, *, now: datetime, limits: Limits
) -> Reason | None:
    """Why the times of a call cannot be believed, None when they can. "Now" is never put in their place.

    ``no_credible_time``: missing, naive, ended before it started, longer than a call can be, before the year 2000.
    ``future_time``: ended further ahead of `now` than a clock may run.
    """
    if started_at is None or ended_at is None:
        return Reason.NO_CREDIBLE_TIME
    if started_at.utcoffset() is None or ended_at.utcoffset() is None:
        return Reason.NO_CREDIBLE_TIME
    if started_at < EARLIEST_CALL or not timedelta(0) <= ended_at - started_at <= limits.max_call_length:
        return Reason.NO_CREDIBLE_TIME
    if ended_at - now > limits.max_clock_ahead:
        return Reason.FUTURE_TIME
    return None


def _add(wall: datetime, period: CalendarPeriod) -> datetime:
    return datetime.combine(months_later(wall.date(), period.months), wall.time()) + timedelta(days=period.days)


def _first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock of `zone` shows `wall` or a later time."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # The clock skips `wall`. Read with the offset in force after the gap it lies before the change, read with the
    # one before the gap it lies after it (PEP 495): close in on the change, which falls on a whole second.
    before = wall.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    after = first.replace(microsecond=0) + timedelta(seconds=1)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after
