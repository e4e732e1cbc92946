"""`callwarden hold custody`: the chain of custody of a held recording."""

from typing import Annotated, cast

import typer

from callwarden.model.ids import RecordingId
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.output import JsonOption, Row, print_list, print_thing
from callwarden.workers.shapes.evidence import custody_shape


def custody_command(
    recording: Annotated[str, typer.Argument(metavar="REC", help="A held recording.")],
    actor: ActorOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """The chain of custody of a held recording: its digests from the telephone system's to today's, and every access.
    Exit code 1 when the chain is broken."""
    with signed_in(actor, reading=True) as (system, asking):
        record = system.custody_desk.record(asking, RecordingId(recording))
    thing = custody_shape(record)
    if as_json:
        print_thing(thing, as_json=True)
    else:
        lists = {name: cast("list[Row]", thing.pop(name)) for name in ("objects", "holds", "accesses")}
        print_thing(thing, as_json=False)
        kept = ("kind", "generation", "stored_at", "sha256_stored", "sha256_today", "unchanged")
        print_list(lists["objects"], columns=kept, as_json=False, title="Objects")
        print_list(lists["holds"], columns=("case", "placed_at", "fast_in_vault_at"), as_json=False, title="Held for")
        seen = ("at", "actor", "operation", "outcome", "purpose", "artefact", "index")
        print_list(lists["accesses"], columns=seen, as_json=False, title="Accesses")
    if not record.unbroken:
        raise typer.Exit(1)
