"""May, and should, a transcript and a redaction be made of this recording? (R4, U5: only for uses not objected to)."""

from datetime import datetime

from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.retention import is_past

DERIVED_FOR = (Purpose.QUALITY, Purpose.TRAINING, Purpose.AI_EXPERIMENT, Purpose.STAFF_PROTECTION)
"""The purposes transcripts and redactions are made for, the usual one first."""


def purpose_of_deriving(recording: Recording, *, policy: Policy, now: datetime) -> Purpose | None:
    """The purpose a machine may listen for; None where no use is left that would need it: transcription off on
    the line, every such purpose objected to, restricted, past its period, or not simply stored."""
    line = policy.lines.get(recording.line)
    if line is None or not line.transcription or recording.state is not RecordingState.STORED or recording.restricted:
        return None
    if recording.keep_until is None or is_past(recording.keep_until, now=now):
        return None
    return next((purpose for purpose in DERIVED_FOR if purpose.value not in recording.objected), None)
