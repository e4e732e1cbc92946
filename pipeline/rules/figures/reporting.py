"""Reports made of frozen figures: how many, and means (U6)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callwarden.model.figure import Subject, Week
from callwarden.model.ids import LineId
from callwarden.rules.figures.asking import By, Frozen, Row, groups, not_begun, rows, total
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
    None: withheld, or `unmeasured`. Means have one decimal where how many they are of is told, too, and are
    whole seconds else: of how many calls a mean is could be worked out by its decimals."""

    line: LineId | None
    team: str | None
    week: Week | None
    value: float | None
    beside: Mapping[str, float | None] = field(default_factory=dict)
    unmeasured: Collection[str] = frozenset()
    """Names of figures (`VALUE`, those beside) that are not withheld: nothing of the kind was counted there."""
    until: Week | None = None
    """The last week, where several are told together."""

    def figure(self, name: str) -> float | None:
        """The one that is called so."""
        return self.value if name == VALUE else self.beside.get(name)

    def withholds(self, name: str) -> bool:
        """Whether there may be such a figure, and it is not told."""
        return self.figure(name) is None and name not in self.unmeasured


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about whole weeks. `frozen` gives all that is frozen of a subject, `known` are the lines there are."""

    kind: Kind
    by: By
    first: Week
    last: Week
    frozen: Callable[[Subject], Frozen]
    known: Collection[LineId] = ()

    def rows(self, line: LineId | None) -> Sequence[ReportRow]:
        """The rows of a report, of all lines or one."""
        return self._all(lambda frozen: rows(frozen, self.by, self.first, self.last, line=line, known=self.known))

    def groups(self, line: LineId) -> Sequence[ReportRow]:
        """What a line's weeks are told by: where it is too small for one, several together."""
        return self._all(lambda frozen: groups(frozen, line, self.first, self.last))

    def whole(self) -> ReportRow | None:
        """All lines together; none of answer times, for an alarm line is another thing."""
        if self.kind is Kind.ANSWER_TIMES:
            return None
        return self._all(lambda frozen: [total(frozen, self.first, self.last)])[0]

    def _all(self, of: Callable[[Frozen], Sequence[Row]]) -> Sequence[ReportRow]:
        """Each subject has groups of its own: where these are not the same weeks, its figure is withheld."""
        subjects = {subject for subject, _ in _FIGURES[self.kind].values()}
        told = {subject: {_place(row): row for row in of(self.frozen(subject))} for subject in subjects}
        about, _ = _FIGURES[self.kind][VALUE]
        return [
            self._row(row, {subject: each.get(place) for subject, each in told.items()})
            for place, row in told[about].items()
        ]

    def _row(self, of: Row, told: Mapping[Subject, Row | None]) -> ReportRow:
        figures, unmeasured = dict[str, float | None](), set[str]()
        for name, (subject, working) in _FIGURES[self.kind].items():
            row = told[subject]
            is_told = row is not None and row.count is not None
            figures[name] = working(row) if row is not None and is_told else None
            until = of.until or of.week or self.last
            if figures[name] is None and (is_told or not_begun(self.frozen(subject), of.line, until)):
                unmeasured.add(name)
        value = figures.pop(VALUE)
        return ReportRow(
            line=of.line,
            team=of.team,
            week=of.week,
            value=value,
            beside=figures,
            unmeasured=frozenset(unmeasured),
            until=of.until,
        )


def _place(row: Row) -> tuple[object, ...]:
    return row.line, row.team, row.week, row.until


def _count(row: Row) -> float | None:
    return row.count


def _mean(name: str, *, of: str | None = None, digits: int | None = None) -> Callable[[Row], float | None]:
    """Of what is told; None of nothing."""

    def mean(row: Row) -> float | None:
        among = row.count if of is None else row.amounts.get(of, 0)
        return round(row.amounts.get(name, 0) / among, digits) if among else None

    return mean


VALUE: Final = "value"
"""What the figure that a report is about is called."""
_FIGURES: Final[Mapping[Kind, Mapping[str, tuple[Subject, Callable[[Row], float | None]]]]] = {
    Kind.CALLS: {VALUE: (Subject.CALLS, _count)},
    Kind.ANSWER_TIMES: {VALUE: (Subject.ANSWERS, _mean(ANSWERED))},
    Kind.DURATIONS: {
        VALUE: (Subject.CALLS, _mean(DURATION, digits=1)),
        "calls": (Subject.CALLS, _count),
        **{name: (Subject.SPEECH, _mean(name)) for name in (AGENT, CALLER, SILENCE)},
    },
    Kind.OUTCOMES: {
        VALUE: (Subject.CALLS, _count),
        "objected": (Subject.OBJECTIONS, _count),
        "set_aside": (Subject.SET_ASIDE, _count),
    },
    Kind.OBJECTIONS: {VALUE: (Subject.OBJECTIONS, _count)},
    Kind.EVALUATIONS: {
        VALUE: (Subject.EVALUATIONS, _mean(SCORE, of=SCORES, digits=1)),
        "evaluations": (Subject.EVALUATIONS, _count),
    },
}
"""The figures of each report: what they are counted of, and how they are worked out."""
