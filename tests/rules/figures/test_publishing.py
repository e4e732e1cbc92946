"""What of a count is published, and what waits (U6)."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.model.figure import Cell, Contribution, Figure, Standing, Subject, Table, TeamId, Week
from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.policy import FigureMinimums
from callwarden.rules.figures.asking import By, Frozen, rows, total, weeks_asked
from callwarden.rules.figures.publishing import LONGEST_WAIT, published
from callwarden.rules.figures.tally import Tally

FIRST = Week(date(2026, 1, 5))
SERVICE, ALARMS = LineId("customer-service"), LineId("monitoring-centre")
MINIMUMS = FigureMinimums()
NOTHING_YET = Standing()


def people(callers: int, employees: int = 3, *, of: str = "") -> list[Contribution]:
    return [
        Contribution(caller=Pseudonym(f"{of}{each}"), employee=f"{of}{each % employees}", amounts={"talk_s": 60})
        for each in range(callers)
    ]


def cell(line: LineId, calls: Sequence[Contribution], *, team: str = "day", week: Week = FIRST, rests=()) -> Cell:  # type: ignore[no-untyped-def]
    return Cell(line=line, team=TeamId(team), week=week, contributions=calls, rests=rests)


def told(*cells: Cell, last: Week = FIRST, before: Standing = NOTHING_YET) -> Frozen:
    figures, standing = published(Table(subject=Subject.CALLS, last=last, cells=cells), MINIMUMS, before)
    return Frozen(figures=figures, standing=standing)


def counts(frozen: Frozen, by: By = By.LINE, first: Week = FIRST, last: Week = FIRST) -> list[int | None]:
    return [row.count for row in rows(frozen, by, first, last)]


@pytest.mark.parametrize(
    ("calls", "may"),
    [
        (people(11), True),
        (people(10), False),
        (people(11, 2), False),
        ([*people(10), Contribution(caller=None, employee="e")], False),
        ([*people(40), Contribution(caller=Pseudonym("x"), employee="e", count=400)], False),
        ([*people(40), Contribution(caller=None, employee="e", count=400)], False),
        ([*people(40), Contribution(caller=Pseudonym("x"), employee="e", amounts={"talk_s": 99999})], False),
    ],
)
def test_a_group_has_enough_callers_and_employees_and_is_nobodys(calls: list[Contribution], may: bool) -> None:
    tally = Tally()
    tally.add(calls)
    assert tally.meets(MINIMUMS) is may


def test_an_amount_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        Tally().add([Contribution(caller=None, employee=None, amounts={"talk_s": -1})])


def test_a_total_is_withheld_that_would_give_a_small_line_away() -> None:
    frozen = told(cell(SERVICE, people(30)), cell(ALARMS, people(3)))
    assert counts(frozen) == [30, None]
    assert counts(frozen, By.WEEK) == [None]
    assert total(frozen, FIRST, FIRST).count is None


def test_a_line_without_a_call_is_withheld_like_a_small_one() -> None:
    before = Standing(waiting={ALARMS: FIRST})
    frozen = told(cell(SERVICE, people(30)), before=before)
    assert counts(frozen) == [30, None]
    assert total(frozen, FIRST, FIRST).count is None


def test_totals_are_told_where_every_line_is() -> None:
    frozen = told(cell(SERVICE, people(30)), cell(ALARMS, people(12)))
    assert counts(frozen, By.WEEK) == [42]
    assert total(frozen, FIRST, FIRST).amounts == {"talk_s": 42 * 60}


def test_the_complement_of_a_small_team_is_withheld_with_it() -> None:
    frozen = told(
        cell(SERVICE, people(30, of="a"), team="a"),
        cell(SERVICE, people(15, of="b"), team="b"),
        cell(SERVICE, people(2, of="c"), team="c"),
    )
    assert counts(frozen) == [47]
    assert counts(frozen, By.TEAM) == [30, None, None]


def test_small_teams_that_are_large_together_need_no_other() -> None:
    cells = [cell(SERVICE, people(8, of=team), team=team) for team in ("a", "b")]
    frozen = told(*cells, cell(SERVICE, people(20, of="c"), team="c"))
    assert counts(frozen, By.TEAM) == [None, None, 20]


def test_a_line_too_small_for_a_week_waits_and_is_told_with_the_next() -> None:
    second = FIRST.after()
    frozen = told(cell(ALARMS, people(7)), cell(ALARMS, people(7, of="b"), week=second), last=second)
    assert counts(frozen, By.LINE, FIRST, FIRST) == counts(frozen, By.LINE, second, second) == [None]
    assert counts(frozen, By.LINE, FIRST, second) == [14]


def test_after_a_quarter_a_small_line_stays_withheld_and_begins_anew() -> None:
    weeks = [FIRST.after(each) for each in range(LONGEST_WAIT + 1)]
    small = [cell(ALARMS, people(1), week=week) for week in weeks[:-1]]
    frozen = told(*small, cell(ALARMS, people(20), week=weeks[-1]), last=weeks[-1])
    assert [figure.count for figure in frozen.figures if figure.team is None] == [None, 20]


def test_a_line_silent_for_a_quarter_is_said_to_be_and_withholds_no_total_any_more() -> None:
    weeks = [FIRST.after(each) for each in range(LONGEST_WAIT + 3)]
    busy = [cell(SERVICE, people(20), week=week) for week in weeks]
    frozen = told(cell(ALARMS, people(20)), *busy, last=weeks[-1])
    assert counts(frozen, By.WEEK, FIRST, weeks[-1]) == [40] + [20] * (LONGEST_WAIT + 2)


def test_what_comes_late_in_a_closed_week_begins_no_line_there() -> None:
    once = told(cell(SERVICE, people(30)))
    second = FIRST.after()
    late = [cell(ALARMS, people(30)), cell(ALARMS, people(12), week=second), cell(SERVICE, people(30), week=second)]
    then = told(*late, last=second, before=once.standing)
    all_told = Frozen(figures=(*once.figures, *then.figures), standing=then.standing)
    assert total(once, FIRST, FIRST) == total(all_told, FIRST, FIRST)
    assert counts(all_told, By.WEEK, FIRST, second) == [30, 42]


@pytest.mark.parametrize(("counted", "rest", "may"), [(12, 20, True), (12, 5, False), (12, 0, False), (5, 40, False)])
def test_a_part_of_the_calls_is_told_where_what_is_left_may_be_told_too(counted: int, rest: int, may: bool) -> None:
    frozen = told(cell(SERVICE, people(counted), rests=[people(rest, of="r")]))
    assert counts(frozen) == [counted if may else None]


def test_a_figure_that_somebody_wrote_past_the_system_is_told_to_nobody() -> None:
    frozen = told(cell(SERVICE, people(30)))
    wrong = [
        Figure(subject=f.subject, line=f.line, team=f.team, first=f.first, last=f.last, count=f.count, altered=True)
        for f in frozen.figures
    ]
    assert counts(Frozen(figures=wrong, standing=frozen.standing)) == [None]


@pytest.mark.parametrize("days", [(date(2026, 1, 5), date(2026, 1, 10)), (date(2026, 1, 6), date(2026, 1, 11))])
def test_a_range_that_is_not_of_whole_weeks_is_refused_with_the_weeks_around_it(days: tuple[date, date]) -> None:
    with pytest.raises(ValueError, match="2026-01-05 to 2026-01-11"):
        weeks_asked(*days)


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=16))
def test_week_by_week_or_all_at_once_is_the_same(sizes: list[tuple[int, int]]) -> None:
    weeks = [FIRST.after(each) for each in range(len(sizes))]
    cells = [
        cell(SERVICE, people(size, of=team), team=team, week=week)
        for week, both in zip(weeks, sizes, strict=True)
        for team, size in zip("ab", both, strict=True)
    ]
    standing, figures = Standing(), list[Figure]()
    for week in weeks:
        table = Table(subject=Subject.CALLS, last=week, cells=[one for one in cells if one.week <= week])
        frozen, standing = published(table, MINIMUMS, standing)
        figures += frozen
    at_once = told(*cells, last=weeks[-1])
    assert (figures, standing) == (list(at_once.figures), at_once.standing)
