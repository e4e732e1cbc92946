"""The procedure of a case as a line of time: what happened, each way of appeal to its last day, and today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from callwarden.model.hold import Case
from callwarden.model.procedure import EventType, Standing, WayName
from callwarden.rules.case_procedure import counting

WIDTH: Final = 960
_LEFT: Final = 190
_RIGHT: Final = 24
_ROW: Final = 30
_TOP: Final = 46


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One way of one party: where its bar begins, how long it is, and how high it lies; in units of the picture."""

    party: str
    way: WayName
    first: date
    last: date
    article: str
    left: float
    width: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An event, or today (None): where it stands."""

    type: EventType | None
    on: date
    party: str | None
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The picture. `today` is None where that lies outside."""

    height: int
    marks: Sequence[Mark]
    bars: Sequence[Bar]
    today: float | None
    exhausted: float | None
    bottom: float


def procedure_line(case: Case, standing: Standing, *, today: date) -> Line | None:
    """None where nothing has a day yet."""
    events = sorted(counting(case).values(), key=lambda event: event.on)
    days = [event.on for event in events]
    days += [day for way in standing.ways for day in (way.starts_on, way.last_day)]
    if not days:
        return None
    days += [standing.exhausted_on or max(days)]
    near = max(days) + timedelta(days=183) >= today >= min(days) - timedelta(days=31)
    first, last = min([*days, *([today] if near else [])]), max([*days, *([today] if near else [])])
    span = max((last - first).days, 1)

    def at(day: date) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (day - first).days / span, 1)

    bars = [
        Bar(
            party=way.party,
            way=way.way,
            first=way.starts_on,
            last=way.last_day,
            article=way.article,
            left=at(way.starts_on),
            width=max(round(at(way.last_day) - at(way.starts_on), 1), 2),
            top=_TOP + 14 + number * _ROW,
        )
        for number, way in enumerate(standing.ways)
    ]
    bottom = _TOP + 14 + len(bars) * _ROW
    return Line(
        height=int(bottom + 26),
        marks=[Mark(type=event.type, on=event.on, party=event.party, left=at(event.on)) for event in events],
        bars=bars,
        today=at(today) if near else None,
        exhausted=None if standing.exhausted_on is None else at(standing.exhausted_on),
        bottom=bottom,
    )
