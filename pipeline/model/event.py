"""Events in, as values: what `telephony.calls` carries once the codec has read it (INTERFACES: Events in)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.note import Note


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who called, or was called. `number` is in E.164 where it could be read, else as given."""

    number: str | None = field(default=None, repr=False)
    customer_id: str | None = field(default=None, repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReference:
    """Where the telephone system left the audio, and what it says about it."""

    uri: str
    sha256: str | None
    bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch the agent's console paused, in seconds from the start (card payment and the like)."""

    from_s: float
    to_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecorded:
    """A leg's segment of a call was recorded. Times may be missing: that is for the rules to judge.

    What was wrong with it is in `notes`. Where that was needed (`faults`), a stand-in holds its place, and the call is
    set aside until somebody has looked.
    """

    event_id: EventId
    call_id: CallId
    leg: str
    segment: int
    line: LineId
    direction: Direction
    started_at: datetime | None
    ended_at: datetime | None
    answered_after_s: float | None
    caller: Person
    agent_id: str | None
    channels: tuple[str, ...]
    audio: AudioReference
    objections: frozenset[str] | None
    """Purposes objected to during the call; None is *unknown*, which is not "none" (R3, R4)."""
    notice_version: str | None
    pauses: tuple[Pause, ...]
    labels: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    notes: tuple[Note, ...] = ()

    @property
    def faults(self) -> tuple[Note, ...]:
        """What was needed and wrong."""
        return tuple(note for note in self.notes if note.needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionScope:
    """Whose calls an objection concerns: exactly one of a call, a number (E.164) or a customer."""

    call_id: CallId | None = None
    number: str | None = field(default=None, repr=False)
    customer_id: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.call_id, self.number, self.customer_id)) != 1:
            raise ValueError("an objection names exactly one of call, number or customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallObjected:
    """A caller objects, to being recorded or to some purposes only."""

    event_id: EventId
    scope: ObjectionScope
    purposes: frozenset[str]
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionWithdrawn:
    """A caller takes an objection back; from `at` on only, nothing is brought back."""

    event_id: EventId
    scope: ObjectionScope
    purposes: frozenset[str]
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMonitored:
    """A supervisor listened to a live call (R2): an access like any other, so it is logged (U3)."""

    event_id: EventId
    call_id: CallId
    listener_id: str
    listener_role: str
    purpose: str
    started_at: datetime
    ended_at: datetime


InboundEvent = CallRecorded | CallObjected | ObjectionWithdrawn | CallMonitored
