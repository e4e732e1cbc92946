"""An objection on file: whose calls, to what, since when, and whether it was withdrawn (R3, R4)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ScopeKind(StrEnum):
    CALL = "call"
    NUMBER = "number"
    CUSTOMER = "customer"


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
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""

    def covers(self, ended_at: datetime | None) -> bool:
        """Whether a call that ended at this instant falls under it (a call without a time does)."""
        return self.withdrawn_at is None or ended_at is None or ended_at < self.withdrawn_at
