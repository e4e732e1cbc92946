"""What sealed things are bound to, so that none is ever taken for another."""

from pipeline.model.ids import RecordingId


def key_context(recording_id: RecordingId) -> dict[str, str]:
    """What a recording's data key is bound to."""
    return {"recording": recording_id}


def event_seal(recording_id: RecordingId) -> str:
    """What a recording's sealed event is bound to."""
    return f"event:{recording_id}"
