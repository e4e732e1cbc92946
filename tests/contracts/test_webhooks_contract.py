"""Webhooks and their notices in the catalogue, on every database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.ids import LineId
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
from tests.support.catalogue_backends import DATABASES, Backend, backend_named

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOOK = Webhook(
    webhook_id=WebhookId("wh-" + "1" * 32),
    url="https://hooks.example.com/callwarden",
    events=frozenset({Told.STORED, Told.DISPOSED}),
    line=LineId("customer-service"),
    secret="whsec_AAAA",
    former_secret="whsec_BBBB",
    former_until=NOON + timedelta(days=1),
    added_by="otto",
    added_at=NOON,
    rotated_at=NOON,
)
OTHER = replace(HOOK, webhook_id=WebhookId("wh-" + "2" * 32), line=None, added_at=NOON + MINUTE)


def notice(
    number: int, hook: Webhook = HOOK, *, again_at: datetime = NOON, due_since: datetime = NOON
) -> WebhookDelivery:
    return WebhookDelivery(
        delivery_id=DeliveryId(f"msg_{number:032x}"),
        webhook_id=hook.webhook_id,
        kind="call.stored",
        subject="rec-1",
        body='{"type":"call.stored"}',
        due_since=due_since,
        again_at=again_at,
    )


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    made = backend_named(request.param, request, tmp_path)
    with made.catalogue.transaction() as tx:
        tx.webhooks.save(HOOK)
        tx.webhooks.save(OTHER)
    yield made
    made.catalogue.close()


def test_a_webhook_comes_back_as_it_was_kept_and_is_replaced_by_its_id(backend: Backend) -> None:
    ended = replace(HOOK, ended=WebhookEnd.GONE, ended_at=NOON, secret="", former_secret=None, former_until=None)
    with backend.catalogue.transaction() as tx:
        assert tx.webhooks.get(HOOK.webhook_id, lock=True) == HOOK
        assert tx.webhooks.get(WebhookId("wh-0")) is None
        tx.webhooks.save(ended)
    with backend.catalogue.transaction() as tx:
        assert tx.webhooks.all() == [OTHER, ended]


def test_a_notice_is_added_once_and_then_replaced_only_on_purpose(backend: Backend) -> None:
    sent = replace(
        notice(1), state=DeliveryState.DELIVERED, tries=2, status=200, fault=None, tried_at=NOON, ended_at=NOON
    )
    with backend.catalogue.transaction() as tx:
        tx.webhook_deliveries.add([notice(1)])
        tx.webhook_deliveries.save([sent])
        tx.webhook_deliveries.add([notice(1), notice(2)])
    with backend.catalogue.transaction() as tx:
        assert tx.webhook_deliveries.get(sent.delivery_id, lock=True) == sent
        assert tx.webhook_deliveries.get(notice(2).delivery_id) == notice(2)
        assert tx.webhook_deliveries.get(DeliveryId("msg_0")) is None


def test_what_is_due_is_found_by_receiver_and_the_longest_due_first(backend: Backend) -> None:
    later, sooner = notice(1, again_at=NOON + MINUTE), notice(2)
    far, dead = notice(3, OTHER, again_at=NOON + 9 * MINUTE), replace(notice(4), state=DeliveryState.DEAD)
    with backend.catalogue.transaction() as tx:
        tx.webhook_deliveries.add([later, sooner, far, dead])
    with backend.catalogue.transaction() as tx:
        now = NOON + MINUTE
        assert tx.webhook_deliveries.receivers(now=now) == [HOOK.webhook_id]
        assert tx.webhook_deliveries.due(HOOK.webhook_id, now=now, limit=9, lock=True) == [sooner, later]
        assert tx.webhook_deliveries.due(HOOK.webhook_id, now=now, limit=1) == [sooner]
        assert tx.webhook_deliveries.due(OTHER.webhook_id, now=now, limit=9) == []


def test_notices_are_listed_newest_first_counted_and_forgotten_when_they_ended_long_ago(backend: Backend) -> None:
    old = replace(notice(1), state=DeliveryState.DEAD, fault=DeliveryFault.TIMEOUT, ended_at=NOON)
    new = replace(notice(2, due_since=NOON + MINUTE), state=DeliveryState.DEAD, ended_at=NOON + MINUTE)
    other = notice(3, OTHER)
    with backend.catalogue.transaction() as tx:
        tx.webhook_deliveries.add([old, new, other])
    with backend.catalogue.transaction() as tx:
        rows = tx.webhook_deliveries
        assert rows.find() == [new, old, other]
        assert rows.find(webhook_id=OTHER.webhook_id) == [other]
        assert rows.find(state=DeliveryState.DEAD, limit=1) == [new]
        waiting, dead = (OTHER.webhook_id, DeliveryState.WAITING), (HOOK.webhook_id, DeliveryState.DEAD)
        assert rows.count() == {waiting: 1, dead: 2}
        assert rows.remove(DeliveryState.DEAD, before=NOON + MINUTE) == 1
        assert rows.find() == [new, other]
