"""The register's sheets as codes and values, in no language's words: two policies print the same sheet where these are
the same. A house that words a sentence otherwise changes no sheet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from json import dumps
from typing import Final

from callwarden.model.letter import Language, Words
from callwarden.model.paper import Sources
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.rules.papers.register import register

_DATES: Final = ("created", "updated")
_NO_MATTER: Final = date(1970, 1, 1)


def prints_of(policy: Policy) -> dict[str, str]:
    """Of each sheet, by its reference, a digest of all it says but its dates, in every language."""
    said: dict[str, list[object]] = {}
    for language in Language:
        sources = Sources(
            policy=policy,
            words=_Codes(language=language, sections={}, phrases=_Itself(), months=()),
            sender=None,
            evaluations_kept=CalendarPeriod(months=12),
            today=_NO_MATTER,
        )
        for row in register(sources).tables[-1].rows:
            content = {column: values for column, values in row.items() if column not in _DATES}
            said.setdefault(row["reference"][0], []).append(content)
    return {name: sha256(dumps(content, sort_keys=True).encode()).hexdigest() for name, content in said.items()}


class _Code(str):
    """A code that keeps the values it is put into words with."""

    __slots__ = ()

    def format(self, *_: object, **values: object) -> str:
        return f"{self} {values}" if values else str(self)


class _Itself(Mapping[str, str]):
    def __getitem__(self, code: str) -> str:
        return code

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class _Codes(Words):
    def of(self, section: str, code: str) -> str:
        return _Code(f"{section}.{code}")

    def day(self, day: date) -> str:
        return day.isoformat()

    def period(self, period: CalendarPeriod) -> str:
        return str(period)

    def duration(self, duration: timedelta) -> str:
        return str(duration)
