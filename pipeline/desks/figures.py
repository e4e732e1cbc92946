"""The desk of figures: how many calls, how soon answered, how long, of groups that point at nobody (U6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from callwarden.custody.figure_weeks import FigureWeeks
from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.figure import Standing, Subject, Week
from callwarden.model.ids import LineId
from callwarden.model.policy import Policy
from callwarden.ports.catalogue import Transaction
from callwarden.rules.figures.asking import By, Frozen, Row, rows, total, weeks_asked
from callwarden.rules.figures.counting import AGENT, ANSWERED, CALLER, DURATION, SCORE, SCORES, SILENCE
from callwarden.rules.rights import Act, ActRefusal

MOST_WEEKS: Final = 260
"""Five years: more than figures are looked at over."""


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
class Report:
    """Figures of whole weeks. `closed` is the last week that is told at all, `whole` the row of all lines together;
    None: there is none."""

    kind: Kind
    by: By
    first: Week
    last: Week
    rows: Sequence[ReportRow]
    whole: ReportRow | None
    closed: Week | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDesk:
    """Thread-safe."""

    acts: Acts
    policy: Policy
    weeks: FigureWeeks

    def read(self, actor: Actor, kind: Kind, by: By, first: date, last: date, *, line: LineId | None = None) -> Report:
        """Figures of what was frozen, from a Monday to a Sunday; weeks that are over are frozen first. Somebody who is
        narrowed to lines gets these, each by itself. Raises RefusedError; UsageError for days that are not whole weeks,
        too many of them, or a line that nobody knows; RetryableError."""
        self.acts.admit(Act.REPORT_READ, actor)
        self.weeks.close()
        with self.acts.perform(Act.REPORT_READ, actor) as doing:
            try:
                begin, end = weeks_asked(first, last)
            except ValueError as error:
                raise UsageError(str(error)) from None
            if begin.to(end) > MOST_WEEKS:
                raise UsageError(f"at most {MOST_WEEKS} weeks at once")
            if line is not None and actor.lines is not None and line not in actor.lines:
                raise RefusedError((ActRefusal.UNKNOWN.value,), "no such line, or none you may know of")
            asked = _Asked(doing.tx, by, begin, end)
            found = self._lines(asked.of(Subject.CALLS), actor)
            if line is not None and line not in found:
                raise UsageError(f"no line {line!r} of the policy; there are {', '.join(sorted(found))}")
            apart = by is By.WEEK and line is None and (kind is Kind.ANSWER_TIMES or actor.lines is not None)
            lines = sorted(found) if apart else [line]
            told = [row for each in lines for row in asked.rows(kind, each)]
            if by is By.LINE:
                there = {row.line for row in told}
                told += [_unknown(each) for each in found if each not in there and line in (None, each)]
            report = Report(
                kind=kind,
                by=by,
                first=begin,
                last=end,
                rows=sorted((row for row in told if row.line is None or row.line in found), key=_place),
                whole=asked.whole(kind) if line is None and actor.lines is None else None,
                closed=asked.of(Subject.CALLS).standing.closed,
            )
            doing.reasons, doing.count = (kind.value, f"by_{by.value}"), len(report.rows)
        return report

    def _lines(self, frozen: Frozen, actor: Actor) -> Collection[LineId]:
        known = {*self.policy.lines, *frozen.standing.waiting}
        return known if actor.lines is None else known & actor.lines


class _Asked:
    """The figures of one question, each subject read once."""

    def __init__(self, tx: Transaction, by: By, first: Week, last: Week) -> None:
        self._tx, self._by, self._first, self._last = tx, by, first, last
        self._frozen: dict[Subject, Frozen] = {}

    def of(self, subject: Subject) -> Frozen:
        """All that is frozen of it. What somebody has altered says nothing, and nothing that follows it does."""
        if subject not in self._frozen:
            closings = self._tx.closings.of(subject)
            genuine = closings[: next((at for at, one in enumerate(closings) if one.altered), len(closings))]
            newest = genuine[-1].standing if genuine else None
            self._frozen[subject] = Frozen(
                figures=[figure for one in genuine for figure in one.figures],
                standing=_NOTHING_YET if newest is None else newest,
            )
        return self._frozen[subject]

    def rows(self, kind: Kind, line: LineId | None) -> Sequence[ReportRow]:
        """The rows of a report, of all lines or one."""
        found = rows(self.of(_SUBJECT[kind]), self._by, self._first, self._last, line=line)
        speech: Mapping[tuple[object, ...], Row] = {}
        if kind is Kind.DURATIONS:
            of_it = rows(self.of(Subject.SPEECH), self._by, self._first, self._last, line=line)
            speech = {(one.line, one.team, one.week): one for one in of_it}
        return [_told(kind, row, speech.get((row.line, row.team, row.week))) for row in found]

    def whole(self, kind: Kind) -> ReportRow | None:
        """All lines together; none of answer times, for an alarm line is another thing."""
        if kind is Kind.ANSWER_TIMES:
            return None
        speech = total(self.of(Subject.SPEECH), self._first, self._last) if kind is Kind.DURATIONS else None
        return _told(kind, total(self.of(_SUBJECT[kind]), self._first, self._last), speech)


def _unknown(line: LineId) -> ReportRow:
    """Of a line of which nothing is frozen."""
    return ReportRow(line=line, team=None, week=None, value=None)


def _place(row: ReportRow) -> tuple[str, str, str]:
    return row.line or "", row.team or "", str(row.week or "")


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


_NOTHING_YET: Final = Standing()
_SUBJECT: Final[Mapping[Kind, Subject]] = {
    Kind.CALLS: Subject.CALLS,
    Kind.ANSWER_TIMES: Subject.ANSWERS,
    Kind.DURATIONS: Subject.CALLS,
    Kind.OBJECTIONS: Subject.OBJECTIONS,
    Kind.EVALUATIONS: Subject.EVALUATIONS,
}
