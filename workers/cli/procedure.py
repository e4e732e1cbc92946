"""`callwarden hold procedure`: what happens in a case before its court, and when every way of appeal is exhausted."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from callwarden.desks.procedure import tried
from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.procedure import ProcedureRules, Standing
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import account_option
from callwarden.workers.cli.opening import open_for_programs
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say

app = typer.Typer(help="The procedure of a case: when is every way of appeal exhausted?", no_args_is_help=True)

_LegalOption = Annotated[Actor, account_option(Role.LEGAL)]


@app.command("try")
def try_(
    file: Annotated[str, typer.Argument(metavar="FILE.json", help="Court, parties and events; - is standard input.")],
    _actor: _LegalOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """When every way of appeal would be exhausted, by a court, parties and events in a file. Keeps nothing and
    needs no system; events may lie ahead."""
    try:
        content = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as UTF-8 text ({type(error).__name__})") from error
    with open_for_programs(load_settings()) as system:
        today = system.clock.now().astimezone(system.policy.time_zone).date()
        standing = tried(content, procedure=system.procedure, today=today)
        print_standing(standing, system.procedure.rules, as_json=as_json)


def print_standing(standing: Standing, rules: ProcedureRules, *, as_json: bool, **more: object) -> None:
    """Where a case stands, and who has confirmed the periods it was computed with."""
    ways = [asdict(way) for way in standing.ways]
    thing = {
        **more,
        "exhausted_on": standing.exhausted_on,
        "waiting_for": standing.waiting_for,
        "periods": {"version": rules.version, "confirmed_by_lawyer": rules.confirmed or None},
    }
    if as_json:
        print_thing({**thing, "ways": ways}, as_json=True)
        return
    print_thing(thing, as_json=False)
    print_list(ways, columns=("party", "way", "last_day", "article", "starts_on", "distance"), as_json=False)
    if not rules.confirmed:
        say(UNCONFIRMED, as_json=False)


UNCONFIRMED = (
    "No lawyer has confirmed these periods yet: have one of yours check them against the articles, and write who did "
    "into the procedure file (confirmed:)."
)
