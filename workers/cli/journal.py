"""`callwarden journal`: what was destroyed and decided, remembered apart from the database. docs/keys.md says more."""

import typer

from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_thing

app = typer.Typer(
    help="The journal of what was destroyed and decided, replayed over a restored backup.",
    no_args_is_help=True,
)


@app.command()
def adopt(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Answer for a journal of the format before, where the system asks for it: what it names and the catalogue still
    has is destroyed again, save what a case holds."""
    with signed_in(actor, early=True) as (system, asking):
        done = system.journal_desk.adopt(asking)
    print_thing({"destroyed_again": done.destroyed, "records": done.records}, as_json=as_json)
