"""What of a table is published (U6), as docs/decisions/0040-figures-are-groups.md says.

Everything that is published is a sum of groups of calls that have no call in common, each of which meets the minimums.
So whatever anybody adds and takes off, in whatever order they asked, they know nothing of any smaller group. A line
that is too small for one week waits, and is published with the weeks that follow. A line's teams are published where
those that are withheld meet the minimums together; where they do not, the smallest of the others is withheld, too.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from callwarden.model.figure import Cell, Figure, Standing, Subject, Table, TeamId, Week
from callwarden.model.ids import LineId
from callwarden.model.policy import FigureMinimums
from callwarden.rules.figures.tally import Group

LONGEST_WAIT: Final = 13
"""Weeks that a line waits for: those of a quarter. Then they stay withheld, and it begins anew."""


def published(table: Table, minimums: FigureMinimums, before: Standing) -> tuple[Sequence[Figure], Standing]:
    """The figures to freeze, and how the lines stand after the table's last week.

    Week by week or all at once, the result is the same.
    """
    lines: dict[LineId, dict[Week, list[Cell]]] = {line: {} for line in before.waiting}
    for cell in table.cells:
        lines.setdefault(cell.line, {}).setdefault(cell.week, []).append(cell)
    figures: list[Figure] = []
    waiting, silent = dict[LineId, Week](), set[LineId]()
    for line, weeks in sorted(lines.items()):
        first = before.waiting.get(line) or _first_call(weeks, before.closed)
        if first is None:
            continue
        course = _Course(table.subject, line, minimums, first, silent=line in before.silent)
        for each in range(first.to(table.last)):
            week = first.after(each)
            figures += course.closed(week, weeks.get(week, []))
        waiting[line] = course.first
        if course.silent:
            silent.add(line)
    return figures, Standing(waiting=waiting, silent=frozenset(silent), closed=table.last)


class _Course:
    """One line's weeks, in their order."""

    def __init__(self, subject: Subject, line: LineId, minimums: FigureMinimums, first: Week, *, silent: bool) -> None:
        self.subject, self.line, self.minimums = subject, line, minimums
        self.first, self.silent = first, silent
        self._teams: dict[TeamId, Group] = {}

    def closed(self, week: Week, cells: Iterable[Cell]) -> list[Figure]:
        """The line's figures that this week completes."""
        for cell in cells:
            self._teams.setdefault(cell.team, Group()).merge(Group([cell]))
        whole = _together(self._teams.values())
        if whole.may_be_told(self.minimums):
            self.silent = False
            return self._ended(week, whole, self._shown())
        if self.silent and whole.is_empty():
            return self._ended(week, whole)
        self.silent = False
        if self.first.to(week) < LONGEST_WAIT:
            return []
        self.silent = not whole.counted.count and (whole.is_empty() or whole.rest_may_be_told(self.minimums))
        return self._ended(week, whole if self.silent else None)

    def _shown(self) -> set[TeamId]:
        """Those of the teams whose figures are published."""
        shown = {team for team, group in self._teams.items() if group.may_be_told(self.minimums)}
        withheld = _together(group for team, group in self._teams.items() if team not in shown)
        if len(shown) == len(self._teams):
            return shown
        for team in sorted(shown, key=lambda team: (self._teams[team].counted.count, team)):
            if withheld.may_be_told(self.minimums):
                break
            withheld.merge(self._teams[team])
            shown.remove(team)
        return shown

    def _ended(self, week: Week, whole: Group | None, shown: Collection[TeamId] = ()) -> list[Figure]:
        figures = [self._figure(None, week, whole)]
        if whole is not None and whole.counted.count:
            groups = sorted(self._teams.items())
            figures += [self._figure(team, week, group if team in shown else None) for team, group in groups]
        self.first, self._teams = week.after(), {}
        return figures

    def _figure(self, team: TeamId | None, week: Week, group: Group | None) -> Figure:
        return Figure(
            subject=self.subject,
            line=self.line,
            team=team,
            first=self.first,
            last=week,
            count=None if group is None else group.counted.count,
            amounts={} if group is None else group.counted.amounts,
        )


def _first_call(weeks: Mapping[Week, Sequence[Cell]], closed: Week | None) -> Week | None:
    """Before it, there was no such line. What is closed was told to be so."""
    called = [week for week, cells in weeks.items() if any(cell.contributions or any(cell.rests) for cell in cells)]
    return min((week for week in called if closed is None or week > closed), default=None)


def _together(groups: Iterable[Group]) -> Group:
    whole = Group()
    for group in groups:
        whole.merge(group)
    return whole
