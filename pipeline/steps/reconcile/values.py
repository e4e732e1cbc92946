"""What a reconciliation looks at, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from callwarden.custody.balance import Balance
from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact, Recording, RecordingState
from callwarden.steps.reconcile.words import WHAT_TO_DO

STALE_AFTER: Final = timedelta(hours=1)
"""What is older than this is no longer on its way."""
UNFINISHED: Final = frozenset({RecordingState.DISPOSING, RecordingState.DROPPING})
"""States of a recording whose erasure has begun and not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something that must not be. `code` is from a closed vocabulary; `what_to_do` is for the person on call."""

    code: str
    subject: str
    what_to_do: str


def breach(code: str, subject: str, **named: object) -> Breach:
    """A breach in the words for its code, `named` filled in."""
    return Breach(code=code, subject=subject, what_to_do=WHAT_TO_DO[code].format(**named))


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingCount:
    """What lies in one landing area: files, or versions, markers and unfinished uploads. `overdue` of them lie longer
    than the policy lets them."""

    area: str
    lying: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a reconciliation found."""

    recordings: int
    versions: int
    held: int
    due: int
    balance: Balance
    breaches: tuple[Breach, ...]
    landing: tuple[LandingCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is on record at the instant `now`: rows by id, stored objects by key and version."""

    now: datetime
    recordings: Mapping[RecordingId, Recording]
    artefacts: Mapping[tuple[str, str], Artefact]
    refused: Mapping[RecordingId, str] = field(default_factory=dict)
    """Why the flags of some are not set yet: what the vault said."""

    def half_erased(self) -> frozenset[RecordingId]:
        """Recordings whose erasure was interrupted: that their objects and keys are missing is its doing, no loss."""
        return frozenset(key for key, row in self.recordings.items() if row.state in UNFINISHED)
