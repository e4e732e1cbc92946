"""Every topic of ours: its name once, what a message on it says, who reads it, and its bytes.

References and digests only, never audio, text or telephone numbers. The JSON Schemas in config/topics follow from these
classes (`python -m tests.vocabularies`).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final, TypeVar

from callwarden.errors import InvalidMessageError
from callwarden.model.access import Readable
from callwarden.model.break_glass import GlassId
from callwarden.model.form import At, Says, Several, Sha256, Text, Whole, Word
from callwarden.model.form_reading import Wrong, object_reader
from callwarden.model.form_writing import as_json, written
from callwarden.model.ids import LineId, PolicyVersion, RecordingId
from callwarden.model.log_entry import EntryId, Operation
from callwarden.model.objection import ScopeKind
from callwarden.model.outcome import Outcome, Position, Reason
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording

CALLS_TOPIC: Final = "telephony.calls"
"""What telephone systems send (`callwarden.model.event`)."""

UNPERMITTED: Final = "call.monitored.not_permitted"
"""The alarm's code: somebody listened in whom the policy does not let."""

_RECORDING: Final = Text(36, pattern="^rec-[0-9a-f]{32}$")
_POLICY: Final = Text(71, pattern="^sha256:[0-9a-f]{64}$")
_UNDER: Final = Says("The policy the decision was made under.")
_ENTRY: Final = "[0-9A-HJKMNP-TV-Z]{26}$"
_ROLE: Final = Text(32, pattern="^[a-z_]{1,32}$")
_CODE: Final = Text(48, pattern="^[a-z][a-z0-9_.-]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalMessage(ABC):
    """A message of ours. Those of one key keep their order."""

    topic: ClassVar[str]
    read_by: ClassVar[tuple[str, ...]] = ()
    """The groups that read the topic."""

    @property
    @abstractmethod
    def key(self) -> str:
        """What keeps messages in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfRecording(InternalMessage):
    recording_id: Annotated[RecordingId, _RECORDING, Says("The recording; also the key of the message.")]

    @property
    def key(self) -> str:
        return self.recording_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStored(_OfRecording):
    """A recording is stored, encrypted, and in the catalogue. References and digests only."""

    topic: ClassVar = "recordings.stored"
    read_by: ClassVar = ("holds", "transcribe", "webhooks")

    line: Annotated[LineId, Text(256)]
    sha256: Annotated[str | None, Sha256(), Says("Digest of the audio as it arrived.")]
    keep_until: datetime | None
    policy_version: Annotated[PolicyVersion, _POLICY, _UNDER]

    @classmethod
    def of(cls, recording: Recording) -> "RecordingStored":
        """What is said of this recording."""
        return cls(
            recording_id=recording.recording_id,
            line=recording.line,
            sha256=recording.source_sha256,
            keep_until=recording.keep_until,
            policy_version=recording.policy_version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptReady(_OfRecording):
    """A call was turned into text; the transcript is stored, encrypted. References only."""

    topic: ClassVar = "transcripts.ready"
    read_by: ClassVar = ("redact",)

    generation: Annotated[
        int, Whole(first=1), Says("Which transcript of the recording: a call transcribed again gets the next.")
    ]
    policy_version: Annotated[PolicyVersion, _POLICY, _UNDER]

    @classmethod
    def again(cls, artefacts: Iterable[Artefact], policy: PolicyVersion) -> "list[TranscriptReady]":
        """Asks for a redaction of each recording that has a transcript among these artefacts, the newest it has."""
        newest = {one.recording_id: one.generation for one in artefacts if one.kind is ArtefactKind.ORIGINAL_TRANSCRIPT}
        return [
            cls(recording_id=recording_id, generation=generation, policy_version=policy)
            for recording_id, generation in sorted(newest.items())
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRedacted(_OfRecording):
    """Redacted transcript and beeped audio of a recording are stored and complete. References only."""

    topic: ClassVar = "recordings.redacted"
    read_by: ClassVar = ("holds",)

    generation: Annotated[
        int, Whole(first=1), Says("Which redaction of the recording: a call redacted again gets the next.")
    ]
    policy_version: Annotated[PolicyVersion, _POLICY, _UNDER]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingDisposed(_OfRecording):
    """Nothing of a recording is left: proven by listing. A content-free fact."""

    topic: ClassVar = "recordings.disposed"
    read_by: ClassVar = ("webhooks",)

    reason: Annotated[str, Word(("retention", "objection", "discarded", "restored_backup"))]
    versions: Annotated[int, Whole(), Says("How many stored versions were destroyed.")]
    disposed_at: datetime
    policy_version: Annotated[PolicyVersion, _POLICY, _UNDER]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingNotStored(InternalMessage):
    """The audio of an event was refused, or is in quarantine: the catalogue says why. References only."""

    topic: ClassVar = "recordings.not-stored"
    read_by: ClassVar = ("webhooks",)

    of_topic: Annotated[str, Text(249), At("topic"), Says("The topic of the event.")]
    partition: int
    offset: int
    outcome: Annotated[Outcome, Word((Outcome.REFUSED, Outcome.QUARANTINED))]

    @property
    def position(self) -> Position:
        """Where the event stands."""
        return Position(topic=self.of_topic, partition=self.partition, offset=self.offset)

    @property
    def key(self) -> str:
        return f"{self.of_topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsChanged(_OfRecording):
    """A litigation hold on a recording was placed or released: look again."""

    topic: ClassVar = "holds.changed"
    read_by: ClassVar = ("holds",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRecorded(InternalMessage):
    """An objection was filed or withdrawn: what it concerns is looked at again. No number, no name."""

    topic: ClassVar = "objections.recorded"
    read_by: ClassVar = ("objections",)

    objection_id: Annotated[str, Text(36, pattern="^obj-[0-9a-f]{32}$")]
    scope: ScopeKind
    reference: Annotated[str, Text(256), Says("A keyed pseudonym of the call, number or customer.")]
    recorded_at: datetime

    @property
    def key(self) -> str:
        return self.objection_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered(InternalMessage):
    """A message that could not be processed. Its original bytes are encrypted under a key of their own, which lies in
    the catalogue alone: what is discarded there cannot be read here."""

    topic: ClassVar = "dead-letters"

    of_topic: Annotated[str, Text(249), At("topic"), Says("The topic of the message.")]
    partition: int
    offset: int
    reason: Annotated[
        Reason,
        Word(
            (
                Reason.NOT_AN_EVENT,
                Reason.UNREADABLE_MESSAGE,
                Reason.FUTURE_TIME,
                Reason.UNSUPPORTED_VERSION,
                Reason.INVALID_FIELD,
            )
        ),
    ]
    field: Annotated[
        str,
        Text(256),
        Says("The field at fault, a dotted path; empty when it is the message as a whole. Never its value."),
    ]
    attempts: Annotated[int, Whole(first=1)]
    at: datetime
    sealed: Annotated[bytes, Says("The original bytes, encrypted.")]
    cut_from: Annotated[
        int | None, Whole(), Says("How many bytes the original had, where only its first 700000 are kept.")
    ] = None

    @property
    def key(self) -> str:
        return f"{self.of_topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(InternalMessage):
    """Something the people on watch must hear of at once. Ids and codes only."""

    topic: ClassVar = "alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassAlert(Alert):
    """An original is asked for in an emergency, or was opened."""

    code: Annotated[Operation, Word((Operation.BREAKGLASS_REQUESTED, Operation.BREAKGLASS_APPROVED))]
    request_id: Annotated[GlassId, Text(32, pattern=f"^glass-{_ENTRY}")]
    recording_id: Annotated[RecordingId, _RECORDING, Says("The recording; also the key of the message.")]
    role: Annotated[str, _ROLE, Says("What the person asking is here for; never a name.")]
    purpose: Purpose
    artefact: Annotated[Readable, Word((Readable.ORIGINAL_AUDIO, Readable.ORIGINAL_TRANSCRIPT))]
    at: datetime
    open_until: Annotated[datetime | None, Says("Until when it is open; null while nobody has approved it.")]

    @property
    def key(self) -> str:
        return self.recording_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningAlert(Alert):
    """A call was listened to live by somebody the policy does not let."""

    code: Annotated[str, Word((UNPERMITTED,))]
    call: Annotated[
        str,
        Text(37, pattern="^call-[0-9a-f]{32}$"),
        Says("A reference to the call that was listened to, as the access log has it."),
    ]
    entry: Annotated[EntryId, Text(26, pattern=f"^{_ENTRY}"), Says("The entry of the access log.")]
    role: Annotated[str, _ROLE]
    purpose: Purpose
    at: datetime

    @property
    def key(self) -> str:
        return self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingAlert(Alert):
    """Audio that no event had named was removed from a landing area."""

    code: Annotated[str, Word(("landing.swept",))]
    area: Annotated[str, Text(1024), Says("The landing area, as the policy lists it.")]
    count: int
    bytes: int
    oldest: Annotated[datetime, Says("Since when the oldest of it had lain there.")]
    at: datetime

    @property
    def key(self) -> str:
        return self.area


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepAlert(Alert):
    """The sweep has stopped, and waits for two people."""

    code: Annotated[Operation, Word((Operation.SWEEP_STOPPED,))]
    reasons: Annotated[tuple[str, ...], Several(_CODE, most=16)]
    due: Annotated[int, Whole(), Says("How many recordings are due.")]
    at_most: Annotated[int, Whole(), Says("How many may go unasked.")]
    at: datetime
    believed: Annotated[datetime | None, Says("The time that was believed last; null where none ever was.")]

    @property
    def key(self) -> str:
        return "sweep"


MESSAGES: Final[tuple[type[InternalMessage], ...]] = (
    RecordingStored,
    TranscriptReady,
    RecordingRedacted,
    RecordingDisposed,
    RecordingNotStored,
    HoldsChanged,
    ObjectionRecorded,
    DeadLettered,
    GlassAlert,
    ListeningAlert,
    LandingAlert,
    SweepAlert,
)
"""Every message; those of one topic beside each other."""

TOPICS: Final = tuple(dict.fromkeys(kind.topic for kind in MESSAGES))
READERS: Final = {kind.topic: kind.read_by for kind in MESSAGES if kind.read_by}
"""The groups that read our own topics."""

MessageT = TypeVar("MessageT", bound=InternalMessage)


def encode(message: InternalMessage) -> bytes:
    """The bytes of a message."""
    return as_json(written(message))


def decode(kind: type[MessageT], value: bytes) -> MessageT:
    """A message of this kind. Raises InvalidMessageError when it is none, without a word of what was in it."""
    wrong: list[Wrong] = []
    described: type = kind
    try:
        data = json.loads(value)
        fields = object_reader(described).read(data, wrong) if isinstance(data, dict) else None
    except ValueError:
        fields = None
    if fields is None or wrong:
        field = wrong[0].path if wrong else ""
        raise InvalidMessageError(Reason.NOT_AN_EVENT, field=field, detail=f"not a message of ours on {kind.topic}")
    return kind(**fields)
