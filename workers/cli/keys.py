"""`callwarden keys`: the master keys that wrap every recording's data key (K4). docs/keys.md says when to do what."""

from typing import Annotated

import typer

from callwarden.desks.keys import Rewrapped
from callwarden.settings import load_settings
from callwarden.workers.cli.actor import OperatorOption, signed_in
from callwarden.workers.cli.opening import open_system
from callwarden.workers.cli.output import JsonOption, print_list, print_thing, say
from callwarden.workers.shapes.keys import rewrapped_shape

app = typer.Typer(help="Master keys: which there are, a new one, re-wrapping, retiring.", no_args_is_help=True)


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """Every master key in force or still wrapping something, how many data keys it wraps, and whether it is there. Exit
    code 1 when one is missing or is not the one it was."""
    with open_system(load_settings(), reading=True) as system:
        keys = system.key_census.listed()
    rows = [
        {
            "master_key": key.key_id,
            "data_keys": key.data_keys,
            "current": key.current,
            "fault": None if key.fault is None else key.fault.value,
        }
        for key in keys
    ]
    columns = ("master_key", "data_keys", "current", "fault")
    print_list(rows, columns=columns, as_json=as_json, title="Master keys")
    if any(key.fault for key in keys):
        raise typer.Exit(1)


@app.command()
def rotate(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Make a new master key and bring every living data key under it, or finish a rotation that was interrupted. No
    object is re-encrypted."""
    with signed_in(actor) as (system, asking):
        done = system.key_desk.rotate(asking)
    _print(done, as_json=as_json)


@app.command()
def rewrap(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Bring what is still under an older master key under the current one."""
    with signed_in(actor) as (system, asking):
        done = system.key_desk.rewrap(asking)
    _print(done, as_json=as_json)


@app.command()
def retire(
    master_key: Annotated[str, typer.Argument(metavar="KEY", help="An older master key, of `keys list`.")],
    actor: OperatorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Destroy an older master key for good: wrapped keys in old backups open nothing any more."""
    with signed_in(actor) as (system, asking):
        system.key_desk.retire(asking, master_key)
    print_thing({"master_key": master_key, "destroyed": True}, as_json=as_json)


def _print(done: Rewrapped, *, as_json: bool) -> None:
    print_thing(rewrapped_shape(done), as_json=as_json)
    say(
        "Copy the key store to its safe place now; then, after the backups' age: callwarden keys retire",
        as_json=as_json,
    )
