"""The keys a system has ever used, as it remembers them: by name and fingerprint, never by the key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class KeyKind(StrEnum):
    MASTER = "master"
    """Wraps data keys."""
    PSEUDONYM = "pseudonym"
    """Makes pseudonyms; there is one, for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """One of them. `rewrapped_at` is when everything living had been brought under this master key (None while a
    rotation to it is under way), `retired_at` when it was ordered to be destroyed, `destroyed_at` when it was."""

    kind: KeyKind
    key_id: str
    fingerprint: str
    first_used_at: datetime
    rewrapped_at: datetime | None = None
    retired_at: datetime | None = None
    destroyed_at: datetime | None = None
