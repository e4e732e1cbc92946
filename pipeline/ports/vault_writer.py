"""The vault's writing port. Nobody but the store may have one: an import contract in pyproject.toml."""

from collections.abc import Mapping
from typing import BinaryIO, Protocol

from callwarden.ports.vault import StoredVersion


class VaultWriter(Protocol):
    """Stores objects. Thread-safe."""

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> StoredVersion:
        """Store `body` (read to its end, exactly `size` bytes) as a new version of `key`.

        Durable and verified against a digest computed while sending when it returns; nothing is visible under
        the key before that. `body` needs not be seekable. A failed put leaves no version, and at worst an
        `UnfinishedUpload`. Raises RetryableError; InvariantError when the body's length differs from `size`.
        """
        ...
