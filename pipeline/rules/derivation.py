"""May, and should, a transcript and a redaction be made of this recording? (R4, U5: only for uses not objected to)."""

from datetime import datetime

from callwarden.model.access import Readable
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording, RecordingState, Untranscribed
from callwarden.rules.audio_period import has_ended, readable_until
from callwarden.rules.retention import is_past

DERIVED_FOR = (Purpose.QUALITY, Purpose.TRAINING, Purpose.AI_EXPERIMENT, Purpose.STAFF_PROTECTION)
"""The purposes transcripts and redactions are made for, the usual one first."""


def purpose_of_deriving(recording: Recording, *, policy: Policy, now: datetime) -> Purpose | Untranscribed | None:
    """The purpose a machine may listen for, or why no use is left that would need it; None where there is nothing to
    listen to: the recording is set aside, or goes."""
    line = policy.lines.get(recording.line)
    if recording.state is not RecordingState.STORED:
        return None
    if line is None or not line.transcription:
        return Untranscribed.TRANSCRIPTION_OFF
    if recording.restricted:
        return Untranscribed.RESTRICTED
    until = readable_until(recording, Readable.ORIGINAL_AUDIO)
    if until is None or is_past(until, now=now) or has_ended(recording, Readable.ORIGINAL_AUDIO):
        return Untranscribed.PAST_RETENTION
    wanted = (purpose for purpose in DERIVED_FOR if purpose.value not in recording.objected)
    return next(wanted, Untranscribed.OBJECTED)
