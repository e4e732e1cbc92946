"""Reports made of frozen figures: how many, and means (U6)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callwarden.model.figure import Subject, Week
from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By, Frozen, Row, groups, rows, total
from callwarden.rules.figures.counting import AGENT, ANSWERED, CALLER, DURATION, SCORE, SCORES, SILENCE


class Kind(StrEnum):
    """What can be asked for."""

    CALLS = "calls"
    ANSWER_TIMES = "answer-times"
    DURATIONS = "durations"
    OUTCOMES = "outcomes"
    OBJECTIONS = "objections"
    EVALUATIONS = "evaluations"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """What a line, a team on it or a week had. `value` is what the report is about, `beside` what else stands with it;
    None: withheld. Means are whole seconds, or scores to one decimal."""

    line: LineId | None
    team: str | None
    week: Week | None
    value: float | None
    beside: Mapping[str, float | None] = field(default_factory=dict)
    until: Week | None = None
    """The last week, where several are told together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about whole weeks. `frozen` gives all that is frozen of a subject."""

    kind: Kind
    by: By
    first: Week
    last: Week
    frozen: Callable[[Subject], Frozen]

    def rows(self, line: LineId | None) -> Sequence[ReportRow]:
        """The rows of a report, of all lines or one."""
        return self._all(lambda frozen: rows(frozen, self.by, self.first, self.last, line=line))

    def groups(self, line: LineId) -> Sequence[ReportRow]:
        """What a line's weeks are told by: where it is too small for one, several together."""
        return self._all(lambda frozen: groups(frozen, line, self.first, self.last))

    def whole(self) -> ReportRow | None:
        """All lines together; none of answer times, for an alarm line is another thing."""
        if self.kind is Kind.ANSWER_TIMES:
            return None
        return self._all(lambda frozen: [total(frozen, self.first, self.last)])[0]

    def _all(self, of: Callable[[Frozen], Sequence[Row]]) -> Sequence[ReportRow]:
        beside = [{_place(row): row for row in of(self.frozen(subject))} for subject in _BESIDE.get(self.kind, ())]
        found = of(self.frozen(_SUBJECT[self.kind]))
        return [_told(self.kind, row, [each.get(_place(row)) for each in beside]) for row in found]


def _place(row: Row) -> tuple[object, ...]:
    return row.line, row.team, row.week, row.until


def _told(kind: Kind, row: Row, others: Sequence[Row | None]) -> ReportRow:
    count: float | None = row.count
    beside: Mapping[str, float | None] = {}
    match kind:
        case Kind.CALLS | Kind.OBJECTIONS:
            value = count
        case Kind.ANSWER_TIMES:
            value = _mean(row, ANSWERED)
        case Kind.DURATIONS:
            value = _mean(row, DURATION)
            [speech] = others
            beside = {name: None if speech is None else _mean(speech, name) for name in (AGENT, CALLER, SILENCE)}
            beside = {"calls": count, **beside}
        case Kind.OUTCOMES:
            value = count
            beside = {
                name: None if each is None else each.count
                for name, each in zip(("objected", "set_aside"), others, strict=True)
            }
        case Kind.EVALUATIONS:
            value, beside = _mean(row, SCORE, of=SCORES, digits=1), {"evaluations": count}
    return ReportRow(line=row.line, team=row.team, week=row.week, value=value, beside=beside, until=row.until)


def _mean(row: Row, name: str, *, of: str | None = None, digits: int | None = None) -> float | None:
    """None where it is withheld, and of nothing."""
    among = row.count if of is None else row.amounts.get(of, 0)
    return round(row.amounts.get(name, 0) / among, digits) if row.count and among else None


_SUBJECT: Final[Mapping[Kind, Subject]] = {
    Kind.CALLS: Subject.CALLS,
    Kind.ANSWER_TIMES: Subject.ANSWERS,
    Kind.DURATIONS: Subject.CALLS,
    Kind.OUTCOMES: Subject.CALLS,
    Kind.OBJECTIONS: Subject.OBJECTIONS,
    Kind.EVALUATIONS: Subject.EVALUATIONS,
}
_BESIDE: Final[Mapping[Kind, Sequence[Subject]]] = {
    Kind.DURATIONS: (Subject.SPEECH,),
    Kind.OUTCOMES: (Subject.OBJECTIONS, Subject.SET_ASIDE),
}
"""What else stands in a row. It has groups of its own: where these are not the same weeks, it is withheld."""
