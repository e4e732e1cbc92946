"""Permission to test on real calls: some redacted calls, drawn by lot, opened to one person for a limited time (U8)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from callwarden.model.access import Role
from callwarden.model.ids import LineId, RecordingId

PermissionId = NewType("PermissionId", str)
"""``testing-`` and 26 characters that sort by time."""


class PermissionState(StrEnum):
    WAITING = "waiting"
    """Nobody has approved it yet."""
    OPEN = "open"
    LAPSED = "lapsed"
    """Nobody approved it before its end."""
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: calls of one line, of the days `first` to `last`, both included, `number` of them at most;
    from the day `until` on it opens nothing. Days are the policy's."""

    line: LineId
    first: date
    last: date
    number: int
    until: date
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Wanted):
    """It opens `recordings`, which its approval has drawn, to who asked for it alone, and no longer than to
    `ends_at`."""

    permission_id: PermissionId
    role: Role
    asked_by: str = field(repr=False)
    asked_at: datetime
    ends_at: datetime
    recordings: tuple[RecordingId, ...] = ()
    approved_by: str | None = field(default=None, repr=False)
    approved_at: datetime | None = None
    ended_at: datetime | None = None
    """When its end was written into the log."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
