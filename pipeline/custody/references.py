"""Messages of ours: references to recordings, never audio, text or telephone numbers."""

import json
from datetime import UTC

from callwarden.errors import InvalidMessageError
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Reason
from callwarden.model.recording import Recording
from callwarden.ports.bus import Delivery, Message


def reference_message(topic: str, recording_id: RecordingId, *, generation: int, policy_version: str) -> Message:
    """What tells that a generation of something derived from a recording is stored."""
    value = {"recording_id": recording_id, "generation": generation, "policy_version": policy_version}
    return Message(topic=topic, key=recording_id, value=json.dumps(value).encode())


def read_reference(delivery: Delivery) -> RecordingId:
    """Which recording a message of ours is about. Raises InvalidMessageError when it is not one of ours."""
    try:
        return RecordingId(json.loads(delivery.value)["recording_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidMessageError(
            Reason.NOT_AN_EVENT, detail=f"not a message of ours on {delivery.position.topic}"
        ) from error


STORED_TOPIC = "recordings.stored"
HOLDS_TOPIC = "holds.changed"


def stored_message(recording: Recording) -> Message:
    """What tells that a recording is stored, and may be transcribed."""
    value = {
        "recording_id": recording.recording_id,
        "line": recording.line,
        "sha256": recording.source_sha256,
        "keep_until": None if recording.keep_until is None else recording.keep_until.astimezone(UTC).isoformat(),
        "policy_version": recording.policy_version,
    }
    return Message(topic=STORED_TOPIC, key=recording.recording_id, value=json.dumps(value).encode())


def held_message(recording_id: RecordingId) -> Message:
    """What tells that flags and tags of a recording in the vault have to follow its row."""
    return Message(topic=HOLDS_TOPIC, key=recording_id, value=json.dumps({"recording_id": recording_id}).encode())
