"""`callwarden backup | restore`: an embedded system's databases and vault, copied while it runs, and put back."""

from pathlib import Path
from typing import Annotated

import typer

from callwarden.errors import RefusedError
from callwarden.settings import load_settings
from callwarden.wiring.backups import back_up, require_embedded, restore
from callwarden.workers.cli.actor import OperatorOption, admitted
from callwarden.workers.cli.opening import open_system
from callwarden.workers.cli.output import JsonOption, print_thing, progress, say
from callwarden.workers.processes.health import look

_Folder = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, help="A folder of the backup's own.")]


def backup_command(folder: _Folder, actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Copy the databases and the vault of an embedded system into a folder while it runs.

    Repeated, it renews what lies there. Keys and the journal of erasures are not in it: they belong elsewhere."""
    settings = load_settings()
    require_embedded(settings)
    with open_system(settings) as system, progress("copying") as advance:
        system.upkeep_desk.ordered_backup(admitted(actor, system))
        made = back_up(system, folder, done=advance)
    _print(folder, made, as_json=as_json)
    say(
        f"Not in it, and never to lie beside it: {settings.home / 'keys'} and {settings.home / 'erasures'}. Copy them "
        "to other keepers, whenever a key is made and as often as you can. Audio that waits to be taken in "
        "is not in it either.",
        as_json=as_json,
    )


def restore_command(
    folder: _Folder,
    actor: OperatorOption,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup back, every process stopped.

    What was destroyed or decided since applies again, from the journal."""
    settings = load_settings()
    running = look(settings.home, ready=False)["workers"]
    if running:
        raise RefusedError(
            ("worker_running",), f"a worker is running here (process {running[0].get('pid', '?')}): stop it first"
        )
    with progress("restoring") as advance:
        made = restore(settings, folder, replace=replace, done=advance)
    with open_system(settings) as system:
        system.upkeep_desk.restored(admitted(actor, system))
    _print(folder, made, as_json=as_json)
    say(
        "Now: callwarden reconcile. It says what came in after the backup and is lost with it, the log's entries "
        "among them: where it says log_damaged, tell the auditor (docs/operators.md, Restore).",
        as_json=as_json,
    )


def _print(folder: Path, made: dict[str, object], *, as_json: bool) -> None:
    files = made["files"]
    assert isinstance(files, dict)
    thing = {
        "folder": str(folder),
        "made_at": made["made_at"],
        "policy": made["policy"],
        "files": len(files),
        "bytes": sum(fact["bytes"] for fact in files.values()),
    }
    print_thing(thing, as_json=as_json)
