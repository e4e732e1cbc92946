"""`callwarden log key` and `callwarden log rotate-key`: the key the log is signed with."""

import typer

from callwarden.settings import load_settings
from callwarden.workers.cli.actor import OperatorOption, signed_in
from callwarden.workers.cli.opening import open_system
from callwarden.workers.cli.output import JsonOption, print_thing, say


def add_to(app: typer.Typer) -> None:
    """Beside the other commands about the log."""
    app.command("key")(show_key)
    app.command("rotate-key")(rotate_key)


def show_key(*, as_json: JsonOption = False) -> None:
    """Print the log's public key, for auditors to keep; then those it signed with before, newest last."""
    from callwarden.accesslog.proof.note import format_key

    with open_system(load_settings()) as system:
        text = system.log_key.signer().public_text()
        earlier = [format_key(trusted.key) for trusted in system.log_key.earlier()]
    if as_json:
        print_thing({"public_key": text, "earlier": earlier}, as_json=True)
        return
    typer.echo(text)
    if earlier:
        typer.echo("\n".join(["# before that:", *earlier]))


def rotate_key(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Sign the log with a new key from now on. The old one hands over to it in a checkpoint both sign, and is deleted.

    Stop the programs first (callwarden up, callwarden work): they would go on with the old key, and be refused.
    """
    from callwarden.accesslog.proof.note import format_key

    with signed_in(actor) as (system, asking):
        before = system.log_key.signer().public_text()
        after = format_key(system.log_desk.rotate_key(asking))
    print_thing({"public_key": after, "earlier": before}, as_json=as_json)
    say("Give it to your auditors, and start the programs again.", as_json=as_json)
