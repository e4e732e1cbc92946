"""The disposal certificate: what was destroyed of a recording, when, under which rule, and how that was shown."""

from dataclasses import dataclass, field
from datetime import datetime

from callwarden.model.ids import PolicyVersion, RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyedVersion:
    """One stored version, by its place in the vault. `size` counts the bytes stored. Nothing of its content."""

    key: str
    version_id: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalFacts:
    """What a certificate states. `known` is what the catalogue had on record, `listed` what the vault listed before:
    after an interrupted sweep the first listing of the second attempt may show less than was there."""

    recording_id: RecordingId
    line: str | None
    ended_at: datetime | None
    keep_until: datetime | None
    stored_under: PolicyVersion
    disposed_under: PolicyVersion
    rule: str
    """Why: ``retention``, ``objection``, or ``restored_backup`` for what a backup had brought back."""
    decided_by: str
    """Who or what, as the access log names it."""
    as_at: datetime | None
    """The instant the recording is over by, where a person gave another one than the clock's."""
    known: tuple[DestroyedVersion, ...]
    listed: tuple[DestroyedVersion, ...]
    listed_at: datetime
    uploads_given_up: int
    left: int
    proven_empty_at: datetime
    log_entry: str
    part: str | None = None
    """What of the recording it is about, where that is not all of it: ``audio``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A signed certificate as it is kept. `document` is its whole text; `digest` is the hex SHA-256 of that."""

    recording_id: RecordingId
    digest: str
    issued_at: datetime
    document: bytes = field(repr=False)
