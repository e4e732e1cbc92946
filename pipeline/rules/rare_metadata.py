"""Which combinations of metadata would point at somebody, and what is said in their place (U5).

A group is the items with one combination of line, period and duration. It is told as it is where so many different
callers stand in it as the experiment asks for (k), and so many different agents where items say whose call it was;
otherwise its items are described more coarsely, step by step, and at last not at all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

NOT_TOLD: Final = "*"
"""Stands where a value would point at somebody."""

_DURATIONS: Final = (
    (30, "under 30 s", "under 2 min"),
    (60, "30 to 60 s", "under 2 min"),
    (120, "1 to 2 min", "under 2 min"),
    (300, "2 to 5 min", "2 to 10 min"),
    (600, "5 to 10 min", "2 to 10 min"),
    (1200, "10 to 20 min", "10 min and more"),
)
_LONGEST: Final = ("20 min and more", "10 min and more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A combination of metadata as it is told."""

    line: str
    period: str
    duration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one item. `day` is the call's, where it was taken; `persons` stand for those it is about, the
    caller and, where items say so, the agent; None where nobody knows who it was: all of those count as one."""

    item: str
    persons: tuple[str | None, ...] = field(repr=False)
    line: str
    day: date | None
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalised:
    """How each item is told, and `steps`: how many items each way of telling took, by its name. `smallest` is how many
    callers the smallest group has, or agents where those are fewer; 0 where there is none."""

    told: Mapping[str, Told]
    steps: Mapping[str, int]
    smallest: int


STEPS: Final = (
    "as it is",
    "period: month",
    "period: month, duration: coarse",
    "period: quarter, duration: coarse",
    "period: year, duration: coarse",
    "period: year",
    "line alone",
    "nothing",
)
"""What is left of an item's metadata, from all of it to none."""


def generalise(facts: Sequence[Facts], *, k: int) -> Generalised:
    """Every group has k callers afterwards, and k agents where items say whose call it was. Where there are fewer than
    k in all, nothing is told of any item.

    Raises ValueError for a `k` under 2, which would protect nobody.
    """
    if k < 2:
        raise ValueError("a group of one is somebody: k is 2 or more")
    told: dict[str, tuple[Told, int]] = {}
    left: Sequence[Facts] = facts
    for step in range(len(STEPS)):
        groups = _groups(left, step)
        left = []
        for combination, members in groups.items():
            if _size(members) >= k or step == len(STEPS) - 1:
                told |= {one.item: (combination, step) for one in members}
            else:
                left.extend(members)
    _cover(facts, told, k=k)
    people = {one.item: one for one in facts}
    standing = _by_combination(told, people)
    return Generalised(
        told={item: combination for item, (combination, _) in told.items()},
        steps=Counter(STEPS[step] for _, step in told.values()),
        smallest=min((_size(members) for members in standing.values()), default=0),
    )


def _cover(facts: Sequence[Facts], told: dict[str, tuple[Told, int]], *, k: int) -> None:
    """Those of which nothing is told are as many as k, too: the smallest other groups join them until they are."""
    people, last = {one.item: one for one in facts}, len(STEPS) - 1
    standing = _by_combination(told, people)
    nothing = Told(line=NOT_TOLD, period=NOT_TOLD, duration=NOT_TOLD)
    hidden = standing.pop(nothing, [])
    others = sorted(standing.items(), key=lambda each: (_size(each[1]), each[0].line, each[0].period))
    while hidden and _size(hidden) < k and others:
        _, members = others.pop(0)
        hidden = [*hidden, *members]
        told |= {one.item: (nothing, last) for one in members}


def _by_combination(told: Mapping[str, tuple[Told, int]], people: Mapping[str, Facts]) -> dict[Told, list[Facts]]:
    standing: defaultdict[Told, list[Facts]] = defaultdict(list)
    for item, (combination, _) in told.items():
        standing[combination].append(people[item])
    return dict(standing)


def _groups(facts: Iterable[Facts], step: int) -> dict[Told, list[Facts]]:
    groups: defaultdict[Told, list[Facts]] = defaultdict(list)
    for one in facts:
        groups[_told(one, step)].append(one)
    return dict(groups)


def _size(members: Iterable[Facts]) -> int:
    """How many callers, or agents where those are fewer."""
    return min(len(set(each)) for each in zip(*(one.persons for one in members), strict=True))


def _told(one: Facts, step: int) -> Told:
    fine, coarse = next((names for limit, *names in _DURATIONS if one.duration_s < limit), _LONGEST)
    return Told(
        line=one.line if step < 7 else NOT_TOLD,
        period=_period(one.day, step),
        duration=fine if step < 2 else coarse if step < 5 else NOT_TOLD,
    )


def _period(day: date | None, step: int) -> str:
    if day is None or step > 5:
        return NOT_TOLD
    if step == 0:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if step < 3:
        return f"{day.year}-{day.month:02d}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if step == 3 else f"{day.year}"
