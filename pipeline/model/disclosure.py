"""What left for a court or the police: to whom, by which right (U10)."""

from dataclasses import dataclass, field
from datetime import datetime

from callwarden.model.ids import CaseId, RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One evidence pack of a case that was made for somebody. `basis` is the legal basis or the warrant's reference;
    `recordings` is what is in it; until it is made, what the case held when it was asked for. `manifest` is the SHA-256
    of the pack's manifest, in hexadecimal: None while there is no pack, for good where its making was interrupted."""

    disclosure_id: str
    """As the access log has it, as the correlation of its entries."""
    case_id: CaseId
    recipient: str = field(repr=False)
    basis: str = field(repr=False)
    made_by: str
    made_at: datetime
    recordings: frozenset[RecordingId]
    manifest: str | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
