"""The access log's state in figures: for `callwarden log status`, and for ``GET /log`` as JSON and as a page."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callwarden.accesslog.proof.status import LogStatus, late_after, tail_age


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFigures:
    """How the log stood at ``now``, and what that means while a checkpoint is due every ``checkpoint_every``."""

    status: LogStatus
    now: datetime
    checkpoint_every: timedelta

    @property
    def tail_age(self) -> timedelta:
        return tail_age(self.status.unanchored_since, now=self.now)

    @property
    def late_after(self) -> timedelta:
        return late_after(self.checkpoint_every)

    @property
    def is_late(self) -> bool:
        """Entries have waited for a checkpoint for longer than they should."""
        return self.tail_age > self.late_after

    def as_row(self) -> dict[str, Any]:
        """For programs: seconds and instants as they are, hashes in base64 as checkpoints have them."""
        status, checkpoint, stamp = self.status, self.status.checkpoint, self.status.timestamp
        return {
            "origin": status.origin,
            "at": self.now,
            "entries": status.size,
            "waiting": status.staged,
            "root": b64encode(status.root).decode(),
            "checkpoint": None
            if checkpoint is None
            else {
                "size": checkpoint.size,
                "signed_at": checkpoint.signed_at,
                "published_at": checkpoint.published_at,
                "signed_by": checkpoint.signed_by,
            },
            "unanchored": {
                "entries": status.unanchored,
                "since": status.unanchored_since,
                "age_s": self.tail_age.total_seconds(),
                "late_after_s": self.late_after.total_seconds(),
                "late": self.is_late,
            },
            "timestamp": None if stamp is None else {"size": stamp.size, "proven_at": stamp.at},
            "segments": [
                {
                    "name": segment.name,
                    "state": segment.state,
                    "first": segment.first,
                    "end": segment.end,
                    "since": segment.since,
                }
                for segment in status.segments
            ],
        } | (
            {}
            if status.missing_outside is None
            else {"missing_outside": status.missing_outside, "out_of_reach": status.out_of_reach}
            | ({} if status.set_back is None else {"rolled_back": status.set_back})
        )
