"""`callwarden operations`: how everything stands, for whoever is called at night."""

import typer

from callwarden.workers.cli.actor import OperatorOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing
from callwarden.workers.shapes.operations import operations_shape, workers_here

_TABLES = {
    "lag": ("group", "topic", "behind"),
    "steps": ("process", "step", "state", "heard_s_ago", "why"),
    "disks": ("holds", "free", "total"),
}


def operations_command(actor: OperatorOption, *, as_json: JsonOption = False) -> None:
    """Outcomes, lag, what waits and why, quarantine, dead letters, overdue disposals, the log, disks, steps, webhooks.
    Exit code 1 while something wants a person: `wants` says what."""
    with signed_in(actor) as (system, asking):
        found = system.operations_desk.shown(asking)
        said = workers_here(system.settings.home, embedded=system.settings.is_embedded)
    shape = operations_shape(found, said)
    if as_json:
        print_thing(shape, as_json=True)
    else:
        print_thing({name: value for name, value in shape.items() if name not in _TABLES}, as_json=False)
        for name, columns in _TABLES.items():
            print_list(shape[name], columns=columns, as_json=False, title=name.capitalize(), empty=f"No {name}.")
    if shape["wants"]:
        raise typer.Exit(1)
