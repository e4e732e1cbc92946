"""The vault: encrypted objects in versions, with legal holds. Writing and keeping are here; reading is apart, in
`callwarden.ports.vault_reader`, so that only the gate can hold a reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

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


class VaultWriter(Protocol):
    """Stores objects. Thread-safe."""

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> StoredVersion:
        """Store `body` (read to its end, exactly `size` bytes) as a new version of `key`.

        Durable and verified against a digest computed while sending when it returns; nothing is visible under
        the key before that. `body` needs not be seekable. A failed put leaves no version, and at worst an
        `UnfinishedUpload`. Raises RetryableError; InvariantError when the body's length differs from `size`.
        """
        ...


class VaultKeeper(Protocol):
    """Lists, holds and destroys. Never sees content. Thread-safe."""

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

    def destroy(self, versions: Sequence[ObjectVersion]) -> None:
        """Remove these versions and markers by id, for good. What is already gone is fine.

        Raises ObjectHeldError when a version is under legal hold (others may be gone already), RetryableError.
        """
        ...

    def give_up(self, upload: UnfinishedUpload) -> None:
        """Abort an unfinished upload and free its parts. What is already gone is fine. Raises RetryableError."""
        ...

    def set_hold(self, key: str, version_id: str, *, held: bool, tags: Mapping[str, str]) -> None:
        """Put the legal hold on this version or take it off, and set its tags to exactly `tags`: an object that is
        held carries the tag that excludes it from lifecycle rules. Idempotent.

        Raises ObjectMissingError, RetryableError.
        """
        ...

    def is_held(self, key: str, version_id: str) -> bool:
        """Whether the legal hold is on. Raises ObjectMissingError, RetryableError."""
        ...

    def lifecycle(self) -> Sequence[LifecycleRule] | None:
        """The expiry rules in force, ordered by id; None where this vault has no lifecycle of its own."""
        ...

    def apply_lifecycle(self, rules: Sequence[LifecycleRule]) -> None:
        """Make exactly `rules` the rules in force (besides giving up unfinished uploads after a day and removing
        stray markers). Raises RetryableError; ConfigurationError where this vault has no lifecycle."""
        ...
