"""Litigation holds: a hold belongs to a case and is a set of references, not a flag (K3)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callwarden.model.ids import CaseId, RecordingId


class CaseState(StrEnum):
    OPEN = "open"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A litigation matter that keeps recordings from disposal."""

    case_id: CaseId
    reason: str
    opened_by: str
    opened_at: datetime
    state: CaseState
    release_requested_by: str | None = None
    released_by: str | None = None
    released_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One recording held for one case. `applied_at` says when every stored version carried the flag."""

    case_id: CaseId
    recording_id: RecordingId
    placed_by: str
    placed_at: datetime
    applied_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
