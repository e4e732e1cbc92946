"""Who gives a command, and what for: ``--as ROLE:NAME`` and ``--purpose PURPOSE``."""

import re
from typing import Annotated

import typer

from pipeline.errors import RefusedError
from pipeline.model.access import MACHINES, Actor, Role
from pipeline.model.purpose import Purpose
from pipeline.settings import Settings

PEOPLE = tuple(role for role in Role if role not in MACHINES)
"""Roles a person can be given."""

_NAME = re.compile(r"[\w.@-]{1,64}")


def parse_actor(text: str | Actor) -> Actor:
    """Read ``trainer:alice``; an option's default is an actor already. Raises BadParameter (wrong usage) naming the
    roles there are."""
    if isinstance(text, Actor):
        return text
    role, colon, name = text.partition(":")
    if role not in PEOPLE:
        roles = ", ".join(PEOPLE)
        raise typer.BadParameter(f"an actor is ROLE:NAME, such as trainer:alice; the roles are {roles}")
    if not colon or not _NAME.fullmatch(name):
        raise typer.BadParameter(
            f"an actor is ROLE:NAME, such as {role}:alice; a name is letters, digits and . _ @ -, 64 at most"
        )
    return Actor(role=Role(role), name=name)


def admitted(actor: Actor, settings: Settings) -> Actor:
    """The actor, where one may be named on the command line: whoever can type on an embedded system's machine holds
    its keys anyway. Raises RefusedError elsewhere, where an actor is a token or a login."""
    if not settings.is_embedded:
        raise RefusedError(
            ("not_permitted",),
            "--as names an actor on an embedded system only; here an actor is a token or a login",
        )
    return actor


ActorOption = Annotated[
    Actor,
    typer.Option(
        "--as", parser=parse_actor, metavar="ROLE:NAME", help=f"Who asks: one of {', '.join(PEOPLE)}, and a name."
    ),
]
PurposeOption = Annotated[Purpose, typer.Option("--purpose", help="What it is for; objections are to purposes.")]
