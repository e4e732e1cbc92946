"""Figures: what is counted, and what of it may be published so that it points at nobody (U6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from callwarden.model.ids import LineId, PolicyVersion, Pseudonym

TeamId = NewType("TeamId", str)
"""What a team is called; "" for those of nobody's team."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week of ISO 8601, of the policy's time zone. As text ``2026-W07``."""

    monday: date

    def __post_init__(self) -> None:
        if self.monday.weekday():
            raise ValueError("a week begins on a Monday")

    @classmethod
    def of(cls, day: date) -> Self:
        """The week this day is of."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    def after(self, weeks: int = 1) -> "Week":
        """So many weeks later; a negative number: before."""
        return Week(self.monday + timedelta(weeks=weeks))

    def to(self, last: "Week") -> int:
        """How many weeks there are from this one to the `last`, both counted."""
        return (last.monday - self.monday).days // 7 + 1

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"


class Subject(StrEnum):
    """What is counted. Everything measured of the same subject (how many, how long) is published of the same groups, or
    withheld together: no measure gives another away. What is known of some calls only is a subject by itself."""

    CALLS = "calls"
    ANSWERS = "answers"
    """Calls of which it is known how soon somebody answered."""
    SPEECH = "speech"
    """Calls of which it is known who spoke how long."""
    OBJECTIONS = "objections"
    SET_ASIDE = "set_aside"
    """Calls of which a part was set aside when their week closed."""
    EVALUATIONS = "evaluations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one caller and one employee have together in a cell. None: nobody knows who, and it counts as nobody."""

    caller: Pseudonym | None
    employee: str | None
    count: int = 1
    amounts: Mapping[str, int] = field(default_factory=dict)
    """What else is added up, such as seconds; none is below 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a line and a team had in a week. An empty one is a cell, too: that there was nothing tells something.

    `rests`: where only some of the calls of this line, team and week are counted for what they are, such as those
    objected to: what can be worked out once these are taken off. None of it: all calls are counted.
    """

    line: LineId
    team: TeamId
    week: Week
    contributions: Sequence[Contribution]
    rests: Sequence[Sequence[Contribution]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Everything of a subject that is not decided yet, from the first week a line waits for to `last`, which is over: a
    cell of every line, team and week there is."""

    subject: Subject
    last: Week
    cells: Iterable[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a line (`team` None), or a team on a line, had from the Monday of `first` to the Sunday of `last`. Once
    it is frozen, nothing changes it. `count` None: withheld, for good."""

    subject: Subject
    line: LineId
    team: TeamId | None
    first: Week
    last: Week
    count: int | None
    amounts: Mapping[str, int] = field(default_factory=dict)
    altered: bool = field(default=False, compare=False)
    """Somebody wrote it past the system: nobody goes by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a subject's lines are decided, all weeks before being over: every line there has ever been anything on,
    and the first week of it that is not decided yet."""

    waiting: Mapping[LineId, Week] = field(default_factory=dict)
    silent: frozenset[LineId] = frozenset()
    """Lines of which the last figure says that there was nothing."""
    closed: Week | None = None
    """The last week that was looked at. A line that is new begins after it, whatever comes late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A week that was counted once it was over: the figures it completes, and how its subject's lines stand since
    (`Standing`)."""

    subject: Subject
    week: Week
    figures: tuple[Figure, ...] = ()
    waiting: Mapping[LineId, Week]
    silent: frozenset[LineId]
    closed_at: datetime
    policy_version: PolicyVersion
    altered: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """What it is called, as ``calls-2026-W07``."""
        return f"{self.subject}-{self.week}"

    @property
    def standing(self) -> Standing:
        """How the lines stand since."""
        return Standing(waiting=self.waiting, silent=self.silent, closed=self.week)
