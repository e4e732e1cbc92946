"""What became of a recording's redaction: released to reviewers, withheld, or withdrawn after it was released."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callwarden.model.ids import RecordingId
from callwarden.model.transcript import TimeRange


class RedactionStatus(StrEnum):
    """Only `RELEASED` lets anybody read the redacted artefacts (I8)."""

    RELEASED = "released"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"


class WithheldReason(StrEnum):
    """Why a redaction is not released. All are visible and can be tried again."""

    UNPLACEABLE_SPAN = "unplaceable_span"
    LOW_CONFIDENCE = "low_confidence"
    FINDER_FAILED = "finder_failed"
    FINDER_TIMEOUT = "finder_timeout"
    LANGUAGE_UNSUPPORTED = "language_unsupported"
    HEARD_AGAIN = "heard_again"
    BAD_AUDIO = "bad_audio"
    REPORTED_MISSED = "reported_missed"
    PLACE_REPORTED = "place_reported"
    """Beside `REPORTED_MISSED`: the reviewer said where, so the same recognisers can do better."""
    PLACE_CHANGED_NOTHING = "place_changed_nothing"
    """Beside `REPORTED_MISSED`: nothing more went at the place, so what was missed lies elsewhere."""


class AudioWithheld(StrEnum):
    """Why the text of a redaction is released and its sound is not."""

    IN_DOUBT = "audio_in_doubt"
    NOT_WANTED = "audio_not_wanted"
    """The redaction file says that sound is never released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRecord:
    """The newest redaction of one recording.

    `generation` is that of its artefacts (0: none was ever stored); `version` says which recognisers and which policy
    made it, so that older ones can be redone when they improve. `reasons` say why it is not released or, where it is,
    why its sound is not (`AudioWithheld`). `missed` are the places reviewers have reported: every later redaction takes
    them out.
    """

    recording_id: RecordingId
    generation: int
    version: str
    status: RedactionStatus
    reasons: tuple[str, ...]
    decided_at: datetime
    missed: tuple[TimeRange, ...] = ()
    read_with: tuple[RecordingId, ...] = ()
    """The other parts of its call that had a transcript then: each later one is a reason to look again."""
    spans_sha256: str | None = None
    """Digest of where something was found, in turns and characters, and of which type; None while withheld. The same
    places of the same transcript make the same redaction."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
