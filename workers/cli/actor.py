"""Who gives a command, and what for: ``--as ROLE:NAME`` and ``--purpose PURPOSE``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.purpose import Purpose
from callwarden.rules.people import ACCOUNT_RULE, is_account_name
from callwarden.settings import load_settings
from callwarden.workers.cli.opening import System, account, open_or_make, open_system

PEOPLE = tuple(role for role in Role if role not in MACHINES)
"""Roles a person can be given."""

BY_TOKEN = Actor(role=Role.OPERATOR, name="token")
"""Stands for whoever CALLWARDEN_TOKEN speaks for, until that is known."""


_HELP = f"Who asks: one of {', '.join(PEOPLE)}, and a name; or token."


def account_option(role: Role, *, token_first: bool = True) -> object:
    """The option ``--as`` of a command that has a role of its own. With ``token_first`` a token that is set on an
    embedded system speaks, too."""
    return typer.Option(
        "--as",
        parser=parse_actor,
        metavar="ROLE:NAME",
        default_factory=lambda: by_token(token_first=token_first) or account(role),
        help=f"{_HELP} Left out: the account you are logged in as, as {role}; or the holder of CALLWARDEN_TOKEN.",
        show_default=False,
    )


def parse_actor(text: str | Actor) -> Actor:
    """Read ``trainer:alice``; an option's default is an actor already. Raises BadParameter (wrong usage) naming the
    roles there are."""
    if isinstance(text, Actor):
        return text
    if text == "token":
        return BY_TOKEN
    role, colon, name = text.partition(":")
    if role not in PEOPLE and role.lower() in PEOPLE:
        raise typer.BadParameter(
            f"an actor is ROLE:NAME, the role in lower case, such as {role.lower()}:{name or 'alice'}"
        )
    if role not in PEOPLE:
        roles = ", ".join(PEOPLE)
        raise typer.BadParameter(f"an actor is ROLE:NAME, such as trainer:alice; the roles are {roles}")
    if not colon or not is_account_name(name):
        raise typer.BadParameter(f"an actor is ROLE:NAME, such as {role}:alice; a name is {ACCOUNT_RULE}")
    return Actor(role=Role(role), name=name)


def admitted(actor: Actor, system: System, *, early: bool = False) -> Actor:
    """Who gives the command. On a system that was always embedded the one named: whoever can type there holds its keys
    anyway. Elsewhere, or with ``--as token``, the one the token in CALLWARDEN_TOKEN speaks for, who has to be the one
    named where somebody is; with ``early``, by a system that does not come up. Raises RefusedError, which is an entry.
    """
    if actor is not BY_TOKEN and not system.needs_token:
        return actor
    door = system.early_doorkeeper if early else system.doorkeeper
    token = system.settings.token
    presented = None if token is None else token.get_secret_value()
    return door.actor_of(presented, named=None if actor is BY_TOKEN else actor)


@contextmanager
def signed_in(
    actor: Actor, *, reading: bool = False, make: bool = False, early: bool = False
) -> Iterator[tuple[System, Actor]]:
    """The system a command works on, and who gives it. Raises as `open_system` and `admitted`."""
    settings = load_settings()
    with open_or_make(settings) if make else open_system(settings, reading=reading) as system:
        yield system, admitted(actor, system, early=early)


def by_token(*, token_first: bool = True) -> Actor | None:
    """`BY_TOKEN` where a token speaks without being asked to: where one is set, and where nothing else could."""
    settings = load_settings()
    return BY_TOKEN if (token_first and settings.token is not None) or not settings.is_embedded else None


def _left_out() -> Actor:
    actor = by_token()
    if actor is None:
        raise typer.BadParameter("say who asks, such as --as legal:bruno, or set CALLWARDEN_TOKEN", param_hint="'--as'")
    return actor


def actor_option(*, default: str | None = None) -> object:
    """The option ``--as``. `default` is what its help says of being left out; an actor itself would print as Python."""
    return typer.Option("--as", parser=parse_actor, metavar="ROLE:NAME", help=_HELP, show_default=default or False)


ActorOption = Annotated[
    Actor,
    typer.Option(
        "--as",
        parser=parse_actor,
        metavar="ROLE:NAME",
        default_factory=_left_out,
        help=f"{_HELP} Left out: the holder of CALLWARDEN_TOKEN.",
        show_default=False,
    ),
]
"""Needed where no token speaks."""
AtTheMachineOption = Annotated[Actor, account_option(Role.OPERATOR, token_first=False)]
"""Of commands about tokens: the token that is set may be the one in question."""
OperatorOption = Annotated[Actor, account_option(Role.OPERATOR)]
AuditorOption = Annotated[Actor, account_option(Role.AUDITOR)]
PurposeOption = Annotated[Purpose, typer.Option("--purpose", help="What it is for; objections are to purposes.")]
