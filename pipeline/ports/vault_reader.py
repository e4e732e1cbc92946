"""The vault's reading port. Nobody but the gate may have one (I6): an import contract in pyproject.toml."""

from typing import Protocol


class VaultReader(Protocol):
    """Reads stored bytes. Thread-safe."""

    def read(self, key: str, version_id: str, *, start: int, length: int) -> bytes:
        """Exactly the bytes [start, start + length) of this version, fewer only past its end. Delete markers on
        top of it do not matter. Raises ObjectMissingError, RetryableError."""
        ...
