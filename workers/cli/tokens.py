"""`callwarden token`: who people and telephone systems are, where nobody's word is taken for it."""

from datetime import timedelta
from typing import Annotated

import typer

from callwarden.errors import UsageError
from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.ids import LineId
from callwarden.model.period import CalendarPeriod
from callwarden.model.token import TokenId
from callwarden.rules.people import ACCOUNT_RULE, is_account_name
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import BY_TOKEN, AtTheMachineOption, signed_in
from callwarden.workers.cli.opening import account, open_or_make
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.shapes.tokens import token_row

app = typer.Typer(help="Tokens: how people and telephone systems sign in.", no_args_is_help=True)

_ROLES = ", ".join(role for role in Role if role not in MACHINES)


@app.command()
def issue(
    role: Annotated[str, typer.Option(help=f"One of {_ROLES}.")],
    name: Annotated[str, typer.Option(help="The holder's account name; a pseudonym of it stands in the log.")],
    actor: AtTheMachineOption,
    lasts: Annotated[
        str, typer.Option(metavar="PERIOD", help="How long it is valid: P1D, P3M … a year at most.")
    ] = "P90D",
    line: Annotated[list[str] | None, typer.Option(help="Only this line; may be repeated.")] = None,
    agent: Annotated[list[str] | None, typer.Option(help="In charge of this agent's calls; may be repeated.")] = None,
    own_agent_id: Annotated[str | None, typer.Option(help="The holder's own id on the telephone system.")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Valid for one command only; a second is refused.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Issue a token. It is shown once and kept nowhere: hand it over, then delete your copy."""
    if role not in set(Role):
        raise UsageError(f"{role!r} is not a role; the roles are {_ROLES}")
    if not is_account_name(name):
        raise UsageError(f"{name!r} is not an account name: a name is {ACCOUNT_RULE}")
    try:
        period = CalendarPeriod.parse(lasts)
    except ValueError as error:
        raise UsageError(str(error)) from error
    holder = Actor(
        role=Role(role),
        name=name,
        lines=frozenset(LineId(name) for name in line) if line else None,
        agents=frozenset(agent) if agent else None,
        agent_id=own_agent_id,
    )
    how_long, settings = timedelta(days=period.at_most_days()), load_settings()
    if settings.is_embedded or settings.token is not None or actor is not BY_TOKEN:
        with signed_in(actor, make=True) as (system, asking):
            token, text = system.token_desk.issue(asking, holder, lasts=how_long, once=once)
    else:
        with open_or_make(settings) as system:
            token, text = system.token_desk.issue_first(account(Role.OPERATOR), holder, lasts=how_long, once=once)
    print_thing({**token_row(token), "token": text}, as_json=as_json)
    say("It is shown this once. Use it as CALLWARDEN_TOKEN, or as a bearer token.", as_json=as_json)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN-ID")],
    actor: AtTheMachineOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Revoke a token now."""
    with signed_in(actor) as (system, asking):
        token = system.token_desk.revoke(asking, TokenId(token_id))
    print_thing(token_row(token), as_json=as_json)


@app.command("list")
def list_(actor: AtTheMachineOption, *, as_json: JsonOption = False) -> None:
    """Every token ever issued, without its secret."""
    with signed_in(actor, reading=True) as (system, asking):
        tokens = system.token_desk.listed(asking)
    columns = ("token_id", "role", "name", "expires_at", "revoked_at", "once", "spent_at")
    empty = "No token has been issued."
    print_list([token_row(token) for token in tokens], columns=columns, as_json=as_json, title="Tokens", empty=empty)
