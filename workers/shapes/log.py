"""The access log: entries, proofs, checkpoints, and what a verification found."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from callwarden.accesslog.proof.export import Report
from callwarden.accesslog.proof.note import format_key
from callwarden.accesslog.proof.status import LogStatus, SegmentState
from callwarden.ports.log import InclusionProof, LoggedEntry
from callwarden.rules.unusual_reading import Finding


def entry_row(one: LoggedEntry) -> dict[str, Any]:
    """One entry; ``index`` is null while it waits for its number."""
    entry = one.entry
    covered = entry.byte_range
    return {
        "index": one.index,
        "entry_id": entry.entry_id,
        "at": entry.at,
        "actor": entry.actor,
        "operation": entry.operation,
        "outcome": entry.outcome,
        "purpose": entry.purpose,
        "artefact": entry.artefact,
        "subject": entry.subject,
        "reasons": entry.reasons,
        "policy_version": entry.policy_version,
        "byte_range": None if covered is None else [covered.first, covered.end],
        "case": entry.case,
        "correlation": entry.correlation,
        "count": entry.count,
        "digest": entry.digest,
    }


def proof_shape(proof: InclusionProof, *, public_key: str) -> dict[str, Any]:
    """The proof of one entry (RFC 9162, 2.1.3): whoever has the public key needs nothing else."""
    return {
        "index": proof.index,
        "entry": proof.entry.decode("ascii"),
        "leaf": b64encode(proof.leaf).decode(),
        "path": [b64encode(step).decode() for step in proof.path],
        "size": proof.checkpoint.size,
        "root": b64encode(proof.checkpoint.root).decode(),
        "checkpoint": proof.note.decode(),
        "public_key": public_key,
    }


def checkpoint_shape(status: LogStatus, *, places: Sequence[str]) -> dict[str, Any]:
    """The state of the log after a checkpoint, and the `places` that keep its signature."""
    return {
        "origin": status.origin,
        "size": status.size,
        "anchored": status.anchored,
        "unanchored_since": status.unanchored_since,
        "places": list(places),
        **months_shape(status),
    }


def months_shape(status: LogStatus) -> dict[str, Any]:
    """The log's months, and those of which only the proofs are left."""
    return {
        "segments": [segment.name for segment in status.segments],
        "expired": [segment.name for segment in status.segments if segment.state is SegmentState.EXPIRED],
    }


def report_shape(report: Report, *, waiting: int) -> dict[str, Any]:
    """What a verification found; ``waiting`` have no number yet and are not verified."""
    return {
        "ok": report.ok,
        "size": report.size,
        "root": b64encode(report.root).decode(),
        "anchored": report.anchored,
        "expired": report.expired,
        "waiting": waiting,
        "outside_checkpoints": report.outside,
        "outside_given": report.given,
        "outside_of_lost": report.of_lost,
        "own_copies": report.copies,
        "uncheckable": report.uncheckable,
        "timestamps": _timestamps_row(report),
        "handovers": [
            {"by": format_key(handover.by), "to": format_key(handover.to), "size": handover.size}
            for handover in report.handovers
        ],
        "losses": [
            {
                "name": loss.name,
                "there": loss.there,
                "end": loss.end,
                "proven": loss.proven,
                "checkpoint": loss.checkpoint,
                "accepted": loss.accepted,
            }
            for loss in report.losses
        ],
        "faults": faults_of(report),
    }


def faults_of(report: Report) -> list[dict[str, Any]]:
    """What is wrong, one by one."""
    return [
        {
            "kind": fault.kind,
            "message": fault.message,
            "first": fault.first,
            "end": fault.end,
            "segment": fault.segment,
            "checkpoint": fault.checkpoint,
        }
        for fault in report.faults
    ]


def _timestamps_row(report: Report) -> dict[str, Any]:
    stamps = report.timestamps
    latest = stamps.latest
    return {
        "kept": stamps.kept,
        "checked": stamps.checked,
        "holding": stamps.holding,
        "latest": None
        if latest is None
        else {
            "checkpoint": latest.checkpoint,
            "size": latest.size,
            "proven_at": latest.at,
            "signed_at": latest.signed_at,
        },
    }


def finding_row(one: Finding) -> dict[str, Any]:
    """Somebody who reads otherwise than usual: on which day, how many recordings, and what is usual."""
    return {"day": one.day, "actor": one.actor, "what": one.what, "count": one.count, "usual": one.usual}
