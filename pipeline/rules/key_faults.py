"""Is this the key store the system has always had? (K4)"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callwarden.model.key import KeyKind, KnownKey


class KeyFault(StrEnum):
    """What can be wrong with a key the system has used."""

    MISSING = "key_missing"
    """The store has none of this name and has not destroyed it."""
    DIFFERS = "key_differs"
    """The store has another one of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyKey:
    """A key that is not as it should be, and how many data keys are under it."""

    kind: KeyKind
    key_id: str
    fault: KeyFault
    data_keys: int = 0


def fault_of(known: KnownKey, fingerprint: str | None) -> KeyFault | None:
    """What is wrong with a key not destroyed, whose fingerprint in the store is this one."""
    if fingerprint is None:
        return KeyFault.MISSING
    return None if fingerprint == known.fingerprint else KeyFault.DIFFERS


def unfinished(known: Iterable[KnownKey]) -> KnownKey | None:
    """The master key a rotation to which is under way; given the first one used first."""
    begun = [key for key in known if key.kind is KeyKind.MASTER and key.rewrapped_at is None and key.retired_at is None]
    return begun[-1] if begun else None


def key_subject(key_id: str) -> str:
    """How a master key stands in the log: its name, or the last part of a managed key's."""
    return f"key-{key_id.rpartition('/')[2]}"
