"""`callwarden journal`: what was destroyed and decided, remembered apart from the database. docs/keys.md says more."""

import typer

from callwarden.errors import RefusedError
from callwarden.settings import load_settings
from callwarden.wiring import open_system
from callwarden.workers.cli.actor import BY_TOKEN, ActorOption
from callwarden.workers.cli.output import JsonOption, print_thing

app = typer.Typer(
    help="The journal of what was destroyed and decided, which a restored backup must not forget.",
    no_args_is_help=True,
)


@app.command()
def adopt(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Answer for a journal of the format before, where the system asks for it: what it names and the catalogue still
    has is destroyed again, save what a case holds."""
    settings = load_settings()
    with open_system(settings) as system:
        if not settings.is_embedded or actor is BY_TOKEN:
            if settings.token is None:
                raise RefusedError(("not_permitted",), "set CALLWARDEN_TOKEN to one of `callwarden token issue`")
            actor = system.early_actor_of(settings.token.get_secret_value())
        destroyed = system.journal_desk.adopt(actor)
        state = system.journal.inspect()
    print_thing({"destroyed_again": destroyed, "records": state.records}, as_json=as_json)
