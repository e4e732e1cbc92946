"""`callwarden people`: who may log in to the portal, and what they may do there."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.workers.cli.actor import PEOPLE, AtTheMachineOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.shapes.people import person_row

app = typer.Typer(help="People who log in to the portal.", no_args_is_help=True)

EVERY = "all"
NameArgument = Annotated[str, typer.Argument(help="The account's name; a pseudonym of it stands in the log.")]
RoleOption = Annotated[str | None, typer.Option("--role", help=f"One of {', '.join(PEOPLE)}.")]
LinesOption = Annotated[
    list[str] | None,
    typer.Option("--lines", "--line", metavar="LINE,…", help=f"Only these lines; `{EVERY}` for every line."),
]
AgentsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--agents", "--agent", metavar="AGENT,…", help=f"Only these agents' calls; `{EVERY}` for everybody's."
    ),
]
OwnAgentOption = Annotated[str | None, typer.Option("--own-agent-id", help="Their own id on the telephone system.")]
PasswordFileOption = Annotated[
    Path | None,
    typer.Option(help="A file with the password in its first line. Without it: asked for, or read from a pipe."),
]


@app.command()
def add(
    name: NameArgument,
    actor: AtTheMachineOption,
    role: RoleOption = None,
    lines: LinesOption = None,
    agents: AgentsOption = None,
    own_agent_id: OwnAgentOption = None,
    password_file: PasswordFileOption = None,
    *,
    from_provider: Annotated[
        bool, typer.Option("--from-provider", help="They log in at the identity provider: no password is kept here.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Let somebody log in. The password is asked for twice, without being shown."""
    holder = Actor(
        role=_role(role), name=name, lines=_lines(lines), agents=_names(agents), agent_id=own_agent_id or None
    )
    with signed_in(actor, make=True) as (system, asking):
        system.people_desk.admit(asking, holder)
        password = None if from_provider else read_password(password_file)
        person = system.people_desk.add(asking, holder, password)
    print_thing(person_row(person), as_json=as_json)
    say(f"{name} can log in now: callwarden up says where.", as_json=as_json)


@app.command()
def change(
    name: NameArgument,
    actor: AtTheMachineOption,
    role: RoleOption = None,
    lines: LinesOption = None,
    agents: AgentsOption = None,
    own_agent_id: OwnAgentOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Change what somebody may do, from their next request on. What is left out stays as it is."""
    with signed_in(actor) as (system, asking):
        person = system.people_desk.change(
            asking,
            name,
            lambda before: Actor(
                role=before.role if role is None else _role(role),
                name=before.name,
                lines=before.lines if lines is None else _lines(lines),
                agents=before.agents if agents is None else _names(agents),
                agent_id=before.agent_id if own_agent_id is None else own_agent_id or None,
            ),
        )
    print_thing(person_row(person), as_json=as_json)


@app.command()
def password(
    name: NameArgument,
    actor: AtTheMachineOption,
    password_file: PasswordFileOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Give somebody another password. Every session of theirs ends."""
    with signed_in(actor) as (system, asking):
        person = system.people_desk.set_password(asking, name, read_password(password_file))
    print_thing(person_row(person), as_json=as_json)


@app.command("sign-out")
def sign_out(name: NameArgument, actor: AtTheMachineOption, *, as_json: JsonOption = False) -> None:
    """End every session somebody has."""
    with signed_in(actor) as (system, asking):
        person = system.people_desk.sign_out(asking, name)
    print_thing(person_row(person), as_json=as_json)


@app.command()
def remove(name: NameArgument, actor: AtTheMachineOption, *, as_json: JsonOption = False) -> None:
    """Send somebody away: their sessions end, their password is forgotten, their tokens are revoked."""
    with signed_in(actor) as (system, asking):
        person, tokens = system.people_desk.remove(asking, name)
    print_thing({**person_row(person), "revoked": [token.token_id for token in tokens]}, as_json=as_json)


@app.command("list")
def list_(actor: AtTheMachineOption, *, as_json: JsonOption = False) -> None:
    """Everybody who may log in, or might once."""
    with signed_in(actor, reading=True) as (system, asking):
        people = system.people_desk.listed(asking)
    columns = ("name", "role", "lines", "agents", "added_at", "removed_at")
    empty = "Nobody can log in yet: callwarden people add NAME --role ROLE"
    print_list([person_row(person) for person in people], columns=columns, as_json=as_json, title="People", empty=empty)


def read_password(file: Path | None, *, asked: str = "Password") -> str:
    """A password: from the file, from a pipe, or asked for twice on the terminal. Raises UsageError."""
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{file} cannot be read") from error
        found = lines[0] if lines else ""
    elif sys.stdin.isatty():
        found = getpass(f"{asked}: ")
        if getpass(f"{asked}, once more: ") != found:
            raise UsageError("the two are not the same: nothing was changed")
    else:
        found = sys.stdin.readline().rstrip("\r\n")
    if not found:
        raise UsageError("no password was given: type it, pipe it in, or name a file with --password-file")
    return found


def _role(text: str | None) -> Role:
    if text is None or text not in PEOPLE:
        raise UsageError(f"say what they are here for: --role, one of {', '.join(PEOPLE)}")
    return Role(text)


def _names(given: list[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    names = frozenset(name.strip() for each in given for name in each.split(",") if name.strip())
    return None if names == {EVERY} else names


def _lines(given: list[str] | None) -> frozenset[LineId] | None:
    names = _names(given)
    return None if names is None else frozenset(LineId(name) for name in names)
