"""Whoever keeps all editions of all answers learns no small cell from them (U6)."""

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.model.figure import Cell, Contribution, Standing, Subject, Table, TeamId, Week
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.policy import FigureMinimums
from callwarden.rules.figures.asking import By, Frozen, groups, not_begun, rows, total
from callwarden.rules.figures.publishing import published
from callwarden.rules.figures.tally import Group
from tests.support.attacker import determines, interval

MINIMUMS = FigureMinimums(callers=4, employees=2, share=Decimal("0.85"))
BEGIN = Week(date(2026, 1, 5))
LINES = [LineId("alarms"), LineId("service"), LineId("sales")]
TEAMS = [TeamId("day"), TeamId("late"), TeamId("night")]

At = tuple[LineId, TeamId, Week]
Counted = dict[At, list[Contribution]]


def _calls(drawn: random.Random, at: At) -> list[Contribution]:
    most = drawn.choice((0, 1, 3, 6, 12))
    return [
        Contribution(
            caller=None if drawn.random() < 0.05 else Pseudonym(f"c{drawn.randrange(20)}"),
            employee=f"{at[1]}{drawn.randrange(3)}",
            count=drawn.choice((1, 1, 1, 9)),
        )
        for _ in range(drawn.randint(0, most))
    ]


class Telling:
    """A house that closes week after week, and all it ever told."""

    def __init__(self, seed: int, weeks: int) -> None:
        self.drawn = random.Random(seed)
        self.weeks = [BEGIN.after(each) for each in range(weeks)]
        self.calls: Counted = {}
        self.frozen = Frozen(figures=(), standing=Standing())
        self.counted: Counted = {}
        """What was in each cell when its figures were frozen."""
        self.known: dict[frozenset[At], int] = {}
        for week in self.weeks:
            for at in ((line, team, week) for line in LINES for team in TEAMS):
                self.calls[at] = _calls(self.drawn, at)
            self._close(week)
            self._ask(week)
            self._change()

    def _close(self, week: Week) -> None:
        before = self.frozen.standing
        cells = [
            Cell(line=at[0], team=at[1], week=at[2], contributions=tuple(calls)) for at, calls in self.calls.items()
        ]
        figures, standing = published(Table(subject=Subject.CALLS, last=week, cells=cells), MINIMUMS, before)
        for line in standing.waiting:
            for at, calls in self.calls.items():
                if at[0] == line and at[2] < standing.waiting[line]:
                    self.counted.setdefault(at, list(calls))
        self.frozen = Frozen(figures=(*self.frozen.figures, *figures), standing=standing)

    def _ask(self, last: Week) -> None:
        """Everything that can be asked by now, in any order."""
        closed = [week for week in self.weeks if week <= last]
        ranges = [(one, other) for one in closed for other in closed if one <= other]
        self.drawn.shuffle(ranges)
        for first, until in ranges:
            for group, value in _answers(self.frozen, first, until):
                cells = frozenset(at for at in self.calls if group(at))
                assert self.known.setdefault(cells, value) == value, "one question, two answers"

    def _change(self) -> None:
        """Somebody's calls are erased, and calls come late."""
        for at in self.drawn.sample(sorted(self.calls), k=4):
            calls = self.calls[at]
            if calls and self.drawn.random() < 0.7:
                calls.pop(self.drawn.randrange(len(calls)))
            else:
                calls += _calls(self.drawn, at)

    def nothing(self) -> set[At]:
        """What everybody knows to be empty: a figure says so, or there was no such line yet."""
        began = {line: min(self.first_of(line)) for line in self.frozen.standing.waiting}
        zeros = [figure for figure in self.frozen.figures if figure.count == 0]
        return {
            (line, team, week)
            for line, team, week in self.calls
            if (line in began and week < began[line])
            or any(zero.line == line and zero.first <= week <= zero.last for zero in zeros)
        }

    def first_of(self, line: LineId) -> list[Week]:
        return [each.first for each in self.frozen.figures if each.line == line] + [self.frozen.standing.waiting[line]]

    def heard(self) -> dict[frozenset[At], int]:
        """All that was told, without what adds nothing to it."""
        nothing = self.nothing()
        return {group - nothing: value for group, value in self.known.items() if group - nothing}

    def small(self) -> Iterator[frozenset[At]]:
        """Every cell of the table and of its margins that may not be told."""
        kept = {at: calls for at, calls in self.counted.items() if at not in self.nothing()}
        margins = [{at} for at in kept]
        margins += [{at for at in kept if (at[0], at[2]) == key} for key in {(at[0], at[2]) for at in kept}]
        margins += [{at for at in kept if (at[1], at[2]) == key} for key in {(at[1], at[2]) for at in kept}]
        margins += [{at for at in kept if at[:2] == key} for key in {at[:2] for at in kept}]
        for margin in margins:
            cells = [Cell(line=at[0], team=at[1], week=at[2], contributions=kept[at]) for at in margin]
            if not Group(cells).may_be_told(MINIMUMS):
                yield frozenset(margin)


