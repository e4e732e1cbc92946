"""Events in, as values, and how they are written: what `telephony.calls` carries (INTERFACES: Events in).

Reader, writer and config/topics/telephony.calls.schema.json follow from the annotations (`callwarden.model.form`). Only
the envelope of CloudEvents stands elsewhere.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Final, NamedTuple, get_args

from callwarden.model.form import NEEDED, Address, At, Labels, Part, Says, Seconds, Several, Sha256, Text, Whole, Word
from callwarden.model.ids import CallId, EventId, LineId
from callwarden.model.note import Note
from callwarden.model.purpose import OBJECTION_WORDS, Purpose

ID: Final = Text(256, shortest=1)
"""Foreign names. Bounded and printable, nothing else: `../` and look-alikes are just names, since none is a path."""
_SHORT: Final = Text(64, shortest=1)
_NAME: Final = Text(256)
_NUMBER: Final = Text(256, pattern=r"\d|^$", expected="must hold a digit")
"""A word in its place (`anonymous`) is nobody's number: no objection could ever name it."""
_TIME: Final = Seconds(31_622_400)
"""At most a leap year: anything a clock can mean and a database can hold."""

NO_LINE: Final = LineId("")
"""Stands in for a line that could not be read. No policy has one of this name."""


class ContradictionError(ValueError):
    """Fields that are right each by itself and cannot be true together. `path` is where they stand in a message."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        super().__init__(message)


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


_SPELLINGS: Final = {"in": "inbound", "incoming": "inbound", "out": "outbound", "outgoing": "outbound"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who called, or was called. `number` is in E.164 where it could be read, else as given."""

    number: Annotated[str | None, _NUMBER, Says("As the telephone system has it; empty when withheld.")] = field(
        default=None, repr=False
    )
    customer_id: Annotated[str | None, _NAME] = field(default=None, repr=False)
    name: Annotated[str | None, _NAME] = field(default=None, repr=False)
    names: Annotated[tuple[str, ...], Several(_NAME, most=32)] = field(default=(), repr=False)

    @property
    def known_names(self) -> tuple[str, ...]:
        """Every name that is given, once."""
        return tuple(dict.fromkeys(name for name in (self.name, *self.names) if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who took the call."""

    id: Annotated[str | None, _NAME] = None
    team: Annotated[str | None, _SHORT, Says("Of the agent when the call was taken; figures are made by it.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the caller was told of the recording; None is not said."""

    version: Annotated[str | None, _NAME, Says("Which announcement it was.")] = None
    played: Annotated[bool | None, Says("Whether it was played to the caller.")] = None
    at: Annotated[datetime | None, Says("When it began; an instant with an offset.")] = None
    completed: Annotated[bool | None, Says("Whether the caller heard all of it.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReference:
    """Where the telephone system left the audio, and what it says about it."""

    uri: Annotated[
        str,
        Address(kept=4096),  # no allowed one is as long; so whatever is written down can be read again
        Says(
            "s3://<allowed bucket>/key or spool:<relative name>. Absent: quarantined as missing_audio. "
            "Anything else: uri_not_allowed."
        ),
    ] = ""
    sha256: Annotated[str | None, Sha256()] = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch the agent's console paused, in seconds from the start (card payment and the like)."""

    from_s: Annotated[float, _TIME]
    to_s: Annotated[float, _TIME, Says("Not before from_s.")]
    reason: Annotated[str, Text(64)] = ""

    def __post_init__(self) -> None:
        if self.to_s < self.from_s:
            raise ContradictionError("to_s", "lies before from_s")


class PushedBy(NamedTuple):
    """Who handed the call over at our own desk, as ``role:name``, and for which lines (None: all). `mark` is a keyed
    digest: nobody else can say so of an event (`callwarden.rules.pushing.pusher_identity`)."""

    by: str
    lines: frozenset[LineId] | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecorded:
    """A segment of a leg of a call was recorded.

    Times may be missing: that is for the rules to judge. What was wrong with it is in `notes`. Where that was needed
    (`faults`), a stand-in holds its place, and the call is set aside until somebody has looked.
    """

    TYPE: ClassVar = "call.recorded"

    event_id: EventId
    call_id: Annotated[CallId, ID, NEEDED]
    leg: Annotated[str, _SHORT, NEEDED] = "main"
    segment: Annotated[int, Whole(2**31), NEEDED] = 0
    line: Annotated[LineId, _SHORT, NEEDED, Says("A line of the policy.")]
    direction: Annotated[Direction, Word(Direction, aliases=_SPELLINGS)] = Direction.UNKNOWN
    started_at: Annotated[
        datetime | None,
        Says(
            "An instant with an offset. Absent, unreadable or without an offset: the call has no credible time and is "
            "quarantined."
        ),
    ] = None
    ended_at: Annotated[datetime | None, Says("As started_at. Retention counts from here.")] = None
    answered_after_s: Annotated[float | None, _TIME] = None
    caller: Person = Person()
    agent: Annotated[Agent, Part(Agent, alone="id")] = Agent()
    channels: Annotated[
        tuple[str, ...],
        Several(_SHORT, most=64, together=True),
        Says("Who speaks on each channel of the audio, in order."),
    ] = ()
    audio: Annotated[AudioReference, Part(AudioReference, alone="uri")] = AudioReference()
    codec: Annotated[str | None, _SHORT, Says("What raw sound is written in; a file with a header says so itself.")] = (
        None
    )
    rate: Annotated[int | None, Whole(1_000_000, first=1), Says("Of raw sound, in hertz.")] = None
    objections: Annotated[
        frozenset[str] | None,
        Several(Word(OBJECTION_WORDS), most=64, into=frozenset),
        NEEDED,
        Says(
            "Purposes objected to during the call; recording for all of it. Absent means unknown, which is not none. "
            "What cannot be read is neither: the call is held back."
        ),
    ] = None
    """Purposes objected to during the call; None is *unknown*, which is not "none" (R3, R4)."""
    notice: Annotated[
        Notice,
        Part(Notice, alone="version"),
        Says("What the caller was told of the recording; the policy asks for it."),
    ] = Notice()
    notice_version: Annotated[str | None, _NAME, Says("Which announcement the caller heard.")] = None
    pauses: Annotated[tuple[Pause, ...], Several(Pause, most=1000)] = ()
    labels: Annotated[tuple[tuple[str, str], ...], Labels(_SHORT, _NAME, most=64)] = field(default=(), repr=False)
    notes: tuple[Note, ...] = ()
    pushed: PushedBy | None = None
    """None: it came by the bus. No part of what a telephone system sends."""

    @property
    def lines(self) -> frozenset[LineId] | None:
        """Whose recordings it may touch: those of the lines that its sender is narrowed to; None: of all."""
        return None if self.pushed is None else self.pushed.lines

    @property
    def audio_hint(self) -> str | None:
        """What to take the audio for where it has no header (`callwarden.ports.audio.AudioProbe`)."""
        if self.codec is None:
            return PurePosixPath(self.audio.uri).suffix or None
        return f"audio/{self.codec}" + (f";rate={self.rate}" if self.rate else "")

    @property
    def faults(self) -> tuple[Note, ...]:
        """What was needed and wrong."""
        return tuple(note for note in self.notes if note.needed)


def _one_of(*scopes: object) -> None:
    if sum(scope is not None for scope in scopes) != 1:
        raise ContradictionError(
            "caller", "an objection names exactly one of call_id, caller.number, caller.customer_id"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionScope:
    """Whose calls an objection concerns: exactly one of a call, a number (E.164) or a customer."""

    call_id: CallId | None = None
    number: str | None = field(default=None, repr=False)
    customer_id: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _one_of(self.call_id, self.number, self.customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objector:
    """Who objects, where it is not the caller of one call only."""

    # Without a digit it would be every caller who withholds the number.
    number: Annotated[str | None, Text(256, shortest=1, pattern=r"\d", expected="must hold a digit")] = field(
        default=None, repr=False
    )
    customer_id: Annotated[str | None, ID] = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """A caller objects to being recorded or to some purposes, or takes that back. Names exactly one of call_id,
    caller.number (with at least one digit) and caller.customer_id."""

    event_id: EventId
    call_id: Annotated[CallId | None, ID] = None
    caller: Objector = Objector()
    purposes: Annotated[frozenset[str], Several(Word(OBJECTION_WORDS), least=1, most=64, into=frozenset, single=True)]
    channel: Annotated[str, _SHORT, Says("How the caller said so: call, web, letter …")]
    at: datetime

    def __post_init__(self) -> None:
        _one_of(self.call_id, self.caller.number, self.caller.customer_id)

    @property
    def scope(self) -> ObjectionScope:
        """Whose calls it concerns."""
        return ObjectionScope(call_id=self.call_id, number=self.caller.number, customer_id=self.caller.customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallObjected(Objection):
    """A caller objects, to being recorded or to some purposes only."""

    TYPE: ClassVar = "call.objected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionWithdrawn(Objection):
    """A caller takes an objection back; from `at` on only, nothing is brought back."""

    TYPE: ClassVar = "call.objection_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who listened in."""

    id: Annotated[str, ID]
    role: Annotated[str, Text(32, pattern=r"^[a-z][a-z_]{1,31}$", expected="must be a role: small letters and _")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMonitored:
    """Somebody listened to a call while it went on (R2): an access like any other, so it is logged (U3)."""

    TYPE: ClassVar = "call.monitored"

    event_id: EventId
    call_id: Annotated[CallId, ID]
    listener: Listener
    purpose: Annotated[str, Word(Purpose)]
    started_at: Annotated[datetime, At("from")]
    ended_at: Annotated[datetime, At("to"), Says("Not before from.")]

    def __post_init__(self) -> None:
        if self.ended_at < self.started_at:
            raise ContradictionError("to", "lies before data.from")


InboundEvent = CallRecorded | CallObjected | ObjectionWithdrawn | CallMonitored

EVENT_TYPES: Final[dict[str, type[InboundEvent]]] = {kind.TYPE: kind for kind in get_args(InboundEvent)}
"""Every type of event, by its name in CloudEvents."""
