"""``/api/v1/notes``, ``/evaluations``, ``/courses``: what trainers and supervisors make of calls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.responses import Response

from callwarden.desks.evaluations import MOST
from callwarden.desks.reviewed import LONGEST_TEXT
from callwarden.model.ids import RecordingId
from callwarden.model.review import CourseId, EvaluationId, NoteId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.reviews import (
    course_shape,
    evaluation_shape,
    grid_shape,
    note_shape,
    shown_course_shape,
    shown_evaluation_shape,
)
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.api.recordings import PurposeParameter
from callwarden.workers.web.asking import Asking, TheSystem, actor_of
from callwarden.workers.web.bodies import Body, Flag, Id, Name, Names, OptionalName, example
from callwarden.workers.web.routes import does, reads
from callwarden.workers.web.schemas import (
    COUNT,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    answers,
    many,
    maybe,
    one_of,
    page_of,
    thing,
)

router = APIRouter(tags=["reviews"])

_NOTE = thing(
    note=TEXT,
    recording_id=TEXT,
    from_s=maybe(NUMBER),
    to_s=maybe(NUMBER),
    text=TEXT,
    shared=FLAG,
    own=FLAG,
    made_by=TEXT,
)
_EVALUATION = thing(
    evaluation=TEXT,
    recording_id=TEXT,
    line=TEXT,
    agent=TEXT,
    grid=TEXT,
    made_by=TEXT,
    made_at=INSTANT,
    keep_until=INSTANT,
)
_COURSE = thing(course=TEXT, title=TEXT, made_by=TEXT, team=FLAG, people=many(TEXT), moment_count=COUNT)
_MOMENT = thing(
    number=COUNT, recording_id=TEXT, from_s=NUMBER, to_s=maybe(NUMBER), state=one_of("open", "closed", "gone")
)
_COURSE_OPEN = thing(course=TEXT, title=TEXT, own=FLAG, moments=many(_MOMENT))

Second = Annotated[float, Field(ge=0, le=1_000_000, strict=False)]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class NewNote(Body):
    """A note about a moment of a call, or all of it; with `team`, for everybody who may read the call."""

    model_config = example(text="Adresse relue sans attendre la réponse", from_s=83.5, team=True)

    text: Words
    from_s: Second | None = None
    to_s: Second | None = None
    team: Flag = False


@router.get("/recordings/{rec}/notes", responses=answers(page_of(_NOTE)))
@does(Act.NOTE_LIST)
def list_notes(rec: Id, purpose: PurposeParameter, actor: Asking, system: TheSystem) -> Response:
    """Your notes and the team's about a call, in the order of its moments."""
    found = system.note_desk.listed(actor, purpose, RecordingId(rec))
    return as_json(paging.page_shape([note_shape(each) for each in found]))


@router.post("/recordings/{rec}/notes", status_code=201, responses=answers(_NOTE, status=201))
@does(Act.NOTE_ADD)
def add_note(rec: Id, new: NewNote, purpose: PurposeParameter, actor: Asking, system: TheSystem) -> Response:
    """Write a note about a call you may read; it goes with the call."""
    made = system.note_desk.add(
        actor, purpose, RecordingId(rec), new.text, from_s=new.from_s, to_s=new.to_s, shared=new.team
    )
    return as_json(note_shape(made), status=201)


@router.delete("/notes/{note}", status_code=204)
@does(Act.NOTE_REMOVE)
def remove_note(note: Id, actor: Asking, system: TheSystem) -> Response:
    """Take back a note of yours."""
    system.note_desk.remove(actor, NoteId(note))
    return Response(status_code=204)


class NewEvaluation(Body):
    """Scores by question of the grid, and a remark that goes with the call."""

    model_config = example(scores={"greeting": 4, "address": 1}, remark="Adresse non confirmée")

    scores: Annotated[dict[Name, Annotated[int, Field(strict=True, ge=0, le=100)]], Field(min_length=1, max_length=200)]
    remark: Words | None = None


@router.get(
    "/evaluations/grid",
    dependencies=[Depends(actor_of)],
    responses=answers(thing(version=TEXT, kept=TEXT, lowest=COUNT, highest=COUNT)),
)
@reads
def show_grid(system: TheSystem) -> Response:
    """The questions, and the scores there are."""
    return as_json(grid_shape(system.evaluation_desk.grid))


