"""A reading of somebody's call, as they are told of it (D7)."""

from dataclasses import dataclass
from datetime import date, datetime

from callwarden.model.ids import LineId, RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """What a person is told of the consultations of one of their calls on one day. `times` counts log entries: a
    player that asks for a recording in parts makes several."""

    day: date
    """In the company's time zone."""
    purpose: str
    operation: str
    artefact: str
    by_machine: bool
    """By a program of ours, such as the one that redacts; nobody listened."""
    call_ended_at: datetime | None
    line: LineId
    recording_id: RecordingId
    times: int
