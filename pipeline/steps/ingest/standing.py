"""What is on record already of a call that comes: does its audio stay, is the audio that comes another's?"""

from collections.abc import Mapping, Sequence

from callwarden.model.ids import RecordingId
from callwarden.model.outcome import EventOutcome, Reason
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.rules.clearing import OF_THE_AUDIO
from callwarden.steps.ingest.call import Call


def stays(row: Recording) -> bool:
    """Whether what is there is not to be replaced: stored, or set aside and under a hold or a restriction (I4, D4)."""
    set_aside = row.state is RecordingState.QUARANTINED and (bool(row.holds) or row.restricted)
    return row.source_sha256 is not None and (row.state is RecordingState.STORED or set_aside)


def keeps_its_audio(row: Recording) -> bool:
    """Whether other audio never takes the place of what is there: it stays, or nothing but its event was wrong."""
    if row.source_sha256 is None or row.state not in _OPEN_TO_OBJECTION:
        return False
    return stays(row) or row.quarantine_reason not in OF_THE_AUDIO


def has_other_audio(call: Call, rows: Mapping[RecordingId, Recording]) -> bool:
    """Whether other audio is there to stay under this call's recording id."""
    row = rows.get(call.recording_id)
    return row is not None and keeps_its_audio(row) and call.sha256 not in (None, row.source_sha256)


def is_of(past: EventOutcome, call: Call) -> bool:
    """Whether this is an earlier outcome of this recording; while its audio is unknown, of any of its name."""
    if past.recording_id == call.recording_id:
        return True
    same = (past.call_id, past.leg, past.segment) == (call.event.call_id, call.event.leg, call.event.segment)
    return call.sha256 is None and past.reason is Reason.CONFLICTING_DUPLICATE and same


def objects_now(call: Call, earlier: Sequence[EventOutcome], row: Recording | None) -> bool:
    """Whether an event that was seen comes with an objection that did not: it is not passed over for its name (R3)."""
    objects = RECORDING in (call.event.objections or ())
    refused = any(past.reason is Reason.OBJECTION for past in earlier)
    return objects and not refused and row is not None and row.state in _OPEN_TO_OBJECTION


_OPEN_TO_OBJECTION = frozenset({RecordingState.PENDING, RecordingState.STORED, RecordingState.QUARANTINED})


def was_taken(outcome: EventOutcome, row: Recording | None, *, own_id: RecordingId) -> bool:
    """Whether quarantined audio was copied before its outcome was recorded, so that its landing copy may go."""
    if outcome.reason is Reason.CONFLICTING_DUPLICATE and outcome.recording_id == own_id:
        return False  # an older version told it from the stored one by reading it, and left it where it is
    return row is not None and (row.source_sha256 is not None or row.state in GONE)
