"""The key store: a data key for every recording, wrapped by a master key, and keyed pseudonyms.

Whoever destroys every copy of a recording's wrapped key has destroyed the recording, wherever its bytes are.
Copies of wrapped keys in old backups die with the master key they are wrapped by: rotate, re-wrap what lives,
then destroy the old master key (K4). Until that is done the erasure journal keeps them from being used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from callwarden.errors import CallwardenError, InvariantError, RetryableError
from callwarden.model.ids import Pseudonym
from callwarden.model.key import KeyKind


class KeyUnavailableError(RetryableError):
    """The key store cannot be reached or refuses for now. The key may well exist: this is never absence."""


class KeyMissingError(KeyUnavailableError):
    """The store has no such key and did not destroy it: an older copy of the store, or another system's."""

    def __init__(self, master_key_id: str) -> None:
        self.master_key_id = master_key_id
        super().__init__(f"master key {master_key_id} is missing: put the right key store back (docs/keys.md)")


class KeyDestroyedError(CallwardenError):
    """The master key that wrapped this data key is surely gone, and with it everything under the data key."""

    def __init__(self, master_key_id: str) -> None:
        self.master_key_id = master_key_id
        super().__init__(f"master key {master_key_id} is destroyed")


class WrappedKeyError(InvariantError):
    """The wrapped key is altered, or was made for another context (another recording)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedDataKey:
    """A data key nobody can use without the master key. Kept in the catalogue; `master_key_id` tells which
    rows a rotation still has to re-wrap."""

    wrapped: bytes = field(repr=False)
    master_key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A fresh data key of 32 random bytes, in both forms. `plaintext` is never stored and never logged."""

    plaintext: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    master_key_id: str


class KeyStore(Protocol):
    """Makes, wraps and unwraps data keys. Thread-safe; several processes may share one store.

    A `context` is a small set of names and values, such as ``{"recording": "rec-…"}``, authenticated with the
    wrapped key and stored nowhere: without the same context it does not unwrap. It may appear in the key
    store's own audit log, so it carries opaque ids only.
    """

    def new_data_key(self, context: Mapping[str, str]) -> DataKey:
        """A new data key under the current master key. Raises KeyUnavailableError."""
        ...

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The data key's 32 bytes.

        Raises KeyDestroyedError, KeyMissingError, WrappedKeyError (altered, or another context), KeyUnavailableError.
        """
        ...

    def rewrap(self, wrapped: bytes, context: Mapping[str, str]) -> WrappedDataKey:
        """The same data key under the current master key; no object is re-encrypted. The old form stays
        usable until its master key is destroyed. Raises as `unwrap`."""
        ...

    def pseudonym(self, kind: str, value: str) -> Pseudonym:
        """A keyed hash of `value` among values of this `kind`: the same for the same input in every process
        and for the life of the store, whatever master keys come and go; not reversible and not guessable
        without the key. ``<key id>:<52 lower-case base-32 characters>`` (HMAC-SHA256).

        `value` is taken as it is: bring telephone numbers to one form first. Raises KeyUnavailableError.
        """
        ...

    def current_master_key(self) -> str:
        """Id of the master key that wraps new data keys. Raises KeyUnavailableError."""
        ...

    def pseudonym_key(self) -> str:
        """Id of the key behind `pseudonym`. Raises KeyUnavailableError."""
        ...

    def fingerprint(self, kind: KeyKind, key_id: str) -> str | None:
        """What tells this key from any other that bears its name, for good; 32 hexadecimal digits from which nothing
        about the key follows. None when the store has no such key.

        Raises KeyDestroyedError when it had and destroyed it, KeyUnavailableError.
        """
        ...

    def make_master(self) -> str:
        """Make a new master key, not in use yet, and return its id, which no key of any store ever bore.

        Raises KeyUnavailableError; ConfigurationError where the store is set up in a way that fixes its key.
        """
        ...

    def use_master(self, master_key_id: str) -> None:
        """Make a master key the one that wraps new data keys. Older ones still unwrap.

        Raises KeyMissingError, KeyDestroyedError, KeyUnavailableError; ConfigurationError as `make_master`.
        """
        ...

    def destroy_master(self, master_key_id: str) -> None:
        """Make everything still wrapped by this master key unreadable, in backups too. Not undone by us (a
        managed store may allow a waiting period to cancel in; nothing unwraps during it). Destroying what is
        already gone is fine. Raises UsageError for the current one, KeyUnavailableError.
        """
        ...
