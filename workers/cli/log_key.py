"""`callwarden log key`, `rotate-key` and `begin-anew`: the key the log is signed with, and what it hands over."""

import typer

from callwarden.settings import load_settings
from callwarden.workers.cli.actor import ActorOption, OperatorOption, signed_in
from callwarden.workers.cli.opening import open_system
from callwarden.workers.cli.output import JsonOption, print_thing, say


def add_to(app: typer.Typer) -> None:
    """Beside the other commands about the log."""
    app.command("key")(show_key)
    app.command("rotate-key")(rotate_key)
    app.command("begin-anew")(begin_anew)


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


def begin_anew(actor: ActorOption, *, as_json: JsonOption = False) -> None:
    """Go on with the log over a database that was set back, such as by an older backup. One person asks, another
    confirms; what is lost stands in the checkpoint by which a new key takes over, and log verify tells it for ever.

    Stop the programs first (callwarden up, callwarden work), and put back the newest state there is: what a newer
    backup still has is not lost.
    """
    from callwarden.accesslog.proof.note import format_key

    with signed_in(actor) as (system, asking):
        before = system.log_key.signer().public_text()
        lost, successor = system.log_beginning_desk.begin_anew(asking)
    thing = {
        "entries": lost.there,
        "signed_before": lost.proven,
        "lost_up_to": lost.lost.size,
        "accepted_by": f"{lost.there}-{lost.lost.size}-{successor.key_id.hex()}",
        "public_key": format_key(successor),
        "earlier": before,
    }
    print_thing(thing, as_json=as_json)
    say("Tell your auditors of the loss, give them the key, and start the programs again.", as_json=as_json)
