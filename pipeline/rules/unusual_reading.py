"""Who reads otherwise than they, and others of their role, do? What an auditor is shown to ask about (U3, L4).

Of what the access log holds: which person (a pseudonym), in which role, read which recording, when. A finding is no
guilt: it is a question. Whether somebody looked themselves up by name cannot be told: the log has no names.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.model.policy import UnusualReading

ENOUGH_DAYS: Final = 5
"""Days somebody read on before, without which there is no past to compare with."""
ENOUGH_PEOPLE: Final = 3
"""Others of the role, without whom there is no role to compare with."""


class Unusual(StrEnum):
    """What is unusual; closed vocabulary."""

    MORE_THAN_BEFORE = "more_than_before"
    MORE_THAN_OTHERS = "more_than_others"
    OUT_OF_HOURS = "out_of_hours"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading: by whom as the log has them, of which recording; with `emergency`, a glass asked for."""

    actor: str
    at: datetime
    subject: str | None
    emergency: bool = False

    @property
    def role(self) -> str:
        return self.actor.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """On this day somebody read `count` recordings; `usual` is what it is held against, where there is that."""

    what: Unusual
    actor: str
    day: date
    count: int
    usual: float | None = None


def findings(reads: Iterable[Read], *, since: date, limits: UnusualReading, zone: ZoneInfo) -> Sequence[Finding]:
    """What is unusual on the days from `since` on, the newest first; earlier readings are the past it is held against.

    A recording counts once a day, however often it was heard. Days are of `zone`.
    """
    read: dict[tuple[str, date], set[str]] = defaultdict(set)
    late: dict[tuple[str, date], set[str]] = defaultdict(set)
    asked: dict[tuple[str, date], int] = defaultdict(int)
    for one in reads:
        at = one.at.astimezone(zone)
        key = one.actor, at.date()
        if one.emergency:
            asked[key] += 1
        elif one.subject is not None:
            read[key].add(one.subject)
            if not limits.from_hour <= at.hour < limits.to_hour:
                late[key].add(one.subject)
    counts = {key: len(subjects) for key, subjects in read.items()}
    found = [
        Finding(what=Unusual.OUT_OF_HOURS, actor=actor, day=day, count=len(subjects))
        for (actor, day), subjects in late.items()
    ]
    found += [
        Finding(what=Unusual.EMERGENCY, actor=actor, day=day, count=count) for (actor, day), count in asked.items()
    ]
    times = float(limits.times)
    for actor, day in [key for key, count in counts.items() if key[1] >= since and count >= limits.at_least]:
        count = counts[actor, day]
        for what, usual in _usual(counts, actor, day):
            if count > times * usual:
                found.append(Finding(what=what, actor=actor, day=day, count=count, usual=usual))
    recent = (one for one in found if one.day >= since)
    return sorted(recent, key=lambda one: (one.day, one.count, one.actor, one.what), reverse=True)


def _usual(counts: Mapping[tuple[str, date], int], actor: str, day: date) -> Iterable[tuple[Unusual, float]]:
    """The median of one's own earlier days, and of others of the role around this day."""
    before = [count for (who, on), count in counts.items() if who == actor and on < day]
    if len(before) >= ENOUGH_DAYS:
        yield Unusual.MORE_THAN_BEFORE, float(median(before))
    role, week = actor.partition(":")[0], day - timedelta(days=7)
    others: dict[str, int] = {}
    for (who, on), count in counts.items():
        if who != actor and who.partition(":")[0] == role and week < on <= day:
            others[who] = max(others.get(who, 0), count)
    if len(others) >= ENOUGH_PEOPLE:
        yield Unusual.MORE_THAN_OTHERS, float(median(others.values()))
