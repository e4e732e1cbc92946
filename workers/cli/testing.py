"""`callwarden testing`: real calls to test on, redacted, asked for by one person and approved by another (U8)."""

from typing import Annotated

import typer

from callwarden.model.ids import LineId
from callwarden.model.permission import PermissionId, Wanted
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.days import needed_day
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.shapes.testing import listed_permission_shape, permission_shape

app = typer.Typer(help="Tests on real calls: some, redacted, asked for and approved, for a limited time.",
                  no_args_is_help=True)  # fmt: skip

WhichArgument = Annotated[str, typer.Argument(metavar="PERMISSION", help="Its id, testing-….")]


@app.command()
def allow(
    line: Annotated[str, typer.Option("--line", metavar="LINE", help="A line of the policy.")],
    from_: Annotated[str, typer.Option("--from", metavar="D", help="Calls of this day or later.")],
    to: Annotated[str, typer.Option("--to", metavar="D", help="Calls of this day or earlier.")],
    number: Annotated[int, typer.Option("--recordings", metavar="N", help="So many of them, drawn by lot.")],
    until: Annotated[str, typer.Option("--until", metavar="D", help="Its end: from this day on it opens nothing.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why synthetic calls will not do.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask for it. Nothing opens before the data protection officer has approved."""
    wanted = Wanted(
        line=LineId(line),
        first=needed_day("--from", from_),
        last=needed_day("--to", to),
        number=number,
        until=needed_day("--until", until),
        reason=reason,
    )
    with signed_in(actor) as (system, asking):
        asked = system.testing_desk.ask(asking, wanted)
    print_thing(permission_shape(asked), as_json=as_json)
    say(f"A second person: callwarden testing approve {asked.permission_id} --as dpo:NAME", as_json=as_json)


@app.command()
def approve(which: WhichArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Approve somebody else's: the recordings are drawn, and open to who asked until its end."""
    with signed_in(actor) as (system, asking):
        opened = system.testing_desk.approve(asking, PermissionId(which))
    print_thing(permission_shape(opened), as_json=as_json)


@app.command()
def end(which: WhichArgument, actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Close it before its time, or take it back. By who asked, and by who approves."""
    with signed_in(actor) as (system, asking):
        ended = system.testing_desk.end(asking, PermissionId(which))
    print_thing(permission_shape(ended), as_json=as_json)


@app.command("list")
def list_(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Permissions, why, and what they open: to the data protection officer and auditors all, to anybody else theirs."""
    with signed_in(actor) as (system, asking):
        rows = [listed_permission_shape(one) for one in system.testing_desk.listed(asking)]
    columns = ("permission", "state", "line", "from", "to", "number", "until", "asked_by", "approved_by", "reason")
    empty = "Nobody has asked for real calls to test on."
    print_list(rows, columns=columns, as_json=as_json, title="Tests on real calls", empty=empty)
