"""What became of redactions, without a word of them."""

from callwarden.model.redaction_record import RedactionRecord
from callwarden.workers.shapes import Row


def redaction_row(record: RedactionRecord) -> Row:
    """The state of one recording's redaction, and where reviewers have found something, ``FROM-TO`` in seconds."""
    return {
        "recording_id": record.recording_id,
        "status": record.status,
        "reasons": list(record.reasons),
        "generation": record.generation,
        "version": record.version,
        "decided_at": record.decided_at,
        "reported": [f"{place.start_s:g}-{place.end_s:g}" for place in record.missed],
    }
