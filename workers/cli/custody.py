"""`callwarden hold custody`: the chain of custody of a held recording."""

from typing import Annotated

import typer

from callwarden.model.ids import RecordingId
from callwarden.workers.cli.actor import ActorOption, signed_in
from callwarden.workers.cli.output import JsonOption, print_list, print_thing


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
    objects = [
        {
            "kind": artefact.artefact.kind,
            "generation": artefact.artefact.generation,
            "version": artefact.artefact.version_id,
            "stored_at": artefact.artefact.stored_at,
            "sha256_stored": artefact.artefact.sha256,
            "sha256_today": artefact.sha256_today,
            "unchanged": artefact.unchanged,
        }
        for artefact in record.artefacts
    ]
    accesses = [
        {
            "at": access.entry.at,
            "actor": access.entry.actor,
            "operation": access.entry.operation,
            "outcome": access.entry.outcome,
            "purpose": access.entry.purpose,
            "artefact": access.entry.artefact,
            "entry": access.entry.entry_id,
            "index": access.index,
        }
        for access in record.accesses
    ]
    thing: dict[str, object] = {
        "recording_id": record.recording.recording_id,
        "unbroken": record.unbroken,
        "audio_ended": record.audio_ended,
        "made_at": record.made_at,
        "sha256_of_telephone_system": record.source_sha256,
        "master_key": record.master_key_id,
    }
    holds = [
        {"case": hold.case_id, "placed_at": hold.placed_at, "fast_in_vault_at": hold.applied_at}
        for hold in record.holds
    ]
    if as_json:
        print_thing({**thing, "objects": objects, "holds": holds, "accesses": accesses}, as_json=True)
    else:
        print_thing(thing, as_json=False)
        kept = ("kind", "generation", "stored_at", "sha256_stored", "sha256_today", "unchanged")
        print_list(objects, columns=kept, as_json=False, title="Objects")
        print_list(holds, columns=("case", "placed_at", "fast_in_vault_at"), as_json=False, title="Held for")
        seen = ("at", "actor", "operation", "outcome", "purpose", "artefact", "index")
        print_list(accesses, columns=seen, as_json=False, title="Accesses")
    if not record.unbroken:
        raise typer.Exit(1)
