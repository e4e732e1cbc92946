"""Public holidays of France by the library `holidays`; Moselle and Alsace have two more, overseas some of their own."""

from datetime import date
from functools import lru_cache
from typing import Final

_SUBDIVISIONS: Final = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    **{number: number for number in ("971", "972", "973", "974", "976")},
    "975": "PM",
    "977": "BL",
    "978": "MF",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}


class FrenchHolidays:
    """`callwarden.ports.holidays.Holidays`. Loads the library when it is first asked."""

    def is_closed(self, day: date, *, seat: str | None) -> bool:
        return day in _of(_SUBDIVISIONS.get(seat or ""), day.year)


@lru_cache(maxsize=256)
def _of(subdivision: str | None, year: int) -> frozenset[date]:
    from holidays.countries.france import France

    return frozenset(France(subdiv=subdivision, years=year))  # type: ignore[no-untyped-call]
