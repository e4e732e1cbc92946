"""Notes, evaluations and courses."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among, words_from_text, words_to_text
from callwarden.adapters.sql.encrypted import EncryptedSet
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import course, evaluation, note
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.review import Course, CourseId, Evaluation, EvaluationId, Moment, Note, NoteId


def _moments_to_text(moments: Sequence[Moment]) -> str:
    return json.dumps([[one.recording_id, one.from_s, one.to_s, one.note_id] for one in moments])


def _moments_from_text(text: str) -> tuple[Moment, ...]:
    try:
        return tuple(
            Moment(recording_id=recording_id, from_s=from_s, to_s=to_s, note_id=note_id)
            for recording_id, from_s, to_s, note_id in json.loads(text)
        )
    except (TypeError, ValueError):
        return ()  # somebody else has written it: the row's seal does not fit


def _scores_to_text(scores: Mapping[str, int]) -> str:
    return json.dumps(dict(scores), sort_keys=True)


def _scores_from_text(text: str) -> Mapping[str, int]:
    """What somebody without the key has put there says nothing: its row is marked, and nobody goes by it."""
    try:
        found: Mapping[str, int] = json.loads(text)
    except ValueError:
        return {}
    return found


def _people_from_text(text: str) -> frozenset[str]:
    try:
        return words_from_text(text)
    except ValueError:
        return frozenset()


_NOTE: Final = Mapped(note, Note)
_EVALUATION: Final = Mapped(evaluation, Evaluation, scores=(_scores_to_text, _scores_from_text))
_COURSE: Final = Mapped(
    course,
    Course,
    people=(words_to_text, _people_from_text),
    moments=(_moments_to_text, _moments_from_text),
)
_IDS: Final = bindparam("ids", type_=TextSet())
_NOTES: Final = select(*note.c).order_by(note.c.recording_id, note.c.from_s.nulls_first(), note.c.note_id)
_SAVE_NOTE: Final = _NOTE.insert(key=("note_id",), clash=Clash.REPLACE)
_REMOVE_NOTES: Final = delete(note).where(among(note.c.note_id, _IDS))
FORGET: Final = delete(note).where(among(note.c.recording_id, _IDS))
"""Nothing that was written about these recordings stays."""
_EVALUATIONS: Final = select(*evaluation.c)
_SAVE_EVALUATION: Final = _EVALUATION.insert(key=("evaluation_id",), clash=Clash.REPLACE)
_REMOVE_EVALUATIONS: Final = delete(evaluation).where(among(evaluation.c.evaluation_id, _IDS))
_COURSES: Final = select(*course.c)
_SAVE_COURSE: Final = _COURSE.insert(key=("course_id",), clash=Clash.REPLACE)


class NoteRows(Rows):
    """`callwarden.ports.catalogue.reviews.Notes`."""

    def get(self, note_ids: Collection[NoteId]) -> Sequence[Note]:
        wanted = _NOTES.where(among(note.c.note_id, _IDS))
        return self._session.read(_NOTE, self._session.run(wanted, {"ids": note_ids})) if note_ids else []

    def of(self, recording_id: RecordingId) -> Sequence[Note]:
        return self._session.read(_NOTE, self._session.run(_NOTES.where(note.c.recording_id == recording_id)))

    def save(self, one: Note) -> None:
        self._session.save(_SAVE_NOTE, _NOTE, [one])

    def remove(self, note_ids: Collection[NoteId]) -> None:
        if note_ids:
            self._session.run(_REMOVE_NOTES, {"ids": note_ids})


class EvaluationRows(Rows):
    """`callwarden.ports.catalogue.reviews.Evaluations`."""

    def get(self, evaluation_id: EvaluationId, *, lock: bool = False) -> Evaluation | None:
        wanted = _EVALUATIONS.where(evaluation.c.evaluation_id == evaluation_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_EVALUATION, rows)), None)

    def find(
        self,
        *,
        recording_id: RecordingId | None = None,
        lines: Collection[LineId] | None = None,
        agents: Collection[str] | None = None,
        made_by: str | None = None,
        made_from: datetime | None = None,
        made_before: datetime | None = None,
        limit: int | None,
    ) -> Sequence[Evaluation]:
        wanted, parameters = _EVALUATIONS, dict[str, Any]()
        if recording_id is not None:
            wanted = wanted.where(evaluation.c.recording_id == recording_id)
        if made_by is not None:
            wanted = wanted.where(evaluation.c.made_by == made_by)
        if made_from is not None:
            wanted = wanted.where(evaluation.c.made_at >= made_from)
        if made_before is not None:
            wanted = wanted.where(evaluation.c.made_at < made_before)
        if lines is not None:
            wanted = wanted.where(among(evaluation.c.line, bindparam("lines", type_=EncryptedSet("line"))))
            parameters["lines"] = lines
        if agents is not None:
            wanted = wanted.where(among(evaluation.c.agent_id, bindparam("agents", type_=EncryptedSet("agent"))))
            parameters["agents"] = agents
        ordered = wanted.order_by(evaluation.c.made_at.desc(), evaluation.c.evaluation_id).limit(limit)
        return self._session.read(_EVALUATION, self._session.run(ordered, parameters))

    def save(self, one: Evaluation) -> None:
        self._session.save(_SAVE_EVALUATION, _EVALUATION, [one])

    def due(self, *, now: datetime, limit: int) -> Sequence[Evaluation]:
        wanted = _EVALUATIONS.where(evaluation.c.keep_until <= now).order_by(evaluation.c.keep_until).limit(limit)
        return self._session.read(_EVALUATION, self._session.run(wanted.with_for_update(skip_locked=True)))

    def remove(self, evaluation_ids: Collection[EvaluationId]) -> None:
        if evaluation_ids:
            self._session.run(_REMOVE_EVALUATIONS, {"ids": evaluation_ids})


class CourseRows(Rows):
    """`callwarden.ports.catalogue.reviews.Courses`."""

    def get(self, course_id: CourseId, *, lock: bool = False) -> Course | None:
        wanted = _COURSES.where(course.c.course_id == course_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_COURSE, rows)), None)

    def all(self) -> Sequence[Course]:
        rows = self._session.run(_COURSES.order_by(course.c.made_at.desc(), course.c.course_id))
        return self._session.read(_COURSE, rows)

    def save(self, one: Course) -> None:
        self._session.save(_SAVE_COURSE, _COURSE, [one])

    def remove(self, course_id: CourseId) -> None:
        self._session.run(delete(course).where(course.c.course_id == course_id))
