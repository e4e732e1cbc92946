"""What became of an event: exactly one outcome each, with its reason from a closed vocabulary."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callwarden.model.ids import CallId, EventId, LineId, PolicyVersion, RecordingId
from callwarden.model.note import Note


class Outcome(StrEnum):
    """The ends an event can come to. They add up to what was published (I1)."""

    STORED = "stored"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    DEAD_LETTERED = "dead-lettered"
    APPLIED = "applied"
    """An event that is not a recording (objection, withdrawal, double-listening) took effect."""


class Reason(StrEnum):
    """Why; grouped by the outcome it explains. Documented in docs/reasons.md."""

    # refused
    OBJECTION = "objection"
    OBJECTION_UNKNOWN = "objection_unknown"
    NOT_SAMPLED = "not_sampled"
    LINE_NOT_RECORDED = "line_not_recorded"
    PAST_RETENTION = "past_retention"
    ALREADY_DISPOSED = "already_disposed"
    OBJECTION_NOT_OFFERED = "objection_not_offered"
    # refused or quarantined, as the line's policy says
    NOTICE_MISSING = "notice_missing"
    NOTICE_UNFINISHED = "notice_unfinished"
    # duplicate
    SAME_EVENT = "same_event"
    SAME_RECORDING = "same_recording"
    # quarantined
    NO_CREDIBLE_TIME = "no_credible_time"
    FUTURE_TIME = "future_time"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    LENGTH_MISMATCH = "length_mismatch"
    UNREADABLE_AUDIO = "unreadable_audio"
    SILENT_AUDIO = "silent_audio"
    MISSING_AUDIO = "missing_audio"
    OVERSIZED_AUDIO = "oversized_audio"
    URI_NOT_ALLOWED = "uri_not_allowed"
    UNKNOWN_LINE = "unknown_line"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    OBJECTION_UNREADABLE = "objection_unreadable"
    UNLIKE_AUDIO = "unlike_audio"
    DURATION_MISMATCH = "duration_mismatch"
    INVALID_FIELD = "invalid_field"
    # dead-lettered (and invalid_field, of the envelope or of an event that is no recording)
    NOT_AN_EVENT = "not_an_event"
    UNREADABLE_MESSAGE = "unreadable_message"
    UNSUPPORTED_VERSION = "unsupported_version"
    # applied
    NOT_PERMITTED = "not_permitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where an event stands on the bus. Two deliveries of one position are one event."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOutcome:
    """One line of the ledger `callwarden calls list` prints."""

    position: Position
    event_id: EventId | None
    type: str
    call_id: CallId | None
    leg: str | None = None
    segment: int | None = None
    line: LineId | None = None
    outcome: Outcome
    reason: Reason | None
    field: str = ""
    recording_id: RecordingId | None = None
    policy_version: PolicyVersion
    decided_at: datetime
    notes: tuple[Note, ...] = ()
    """What was wrong with its fields, without what stood in them."""
