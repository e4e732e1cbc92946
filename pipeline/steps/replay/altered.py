"""Rows that nothing is replayed upon."""

from callwarden.model.act import Act, NotReplayed, name_of, subject_of
from callwarden.model.recording import GONE, RecordingState

TOO_LATE = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}


def not_upon_an_altered_row(act: Act) -> NotReplayed:
    """To write the row anew would seal what somebody wrote past the system."""
    return NotReplayed(act=name_of(act), subject=subject_of(act), why="row_altered")
