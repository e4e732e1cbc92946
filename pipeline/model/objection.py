"""An objection on file: whose calls, to what, since when, what was decided, and whether it was withdrawn (R3, R4)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from callwarden.model.ids import LineId

WITHDRAWAL: Final = "wdr-"
"""What the ids of withdrawals begin with."""


class ScopeKind(StrEnum):
    CALL = "call"
    NUMBER = "number"
    CUSTOMER = "customer"


class Ground(StrEnum):
    """Why recording goes on although the caller objected (GDPR, article 21(1)); closed vocabulary, docs/reasons.md."""

    LINE_OFFERS_NONE = "line_offers_none"
    COMPELLING_GROUNDS = "compelling_grounds"
    LEGAL_CLAIMS = "legal_claims"
    LEGAL_DUTY = "legal_duty"


GROUNDS: Final = tuple(sorted(set(Ground) - {Ground.LINE_OFFERS_NONE}))
"""Those a person may refuse on: that the line offers none is why they are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """`reference` is the call id, or a keyed pseudonym of the number or customer. `purposes` holds
    ``recording`` or purposes of U1. Withdrawal counts from `withdrawn_at` on, for later calls only."""

    objection_id: str
    scope: ScopeKind
    reference: str
    purposes: frozenset[str]
    channel: str
    objected_at: datetime
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    counts_from: datetime | None = None
    """Of calls that ended before, nothing was objected to; None: it is to all of them."""
    entered_by: str = ""
    """Who put it on file, as ``role:name``; empty where an older version did."""
    granted: bool | None = None
    """What somebody decided about recording where the line offers no objection to it; None: nobody has decided."""
    ground: Ground | None = None
    """Why it was not granted."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    lines: frozenset[LineId] | None = None
    """It came with a call that was pushed for these lines alone, and reaches no other; None: it reaches all."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""

    def reaches(self, line: LineId) -> bool:
        """Whether calls of this line may fall under it."""
        return self.lines is None or line in self.lines

    def covers(self, ended_at: datetime | None) -> bool:
        """Whether a call that ended at this instant falls under it (a call without a time does)."""
        if ended_at is None:
            return True
        begun = self.counts_from is None or ended_at >= self.counts_from
        return begun and (self.withdrawn_at is None or ended_at < self.withdrawn_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Objections taken back, on file by itself: the objection may come later, by another way. `purposes` empty: all."""

    withdrawal_id: str
    scope: ScopeKind
    reference: str
    purposes: frozenset[str]
    withdrawn_at: datetime
    recorded_at: datetime
    entered_by: str
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: it takes nothing back."""
