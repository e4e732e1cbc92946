"""How recordings end, and what stays of one: a content-free fact, and the tombstone its id is (R3, K1)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from callwarden.model.outcome import Reason
from callwarden.model.recording import Recording, RecordingState

RETENTION: Final = "retention"
DISCARDED: Final = "discarded"
"""Stands in the row, and in the certificate, of what a person took out of quarantine to destroy it."""
ERASED: Final = "erasure"
"""Stands there of what was erased because a person has that right."""
AUDIO_RETENTION: Final = "audio_retention"
"""The audio's own period is over; the redacted transcript stays."""
RESTORED: Final = "restored_backup"
"""It had been destroyed before; a backup brought it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why nothing may be left of a recording (a reason code), and the state its row ends in. `certified` where
    something had been stored."""

    rule: str
    state: RecordingState
    certified: bool


def ending_of(recording: Recording) -> Ending | None:
    """How this recording ends, by its row; None where somebody still has to claim it for that."""
    match recording.state:
        case RecordingState.DISPOSING:
            said = recording.quarantine_reason
            rule = said if said in (DISCARDED, ERASED) else RETENTION
            return Ending(rule=rule, state=RecordingState.DISPOSED, certified=True)
        case RecordingState.DROPPING:
            return Ending(rule=Reason.OBJECTION.value, state=RecordingState.DROPPED, certified=True)
        case RecordingState.DROPPED:  # what a worker that was overtaken put there since
            return Ending(rule=Reason.OBJECTION.value, state=RecordingState.DROPPED, certified=False)
        case RecordingState.PENDING:
            return Ending(rule=Reason.OBJECTION.value, state=RecordingState.REFUSED, certified=False)
        case RecordingState.STORED | RecordingState.QUARANTINED | RecordingState.DISPOSED | RecordingState.REFUSED:
            return None


def restored_ending(reason: str) -> Ending:
    """How a recording ends anew that a backup has brought back; `reason` is that of its record in the journal."""
    dropped = reason == Reason.OBJECTION.value
    return Ending(rule=RESTORED, state=RecordingState.DROPPED if dropped else RecordingState.DISPOSED, certified=True)


def emptied(recording: Recording, *, state: RecordingState, at: datetime) -> Recording:
    """The row with everything personal taken out of it."""
    return replace(
        recording,
        state=state,
        caller=None,
        customer=None,
        agent_id=None,
        notice=None,
        measured=None,
        source_sha256=None,
        sealed_event=None,
        sealed_audio_key=None,
        disposed_at=at,
    )
