"""`callwarden course`: lists of moments of calls, to learn from."""

from typing import Annotated

import typer

from callwarden.model.ids import RecordingId
from callwarden.model.review import CourseId
from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.shapes.reviews import course_shape, shown_course_shape

app = typer.Typer(help="Courses: moments of calls with notes, shared with people or the team.", no_args_is_help=True)

CourseArgument = Annotated[str, typer.Argument(metavar="COURSE", help="A course id.")]
PersonOption = Annotated[list[str] | None, typer.Option("--person", help="An account name; may be repeated.")]
TeamOption = Annotated[bool, typer.Option("--team", help="For every trainer and supervisor.")]


@app.command()
def make(
    title: Annotated[str, typer.Argument()],
    actor: ActorOption,
    person: PersonOption = None,
    *,
    team: TeamOption = False,
    as_json: JsonOption = False,
) -> None:
    """Begin a course."""
    with signed_in(actor) as (system, asking):
        made = system.course_desk.make(asking, title, people=person or (), team=team)
    print_thing(course_shape(made), as_json=as_json)


@app.command()
def share(
    course: CourseArgument,
    actor: ActorOption,
    person: PersonOption = None,
    *,
    team: TeamOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say anew who else sees it; nobody, where nobody is named."""
    with signed_in(actor) as (system, asking):
        made = system.course_desk.share(asking, CourseId(course), people=person or (), team=team)
    print_thing(course_shape(made), as_json=as_json)


@app.command()
def add(
    course: CourseArgument,
    recording: Annotated[str, typer.Argument(metavar="REC", help="A recording id.")],
    from_s: Annotated[float, typer.Option("--from", min=0, help="Seconds from the start of the call.")],
    purpose: PurposeOption,
    actor: ActorOption,
    to_s: Annotated[float | None, typer.Option("--to", min=0, help="Where the moment ends.")] = None,
    text: Annotated[str | None, typer.Option(help="A note; it goes with the call.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Add a moment of a call you may read."""
    with signed_in(actor) as (system, asking):
        made = system.course_desk.add(
            asking, purpose, CourseId(course), RecordingId(recording), from_s=from_s, to_s=to_s, text=text
        )
    print_thing(course_shape(made), as_json=as_json)


@app.command()
def drop(
    course: CourseArgument,
    number: Annotated[int, typer.Argument(min=1, help="Of the moment, from 1.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take a moment out."""
    with signed_in(actor) as (system, asking):
        made = system.course_desk.drop(asking, CourseId(course), number)
    print_thing(course_shape(made), as_json=as_json)


@app.command()
def show(course: CourseArgument, purpose: PurposeOption, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """A course, and which of its moments you can hear; what is destroyed is gone."""
    with signed_in(actor) as (system, asking):
        shape = shown_course_shape(system.course_desk.shown(asking, purpose, CourseId(course)))
    if as_json:
        print_thing(shape, as_json=True)
        return
    moments = shape["moments"]
    assert isinstance(moments, list)
    columns = ("number", "recording_id", "from_s", "to_s", "state", "text")
    print_list(moments, columns=columns, as_json=False, title=str(shape["title"]), empty="No moment yet.")


@app.command("list")
def list_(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Your courses, those you are named in and the team's."""
    with signed_in(actor) as (system, asking):
        found = system.course_desk.listed(asking)
    columns = ("course", "title", "moment_count", "made_by", "team", "made_at")
    print_list([course_shape(each) for each in found], columns=columns, as_json=as_json, title="Courses")


@app.command()
def remove(course: CourseArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """End a course of yours, its notes with it."""
    with signed_in(actor) as (system, asking):
        system.course_desk.remove(asking, CourseId(course))
    print_thing({"course": course, "state": "removed"}, as_json=as_json)
