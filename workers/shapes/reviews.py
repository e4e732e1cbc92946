"""Notes, evaluations and courses."""

from callwarden.desks.courses import ShownCourse, ShownMoment
from callwarden.desks.evaluations import ShownEvaluation
from callwarden.desks.notes import ShownNote
from callwarden.model.review import Course, Evaluation, Grid
from callwarden.workers.shapes import Row


def note_shape(shown: ShownNote) -> Row:
    """``from_s`` and ``to_s`` are seconds from the start of the call, or null; ``shared``: the team's."""
    note = shown.note
    return {
        "note": note.note_id,
        "recording_id": note.recording_id,
        "from_s": note.from_s,
        "to_s": note.to_s,
        "text": shown.text,
        "shared": note.shared,
        "own": shown.own,
        "made_by": note.made_by,
        "made_at": note.made_at,
    }


def grid_shape(grid: Grid) -> Row:
    """``questions`` by id, their text by language."""
    return {
        "version": grid.version,
        "kept": grid.kept,
        "lowest": grid.lowest,
        "highest": grid.highest,
        "questions": {question.question_id: dict(question.text) for question in grid.questions},
    }


def evaluation_shape(evaluation: Evaluation) -> Row:
    """``scores`` by question; those left out were not answered. ``keep_until`` is its own."""
    return {
        "evaluation": evaluation.evaluation_id,
        "recording_id": evaluation.recording_id,
        "line": evaluation.line,
        "agent": evaluation.agent_id,
        "grid": evaluation.grid,
        "scores": dict(evaluation.scores),
        "made_by": evaluation.made_by,
        "made_at": evaluation.made_at,
        "changed_at": evaluation.changed_at,
        "keep_until": evaluation.keep_until,
    }


def shown_evaluation_shape(shown: ShownEvaluation) -> Row:
    """With its ``remark``, null once the call may not be read."""
    return {**evaluation_shape(shown.evaluation), "remark": shown.remark, "own": shown.own}


def course_shape(course: Course) -> Row:
    """A course as a list has it."""
    return {
        "course": course.course_id,
        "title": course.title,
        "made_by": course.made_by,
        "made_at": course.made_at,
        "team": course.team,
        "people": course.people,
        "moment_count": len(course.moments),
    }


def shown_course_shape(shown: ShownCourse) -> Row:
    """A course with its ``moments``."""
    return {**course_shape(shown.course), "own": shown.own, "moments": [_moment_shape(one) for one in shown.moments]}


def _moment_shape(shown: ShownMoment) -> Row:
    moment = shown.moment
    return {
        "number": shown.number,
        "recording_id": moment.recording_id,
        "from_s": moment.from_s,
        "to_s": moment.to_s,
        "state": shown.state,
        "text": shown.text,
    }
