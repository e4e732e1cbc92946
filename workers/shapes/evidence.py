"""Chains of custody, evidence packs, and what was disclosed."""

from typing import TYPE_CHECKING

from callwarden.model.disclosure import Disclosure

if TYPE_CHECKING:
    from callwarden.desks.custody_record import CustodyRecord
    from callwarden.desks.evidence import Packed

Shape = dict[str, object]


def custody_shape(record: "CustodyRecord") -> Shape:
    """The chain of custody of one recording: its digests from the telephone system's to today's, and every access."""
    return {
        "recording_id": record.recording.recording_id,
        "unbroken": record.unbroken,
        "audio_ended": record.audio_ended,
        "made_at": record.made_at,
        "sha256_of_telephone_system": record.source_sha256,
        "master_key": record.master_key_id,
        "objects": [
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
        ],
        "holds": [
            {"case": hold.case_id, "placed_at": hold.placed_at, "fast_in_vault_at": hold.applied_at}
            for hold in record.holds
        ],
        "accesses": [
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
        ],
    }


def packed_shape(packed: "Packed") -> Shape:
    """An evidence pack that was written."""
    contents, told_to = packed.contents, packed.contents.disclosure
    return {
        "case": contents.case_id,
        "directory": packed.directory,
        "recordings": [one.recording_id for one in contents.recordings],
        "gone": [one.recording_id for one in contents.gone],
        "left_out": {name: list(reasons) for name, reasons in contents.left_out.items()},
        "files": len(contents.files),
        "log_entries": contents.log_entries,
        "unbroken": all(one.unbroken for one in contents.recordings),
        "disclosure": None if told_to is None else told_to.disclosure_id,
        "recipient": None if told_to is None else told_to.recipient,
        "basis": None if told_to is None else told_to.basis,
        "manifest_sha256": packed.digest,
    }


def left_out_rows(packed: "Packed") -> list[Shape]:
    """Which calls the case holds and the pack does not have, and why."""
    rows = packed.left_out
    return [
        {
            "recording_id": name,
            "call": row.call_id if (row := rows.get(name)) else None,
            "line": row.line if row else None,
            "started_at": row.started_at if row else None,
            "ended_at": row.ended_at if row else None,
            "reasons": list(reasons),
        }
        for name, reasons in packed.contents.left_out.items()
    ]


def disclosure_row(one: Disclosure) -> Shape:
    """What left for a court or the police, to whom, by which right."""
    return {
        "disclosure": one.disclosure_id,
        "case": one.case_id,
        "made_at": one.made_at,
        "made_by": one.made_by,
        "recipient": one.recipient,
        "basis": one.basis,
        "recordings": sorted(one.recordings),
        "held": len(one.recordings),
        "manifest_sha256": one.manifest,
        "altered": one.altered,
    }
