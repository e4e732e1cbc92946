"""What people make of calls. A note goes with its recording's key (`Keys.destroy`); evaluations and courses stay."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.review import Course, CourseId, Evaluation, EvaluationId, Note, NoteId


class Notes(Protocol):
    """Notes, also those of evaluations and courses."""

    def get(self, note_ids: Collection[NoteId]) -> Sequence[Note]:
        """Those that exist, by recording and moment."""
        ...

    def of(self, recording_id: RecordingId) -> Sequence[Note]:
        """Those of a recording, in the order of its moments; what is about all of it first."""
        ...

    def save(self, note: Note) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def remove(self, note_ids: Collection[NoteId]) -> None: ...


class Evaluations(Protocol):
    """Evaluations, each with a clock of its own."""

    def get(self, evaluation_id: EvaluationId, *, lock: bool = False) -> Evaluation | None: ...

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
        """The newest first; what is left out narrows nothing. `limit` None: all."""
        ...

    def save(self, evaluation: Evaluation) -> None:
        """Insert, or replace the one of the same id; `sealed` is left out."""
        ...

    def due(self, *, now: datetime, limit: int) -> Sequence[Evaluation]:
        """Those whose own period is over, longest first."""
        ...

    def remove(self, evaluation_ids: Collection[EvaluationId]) -> None: ...


class Courses(Protocol):
    """Courses."""

    def get(self, course_id: CourseId, *, lock: bool = False) -> Course | None: ...

    def all(self) -> Sequence[Course]:
        """The newest first."""
        ...

    def save(self, course: Course) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def remove(self, course_id: CourseId) -> None: ...
