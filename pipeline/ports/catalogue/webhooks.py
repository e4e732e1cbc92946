"""Webhooks: who is told what became of calls, and the notices on their way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callwarden.model.webhook import DeliveryId, DeliveryState, Webhook, WebhookDelivery, WebhookId


class Webhooks(Protocol):
    """Every receiver there ever was; the secrets of ended ones are blank."""

    def get(self, webhook_id: WebhookId, *, lock: bool = False) -> Webhook | None: ...

    def all(self) -> Sequence[Webhook]:
        """Newest first."""
        ...

    def save(self, webhook: Webhook) -> None:
        """Insert, or replace the one of the same id."""
        ...


class WebhookDeliveries(Protocol):
    """Notices: those that wait, and for a time those that are delivered or given up."""

    def get(self, delivery_id: DeliveryId, *, lock: bool = False) -> WebhookDelivery | None: ...

    def add(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Insert; one of the same id stays as it is."""
        ...

    def save(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Insert, or replace those of the same id."""
        ...

    def due(self, webhook_id: WebhookId, *, now: datetime, limit: int, lock: bool = False) -> Sequence[WebhookDelivery]:
        """Those of a receiver that wait and whose time has come, the longest ago first; with `lock` without those
        somebody is at."""
        ...

    def receivers(self, *, now: datetime) -> Sequence[WebhookId]:
        """Those for whom something is due, by id."""
        ...

    def find(
        self, *, webhook_id: WebhookId | None = None, state: DeliveryState | None = None, limit: int | None = None
    ) -> Sequence[WebhookDelivery]:
        """Newest first."""
        ...

    def count(self) -> dict[tuple[WebhookId, DeliveryState], int]:
        """How many of each receiver stand how; what is none is not in it."""
        ...

    def remove(self, state: DeliveryState, *, before: datetime) -> int:
        """Forget those that ended so before this instant; returns how many."""
        ...
