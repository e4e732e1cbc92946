"""How the access log stands, in figures: what its page and `callwarden log status` show. Nothing of any entry."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from callwarden.accesslog.proof.values import Hash

INTERVALS: Final = 3
"""After how many the unanchored tail is too old (L2): one is what an entry waits at most when all is well; a slow place
and a restart take a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredCheckpoint:
    """The newest checkpoint that is in every outside place. ``signed_by`` is the key's name, ``+`` and id."""

    size: int
    signed_at: datetime
    published_at: datetime
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTimestamp:
    """The newest time-stamp of a third party: it saw the first ``size`` entries at ``at``."""

    size: int
    at: datetime


class SegmentState(StrEnum):
    OPEN = "open"
    SEALED = "sealed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStatus:
    """A month of the log: the entries [first, end)."""

    name: str
    state: SegmentState
    first: int
    end: int
    since: datetime | None
    """When it was sealed, or expired; None while it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """``size`` entries have a number and make up the tree with ``root``; ``staged`` more wait for theirs."""

    origin: str | None
    """None until the first entry is numbered."""
    size: int
    staged: int
    root: Hash
    checkpoint: AnchoredCheckpoint | None
    unanchored_since: datetime | None
    """When the oldest entry was written that no published checkpoint covers; None when there is none."""
    timestamp: LastTimestamp | None
    segments: tuple[SegmentStatus, ...]
    missing_outside: tuple[str, ...] | None = None
    """Places that have lost the newest checkpoint; None where nobody has looked."""
    out_of_reach: tuple[str, ...] | None = None
    """What is wrong with the places that could not be looked at."""
    set_back: str | None = None
    """Which place proves that there were more entries, and how many (`rolled_back` in `log verify`)."""

    @property
    def anchored(self) -> int:
        """How many entries the newest published checkpoint covers."""
        return 0 if self.checkpoint is None else self.checkpoint.size

    @property
    def unanchored(self) -> int:
        """How many entries no published checkpoint covers."""
        return self.size + self.staged - self.anchored


def late_after(checkpoint_every: timedelta) -> timedelta:
    """How old the tail may be. The alert that `docs/operators.md` names and the log's page use the same."""
    return INTERVALS * checkpoint_every


def tail_age(since: datetime | None, *, now: datetime) -> timedelta:
    """Age of the oldest entry nothing covers yet; zero without one, and for one a clock set back puts ahead."""
    return timedelta(0) if since is None else max(now - since, timedelta(0))
