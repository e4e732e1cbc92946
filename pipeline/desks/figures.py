"""The desk of figures: how many calls, how soon answered, how long, of groups that point at nobody (U6)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from callwarden.custody.figure_weeks import FigureWeeks
from callwarden.desks.acts import Acts
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.figure import Standing, Subject, Week
from callwarden.model.ids import LineId
from callwarden.model.policy import Policy
from callwarden.ports.catalogue import Transaction
from callwarden.rules.figures.asking import By, FigureRefusal, Frozen, weeks_asked
from callwarden.rules.figures.reporting import Asked, Kind, ReportRow
from callwarden.rules.rights import Act, ActRefusal

MOST_WEEKS: Final = 260
"""Five years: more than figures are looked at over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures of whole weeks. `closed` is the last week that is told at all, `whole` the row of all lines together;
    None: there is none. `groups` are what each line tells of its weeks by itself, of several together where it is
    too small for one, also with weeks before or after these: where rows are weeks, and of the lines whose row is
    withheld."""

    kind: Kind
    by: By
    first: Week
    last: Week
    rows: Sequence[ReportRow]
    groups: Sequence[ReportRow]
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
        self._admit(actor, by)
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
            frozen = _frozen(doing.tx)
            standing = frozen(Subject.CALLS).standing
            found = self._lines(standing, actor)
            asked = Asked(kind=kind, by=by, first=begin, last=end, frozen=frozen, known=found)
            if line is not None and line not in found:
                raise UsageError(f"no line {line} of the policy")
            apart = by is By.WEEK and line is None and (kind is Kind.ANSWER_TIMES or actor.lines is not None)
            lines = sorted(found) if apart else [line]
            told = [row for each in lines for row in asked.rows(each)]
            weekly = sorted(found if line is None else [line]) if by is By.WEEK else []
            if by is By.LINE:
                weekly = sorted(each for each in found if any(one.line == each and one.value is None for one in told))
            report = Report(
                kind=kind,
                by=by,
                first=begin,
                last=end,
                rows=sorted((row for row in told if row.line is None or row.line in found), key=_place),
                groups=[row for each in weekly for row in asked.groups(each)],
                whole=asked.whole() if line is None and actor.lines is None else None,
                closed=standing.closed,
            )
            doing.reasons, doing.count = (kind.value, f"by_{by.value}"), len(report.rows)
        return report

    def _admit(self, actor: Actor, by: By) -> None:
        with self.acts.perform(Act.REPORT_READ, actor) as doing:
            doing.silent = True
            if actor.agents is not None:
                raise RefusedError(
                    (FigureRefusal.KNOWS_AGENTS.value,),
                    "figures are of whole lines, and you see the calls of some of their agents: "
                    "taking those off would leave too few of the others'",
                )
            if by is By.AGENT:
                raise RefusedError(
                    (FigureRefusal.ONE_EMPLOYEE.value,),
                    "no figure is of one employee; whoever may evaluate an agent sees that agent's evaluations: "
                    "callwarden evaluation list --agent AGENT",
                )

    def _lines(self, standing: Standing, actor: Actor) -> Collection[LineId]:
        known = {*self.policy.lines, *standing.waiting}
        return known if actor.lines is None else known & actor.lines


def _frozen(tx: Transaction) -> Callable[[Subject], Frozen]:
    """All that is frozen of a subject, read once. What somebody has altered says nothing, and nothing that follows it
    does."""

    @cache
    def of(subject: Subject) -> Frozen:
        closings = tx.closings.of(subject)
        genuine = closings[: next((at for at, one in enumerate(closings) if one.altered), len(closings))]
        return Frozen(
            figures=[figure for one in genuine for figure in one.figures],
            standing=genuine[-1].standing if genuine else Standing(),
        )

    return of


def _place(row: ReportRow) -> tuple[str, str, str]:
    return row.line or "", row.team or "", str(row.week or "")
