"""`callwarden me`: my own sessions, my password, what I have read."""

from pathlib import Path
from typing import Annotated

import typer

from callwarden.model.person import SessionId
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.cli.people import read_password

app = typer.Typer(help="My sessions in the portal, my password, what I have read.", no_args_is_help=True)


@app.command()
def sessions(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Where I am logged in."""
    with signed_in(actor) as (system, asking):
        found = system.session_desk.mine(asking)
    columns = ("session_id", "began_at", "seen_at", "ends_at")
    rows = [{name: getattr(one, name) for name in columns} for one in found]
    print_list(rows, columns=columns, as_json=as_json, title="My sessions", empty="You are logged in nowhere.")


@app.command("sign-out")
def sign_out(
    actor: ActorOption,
    session_id: Annotated[str | None, typer.Argument(metavar="[SESSION-ID]", help="Left out: all of them.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """End one session of mine, or all."""
    with signed_in(actor) as (system, asking):
        system.session_desk.sign_out(asking, None if session_id is None else SessionId(session_id))
    print_thing({"ended": session_id or "all"}, as_json=as_json)


@app.command()
def password(
    actor: ActorOption,
    old_file: Annotated[Path, typer.Option(help="A file with the present password in its first line.")],
    password_file: Annotated[Path | None, typer.Option(help="A file with the new one; asked for without it.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Change my password. Every session of mine ends."""
    with signed_in(actor) as (system, asking):
        system.session_desk.change_password(asking, read_password(old_file), read_password(password_file))
    print_thing({"changed": True}, as_json=as_json)


@app.command()
def accesses(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """What the access log says that I did in the last 30 days."""
    with signed_in(actor) as (system, asking):
        found = system.session_desk.accesses(asking)
    columns = ("at", "operation", "purpose", "artefact", "subject", "outcome")
    rows = [{**{name: getattr(one.entry, name) for name in columns}, "entry_id": one.entry.entry_id} for one in found]
    print_list(rows, columns=columns, as_json=as_json, title="What I did", empty="Nothing.")
