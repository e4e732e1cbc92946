"""From the outbox to the bus: what became durable with its rows is now published."""

from collections.abc import Sequence
from contextlib import suppress

from callwarden.errors import RetryableError
from callwarden.ports.bus import EventBus
from callwarden.ports.catalogue import Catalogue, OutboxEntry

ORPHANED_AFTER_S = 30.0
"""An entry older than this was left behind by a worker that died; anybody may send it (consumers are idempotent)."""
_BATCH = 500


class Relay:
    """Publishes outbox entries. Thread-safe."""

    def __init__(self, bus: EventBus, catalogue: Catalogue) -> None:
        self._bus = bus
        self._catalogue = catalogue

    def send(self, entries: Sequence[OutboxEntry]) -> None:
        """Publish and flush, then mark as sent. Raises RetryableError; the entries stay in the outbox then."""
        if entries:
            self._bus.publish([entry.message for entry in entries])
            self._catalogue.mark_sent(entries)

    def tell(self, entries: Sequence[OutboxEntry]) -> None:
        """Send these, and no others, where the bus is there; else any worker does it later."""
        with suppress(RetryableError):
            self.send(entries)

    def send_orphans(self, *, older_than_s: float = ORPHANED_AFTER_S) -> int:
        """Send what nobody has sent for so long; returns how many."""
        sent = 0
        while entries := self._catalogue.unsent(older_than_s=older_than_s, limit=_BATCH):
            self.send(entries)
            sent += len(entries)
        return sent
