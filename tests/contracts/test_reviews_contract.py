"""`callwarden.ports.catalogue.reviews` on every database, and in memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callwarden.model.ids import LineId
from callwarden.model.review import Course, CourseId, Evaluation, EvaluationId, Moment, Note, NoteId
from tests.support import catalogue_rows as rows
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import NOON, at, rec

NOTE = Note(
    note_id=NoteId("note-1"),
    recording_id=rec(1),
    from_s=12.5,
    to_s=None,
    shared=False,
    about=None,
    made_by="trainer:élise",
    made_at=NOON,
    sealed=b"\x00sealed\xff",
)
EVALUATION = Evaluation(
    evaluation_id=EvaluationId("eval-1"),
    recording_id=rec(1),
    line=LineId("here"),
    agent_id="a-1",
    grid="0" * 16,
    scores={"greeting": 4, "address": 0},
    made_by="supervisor:simone",
    made_at=NOON,
    changed_at=None,
    keep_until=at(24),
)
COURSE = Course(
    course_id=CourseId("course-1"),
    title="Levée de doute",
    made_by="trainer:élise",
    made_at=NOON,
    team=False,
    people=frozenset({"bob", "carole"}),
    moments=(
        Moment(recording_id=rec(1), from_s=1.25, to_s=9, note_id=NoteId("note-1")),
        Moment(recording_id=rec(2), from_s=0, to_s=None, note_id=None),
    ),
)


@pytest.fixture(params=("memory", *DATABASES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = backend_named(request.param, request, tmp_path)
    yield opened
    opened.clear()
    opened.catalogue.close()


def test_notes_come_in_the_order_of_their_moments_and_go_with_their_recordings_key(backend: Backend) -> None:
    """K1."""
    whole = replace(NOTE, note_id=NoteId("note-2"), from_s=None)
    earlier = replace(NOTE, note_id=NoteId("note-3"), from_s=3.0, to_s=4.5, about="course-1", shared=True)
    other = replace(NOTE, note_id=NoteId("note-4"), recording_id=rec(2))
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert([rows.recording(1), rows.recording(2)])
        tx.keys.add([rows.key(1), rows.key(2)])
        for note in (NOTE, whole, earlier, other):
            tx.notes.save(note)
        tx.notes.save(replace(other, shared=True))
    with backend.catalogue.transaction() as tx:
        assert list(tx.notes.of(rec(1))) == [whole, earlier, NOTE]
        assert list(tx.notes.get([other.note_id, NOTE.note_id, NoteId("note-9")])) == [
            NOTE,
            replace(other, shared=True),
        ]
        tx.notes.remove([whole.note_id, NoteId("note-9")])
        tx.notes.remove([])
        tx.keys.destroy([rec(1)])
    with backend.catalogue.snapshot() as tx:
        assert list(tx.notes.of(rec(1))) == []
        assert list(tx.notes.get([])) == []
        assert len(tx.notes.of(rec(2))) == 1


def test_evaluations_are_narrowed_and_end_by_their_own_clock(backend: Backend) -> None:
    """K6."""
    later = replace(
        EVALUATION,
        evaluation_id=EvaluationId("eval-2"),
        line=LineId("there"),
        agent_id="a-2",
        made_by="trainer:bob",
        made_at=at(1),
        keep_until=at(25),
        recording_id=rec(2),
    )
    with backend.catalogue.transaction() as tx:
        tx.evaluations.save(EVALUATION)
        tx.evaluations.save(later)
        tx.evaluations.save(replace(later, changed_at=at(2)))
    later = replace(later, changed_at=at(2))
    with backend.catalogue.transaction() as tx:
        find = tx.evaluations.find
        assert list(find(limit=9)) == [later, EVALUATION]
        assert list(find(limit=1)) == [later]
        assert list(find(lines={LineId("here")}, limit=9)) == list(find(agents={"a-1"}, limit=9)) == [EVALUATION]
        assert list(find(made_by="trainer:bob", limit=9)) == list(find(recording_id=rec(2), limit=9)) == [later]
        assert list(find(lines=set(), limit=9)) == list(find(agents={"a-1"}, made_by="trainer:bob", limit=9)) == []
        assert tx.evaluations.get(later.evaluation_id, lock=True) == later
        assert tx.evaluations.get(EvaluationId("eval-9")) is None
        assert list(tx.evaluations.due(now=at(23.9), limit=9)) == []
        assert list(tx.evaluations.due(now=at(25), limit=9)) == [EVALUATION, later]
        tx.evaluations.remove([EVALUATION.evaluation_id])
        assert list(tx.evaluations.due(now=at(99), limit=9)) == [later]


def test_a_course_comes_back_as_it_was_and_is_replaced_by_its_id(backend: Backend) -> None:
    newer = replace(COURSE, course_id=CourseId("course-2"), made_at=at(1), moments=(), people=frozenset(), team=True)
    with backend.catalogue.transaction() as tx:
        tx.courses.save(COURSE)
        tx.courses.save(newer)
        tx.courses.save(replace(newer, title="Accueil"))
    with backend.catalogue.transaction() as tx:
        assert tx.courses.get(COURSE.course_id, lock=True) == COURSE
        assert list(tx.courses.all()) == [replace(newer, title="Accueil"), COURSE]
        tx.courses.remove(COURSE.course_id)
        assert tx.courses.get(COURSE.course_id) is None
