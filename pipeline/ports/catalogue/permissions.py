"""Permissions to test on real calls."""

from collections.abc import Sequence
from typing import Protocol

from callwarden.model.permission import Permission, PermissionId


class Permissions(Protocol):
    """Every one there ever was."""

    def get(self, permission_id: PermissionId, *, lock: bool = False) -> Permission | None: ...

    def find(self, *, unended: bool = False) -> Sequence[Permission]:
        """Newest first; `unended`: only those whose end was not written down yet."""
        ...

    def save(self, permission: Permission) -> None:
        """Insert, or replace the one of the same id."""
        ...
