"""Whoever was given a copy was told what changed since (GDPR, article 19)."""

from dataclasses import dataclass, field
from datetime import datetime

from callwarden.model.request import RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientNotice:
    """The recipient of a disclosure was told what a request changed; `acknowledged_at` once they have said so."""

    request_id: RequestId
    disclosure_id: str
    told_at: datetime
    told_by: str = field(repr=False)
    acknowledged_at: datetime | None = None
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""
