"""What stays of a recording when its content is gone: a content-free fact, and the tombstone its id is (R3, K1)."""

from dataclasses import replace
from datetime import datetime

from callwarden.model.recording import Recording, RecordingState

DISCARDED = "discarded"
"""Stands in the row, and in the certificate, of what a person took out of quarantine to destroy it."""


def emptied(recording: Recording, *, state: RecordingState, at: datetime) -> Recording:
    """The row with everything personal taken out of it."""
    return replace(
        recording,
        state=state,
        caller=None,
        customer=None,
        agent_id=None,
        source_sha256=None,
        sealed_event=None,
        disposed_at=at,
    )