def _answers(frozen: Frozen, first: Week, last: Week):  # type: ignore[no-untyped-def]
    """Of each row that is told: whether a cell is in it, and what it says."""
    told = [row for by in By for row in rows(frozen, by, first, last)]
    told += [row for line in LINES for row in rows(frozen, By.WEEK, first, last, line=line)]
    told += [row for line in LINES for row in groups(frozen, line, first, last)]
    told.append(total(frozen, first, last))
    for row in told:
        if row.count is not None:
            yield (
                lambda at, row=row: (
                    row.line in (None, at[0])
                    and row.team in (None, at[1])
                    and (row.week or first) <= at[2] <= (row.until or row.week or last)
                ),
                row.count,
            )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), weeks=st.integers(1, 5))
def test_all_editions_of_all_margins_determine_no_small_cell(seed: int, weeks: int) -> None:
    told = Telling(seed, weeks)
    heard = told.heard()
    for cell in told.small():
        assert not determines(heard, cell)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), weeks=st.integers(1, 5))
def test_nothing_is_said_to_be_counted_nowhere_but_where_everybody_knows_it(seed: int, weeks: int) -> None:
    told = Telling(seed, weeks)
    for line in told.frozen.standing.waiting:
        for week in [*told.weeks, BEGIN.after(weeks)]:
            before = {at for at in told.calls if at[0] == line and at[2] <= week}
            assert not_begun(told.frozen, line, week) == (before <= told.nothing() and week < min(told.first_of(line)))
    assert not not_begun(told.frozen, None, BEGIN.after(weeks)), "a week that is not closed yet"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_nor_narrow_it_to_less_than_a_whole_group(seed: int) -> None:
    told = Telling(seed, 3)
    heard = told.heard()
    for cell in told.small():
        least, most = interval(heard, cell)
        assert least <= sum(one.count for at in cell for one in told.counted[at]) <= most
        assert most - least >= MINIMUMS.callers


def test_the_attack_succeeds_where_only_small_cells_themselves_are_withheld() -> None:
    """Nothing but the minimums of each cell: what is missing of a total is what somebody did."""
    found = 0
    for seed in range(10):
        told = Telling(seed, 1)
        groups: dict[frozenset[At], int] = {}
        margins = [{at} for at in told.calls] + [{at for at in told.calls if at[0] == line} for line in LINES]
        for margin in [*margins, set(told.calls)]:
            group = Group(Cell(line=at[0], team=at[1], week=at[2], contributions=told.calls[at]) for at in margin)
            if group.may_be_told(MINIMUMS):
                groups[frozenset(margin)] = group.counted.count
        small = [frozenset([at]) for at in told.calls if frozenset([at]) not in groups]
        found += any(determines(groups, cell) for cell in small)
    assert found >= 3
