"""What ingest means to do with one delivery, and what came of doing it: one value for each."""

from dataclasses import dataclass, field

from callwarden.custody.letters import Letter
from callwarden.model.access import service
from callwarden.model.event import CallRecorded
from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.note import Note
from callwarden.model.outcome import Outcome, Position, Reason
from callwarden.model.recording import Artefact
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import WaitingEvent, WrappedKey
from callwarden.ports.codec import SenderNames
from callwarden.rules.admit import Admit, Quarantine, Wait

INGEST = service("ingest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What is left to do once the rows are durable, and before the offset is: every part may be repeated."""

    position: Position
    drop_landing: str | None = field(default=None, repr=False)
    """The URI whose copy goes."""
    obsolete: Artefact | None = None
    """A version that lost its race and goes."""
    replaced: RecordingId | None = None
    """A recording whose audio another has taken the place of."""
    erase: RecordingId | None = None
    """A recording of which nothing may be left."""


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
    """Decided without any audio."""

    event: CallRecorded
    outcome: Outcome
    reason: Reason
    recording_id: RecordingId | None
    aftermath: Aftermath

    @property
    def position(self) -> Position:
        return self.aftermath.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Nothing to record: the event is another step's, or its outcome is on record and only what a crash may have left
    undone is done."""

    aftermath: Aftermath

    @property
    def position(self) -> Position:
        return self.aftermath.position


Plan = Take | Compare | Park | Reject | Close | Leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The audio lies in the vault; `artefact` is None where none could be had, and the event alone is kept. `verdict`
    is the plan's, or what is wrong with the audio. `notes` are what the audio says of the event."""

    plan: Take
    verdict: Admit | Quarantine
    artefact: Artefact | None
    key: WrappedKey
    sealed_event: bytes = field(repr=False)
    sealed_audio_key: bytes | None = field(default=None, repr=False)
    notes: tuple[Note, ...] = ()
    origin: Pseudonym | None = None
    """What was fetched, where something was: of several events that name it one has it."""

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
    aftermath: Aftermath

    @property
    def position(self) -> Position:
        return self.plan.position


Done = Taken | Measured | Parked | Rejected | Close | Leave
