"""`callwarden health`: `workers.command` answers it before this is loaded; here it is listed and explained."""

from typing import Annotated

import typer

from callwarden.workers.cli.output import JsonOption
from callwarden.workers.processes import health


def health_command(
    *,
    ready: Annotated[
        bool, typer.Option("--ready", help="Also fail while a step waits for a server, or cannot go on.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Whether the workers of this machine are working. Exit code 1 when one hangs or is stopped, or none runs."""
    wanted = [*(["--ready"] if ready else []), *(["--json"] if as_json else [])]
    raise typer.Exit(health.main(wanted))