@router.get("/evaluations", responses=answers(page_of(_EVALUATION)))
@does(Act.EVALUATION_LIST)
def list_evaluations(
    actor: Asking,
    system: TheSystem,
    recording: OptionalName = None,
    agent: OptionalName = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Response:
    """Evaluations, the newest first: your own, or as a supervisor those of your lines and agents."""
    found = system.evaluation_desk.listed(
        actor, recording_id=None if recording is None else RecordingId(recording), agent=agent, limit=limit
    )
    return as_json(paging.page_shape([evaluation_shape(each) for each in found]))


@router.get("/evaluations/{evaluation}", responses=answers(_EVALUATION))
@does(Act.EVALUATION_SHOW)
def show_evaluation(evaluation: Id, purpose: PurposeParameter, actor: Asking, system: TheSystem) -> Response:
    """One evaluation, its remark as long as the call may be read."""
    return as_json(shown_evaluation_shape(system.evaluation_desk.shown(actor, purpose, EvaluationId(evaluation))))


@router.post("/recordings/{rec}/evaluations", status_code=201, responses=answers(_EVALUATION, status=201))
@does(Act.EVALUATION_MAKE)
def make_evaluation(
    rec: Id, new: NewEvaluation, purpose: PurposeParameter, actor: Asking, system: TheSystem
) -> Response:
    """Evaluate a call you may read; done again, it takes the place of your first, whose year goes on."""
    made = system.evaluation_desk.make(actor, purpose, RecordingId(rec), new.scores, remark=new.remark)
    return as_json(shown_evaluation_shape(made), status=201)


class Sharing(Body):
    """Who else sees a course: accounts by name, or everybody of the team."""

    model_config = example(people=["bob"], team=False)

    people: Names = ()
    team: Flag = False


class NewCourse(Sharing):
    """A course without moments."""

    model_config = example(title="Levée de doute", people=["bob"])

    title: Annotated[str, Field(min_length=1, max_length=200)]


class NewMoment(Body):
    """A moment of a call, and a note that goes with the call."""

    model_config = example(recording_id="rec-fefdc62f8799cb2ec6135c84a40b99bf", from_s=83.5, to_s=97, text="Bien relu")

    recording_id: Name
    from_s: Second
    to_s: Second | None = None
    text: Words | None = None


@router.get("/courses", responses=answers(page_of(_COURSE)))
@does(Act.COURSE_LIST)
def list_courses(actor: Asking, system: TheSystem) -> Response:
    """Your courses, those you are named in and the team's; the newest first."""
    return as_json(paging.page_shape([course_shape(each) for each in system.course_desk.listed(actor)]))


@router.post("/courses", status_code=201, responses=answers(_COURSE, status=201))
@does(Act.COURSE_MAKE)
def make_course(new: NewCourse, actor: Asking, system: TheSystem) -> Response:
    """Begin a course."""
    made = system.course_desk.make(actor, new.title, people=new.people, team=new.team)
    return as_json(course_shape(made), status=201)


@router.get("/courses/{course}", responses=answers(_COURSE_OPEN))
@does(Act.COURSE_SHOW)
def show_course(course: Id, purpose: PurposeParameter, actor: Asking, system: TheSystem) -> Response:
    """A course, and which of its moments you can hear; what is destroyed is gone."""
    return as_json(shown_course_shape(system.course_desk.shown(actor, purpose, CourseId(course))))


@router.put("/courses/{course}/sharing", responses=answers(_COURSE))
@does(Act.COURSE_SHARE)
def share_course(course: Id, sharing: Sharing, actor: Asking, system: TheSystem) -> Response:
    """Say anew who else sees it."""
    made = system.course_desk.share(actor, CourseId(course), people=sharing.people, team=sharing.team)
    return as_json(course_shape(made))


@router.post("/courses/{course}/moments", status_code=201, responses=answers(_COURSE, status=201))
@does(Act.COURSE_ADD)
def add_moment(course: Id, new: NewMoment, purpose: PurposeParameter, actor: Asking, system: TheSystem) -> Response:
    """Add a moment of a call you may read, at the end."""
    made = system.course_desk.add(
        actor,
        purpose,
        CourseId(course),
        RecordingId(new.recording_id),
        from_s=new.from_s,
        to_s=new.to_s,
        text=new.text,
    )
    return as_json(course_shape(made), status=201)


@router.delete("/courses/{course}/moments/{number}", responses=answers(_COURSE))
@does(Act.COURSE_DROP)
def drop_moment(
    course: Id, number: Annotated[int, Path(ge=1, le=10_000)], actor: Asking, system: TheSystem
) -> Response:
    """Take out its moment of this number, counted from 1."""
    return as_json(course_shape(system.course_desk.drop(actor, CourseId(course), number)))


@router.delete("/courses/{course}", status_code=204)
@does(Act.COURSE_REMOVE)
def remove_course(course: Id, actor: Asking, system: TheSystem) -> Response:
    """End a course of yours, its notes with it."""
    system.course_desk.remove(actor, CourseId(course))
    return Response(status_code=204)
