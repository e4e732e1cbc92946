"""Changes of the policy that somebody proposed, and what became of them."""

from collections.abc import Sequence
from typing import Protocol

from callwarden.model.policy_change import PolicyChange


class PolicyChanges(Protocol):
    """Every one there ever was."""

    def get(self, change_id: str, *, lock: bool = False) -> PolicyChange | None: ...

    def all(self) -> Sequence[PolicyChange]:
        """Newest first."""
        ...

    def save(self, change: PolicyChange) -> None:
        """Insert, or replace the one of the same id."""
        ...
