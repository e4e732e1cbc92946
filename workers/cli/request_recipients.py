"""`callwarden request recipients` and `acknowledge`: who was given a copy is told what changed since."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from callwarden.desks.recipients import Recipient
from callwarden.model.letter import Language
from callwarden.model.request import RequestId
from callwarden.workers.cli.actor import signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.cli.request_letters import LanguageOption, warn_of_example
from callwarden.workers.cli.request_rectifications import app
from callwarden.workers.cli.requests import DpoOption, RequestArgument
from callwarden.workers.shapes.requests import acknowledged_shape, recipient_row

__all__ = ["app"]


@app.command()
def recipients(
    request: RequestArgument,
    actor: DpoOption,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Tell those who were not told yet: a letter to each, here."),
    ] = None,
    language: LanguageOption = Language.FR,
    *,
    as_json: JsonOption = False,
) -> None:
    """List who had copies of what a request rectified, erased or restricted; with -o, write each of them a letter."""
    with signed_in(actor, reading=out is None) as (system, asking):
        if out is None:
            found = system.recipient_desk.listed(asking, RequestId(request))
        else:
            found = system.recipient_desk.tell(asking, RequestId(request), out, language=language)
            warn_of_example()
    _print(found, as_json=as_json)


@app.command()
def acknowledge(
    request: RequestArgument,
    disclosure: Annotated[
        str, typer.Option("--disclosure", metavar="ID", help="As callwarden request recipients REQ lists it.")
    ],
    actor: DpoOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Note that a recipient has said that they know."""
    with signed_in(actor) as (system, asking):
        notice = system.recipient_desk.acknowledge(asking, RequestId(request), disclosure)
    print_thing(acknowledged_shape(notice), as_json=as_json)


def _print(found: Sequence[Recipient], *, as_json: bool) -> None:
    rows = [recipient_row(one) for one in found]
    columns = ("disclosure", "recipient", "handed_at", "told_at", "acknowledged_at")
    print_list(rows, columns=columns, as_json=as_json, title="Recipients", empty="Nobody was given a copy.")
