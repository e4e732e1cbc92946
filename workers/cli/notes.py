"""`callwarden note`: notes on moments of calls."""

from typing import Annotated

import typer

from callwarden.model.ids import RecordingId
from callwarden.model.review import NoteId
from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.shapes.reviews import note_shape

app = typer.Typer(help="Notes on moments of calls: one's own, or the team's.", no_args_is_help=True)

RecordingArgument = Annotated[str, typer.Argument(metavar="REC", help="A recording id.")]
FromOption = Annotated[float | None, typer.Option("--from", min=0, help="Seconds from the start of the call.")]
ToOption = Annotated[float | None, typer.Option("--to", min=0, help="Where the moment ends.")]


@app.command()
def add(
    recording: RecordingArgument,
    text: Annotated[str, typer.Option(help="What to keep; it goes with the call.")],
    purpose: PurposeOption,
    actor: ActorOption,
    from_s: FromOption = None,
    to_s: ToOption = None,
    *,
    team: Annotated[bool, typer.Option("--team", help="For everybody who may read the call.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a note about a moment of a call you may read, or about all of it."""
    with signed_in(actor) as (system, asking):
        made = system.note_desk.add(
            asking, purpose, RecordingId(recording), text, from_s=from_s, to_s=to_s, shared=team
        )
    print_thing(note_shape(made), as_json=as_json)


@app.command("list")
def list_(
    recording: RecordingArgument, purpose: PurposeOption, actor: ActorOption, *, as_json: JsonOption = False
) -> None:
    """Your notes and the team's about a call, in the order of its moments."""
    with signed_in(actor) as (system, asking):
        found = system.note_desk.listed(asking, purpose, RecordingId(recording))
    columns = ("note", "from_s", "to_s", "text", "shared", "made_by", "made_at")
    print_list([note_shape(each) for each in found], columns=columns, as_json=as_json, title="Notes")


@app.command()
def remove(
    note: Annotated[str, typer.Argument(metavar="NOTE")], actor: ActorOption, *, as_json: JsonOption = False
) -> None:
    """Take back a note of yours."""
    with signed_in(actor) as (system, asking):
        system.note_desk.remove(asking, NoteId(note))
    print_thing({"note": note, "state": "removed"}, as_json=as_json)
