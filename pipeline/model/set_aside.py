"""What is set aside for a person to look at: dead letters, and why somebody did something about one."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from callwarden.model.ids import CallId, EventId
from callwarden.model.outcome import Position, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that was no event. Its key, headers and bytes are sealed under a key of its own, which lies here alone:
    once it is destroyed every copy is unreadable, that on the bus included."""

    position: Position
    reason: Reason
    field: str
    event_id: EventId | None
    call_id: CallId | None
    at: datetime
    keep_until: datetime
    size: int
    """Bytes of the message; those beyond what is kept are gone (`is_cut`)."""
    is_cut: bool
    wrapped_key: bytes | None = dataclasses.field(repr=False)
    """None once it was discarded."""
    sealed: bytes | None = dataclasses.field(repr=False)
    master_key_id: str = ""
    """What wraps its key; empty where an older version wrote it."""
    retried_at: datetime | None = None
    discarded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActReason:
    """Why a person performed an act, in their words, sealed under a key of its own. `subject` is what the log entry of
    the act is about, `act_id` its correlation."""

    act_id: str
    act: str
    subject: str
    at: datetime
    keep_until: datetime
    wrapped_key: bytes = dataclasses.field(repr=False)
    sealed: bytes = dataclasses.field(repr=False)
    master_key_id: str = ""
    """What wraps its key; empty where an older version wrote it."""
