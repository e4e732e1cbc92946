"""What trainers and supervisors make of calls: notes, evaluations, courses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.period import CalendarPeriod

NoteId = NewType("NoteId", str)
"""``note-`` and the letters of an entry id; so the others."""
EvaluationId = NewType("EvaluationId", str)
CourseId = NewType("CourseId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text about a moment of a recording, or all of it: sealed under the recording's key, and gone with it.

    `shared`: for everybody who may read the recording; else for its writer. `about` is the evaluation or the course it
    belongs to; None: it stands for itself.
    """

    note_id: NoteId
    recording_id: RecordingId
    from_s: float | None
    to_s: float | None
    shared: bool
    about: str | None
    made_by: str = field(repr=False)
    made_at: datetime
    sealed: bytes = field(repr=False)
    altered: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the grid. `text` is by language (ISO 639-1)."""

    question_id: str
    text: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What calls are evaluated by. `kept` is how long an evaluation is, a year at most (K6); scores are whole numbers
    from `lowest` to `highest`. `version` is a digest of what the file says."""

    version: str
    kept: CalendarPeriod
    lowest: int
    highest: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How well an agent did in a call: scores, and nothing of what was said (K6). It outlives its recording, and ends
    by itself at `keep_until`. Questions without an answer are not in `scores`."""

    evaluation_id: EvaluationId
    recording_id: RecordingId
    line: LineId
    agent_id: str
    grid: str
    scores: Mapping[str, int]
    made_by: str = field(repr=False)
    made_at: datetime
    changed_at: datetime | None
    keep_until: datetime
    sealed: bytes = field(default=b"", repr=False, compare=False)
    """All of it under its recording's key, as the journal carries it; stored nowhere else."""
    altered: bool = field(default=False, compare=False)


def evaluation_text(one: Evaluation) -> str:
    """All that an evaluation says, for `evaluation_of`."""
    return json.dumps(
        {
            "line": one.line,
            "agent_id": one.agent_id,
            "grid": one.grid,
            "scores": dict(one.scores),
            "made_by": one.made_by,
            "made_at": one.made_at.isoformat(),
            "changed_at": one.changed_at and one.changed_at.isoformat(),
            "keep_until": one.keep_until.isoformat(),
        }
    )


def evaluation_of(evaluation_id: EvaluationId, recording_id: RecordingId, text: str) -> Evaluation:
    """What `evaluation_text` has written."""
    said = json.loads(text)
    changed = said["changed_at"]
    return Evaluation(
        evaluation_id=evaluation_id,
        recording_id=recording_id,
        line=LineId(said["line"]),
        agent_id=said["agent_id"],
        grid=said["grid"],
        scores=said["scores"],
        made_by=said["made_by"],
        made_at=datetime.fromisoformat(said["made_at"]),
        changed_at=None if changed is None else datetime.fromisoformat(changed),
        keep_until=datetime.fromisoformat(said["keep_until"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stretch of a recording in a course; its note goes with the recording. `to_s` None: as long as one listens."""

    recording_id: RecordingId
    from_s: float
    to_s: float | None
    note_id: NoteId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A list of moments for people to learn from: for its maker and the accounts it names, or for everybody of the
    team."""

    course_id: CourseId
    title: str = field(repr=False)
    made_by: str = field(repr=False)
    made_at: datetime
    team: bool
    people: frozenset[str] = field(repr=False)
    moments: tuple[Moment, ...]
    altered: bool = field(default=False, compare=False)
