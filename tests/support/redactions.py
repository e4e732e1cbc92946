"""Redactions for the tests of the gate: stored and recorded as the step does it, without listening to anything."""

import io

from callwarden.model.ids import RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.steps.redact.said import REDACTOR
from tests.support.site import Site


def redacted(
    shop: Site,
    recording_id: RecordingId,
    text: str,
    *,
    generation: int = 1,
    status: RedactionStatus = RedactionStatus.RELEASED,
    recorded: int | None = None,
    indexed: int | None = None,
) -> None:
    """Store a redacted transcript of this generation, its record (of generation `recorded`, if another) and its words
    (of generation `indexed`, if another)."""
    system = shop.system
    with system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id])[recording_id]
        attempt = tx.recordings.attempts([recording_id])[recording_id]
    body = io.BytesIO(text.encode())
    kind = ArtefactKind.REDACTED_TRANSCRIPT
    artefact = system.store.derived(
        row, kind, generation, body, attempt=attempt, media_type="application/json", actor=REDACTOR
    )
    record = RedactionRecord(
        recording_id=recording_id,
        generation=generation if recorded is None else recorded,
        version="v1",
        status=status,
        reasons=(),
        decided_at=system.clock.now(),
    )
    with system.catalogue.transaction() as tx:
        tx.artefacts.add([artefact])
        tx.redactions.save([record])
        tx.search.index(
            recording_id,
            generation=generation if indexed is None else indexed,
            line=row.line,
            ended_at=row.ended_at,
            text=text,
        )
