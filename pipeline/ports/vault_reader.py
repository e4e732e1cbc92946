"""The vault's reading port. Nobody but the gate may hold one (I6): the import contract in pyproject.toml lets only the
gate, the adapters and wiring import this module."""

from typing import Protocol

from callwarden.ports.vault import VaultKeeper, VaultWriter


class VaultReader(Protocol):
    """Reads stored bytes. Thread-safe."""

    def read(self, key: str, version_id: str, *, start: int, length: int) -> bytes:
        """Exactly the bytes [start, start + length) of this version, fewer only past its end. Delete markers on
        top of it do not matter. Raises ObjectMissingError, RetryableError."""
        ...


class Vault(VaultWriter, VaultReader, VaultKeeper, Protocol):
    """What one adapter offers; wiring hands out its parts."""
