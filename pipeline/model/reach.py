"""What somebody may find for a purpose (`callwarden.rules.reach`)."""

from dataclasses import dataclass
from datetime import datetime

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Calls of these lines and these agents; None: of any."""

    lines: frozenset[LineId] | None
    agents: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Stored, unrestricted calls within any of `within` that ended by `latest`, whose period is not over at `now`, and
    of which `purpose`, where there is one, was not objected to. With `dispute`, what a case holds in any case. Of these
    only those `included`, where it is set."""

    within: tuple[Narrowed, ...]
    now: datetime
    latest: datetime
    purpose: Purpose | None
    dispute: bool
    included: frozenset[RecordingId] | None = None
