"""A recording as the catalogue knows it: references, times and states; never audio, text or numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callwarden.model.event import Notice
from callwarden.model.ids import CallId, CaseId, LineId, PolicyVersion, Pseudonym, RecordingId


class RecordingState(StrEnum):
    """The life of a recording; only these moves exist:

    pending → stored → disposing → disposed; pending | stored | quarantined → dropping → dropped (objection);
    pending → quarantined → disposing → disposed; pending → refused.
    """

    PENDING = "pending"
    STORED = "stored"
    QUARANTINED = "quarantined"
    DROPPING = "dropping"
    DROPPED = "dropped"
    DISPOSING = "disposing"
    DISPOSED = "disposed"
    REFUSED = "refused"


GONE = frozenset({RecordingState.DROPPED, RecordingState.DISPOSED})
"""States in which no byte and no key is left."""
KEEPABLE = frozenset({RecordingState.PENDING, RecordingState.STORED, RecordingState.QUARANTINED})
"""Of these a hold keeps something, or what is still to come."""
LOST = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING}
"""Of these something was there, and a hold comes too late."""


class Untranscribed(StrEnum):
    """Why a stored recording has no transcript; a reading that was refused and a fault of the audio have their own
    codes (docs/reasons.md)."""

    TRANSCRIPTION_OFF = "transcription_off"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    PAST_RETENTION = "past_retention"
    LANGUAGE_UNSUPPORTED = "language_unsupported"


class ArtefactKind(StrEnum):
    """What can be stored of one recording. Each is one object, under one key the vault layout writes."""

    ORIGINAL_AUDIO = "original-audio"
    ORIGINAL_TRANSCRIPT = "original-transcript"
    BEEPED_AUDIO = "beeped-audio"
    REDACTED_TRANSCRIPT = "redacted-transcript"
    WAVEFORM = "waveform"


GOES_WITH_AUDIO = frozenset(ArtefactKind) - {ArtefactKind.REDACTED_TRANSCRIPT}
"""What ends where the audio has a shorter period than the redacted transcript."""


class AudioState(StrEnum):
    """Whether a stored recording still has its audio; ``ending``: its key is destroyed, its objects are about to be."""

    KEPT = "kept"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One stored object of a recording. Sizes are in bytes; `sha256` is of the plaintext, in hexadecimal."""

    recording_id: RecordingId
    kind: ArtefactKind
    generation: int
    """1 for the first; a redaction run again writes the next. Part of the associated data."""
    key: str
    version_id: str
    size: int
    stored_size: int
    sha256: str
    media_type: str
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What figures are made of, besides the row: how long things took, in seconds, and nothing that was said. None: not
    known. `agent_s` and `caller_s` are how long each spoke, `silence_s` how long nobody did."""

    team: str | None = None
    answered_after_s: float | None = None
    agent_s: float | None = None
    caller_s: float | None = None
    silence_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded segment. Personal references are keyed pseudonyms; the event itself is sealed under the
    recording's own data key and dies with it."""

    recording_id: RecordingId
    call_id: CallId
    leg: str
    segment: int
    line: LineId
    state: RecordingState
    started_at: datetime | None
    ended_at: datetime | None
    keep_until: datetime | None
    """The instant from which nothing is readable for ordinary purposes (K1, K2, K7)."""
    caller: Pseudonym | None
    customer: Pseudonym | None
    agent_id: str | None
    objected: frozenset[str]
    """Purposes objected to, from the event and from standing objections."""
    restricted: bool
    quarantine_reason: str | None
    policy_version: PolicyVersion
    source_sha256: str | None
    """Digest the telephone system gave, checked on arrival: the start of the chain of custody."""
    disposed_at: datetime | None = None
    not_before: datetime | None = None
    """After a hold's release nothing is destroyed before this instant."""
    holds: tuple[CaseId, ...] = ()
    audio_until: datetime | None = None
    """The instant from which the redacted transcript alone is left; None: the audio has no period of its own."""
    audio: AudioState = AudioState.KEPT
    sealed_audio_key: bytes | None = field(default=None, repr=False)
    """The key of what ends with the audio, sealed under the data key; None: the data key itself."""
    notice: Notice | None = None
    """What the telephone system says that the caller was told of the recording."""
    objection_offered: bool | None = None
    """Whether its line promised, when the call was recorded, that an objection to recording is honoured; None: its
    line was not known, or an older version took it in."""
    measured: Measured | None = None
    """What is known of it for figures; gone with the rest."""
    sealed_event: bytes | None = field(default=None, repr=False)
    untranscribed: str | None = None
    """Why it was not transcribed when its turn came: an `Untranscribed`, or why a reading was refused, or a fault of
    its audio. None before that, and once there is a transcript."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
