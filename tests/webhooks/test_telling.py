"""What became of calls is told to those who asked, at least once, and never holds anything up (Standard Webhooks)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callwarden.custody.courier import AT_ONCE, LEASE
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.model.log_entry import Operation
from callwarden.model.webhook import (
    Answer,
    DeliveryFault,
    DeliveryId,
    DeliveryState,
    Told,
    Webhook,
    WebhookDelivery,
    WebhookEnd,
    WebhookId,
)
from callwarden.rules.webhooks import DEAD_KEPT, DELIVERED_KEPT, FORMER_SECRET_SIGNS, GIVEN_UP_AFTER
from tests.webhooks.conftest import Telling

OTTO = Actor(role=Role.OPERATOR, name="otto")
URL, OTHER = "https://hooks.example.com/one", "https://hooks.example.com/two"
DOWN = Answer(fault=DeliveryFault.TIMEOUT)
EVERYTHING = frozenset(Told)


def add(shop: Telling, url: str = URL, events: frozenset[Told] = EVERYTHING, **options: Any) -> Webhook:
    return shop.system.webhook_desk.add(OTTO, url, events, **options)[0]


def bodies(shop: Telling) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, body, _ in shop.poster.posted]


def notices(shop: Telling) -> list[WebhookDelivery]:
    return list(shop.system.webhook_desk.deliveries(OTTO))


def test_a_stored_call_is_told_with_its_ids_and_instants_and_nothing_else(shop: Telling) -> None:
    add(shop)
    shop.publish(shop.event("c-1"))
    shop.tell()
    [told] = bodies(shop)
    row = shop.recording("c-1")
    assert row.keep_until is not None
    assert told == {
        "type": "call.stored",
        "timestamp": shop.clock.now().isoformat(),
        "data": {
            "recording_id": row.recording_id,
            "call_id": "c-1",
            "leg": "main",
            "segment": 0,
            "line": "customer-service",
            "outcome": "stored",
            "at": shop.clock.now().isoformat(),
            "keep_until": row.keep_until.isoformat(),
        },
    }


def test_what_was_refused_quarantined_or_disposed_of_is_told_with_its_reason(shop: Telling) -> None:
    add(shop)
    shop.publish(
        shop.event("refused", objections=["recording"]),
        shop.event("aside", line="nobody-knows"),
        shop.event("gone"),
    )
    shop.tell()
    shop.clock.move(timedelta(days=200))
    shop.drain("dispose")
    shop.drain("webhooks")
    told = {(one["data"]["call_id"], one["type"], one["data"].get("reason")) for one in bodies(shop)}
    assert told >= {
        ("refused", "call.refused", "objection"),
        ("aside", "call.quarantined", "unknown_line"),
        ("gone", "call.stored", None),
        ("gone", "call.disposed", "retention"),
    }


def test_only_what_was_asked_for_is_told_and_only_of_the_line(shop: Telling) -> None:
    add(shop, URL, frozenset({Told.REFUSED}))
    add(shop, OTHER, line=LineId("monitoring-centre"))
    shop.publish(
        shop.event("c-1"), shop.event("c-2", objections=["recording"]), shop.event("c-3", line="monitoring-centre")
    )
    shop.tell()
    told = {(url, json.loads(body)["data"]["call_id"]) for url, _, body, _ in shop.poster.posted}
    assert told == {(URL, "c-2"), (OTHER, "c-3")}


def test_a_call_named_by_a_telephone_number_is_told_without_its_name(shop: Telling) -> None:
    add(shop)
    shop.publish(shop.event("+33639980001-7", leg="0639980001"))
    shop.tell()
    [told] = bodies(shop)
    assert "call_id" not in told["data"]
    assert "39980001" not in json.dumps(told)


def test_the_same_fact_heard_of_again_is_told_once(shop: Telling) -> None:
    add(shop)
    shop.publish(shop.event("c-1"))
    shop.tell()
    shop.publish_again("recordings.stored")
    shop.drain("webhooks")
    assert len(shop.poster.posted) == 1


def test_nothing_that_happened_before_a_webhook_was_added_is_told(shop: Telling) -> None:
    shop.publish(shop.event("c-1"))
    shop.tell()
    add(shop)
    shop.drain("webhooks")
    assert shop.poster.posted == []


def test_a_failed_notice_comes_again_under_its_id_until_it_is_taken(shop: Telling) -> None:
    add(shop)
    shop.poster.answers[URL] = DOWN
    shop.publish(shop.event("c-1"))
    shop.tell()
    [waiting] = notices(shop)
    assert (waiting.state, waiting.tries, waiting.fault) == (DeliveryState.WAITING, 1, DeliveryFault.TIMEOUT)
    shop.reopen()  # the pause is in the catalogue
    shop.drain("webhooks")
    assert len(shop.poster.posted) == 1, "not before its time"
    shop.outside.instant = waiting.again_at
    shop.poster.answers.clear()
    shop.drain("webhooks")
    assert len({id_ for _, id_, _, _ in shop.poster.posted}) == 1
    assert [(one.state, one.tries) for one in notices(shop)] == [(DeliveryState.DELIVERED, 2)]


def test_a_worker_killed_after_it_sent_leaves_the_notice_to_another_under_the_same_id(shop: Telling) -> None:
    add(shop)
    shop.publish(shop.event("c-1"))
    shop.tell()
    shop.poster.posted.clear()
    shop.publish(shop.event("c-2"))
    shop.drain("objections", "ingest")
    step = shop.system.webhooks
    with shop.system.bus.subscribe(step.topics, group=step.group) as subscription:
        deliveries = subscription.poll(limit=9, timeout_s=1.0)
    step.finish([step.carry_out(plan) for plan in step.begin(deliveries).plans])
    [due] = step.overdue(limit=9)
    step.carry_out(step.begin([due]).plans[0])  # sent, and killed before it was written down
    shop.reopen()
    shop.drain("webhooks")
    assert len(shop.poster.posted) == 1, "somebody is at it"
    shop.outside.move(LEASE)
    shop.drain("webhooks")
    [first, second] = shop.poster.posted
    assert first == second
    assert {one.state for one in notices(shop)} == {DeliveryState.DELIVERED}


def test_a_notice_nobody_takes_is_dead_after_three_days_and_a_person_sends_it_again(shop: Telling) -> None:
    hook = add(shop)
    shop.poster.answers[URL] = DOWN
    shop.publish(shop.event("c-1"))
    shop.tell()
    while (one := notices(shop)[0]).state is DeliveryState.WAITING:
        shop.outside.instant = one.again_at
        shop.drain("webhooks")
    assert shop.outside.instant - one.due_since <= GIVEN_UP_AFTER
    [dead] = shop.system.webhook_desk.deliveries(OTTO, state=DeliveryState.DEAD)
    shop.poster.answers.clear()
    shop.drain("webhooks")
    assert notices(shop) == [dead]
    shop.outside.move(timedelta(hours=1))
    shop.system.webhook_desk.retry(OTTO, dead.delivery_id)
    shop.drain("webhooks")
    assert [(one.delivery_id, one.state) for one in notices(shop)] == [(dead.delivery_id, DeliveryState.DELIVERED)]
    assert shop.system.webhook_desk.retry_all(OTTO, hook.webhook_id) == 0


def test_a_receiver_that_does_not_work_keeps_nobody_else_waiting_and_is_not_asked_with_each(shop: Telling) -> None:
    add(shop, URL)
    add(shop, OTHER)
    shop.poster.answers[URL] = DOWN
    shop.publish(*(shop.event(f"c-{number}") for number in range(AT_ONCE)))
    shop.tell()
    urls = [url for url, *_ in shop.poster.posted]
    assert urls.count(OTHER) == AT_ONCE
    assert urls.count(URL) == 1


def test_one_notice_that_is_rejected_keeps_the_next_from_nobody(shop: Telling) -> None:
    add(shop)
    shop.poster.answers[URL] = Answer(status=422, fault=DeliveryFault.REJECTED)
    shop.publish(shop.event("c-1"), shop.event("c-2"))
    shop.tell()
    assert len(shop.poster.posted) == 2


def test_a_receiver_that_is_gone_is_told_nothing_more_and_the_log_says_so(shop: Telling) -> None:
    hook = add(shop)
    shop.poster.answers[URL] = Answer(status=410, fault=DeliveryFault.GONE)
    shop.publish(shop.event("c-1"))
    shop.tell()
    shop.publish(shop.event("c-2"))
    shop.tell()
    assert len(shop.poster.posted) == 1
    [one] = shop.system.webhook_desk.listed(OTTO)
    assert (one.webhook.ended, one.dead) == (WebhookEnd.GONE, 1)
    entries = [(each.actor, each.reasons) for each in written(shop, Operation.WEBHOOK_ENDED)]
    assert entries == [("service:webhooks", ("gone",))]
    with pytest.raises(UsageError, match="webhook rotate begins it again"):
        shop.system.webhook_desk.retry(OTTO, notices(shop)[0].delivery_id)
    shop.system.webhook_desk.remove(OTTO, hook.webhook_id)
    assert shop.system.webhook_desk.listed(OTTO)[0].webhook.ended is WebhookEnd.GONE, "it has ended already"


def test_one_that_was_gone_begins_again_with_a_new_secret_alone_and_gets_what_it_missed(shop: Telling) -> None:
    hook, _ = shop.system.webhook_desk.add(OTTO, URL, EVERYTHING)
    shop.poster.answers[URL] = Answer(status=410, fault=DeliveryFault.GONE)
    shop.publish(shop.event("c-1"))
    shop.tell()
    del shop.poster.answers[URL]
    shop.outside.move(timedelta(minutes=5))
    again, secret = shop.system.webhook_desk.rotate(OTTO, hook.webhook_id)
    assert (again.ended, again.ended_at) == (None, None)
    assert shop.system.webhook_desk.retry_all(OTTO, hook.webhook_id) == 1
    shop.drain("webhooks")
    shop.system.replay_from_start()  # the journal's last word is that it is told again
    [one] = shop.system.webhook_desk.listed(OTTO)
    assert (one.webhook.ended, one.dead, one.delivered) == (None, 0, 1)
    assert shop.poster.posted[-1][-1] == (secret,)
    shop.system.webhook_desk.remove(OTTO, hook.webhook_id)
    with pytest.raises(UsageError, match="has ended"):
        shop.system.webhook_desk.rotate(OTTO, hook.webhook_id)


def written(shop: Telling, operation: Operation) -> list[Any]:
    return [entry for entry in shop.parts["catalogue"].rows.log.values() if entry.operation is operation]


def test_what_waits_for_a_removed_receiver_is_not_sent(shop: Telling) -> None:
    hook = add(shop)
    shop.poster.answers[URL] = DOWN
    shop.publish(shop.event("c-1"))
    shop.tell()
    shop.system.webhook_desk.remove(OTTO, hook.webhook_id)
    shop.outside.move(timedelta(hours=1))
    shop.drain("webhooks")
    assert len(shop.poster.posted) == 1
    assert [(one.state, one.fault) for one in notices(shop)] == [(DeliveryState.DEAD, DeliveryFault.WEBHOOK_ENDED)]
    assert shop.system.webhook_desk.remove(OTTO, hook.webhook_id).ended is WebhookEnd.REMOVED


def test_a_rotated_secret_signs_beside_the_former_one_for_a_day(shop: Telling) -> None:
    hook, first = shop.system.webhook_desk.add(OTTO, URL, EVERYTHING)
    _, second = shop.system.webhook_desk.rotate(OTTO, hook.webhook_id)
    shop.system.webhook_desk.test(OTTO, hook.webhook_id)
    shop.outside.move(FORMER_SECRET_SIGNS)
    shop.system.webhook_desk.test(OTTO, hook.webhook_id)
    assert [secrets for *_, secrets in shop.poster.posted] == [(second, first), (second,)]


def test_a_test_is_sent_at_once_and_says_how_it_went(shop: Telling) -> None:
    hook = add(shop)
    taken = shop.system.webhook_desk.test(OTTO, hook.webhook_id)
    shop.poster.answers[URL] = DOWN
    failed = shop.system.webhook_desk.test(OTTO, hook.webhook_id)
    assert (taken.state, failed.state, failed.fault) == (
        DeliveryState.DELIVERED,
        DeliveryState.WAITING,
        DeliveryFault.TIMEOUT,
    )
    assert [one["type"] for one in bodies(shop)] == ["webhook.test"] * 2
    assert len({id_ for _, id_, *_ in shop.poster.posted}) == 2


def test_a_receiver_that_answers_a_test_that_it_is_gone_ends(shop: Telling) -> None:
    hook = add(shop)
    shop.poster.answers[URL] = Answer(status=410, fault=DeliveryFault.GONE)
    assert shop.system.webhook_desk.test(OTTO, hook.webhook_id).state is DeliveryState.DEAD
    [one] = shop.system.webhook_desk.listed(OTTO)
    assert one.webhook.ended is WebhookEnd.GONE


def test_no_list_shows_a_secret_and_no_value_prints_one(shop: Telling) -> None:
    _, secret = shop.system.webhook_desk.add(OTTO, URL, EVERYTHING)
    [one] = shop.system.webhook_desk.listed(OTTO)
    assert one.webhook.secret == ""
    with shop.system.catalogue.snapshot() as tx:
        assert secret not in repr(tx.webhooks.all())


def test_a_row_written_past_the_system_is_never_signed(shop: Telling) -> None:
    hook = add(shop)
    shop.poster.answers[URL] = DOWN
    shop.publish(shop.event("c-1"))
    shop.tell()
    rows = shop.parts["catalogue"].rows
    [name] = rows.webhook_deliveries
    rows.webhook_deliveries[name] = replace(rows.webhook_deliveries[name], body="{}", altered=True)
    shop.outside.move(timedelta(hours=1))
    shop.drain("webhooks")
    assert len(shop.poster.posted) == 1
    rows = shop.parts["catalogue"].rows
    rows.webhooks[hook.webhook_id] = replace(rows.webhooks[hook.webhook_id], url=OTHER, altered=True)
    shop.publish(shop.event("c-2"))
    shop.tell()
    assert len(shop.poster.posted) == 1


def test_notices_are_forgotten_after_a_week_or_a_month(shop: Telling) -> None:
    hook = add(shop)
    shop.system.webhook_desk.test(OTTO, hook.webhook_id)
    shop.poster.answers[URL] = Answer(status=410, fault=DeliveryFault.GONE)
    shop.system.webhook_desk.test(OTTO, hook.webhook_id)
    for later, left in ((DELIVERED_KEPT, 1), (DEAD_KEPT, 0)):
        shop.outside.move(later + timedelta(hours=1))
        shop.drain("webhooks")
        assert len(notices(shop)) == left


@pytest.mark.parametrize(
    ("url", "events", "line", "says"),
    [
        ("http://hooks.example.com/", EVERYTHING, None, "https"),
        ("https://169.254.169.254/", EVERYTHING, None, "CALLWARDEN_WEBHOOK_NETWORKS"),
        (URL, frozenset[Told](), None, "say what to tell"),
        (URL, EVERYTHING, LineId("nowhere"), "the policy has no line"),
    ],
)
def test_a_webhook_that_makes_no_sense_is_not_added(
    shop: Telling, url: str, events: frozenset[Told], line: LineId | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        shop.system.webhook_desk.add(OTTO, url, events, line=line)
    assert shop.system.webhook_desk.listed(OTTO) == []


def test_what_is_not_there_is_unknown(shop: Telling) -> None:
    desk = shop.system.webhook_desk
    for ask in (
        lambda: desk.remove(OTTO, WebhookId("wh-1")),
        lambda: desk.deliveries(OTTO, webhook_id=WebhookId("wh-1")),
        lambda: desk.retry(OTTO, DeliveryId("msg_1")),
    ):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert refused.value.reasons == ("unknown",)


def test_a_restored_backup_knows_which_receivers_were_removed_and_which_secrets_rotated(shop: Telling) -> None:
    removed, rotated = add(shop, URL), add(shop, OTHER)
    before = shop.parts["catalogue"].rows.snapshot()
    shop.outside.move(timedelta(minutes=1))
    shop.system.webhook_desk.remove(OTTO, removed.webhook_id)
    _, secret = shop.system.webhook_desk.rotate(OTTO, rotated.webhook_id)
    shop.parts["catalogue"].rows = before
    shop.reopen().replay_from_start()
    with shop.system.catalogue.snapshot() as tx:
        known = {one.webhook_id: one for one in tx.webhooks.all()}
    assert known[removed.webhook_id].ended is WebhookEnd.REMOVED
    assert known[rotated.webhook_id].secret == secret
