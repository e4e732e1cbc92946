"""The vault's holding port. Nobody but `callwarden.custody.holding` may have one (I4): an import contract in
pyproject.toml."""

from collections.abc import Mapping
from typing import Protocol

from callwarden.ports.vault import VaultLister


class VaultHolder(VaultLister, Protocol):
    """Puts legal holds on versions and takes them off. Thread-safe."""

    def set_hold(self, key: str, version_id: str, *, held: bool, tags: Mapping[str, str]) -> None:
        """Put the legal hold on this version or take it off, and set its tags to exactly `tags`: an object that is
        held carries the tag that excludes it from lifecycle rules. Idempotent.

        Raises ObjectMissingError, RetryableError.
        """
        ...
