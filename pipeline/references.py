"""Messages of ours: references to recordings, never audio, text or telephone numbers."""

import json

from pipeline.errors import InvalidMessageError
from pipeline.model.ids import RecordingId
from pipeline.model.outcome import Reason
from pipeline.ports.bus import Delivery, Message


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
