"""Emergency access (break glass): an original opened, for a stated reason, by two people, for a limited time (U4)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from callwarden.model.access import Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose

GlassId = NewType("GlassId", str)
"""``glass-`` and 26 characters that sort by time."""


class GlassState(StrEnum):
    WAITING = "waiting"
    """Nobody has approved it yet."""
    OPEN = "open"
    LAPSED = "lapsed"
    """Nobody approved it in time."""
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """One request, for one artefact of one recording, by one person for one purpose.

    The reason is sealed under the recording's own data key and goes with it; names are internal accounts. It lapses
    at `lapses_at` unless approved; once approved it is open from `approved_at` up to `open_until`.
    """

    request_id: GlassId
    recording_id: RecordingId
    what: Readable
    purpose: Purpose
    role: Role
    requested_by: str = field(repr=False)
    requested_at: datetime
    lapses_at: datetime
    sealed_reason: bytes = field(repr=False)
    approved_by: str | None = field(default=None, repr=False)
    approved_at: datetime | None = None
    open_until: datetime | None = None
    ended_at: datetime | None = None
    """When its end was written into the log."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
