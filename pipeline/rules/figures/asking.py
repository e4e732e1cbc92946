"""What a question about frozen figures is answered: sums of them, and nothing else (U6)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Final, TypedDict

from callwarden.model.figure import Figure, Standing, TeamId, Week
from callwarden.model.ids import LineId

Sum = Counter[str]
_COUNT: Final = ""
_FIRST: Final = attrgetter("first")


class _Told(TypedDict):
    count: int | None
    amounts: Mapping[str, int]


class FigureRefusal(StrEnum):
    """Why somebody who may ask for figures gets none; documented in docs/reasons.md."""

    ONE_EMPLOYEE = "one_employee"
    KNOWS_AGENTS = "knows_agents"


class By(StrEnum):
    """What rows are of."""

    LINE = "line"
    WEEK = "week"
    TEAM = "team"
    AGENT = "agent"
    """Nobody gets it: one employee is no group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of an answer: of a line, or of all of them (None), a team on it, a week. `count` None: withheld."""

    line: LineId | None = None
    team: TeamId | None = None
    week: Week | None = None
    until: Week | None = None
    """The last of the weeks a row is of, where these are told together (`groups`)."""
    count: int | None
    amounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """All that is frozen of a subject: its figures, and how the lines stand (`Closing.standing`)."""

    figures: Sequence[Figure]
    standing: Standing


def weeks_asked(first: date, last: date) -> tuple[Week, Week]:
    """Of a Monday and a Sunday. Raises ValueError for other days: the difference of two ranges could be one day;
    and for an end before the start."""
    if last < first:
        raise ValueError(f"the end, {last}, comes before the start, {first}")
    if first.weekday() != 0 or last.weekday() != 6:
        raise ValueError(
            f"figures are of whole weeks, from a Monday to a Sunday: {Week.of(first).monday} to {Week.of(last).sunday}"
        )
    return Week.of(first), Week.of(last)


def rows(
    frozen: Frozen, by: By, first: Week, last: Week, *, line: LineId | None = None, known: Collection[LineId] = ()
) -> Sequence[Row]:
    """One row for each line (those `known` though nothing is counted on them, too), each team on a line, or each week
    of all lines together, or of `line`."""
    lines = [each for each in sorted({*known, *frozen.standing.waiting}) if line in (None, each)]
    match by:
        case By.LINE:
            return [Row(line=each, **_told(_of_lines(frozen, [each], first, last))) for each in lines]
        case By.TEAM:
            teams = sorted(
                {(one.line, one.team) for one in frozen.figures if one.team is not None and one.line in lines}
            )
            return [
                Row(line=each, team=team, **_told(_of_team(frozen, each, team, first, last))) for each, team in teams
            ]
        case By.WEEK:
            weeks = [first.after(each) for each in range(first.to(last))]
            return [Row(line=line, week=week, **_told(_of_lines(frozen, lines, week, week))) for week in weeks]
        case By.AGENT:
            return []


def groups(frozen: Frozen, line: LineId, first: Week, last: Week) -> Sequence[Row]:
    """A line's figures as they were published, each of one week or of several: all that have one of these weeks,
    though it be told together with weeks before these or after."""
    found = (one for one in frozen.figures if one.line == line and one.team is None)
    return [
        Row(
            line=line,
            week=figure.first,
            until=figure.last,
            count=None if figure.altered else figure.count,
            amounts={} if figure.altered else figure.amounts,
        )
        for figure in sorted(found, key=_FIRST)
        if first <= figure.last and figure.first <= last
    ]


def total(frozen: Frozen, first: Week, last: Week) -> Row:
    """Of all lines. Withheld where one of them is: it would be what is missing."""
    return Row(**_told(_of_lines(frozen, frozen.standing.waiting, first, last)))


def not_begun(frozen: Frozen, line: LineId | None, last: Week) -> bool:
    """Whether nothing had been counted on this line, or on any, by the end of these weeks, all of which are closed.

    Nobody is among nothing, and sums over all lines tell it already: they leave such a line out.
    """
    closed, lines = frozen.standing.closed, frozen.standing.waiting if line is None else [line]
    begins = (_began(frozen, each) for each in lines)
    return closed is not None and last <= closed and all(began is None or began > last for began in begins)


def _began(frozen: Frozen, line: LineId) -> Week | None:
    """The week a line's figures begin with; None: nothing was ever counted on it."""
    figures = (one.first for one in frozen.figures if one.line == line and one.team is None)
    return min(figures, default=frozen.standing.waiting.get(line))


def _of_lines(frozen: Frozen, lines: Collection[LineId], first: Week, last: Week) -> Sum | None:
    """None: not all of it is published, or there was no such line yet."""
    whole, found = Counter[str](), False
    for line in lines:
        began = _began(frozen, line)
        if began is None or began > last:
            continue
        found = True
        figures = sorted((one for one in frozen.figures if one.line == line and one.team is None), key=_FIRST)
        if (of_it := _covering(figures, max(first, began), last)) is None:
            return None
        whole.update(of_it)
    return whole if found else None


def _of_team(frozen: Frozen, line: LineId, team: TeamId, first: Week, last: Week) -> Sum | None:
    """Where there was nothing on the line, there was nothing of the team's."""
    of_line = [one for one in frozen.figures if one.line == line]
    began = min((one.first for one in of_line if one.team is None), default=first)
    figures = sorted((one for one in of_line if one.team == team or _is_nothing(one)), key=_FIRST)
    return _covering(figures, max(first, began), last) if began <= last else None


def _covering(figures: Iterable[Figure], first: Week, last: Week) -> Sum | None:
    """The sum of those that are exactly these weeks together; a figure of nothing is one of any of its weeks."""
    whole, due = Counter[str](), first
    for figure in figures:
        if figure.last < due or figure.first > last:
            continue
        if figure.count is None or figure.altered:
            return None
        if not _is_nothing(figure):
            if figure.first != due or figure.last > last:
                return None
            whole.update({_COUNT: figure.count, **figure.amounts})
        elif figure.first > due:
            return None
        due = figure.last.after()
    return whole if due > last else None


def _is_nothing(figure: Figure) -> bool:
    return figure.count == 0 and figure.team is None and not figure.altered


def _told(found: Sum | None) -> _Told:
    if found is None:
        return {"count": None, "amounts": {}}
    return {
        "count": found[_COUNT],
        "amounts": {name: amount for name, amount in sorted(found.items()) if name != _COUNT},
    }
