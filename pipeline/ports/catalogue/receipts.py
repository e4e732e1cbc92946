"""Calls that were pushed: what was received, so that the same call is taken once."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from callwarden.model.ids import Pseudonym
from callwarden.model.receipt import Receipt, ReceiptId


class Receipts(Protocol):
    """Receipts of pushed calls."""

    def get(self, receipt_id: ReceiptId) -> Receipt | None: ...

    def of_key(self, key: Pseudonym) -> Receipt | None:
        """The one that this Idempotency-Key was given with."""
        ...

    def add(self, receipt: Receipt) -> Receipt:
        """Keep it, unless one of its id is there, and give the one that is there now, locked. Of several who add the
        same at once, one finds its own."""
        ...

    def save(self, receipt: Receipt) -> None:
        """Insert, or replace the one of the same id."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Remove those of calls that were received before this instant."""
        ...

    def uploads(self, names: Collection[str]) -> frozenset[str]:
        """Those of these uploads that have a receipt."""
        ...
