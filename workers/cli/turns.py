"""`callwarden turns`: what was said in a call, redacted, in portions."""

from typing import Annotated

import typer

from callwarden.model.ids import RecordingId
from callwarden.rules.turn_portions import MOST_TURNS
from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.shapes.turns import portion_shape


def turns_command(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A recording id.")],
    purpose: PurposeOption,
    actor: ActorOption,
    from_s: Annotated[float, typer.Option("--from", min=0, help="From this second of the call on.")] = 0.0,
    to_s: Annotated[float | None, typer.Option("--to", min=0, help="Up to this second.")] = None,
    first: Annotated[
        int | None, typer.Option(min=0, help="From the turn of this number on, in place of --from.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_TURNS, help="At most so many turns.")] = 200,
    *,
    as_json: JsonOption = False,
) -> None:
    """Read a portion of a redacted transcript, with the time of each word. The reading is in the access log first."""
    with signed_in(actor, reading=True) as (system, asking):
        found = system.transcript_desk.turns(
            asking, purpose, RecordingId(recording), first=first, from_s=from_s, to_s=to_s, limit=limit
        )
    if as_json:
        print_thing(portion_shape(found), as_json=True)
        return
    rows = [
        {"start_s": shown.turn.start_s, "speaker": shown.turn.speaker, "text": shown.turn.text} for shown in found.turns
    ]
    print_list(rows, columns=("start_s", "speaker", "text"), as_json=False, title="Turns", empty="No turn there.")
