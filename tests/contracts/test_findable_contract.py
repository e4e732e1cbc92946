"""`callwarden.ports.search.Findable` on every database: listed, narrowed and counted as the fake does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callwarden.model.ids import LineId, Pseudonym
from callwarden.model.purpose import Purpose
from callwarden.model.reach import Narrowed, Reach
from callwarden.model.recording import Recording, RecordingState
from callwarden.model.review import EvaluationId, NoteId
from callwarden.model.search import Facet, FoundState, Place, Wanted
from callwarden.ports.catalogue import Catalogue
from tests.contracts.test_reviews_contract import EVALUATION, NOTE
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec

LINES = st.sampled_from(["here", "there"]).map(LineId)
AGENTS = st.sampled_from(["a-1", "a-2"])
MOMENTS = st.sampled_from([-30.5, -2, -1, 0, 1]).map(at)
WORDS = ("alarme", "panne", "porte")
NARROWED = st.builds(Narrowed, lines=st.none() | st.frozensets(LINES), agents=st.none() | st.frozensets(AGENTS))
REACHES = st.builds(
    Reach,
    within=st.lists(NARROWED, max_size=2).map(tuple),
    now=st.just(NOON),
    latest=st.sampled_from([at(0.1), at(5)]),
    purpose=st.none() | st.sampled_from([Purpose.TRAINING, Purpose.QUALITY]),
    dispute=st.booleans(),
    included=st.none() | st.frozensets(st.integers(0, 5).map(rec)),
)
ALL = Reach(within=(Narrowed(lines=None, agents=None),), now=NOON, latest=at(99), purpose=None, dispute=False)
LABELS = st.sampled_from(["k:x", "k:y"]).map(Pseudonym)
WANTED = st.builds(
    Wanted,
    words=st.sampled_from(["", " ", "!", "alarme", "pan*", "alarme porte", '"alarme panne"', '"alarme panne" por*']),
    line=st.none() | LINES,
    agent_id=st.none() | AGENTS,
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS,
    shortest_s=st.none() | st.sampled_from([0, 60, 3600]),
    longest_s=st.none() | st.sampled_from([60, 3601]),
    label=st.none() | LABELS,
    state=st.none() | st.sampled_from(FoundState),
)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
            "line": LINES,
            "agent_id": st.none() | AGENTS,
            "started_at": st.sampled_from([at(-40), at(-31)]),
            "ended_at": MOMENTS,
            "keep_until": st.none() | st.sampled_from([NOON, at(1)]),
            "objected": st.frozensets(st.sampled_from(["training", "quality"])),
            "restricted": st.booleans(),
            "state": st.sampled_from([RecordingState.STORED, RecordingState.STORED, RecordingState.DISPOSING]),
            "held": st.booleans(),
            "labels": st.frozensets(LABELS),
            "evaluated": st.booleans(),
            "noted": st.sampled_from(
                [None, {"shared": False}, {"shared": True}, {"shared": True, "about": "course-1"}]
            ),
        }
    ),
    max_size=7,
)


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.clear()
    opened.catalogue.close()


def fill(catalogue: Catalogue, calls: list[dict[str, Any]]) -> None:
    with catalogue.transaction() as tx:
        tx.cases.save(rows.case())
        for number, call in enumerate(calls, 1):
            fields = {name: value for name, value in call.items() if name in Recording.__dataclass_fields__}
            row = rows.recording(number, **fields)
            # Indexed as another row is, and changed after that: what is listed follows the row.
            tx.recordings.insert([replace(row, restricted=True, objected=frozenset(), keep_until=at(9))])
            tx.search.index(rec(number), generation=1, line=row.line, ended_at=row.ended_at, text=call["text"])
            tx.recordings.get([rec(number)], lock=True)
            tx.recordings.save([row])
            tx.labels.add({rec(number): {label: f"n={label}" for label in call["labels"]}})
            if call["evaluated"]:
                evaluation_id = EvaluationId(f"eval-{number}")
                tx.evaluations.save(replace(EVALUATION, evaluation_id=evaluation_id, recording_id=rec(number)))
            if call["noted"] is not None:
                note_id = NoteId(f"note-{number}")
                tx.notes.save(replace(NOTE, note_id=note_id, recording_id=rec(number), **call["noted"]))
            if call["held"]:
                tx.holds.save([rows.hold(number)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=CALLS, asked=st.lists(st.tuples(WANTED, REACHES), min_size=1, max_size=5), limit=st.integers(1, 3))
def test_every_database_lists_and_counts_what_the_fake_does(
    backend: Backend, calls: list[dict[str, Any]], asked: list[tuple[Wanted, Reach]], limit: int
) -> None:
    backend.clear()
    model = backend_named("memory", None, Path()).catalogue  # type: ignore[arg-type]  # memory asks for nothing
    for catalogue in (model, backend.catalogue):
        fill(catalogue, calls)
    with model.snapshot() as expected, backend.catalogue.snapshot() as tx:
        for wanted, reach in asked:
            every = expected.findable.page(wanted, reach, limit=99)
            assert list(tx.findable.page(wanted, reach, limit=99)) == list(every)
            for facets, most in ((list(Facet), 99), ([Facet.STATE, Facet.LABEL], 3), ([], 1)):
                counted = expected.findable.count(facets, wanted, reach, limit=most)
                assert tx.findable.count(facets, wanted, reach, limit=most) == counted
            place, seen = None, list[str]()
            while page := tx.findable.page(wanted, reach, limit=limit, after=place):
                seen += [hit.recording_id for hit in page]
                place = Place(ended_at=page[-1].ended_at or NOON, recording_id=page[-1].recording_id)
            assert seen == [hit.recording_id for hit in every]
            if place is not None:
                above = [hit.recording_id for hit in tx.findable.page(wanted, reach, limit=limit, before=place)]
                assert above == seen[:-1][-limit:]


def test_a_place_stays_where_it_is_whatever_comes_in(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        for number in (1, 2, 3):
            ended_at = at(-number)
            tx.recordings.insert([rows.recording(number, started_at=at(-9), ended_at=ended_at)])
            tx.search.index(rec(number), generation=1, line=LineId("x"), ended_at=ended_at, text="alarme")
        [first] = tx.findable.page(Wanted(words="alarme"), ALL, limit=1)
        tx.recordings.insert([rows.recording(4, started_at=at(-9), ended_at=at(-0.5))])
        tx.search.index(rec(4), generation=1, line=LineId("x"), ended_at=at(-0.5), text="alarme")
        place = Place(ended_at=at(-1), recording_id=first.recording_id)
        assert [hit.recording_id for hit in tx.findable.page(Wanted(), ALL, limit=9, after=place)] == [rec(2), rec(3)]


def test_what_was_asked_for_is_marked_in_the_snippet(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1)])
        text = "La porte, l'ALARME ; la porte [PERSON_1]"
        tx.search.index(rec(1), generation=1, line=LineId("x"), ended_at=NOON, text=text)
        [hit] = tx.findable.page(Wanted(words='"la porte" alarme'), ALL, limit=1)
        [same] = tx.search.find('"la porte" alarme', limit=1)
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["La porte", "ALARME", "la porte"]
    assert same.marks == hit.marks


def test_what_is_not_findable_any_more_is_not_listed(backend: Backend) -> None:
    """K1: neither once its words were removed nor once its key is destroyed."""
    with backend.catalogue.transaction() as tx:
        for number in (1, 2, 3):
            tx.recordings.insert([rows.recording(number)])
            tx.search.index(rec(number), generation=1, line=LineId("x"), ended_at=NOON, text="alarme")
        tx.search.remove([rec(1)])
        tx.keys.add([rows.key(2)])
        tx.keys.destroy([rec(2)])
        assert [hit.recording_id for hit in tx.findable.page(Wanted(), ALL, limit=9)] == [rec(3)]
        assert tx.findable.count([Facet.LINE], Wanted(), ALL, limit=9) == (1, {Facet.LINE: {"customer-service": 1}})
