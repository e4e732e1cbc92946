"""Tries notices: who has one sent, and who has a worker, go through here. A row that was written past the system is
never signed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from callwarden.model.webhook import (
    Answer,
    DeliveryId,
    DeliveryState,
    Webhook,
    WebhookDelivery,
    WebhookId,
)
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.webhooks import WebhookPoster
from callwarden.rules.webhooks import DEAD_KEPT, DELIVERED_KEPT, after, ended, rest, signing

LEASE: Final = timedelta(minutes=5)
"""So long whoever has taken a notice up is waited for; then somebody else tries it, under the same id."""
AT_ONCE: Final = 16
"""Notices of one receiver in a worker's hands."""
_FORGET_EVERY: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Resting:
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """`clock` is the machine's own, which the receivers' clocks agree with. Thread-safe."""

    catalogue: Catalogue
    poster: WebhookPoster
    clock: Clock
    _resting: dict[WebhookId, _Resting] = field(default_factory=dict)
    _forgot: list[datetime] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def take_due(self, *, limit: int) -> Sequence[WebhookDelivery]:
        """Notices that are due now, a share for each receiver that does not rest; for `LEASE` nobody else gets them.
        Raises RetryableError."""
        now = self.clock.now()
        self._forget(now)
        with self.catalogue.snapshot() as tx:
            receivers = [one for one in tx.webhook_deliveries.receivers(now=now) if self._rests(one, now) is None]
        if not receivers:
            return ()
        share = min(AT_ONCE, max(1, limit // len(receivers)))
        taken: list[WebhookDelivery] = []
        with self.catalogue.transaction() as tx:
            for receiver in receivers[:limit]:
                taken += tx.webhook_deliveries.due(receiver, now=now, limit=share, lock=True)
            tx.webhook_deliveries.save([replace(each, again_at=now + LEASE) for each in taken])
        return taken

    def attempt(self, delivery_id: DeliveryId) -> WebhookDelivery | None:
        """Try one notice, and how it stands after that, which is still to be kept; None where it does not wait. Raises
        RetryableError."""
        with self.catalogue.snapshot() as tx:
            waiting = tx.webhook_deliveries.get(delivery_id)
            webhook = None if waiting is None else tx.webhooks.get(waiting.webhook_id)
        if waiting is None or waiting.state is not DeliveryState.WAITING:
            return None
        now = self.clock.now()
        if webhook is None or webhook.ended is not None or webhook.altered or waiting.altered:
            return ended(waiting, now=now)
        until = self._rests(webhook.webhook_id, now)
        if until is not None:
            return replace(waiting, again_at=until)
        answer = self._post(webhook, waiting, now)
        done = self.clock.now()
        self._note(webhook.webhook_id, answer, done)
        return after(waiting, answer, now=done)

    def keep(self, tx: Transaction, tried: Sequence[WebhookDelivery]) -> None:
        """Keep how these stand. One that somebody else has brought to its end meanwhile stays so."""
        waiting = [
            each
            for each in sorted(tried, key=lambda one: one.delivery_id)
            if (known := tx.webhook_deliveries.get(each.delivery_id, lock=True)) is not None
            and known.state is DeliveryState.WAITING
        ]
        tx.webhook_deliveries.save(waiting)

    def _post(self, webhook: Webhook, waiting: WebhookDelivery, now: datetime) -> Answer:
        return self.poster.post(
            webhook.url,
            waiting.body.encode(),
            delivery_id=waiting.delivery_id,
            secrets=signing(webhook, now=now),
            at=now,
        )

    def _rests(self, receiver: WebhookId, now: datetime) -> datetime | None:
        """Until when."""
        with self._lock:
            resting = self._resting.get(receiver)
        return resting.until if resting is not None and now < resting.until else None

    def _note(self, receiver: WebhookId, answer: Answer, now: datetime) -> None:
        with self._lock:
            before = self._resting.get(receiver)
            failures = 0 if before is None else before.failures
            pause = rest(answer, failures)
            if pause:
                self._resting[receiver] = _Resting(failures=failures + 1, until=now + pause)
            else:
                self._resting.pop(receiver, None)

    def _forget(self, now: datetime) -> None:
        """Once in a while, what ended long ago."""
        with self._lock:
            if self._forgot and now - self._forgot[-1] < _FORGET_EVERY:
                return
            self._forgot[:] = [now]
        with self.catalogue.transaction() as tx:
            tx.webhook_deliveries.remove(DeliveryState.DELIVERED, before=now - DELIVERED_KEPT)
            tx.webhook_deliveries.remove(DeliveryState.DEAD, before=now - DEAD_KEPT)
