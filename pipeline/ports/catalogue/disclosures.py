"""What left for courts and the police."""

from collections.abc import Sequence
from typing import Protocol

from callwarden.model.disclosure import Disclosure


class Disclosures(Protocol):
    """Disclosures of evidence packs (U10). They are few: whoever looks for a recording's looks at all."""

    def get(self, disclosure_id: str) -> Disclosure | None: ...

    def all(self) -> Sequence[Disclosure]:
        """Newest first."""
        ...

    def save(self, disclosure: Disclosure) -> None:
        """Insert, or replace the one of the same id."""
        ...
