"""What sealed things are bound to, so that none is ever taken for another."""

from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.rules.dead_letter import dead_letter_place


def key_context(recording_id: RecordingId) -> dict[str, str]:
    """What a recording's data key is bound to."""
    return {"recording": recording_id}


def audio_key_seal(recording_id: RecordingId) -> str:
    """What the sealed key of a recording's audio is bound to."""
    return f"audio-key:{recording_id}"


def letter_context(position: Position) -> dict[str, str]:
    """What a dead letter's data key is bound to."""
    return {"dead-letter": dead_letter_place(position)}


def act_context(act_id: str) -> dict[str, str]:
    """What the data key of an act's reason is bound to."""
    return {"act": act_id}


def experiment_context(experiment_id: str) -> dict[str, str]:
    """What the key of an experiment's pseudonyms is bound to."""
    return {"experiment": experiment_id}


def event_seal(recording_id: RecordingId) -> str:
    """What a recording's sealed event is bound to."""
    return f"event:{recording_id}"
