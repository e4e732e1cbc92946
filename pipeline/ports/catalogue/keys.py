"""Data keys, and the keys the system has used."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from callwarden.model.ids import RecordingId
from callwarden.model.key import KnownKey
from callwarden.model.outcome import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A recording's data key, wrapped by a master key. Destroying this row makes every copy unreadable."""

    recording_id: RecordingId
    wrapped: bytes = field(repr=False)
    master_key_id: str


DESTROYED_MASTER: Final = "destroyed"
"""Stands for the master key of an `OtherKey` that surely opens no more, where its own is not known."""


class KeyOf(StrEnum):
    """What is sealed under a data key of its own and is no recording."""

    DEAD_LETTER = "dead_letter"
    ACT_REASON = "act_reason"
    WAITING_EVENT = "waiting_event"
    EXPERIMENT = "experiment"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherKey:
    """The wrapped data key of such a thing: of the message at a position, or of the act or experiment with an id.
    `recording_id` is that of a waiting event; `master_key_id` is empty where an older version wrote it, and nobody
    knows."""

    of: KeyOf
    owner: Position | str
    recording_id: RecordingId | None = None
    wrapped: bytes = field(repr=False)
    master_key_id: str


class Keys(Protocol):
    """The data keys of recordings."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, WrappedKey]:
        """The wrapped data keys that still exist."""
        ...

    def add(self, keys: Sequence[WrappedKey]) -> None:
        """Record data keys; replaces the wrapping of a key that is there (rotation)."""
        ...

    def destroy(self, recording_ids: Collection[RecordingId]) -> None:
        """Delete the wrapped keys of these recordings (and overwrite their bytes where the store can), and whatever
        of them can be found by searching or was noted about them."""
        ...

    def any_under(self, master_key_id: str) -> WrappedKey | None:
        """Any one recording's data key under this master key."""
        ...

    def count_by_master(self) -> Mapping[str, int]:
        """How many wrapped data keys, of recordings and of all else, there are under each master key that wraps any, as
        far as it is known."""
        ...


class OtherKeys(Protocol):
    """The data keys of what is no recording."""

    def find(self, *, but_under: str) -> Sequence[OtherKey]:
        """Those that are not known to be under this master key, but for those that are known to open no more."""
        ...

    def replace(self, replaced: Sequence[tuple[OtherKey, OtherKey]]) -> int:
        """Write the second of each pair in the place of the first, where that is still as it was: what was destroyed
        meanwhile stays destroyed. How many were."""
        ...


class KnownKeys(Protocol):
    """Every key the system remembers to have used."""

    def all(self, *, lock: bool = False) -> Sequence[KnownKey]:
        """The first one used first."""
        ...

    def save(self, keys: Sequence[KnownKey]) -> None:
        """Insert, or replace those of the same kind and id."""
        ...
