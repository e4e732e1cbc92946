"""The vault's destroying port. Nobody but `callwarden.custody.disposal` may have one (K4): an import contract in
pyproject.toml."""

from collections.abc import Sequence
from typing import Protocol

from callwarden.ports.vault import ObjectVersion, UnfinishedUpload, VaultLister


class VaultDestroyer(VaultLister, Protocol):
    """Destroys versions and unfinished uploads. Thread-safe."""

    def destroy(self, versions: Sequence[ObjectVersion]) -> None:
        """Remove these versions and markers by id, for good. What is already gone is fine.

        Raises ObjectHeldError when a version is under legal hold (others may be gone already), RetryableError.
        """
        ...

    def give_up(self, upload: UnfinishedUpload) -> None:
        """Abort an unfinished upload and free its parts. What is already gone is fine. Raises RetryableError."""
        ...
