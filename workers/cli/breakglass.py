"""`callwarden breakglass`: an original in an emergency, with a reason and a second person (U4)."""

from typing import Annotated

import typer

from callwarden.model.break_glass import GlassId
from callwarden.model.ids import RecordingId
from callwarden.workers.cli.actor import ActorOption, PurposeOption, signed_in
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.shapes.break_glass import glass_row, listed_glass
from callwarden.workers.shapes.reading import READABLE, What

app = typer.Typer(help="Emergency access to an original: asked for, approved by a second person, for a limited time.",
                  no_args_is_help=True)  # fmt: skip


@app.command()
def request(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A recording id.")],
    purpose: PurposeOption,
    actor: ActorOption,
    reason: Annotated[str, typer.Option(help="Why it is an emergency. Kept encrypted, and gone with the recording.")],
    what: Annotated[What, typer.Option(help="Which original.")] = What.ORIGINAL_AUDIO,
    *,
    as_json: JsonOption = False,
) -> None:
    """Request it. Nothing opens before somebody else has approved."""
    with signed_in(actor) as (system, asking):
        asked = system.break_glass_desk.request(asking, purpose, RecordingId(recording), READABLE[what], reason=reason)
        send_outbox(system)
    print_thing(glass_row(asked) | {"lapses_at": asked.lapses_at}, as_json=as_json)
    say(f"A second person: callwarden breakglass approve {asked.request_id} --as ROLE:NAME", as_json=as_json)


@app.command()
def approve(
    which: Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id, glass-….")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Approve somebody else's request; from now on it is open, for as long as the policy says."""
    with signed_in(actor) as (system, asking):
        opened = system.break_glass_desk.approve(asking, GlassId(which))
        send_outbox(system)
    print_thing(glass_row(opened) | {"open_until": opened.open_until}, as_json=as_json)


@app.command()
def end(
    which: Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id, glass-….")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Close it before its time, or take a request back. By whoever asked, and by those who approve."""
    with signed_in(actor) as (system, asking):
        ended = system.break_glass_desk.end(asking, GlassId(which))
    print_thing(glass_row(ended) | {"ended_at": ended.ended_at}, as_json=as_json)


@app.command("list")
def list_(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Requests, why, and where each stands: to those who approve every one, to anybody else their own."""
    with signed_in(actor) as (system, asking):
        rows = [listed_glass(request) for request in system.break_glass_desk.listed(asking)]
    columns = (
        *("request", "recording_id", "what", "purpose", "role", "requested_by", "approved_by"),
        *("state", "requested_at", "open_until", "reason"),
    )
    print_list(
        rows,
        columns=columns,
        as_json=as_json,
        title="Emergency accesses",
        empty="No emergency access has been requested.",
    )
