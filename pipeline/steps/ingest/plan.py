"""What ingest means to do with one delivery, and what came of doing it: one value for each."""

from dataclasses import dataclass, field

from callwarden.custody.letters import Letter
from callwarden.model.access import service
from callwarden.model.event import CallRecorded
from callwarden.model.ids import EventId, RecordingId
from callwarden.model.note import Note
from callwarden.model.outcome import Outcome, Position, Reason
from callwarden.model.recording import Artefact
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import WaitingEvent, WrappedKey
from callwarden.ports.codec import SenderNames
from callwarden.rules.admit import Admit, Quarantine, Wait

INGEST = service("ingest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Fetch, check, encrypt and store the audio. `attempt` fences off any earlier worker on the same recording."""

    position: Position
    event: CallRecorded
    recording_id: RecordingId
    attempt: int
    verdict: Admit | Quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Audio is there already under this recording id; find out whether this is the same.

    `sha256` is this audio's, as far as it is known. `stays` says that the same audio would be a duplicate; what is set
    aside is taken again with a better event. `repeated` says that the event itself came before.
    """

    position: Position
    event: CallRecorded
    recording_id: RecordingId
    known_sha256: str
    sha256: str | None
    stays: bool
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Remember the event until word of an objection comes, or the wait is over."""

    position: Position
    event: CallRecorded
    recording_id: RecordingId
    wait: Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Not an event: keep its bytes, encrypted, with the dead letters."""

    delivery: Delivery = field(repr=False)
    reason: Reason
    field_path: str
    names: SenderNames

    @property
    def position(self) -> Position:
        return self.delivery.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Decided without any audio. `drop_landing` says the landing copy goes; `erase` that leftovers do too."""

    position: Position
    event: CallRecorded | None
    outcome: Outcome | None
    """None when the outcome is on record already, or the event belongs to another step."""
    reason: Reason | None = None
    field_path: str = ""
    recording_id: RecordingId | None = None
    drop_landing: bool = False
    erase: bool = False


Plan = Take | Compare | Park | Reject | Close


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The audio lies in the vault. `reason` is set when it lies there in quarantine."""

    plan: Take
    artefact: Artefact | None
    key: WrappedKey | None
    reason: Reason | None
    sha256: str | None
    field_path: str = ""
    notes: tuple[Note, ...] = ()
    """What the audio says of the event."""
    sealed_event: bytes | None = field(default=None, repr=False)

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was not known of a delivery's audio, and decides which recording it is: it is begun again with this."""

    plan: Compare
    sha256: str

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A waiting event, sealed. `plan` is one that could not be carried out where its place is away."""

    plan: Park | Take | Compare
    waiting: WaitingEvent

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A dead letter, sealed."""

    plan: Reject
    letter: Letter
    drop_landing: str | None = field(default=None, repr=False)
    """The URI whose copy goes: its caller objects."""

    @property
    def position(self) -> Position:
        return self.plan.position


Done = Taken | Measured | Parked | Rejected | Close


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What is left to do once the rows are durable, and before the offset is: every part may be repeated."""

    position: Position
    drop_landing: str | None = field(default=None, repr=False)
    """The URI whose copy goes."""
    obsolete: Artefact | None = None
    """A version that lost its race and goes."""
    erase: RecordingId | None = None
    """A recording of which nothing may be left."""


def event_id_of(plan: Plan) -> EventId | None:
    """The event's id, where there is an event."""
    return None if isinstance(plan, Reject) or plan.event is None else plan.event.event_id
