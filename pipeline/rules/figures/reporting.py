"""Reports made of frozen figures: how many, and means (U6)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callwarden.model.figure import Subject, Week
from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By, Frozen, Row, rows, total
from callwarden.rules.figures.counting import AGENT, ANSWERED, CALLER, DURATION, SCORE, SCORES, SILENCE


class Kind(StrEnum):
    """What can be asked for."""

    CALLS = "calls"
    ANSWER_TIMES = "answer-times"
    DURATIONS = "durations"
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
        found = rows(self.frozen(_SUBJECT[self.kind]), self.by, self.first, self.last, line=line)
        speech: Mapping[tuple[object, ...], Row] = {}
        if self.kind is Kind.DURATIONS:
            of_it = rows(self.frozen(Subject.SPEECH), self.by, self.first, self.last, line=line)
            speech = {(one.line, one.team, one.week): one for one in of_it}
        return [_told(self.kind, row, speech.get((row.line, row.team, row.week))) for row in found]

    def whole(self) -> ReportRow | None:
        """All lines together; none of answer times, for an alarm line is another thing."""
        if self.kind is Kind.ANSWER_TIMES:
            return None
        speech = total(self.frozen(Subject.SPEECH), self.first, self.last) if self.kind is Kind.DURATIONS else None
        return _told(self.kind, total(self.frozen(_SUBJECT[self.kind]), self.first, self.last), speech)


def _told(kind: Kind, row: Row, speech: Row | None) -> ReportRow:
    count: float | None = row.count
    beside: Mapping[str, float | None] = {}
    match kind:
        case Kind.CALLS | Kind.OBJECTIONS:
            value = count
        case Kind.ANSWER_TIMES:
            value = _mean(row, ANSWERED)
        case Kind.DURATIONS:
            value = _mean(row, DURATION)
            beside = {name: None if speech is None else _mean(speech, name) for name in (AGENT, CALLER, SILENCE)}
            beside = {"calls": count, **beside}
        case Kind.EVALUATIONS:
            value, beside = _mean(row, SCORE, of=SCORES, digits=1), {"evaluations": count}
    return ReportRow(line=row.line, team=row.team, week=row.week, value=value, beside=beside)


def _mean(row: Row, name: str, *, of: str | None = None, digits: int | None = None) -> float | None:
    """None where it is withheld, and of nothing."""
    among = row.count if of is None else row.amounts.get(of, 0)
    return round(row.amounts.get(name, 0) / among, digits) if row.count and among else None


_SUBJECT: Final[Mapping[Kind, Subject]] = {
    Kind.CALLS: Subject.CALLS,
    Kind.ANSWER_TIMES: Subject.ANSWERS,
    Kind.DURATIONS: Subject.CALLS,
    Kind.OBJECTIONS: Subject.OBJECTIONS,
    Kind.EVALUATIONS: Subject.EVALUATIONS,
}
