"""`callwarden log key` and `callwarden log rotate-key`: the key the log is signed with."""

import typer

from callwarden.errors import RefusedError
from callwarden.model.access import Role
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import OperatorOption, admitted
from callwarden.workers.cli.opening import open_system
from callwarden.workers.cli.output import JsonOption, print_thing, say

"""Who rotates on an embedded system when nobody is named: whoever types there holds its keys anyway."""


def add_to(app: typer.Typer) -> None:
    """Beside the other commands about the log."""
    app.command("key")(show_key)
    app.command("rotate-key")(rotate_key)


def show_key(*, as_json: JsonOption = False) -> None:
    """Print the log's public key, for auditors to keep; then those it signed with before, newest last."""
    from callwarden.wiring import log as wired

    with open_system(load_settings()) as system:
        book = wired.log_book(system)
        earlier = wired.written_keys(book.earlier)
        text = book.signer.public_text()
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
    from callwarden.wiring import log as wired

    settings = load_settings()
    with open_system(settings) as system:
        asking = admitted(actor, settings)
        if asking.role is not Role.OPERATOR:
            raise RefusedError(("not_permitted",), "keys are the operators': --as operator:NAME")
        book = wired.log_book(system)
        new = wired.rotate_log_key(system, book, asking)
        before = book.signer.public_text()
    (after,) = wired.written_keys([new])
    print_thing({"public_key": after, "earlier": before}, as_json=as_json)
    say("Give it to your auditors, and start the programs again.", as_json=as_json)
