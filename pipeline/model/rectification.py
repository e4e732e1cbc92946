"""What was put right in the metadata of a recording, and what stood there before (GDPR, article 16)."""

from dataclasses import dataclass, field
from datetime import datetime

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.request import RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a field ought to say. None leaves it as it is; a label without a value goes. Times are aware."""

    number: str | None = field(default=None, repr=False)
    """In E.164 where it can be read so."""
    customer: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    agent: str | None = None
    line: LineId | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    labels: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """One correction that was made. `fields` are those that changed; what they said before and say now is sealed under
    the recording's own key, and dies with it."""

    rectification_id: str
    recording_id: RecordingId
    request_id: RequestId
    at: datetime
    by: str = field(repr=False)
    fields: frozenset[str]
    sealed: bytes = field(repr=False)
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
