"""`callwarden keys`: the master keys that wrap every recording's data key (K4). docs/keys.md says when to do what."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer

from pipeline.errors import RefusedError
from pipeline.model.access import Actor, Role
from pipeline.model.ids import RecordingId
from pipeline.model.log_entry import Operation
from pipeline.settings import Settings, load_settings
from pipeline.steps.rotate_keys import Rewrapped
from pipeline.wiring import System, open_system
from workers.cli.actor import ActorOption, admitted
from workers.cli.output import JsonOption, print_list, print_thing, say

app = typer.Typer(help="Master keys: which there are, a new one, re-wrapping, retiring.", no_args_is_help=True)

DEFAULT_OPERATOR = Actor(role=Role.OPERATOR, name="command-line")
_BATCH = 500
_CALLS = "telephony.calls"


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """Every master key that still wraps something, and how many data keys it wraps."""
    with open_system(load_settings()) as system:
        current = system.keys.current_master_key()
        counts = Counter({current: 0})
        for batch in _batches(system):
            with system.catalogue.snapshot() as tx:
                counts.update(key.master_key_id for key in tx.keys(batch).values())
    rows = [
        {"master_key": name, "data_keys": count, "current": name == current} for name, count in sorted(counts.items())
    ]
    print_list(rows, columns=("master_key", "data_keys", "current"), as_json=as_json, title="Master keys")


@app.command()
def rotate(actor: ActorOption = DEFAULT_OPERATOR, *, as_json: JsonOption = False) -> None:
    """Make a new master key and bring every living data key under it. No object is re-encrypted."""
    settings = load_settings()
    with open_system(settings) as system:
        asking = _operator(actor, settings)
        done = system.key_rotation.rotate()
        _log(system, asking, Operation.KEY_ROTATED, count=done.rewrapped)
    _print(done, as_json=as_json)


@app.command()
def rewrap(actor: ActorOption = DEFAULT_OPERATOR, *, as_json: JsonOption = False) -> None:
    """Bring what is still under an older master key under the current one; finishes an interrupted rotation."""
    settings = load_settings()
    with open_system(settings) as system:
        asking = _operator(actor, settings)
        done = system.key_rotation.rewrap()
        _log(system, asking, Operation.KEY_ROTATED, count=done.rewrapped)
    _print(done, as_json=as_json)


@app.command()
def retire(
    master_key: Annotated[str, typer.Argument(metavar="KEY", help="An older master key, such as m1.")],
    actor: ActorOption = DEFAULT_OPERATOR,
    *,
    as_json: JsonOption = False,
) -> None:
    """Destroy an older master key for good: wrapped keys in old backups open nothing any more."""
    settings = load_settings()
    with open_system(settings) as system:
        asking = _operator(actor, settings)
        system.key_rotation.retire(master_key, waiting_events=system.catalogue.count_waiting(_CALLS))
        _log(system, asking, Operation.KEY_DESTROYED)
    print_thing({"master_key": master_key, "destroyed": True}, as_json=as_json)


def _print(done: Rewrapped, *, as_json: bool) -> None:
    print_thing(
        {
            "master_key": done.master_key_id,
            "rewrapped": done.rewrapped,
            "already": done.already,
            "lost": done.lost,
        },
        as_json=as_json,
    )
    say(
        "Copy the key store to its safe place now; then, after the backups' age: callwarden keys retire",
        as_json=as_json,
    )


def _log(system: System, actor: Actor, operation: Operation, *, count: int | None = None) -> None:
    with system.catalogue.transaction() as tx:
        tx.append_log([system.scribe.entry(actor, operation, count=count)])


def _operator(actor: Actor, settings: Settings) -> Actor:
    asking = admitted(actor, settings)
    if asking.role is not Role.OPERATOR:
        raise RefusedError(("not_permitted",), "keys are the operators': --as operator:NAME")
    return asking


def _batches(system: System) -> Iterator[list[RecordingId]]:
    ids = (recording.recording_id for recording in system.catalogue.all_recordings())
    while batch := list(islice(ids, _BATCH)):
        yield batch
