"""The vault: encrypted objects in versions, with legal holds. What may be asked by everybody is here: listing.

Writing, reading, holding and destroying are modules of their own (`vault_writer`, `vault_reader`, `vault_holder`,
`vault_destroyer`), each imported by one door of `callwarden.custody` only: contracts in pyproject.toml (I4, I6).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwarden.errors import CallwardenError


class ObjectMissingError(CallwardenError):
    """There is surely no such object or version. (A vault out of reach is a RetryableError instead.)"""


class ObjectHeldError(CallwardenError):
    """A legal hold forbids destroying this version; nothing of it was destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """What a put has made durable. `size` counts the bytes stored."""

    key: str
    version_id: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVersion:
    """One entry of a listing: a version, or (`is_marker`) a delete marker, which has no bytes."""

    key: str
    version_id: str
    size: int
    modified_at: datetime
    is_marker: bool = False
    is_current: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedUpload:
    """Bytes on their way that no version shows yet; they hold voices too."""

    key: str
    upload_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """One expiry rule of the backstop: objects tagged so expire this many whole days after their creation."""

    rule_id: str
    tags: tuple[tuple[str, str], ...]
    expire_after_days: int


class VaultLister(Protocol):
    """Says what is there. Never sees content. Thread-safe."""

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker of every key that starts with `prefix` ("" for all), by key, newest
        first within a key. Raises RetryableError."""
        ...

    def unfinished_uploads(self, prefix: str) -> Iterator[UnfinishedUpload]:
        """Every upload begun under `prefix` that is neither finished nor given up. Raises RetryableError."""
        ...

    def foreign_files(self) -> Iterator[str]:
        """Names of what lies in the vault and is neither a version nor an upload of ours, so that nothing here can
        destroy it; none where the server keeps nothing but objects. Raises RetryableError."""
        ...

    def is_held(self, key: str, version_id: str) -> bool:
        """Whether the legal hold is on. Raises ObjectMissingError, RetryableError."""
        ...

    def tags(self, key: str, version_id: str) -> Mapping[str, str] | None:
        """The tags of this version; None where the vault keeps none, for nothing in it goes by them. Raises
        ObjectMissingError, RetryableError."""
        ...


class VaultLifecycle(Protocol):
    """The bucket's own expiry, a backstop behind the sweep. Thread-safe."""

    def lifecycle(self) -> Sequence[LifecycleRule] | None:
        """The expiry rules in force, ordered by id; None where this vault has no lifecycle of its own."""
        ...

    def apply_lifecycle(self, rules: Sequence[LifecycleRule]) -> None:
        """Make exactly `rules` the rules in force (besides giving up unfinished uploads after a day and removing
        stray markers). Raises RetryableError; ConfigurationError where this vault has no lifecycle."""
        ...
