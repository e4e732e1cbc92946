"""Receivers of webhooks, and the notices on their way to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import and_, delete, func, select
from sqlalchemy.sql import ColumnElement

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import words_from_text, words_to_text
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import webhook, webhook_delivery
from callwarden.model.webhook import (
    DeliveryFault,
    DeliveryId,
    DeliveryState,
    Told,
    Webhook,
    WebhookDelivery,
    WebhookEnd,
    WebhookId,
)

_WEBHOOK: Final = Mapped(
    webhook,
    Webhook,
    events=(words_to_text, lambda text: frozenset(map(Told, words_from_text(text)))),
    ended=word(WebhookEnd),
)
_DELIVERY: Final = Mapped(webhook_delivery, WebhookDelivery, state=word(DeliveryState), fault=word(DeliveryFault))
_SELECT: Final = select(*webhook.c)
_SELECT_DELIVERY: Final = select(*webhook_delivery.c)
_SAVE: Final = _WEBHOOK.insert(key=("webhook_id",), clash=Clash.REPLACE)
_ADD_DELIVERY: Final = _DELIVERY.insert(key=("delivery_id",), clash=Clash.KEEP)
_SAVE_DELIVERY: Final = _DELIVERY.insert(key=("delivery_id",), clash=Clash.REPLACE)


class WebhookRows(Rows):
    """`callwarden.ports.catalogue.webhooks.Webhooks`."""

    def get(self, webhook_id: WebhookId, *, lock: bool = False) -> Webhook | None:
        wanted = _SELECT.where(webhook.c.webhook_id == webhook_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_WEBHOOK, rows)), None)

    def all(self) -> Sequence[Webhook]:
        found = self._session.run(_SELECT.order_by(webhook.c.added_at.desc(), webhook.c.webhook_id))
        return self._session.read(_WEBHOOK, found)

    def save(self, one: Webhook) -> None:
        self._session.save(_SAVE, _WEBHOOK, [one])


class WebhookDeliveryRows(Rows):
    """`callwarden.ports.catalogue.webhooks.WebhookDeliveries`."""

    def get(self, delivery_id: DeliveryId, *, lock: bool = False) -> WebhookDelivery | None:
        wanted = _SELECT_DELIVERY.where(webhook_delivery.c.delivery_id == delivery_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_DELIVERY, rows)), None)

    def add(self, deliveries: Sequence[WebhookDelivery]) -> None:
        self._session.save(_ADD_DELIVERY, _DELIVERY, _in_order(deliveries))

    def save(self, deliveries: Sequence[WebhookDelivery]) -> None:
        self._session.save(_SAVE_DELIVERY, _DELIVERY, _in_order(deliveries))

    def due(self, webhook_id: WebhookId, *, now: datetime, limit: int, lock: bool = False) -> Sequence[WebhookDelivery]:
        wanted = (
            _SELECT_DELIVERY.where(_is_due(now), webhook_delivery.c.webhook_id == webhook_id)
            .order_by(webhook_delivery.c.again_at, webhook_delivery.c.delivery_id)
            .limit(limit)
        )
        rows = self._session.run(wanted.with_for_update(skip_locked=True) if lock else wanted)
        return self._session.read(_DELIVERY, rows)

    def receivers(self, *, now: datetime) -> Sequence[WebhookId]:
        wanted = select(webhook_delivery.c.webhook_id).where(_is_due(now)).distinct()
        return [WebhookId(row[0]) for row in self._session.run(wanted.order_by(webhook_delivery.c.webhook_id))]

    def find(
        self, *, webhook_id: WebhookId | None = None, state: DeliveryState | None = None, limit: int | None = None
    ) -> Sequence[WebhookDelivery]:
        wanted = _SELECT_DELIVERY.order_by(webhook_delivery.c.due_since.desc(), webhook_delivery.c.delivery_id)
        if webhook_id is not None:
            wanted = wanted.where(webhook_delivery.c.webhook_id == webhook_id)
        if state is not None:
            wanted = wanted.where(webhook_delivery.c.state == state)
        return self._session.read(_DELIVERY, self._session.run(wanted.limit(limit)))

    def count(self) -> dict[tuple[WebhookId, DeliveryState], int]:
        names = (webhook_delivery.c.webhook_id, webhook_delivery.c.state)
        counted = self._session.run(select(*names, func.count()).group_by(*names))
        return {(WebhookId(one), DeliveryState(state)): number for one, state, number in counted}

    def remove(self, state: DeliveryState, *, before: datetime) -> int:
        over = delete(webhook_delivery).where(webhook_delivery.c.state == state, webhook_delivery.c.ended_at < before)
        return self._session.run(over).rowcount


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(webhook_delivery.c.state == DeliveryState.WAITING, webhook_delivery.c.again_at <= now)


def _in_order(deliveries: Sequence[WebhookDelivery]) -> list[WebhookDelivery]:
    return sorted(deliveries, key=lambda one: one.delivery_id)
