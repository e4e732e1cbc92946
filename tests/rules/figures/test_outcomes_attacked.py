"""Who adds and takes off what is told of all calls, those objected to and those set aside, learns of no few (U6)."""

import random
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from callwarden.model.figure import Figure, Standing, Subject, Table, Week
from callwarden.model.ids import CallId, LineId, Pseudonym, RecordingId
from callwarden.model.policy import FigureMinimums
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.figures.counting import CallsFound
from callwarden.rules.figures.publishing import published
from callwarden.rules.figures.tally import Tally
from tests.desks.test_figures import part
from tests.support.attacker import determines

MINIMUMS = FigureMinimums(callers=4, employees=2, share=Decimal("0.85"))
BEGIN = Week(date(2026, 1, 5))
LINE = LineId("customer-service")
SUBJECTS = (Subject.CALLS, Subject.OBJECTIONS, Subject.SET_ASIDE)

At = tuple[Week, str]


def _parts(drawn: random.Random, weeks: int) -> dict[At, list[Recording]]:
    """Of each week calls of three kinds, none of them of two."""
    found: dict[At, list[Recording]] = {}
    for at in range(weeks):
        week = BEGIN.after(at)
        began = datetime(week.monday.year, week.monday.month, week.monday.day, 12, tzinfo=UTC) + timedelta(days=1)
        for kind in ("plain", "objected", "aside"):
            found[week, kind] = [
                part(
                    number,
                    recording_id=RecordingId(f"rec-{at}-{kind}-{number}"),
                    call_id=CallId(f"c-{at}-{kind}-{number}"),
                    started_at=began,
                    ended_at=began + timedelta(seconds=60),
                    caller=Pseudonym(f"c{drawn.randrange(16)}"),
                    agent_id=f"a-{drawn.randrange(3)}",
                    objected=frozenset({"training"} if kind == "objected" else ()),
                    state=RecordingState.QUARANTINED if kind == "aside" else RecordingState.STORED,
                )
                for number in range(drawn.choice((0, 2, 6, 14, 30)))
            ]
    return found


def _told(parts: Mapping[At, Collection[Recording]], weeks: int) -> dict[frozenset[At], int]:
    """Sets of weeks' kinds, and what was told of each."""
    calls = CallsFound({LINE}, UTC)
    for each in parts.values():
        for one in each:
            calls.add(one)
    told: dict[frozenset[At], int] = {}
    for subject in SUBJECTS:
        kinds = {Subject.CALLS: ("plain", "objected", "aside"), Subject.OBJECTIONS: ("objected",)}.get(
            subject, ("aside",)
        )
        standing, figures = Standing(), list[Figure]()
        for at in range(weeks):
            last = BEGIN.after(at)
            table = Table(subject=subject, last=last, cells=calls.cells(subject, BEGIN, last))
            more, standing = published(table, MINIMUMS, standing)
            figures += [one for one in more if one.team is None and one.count is not None]
        for figure in figures:
            spanned = [figure.first.after(each) for each in range(figure.first.to(figure.last))]
            assert figure.count is not None
            told[frozenset((week, kind) for week in spanned for kind in kinds)] = figure.count
    return told


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), weeks=st.integers(1, 4))
def test_of_no_kind_of_calls_and_of_none_without_it_few_are_told(seed: int, weeks: int) -> None:
    parts = _parts(random.Random(seed), weeks)
    told = _told(parts, weeks)
    for at in range(weeks):
        for until in range(at, weeks):
            span = [BEGIN.after(each) for each in range(at, until + 1)]
            for kinds in (("objected",), ("aside",), ("plain",), ("plain", "aside"), ("plain", "objected")):
                group = frozenset((week, kind) for week in span for kind in kinds)
                tally = Tally()
                tally.add(
                    next(iter(_contributions([one for each in group for one in parts[each]])), ()),
                )
                if not tally.meets(MINIMUMS):
                    assert not determines(told, group)


def _contributions(parts: Collection[Recording]):  # type: ignore[no-untyped-def]
    calls = CallsFound({LINE}, UTC)
    for one in parts:
        calls.add(one)
    cells = calls.cells(Subject.CALLS, BEGIN, BEGIN.after(10))
    yield [each for cell in cells for each in cell.contributions]


def test_something_is_told_at_all() -> None:
    told = {
        frozenset(kind for _, kind in group) for seed in range(20) for group in _told(_parts(random.Random(seed), 4), 4)
    }
    assert told == {frozenset({"plain", "objected", "aside"}), frozenset({"objected"}), frozenset({"aside"})}
