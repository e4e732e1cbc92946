"""Events that the bus deleted before anybody had decided on them: never "in flight", never silent (I1)."""

from pathlib import Path

import pytest

from callwarden.ports.bus import Message, TopicPartition
from tests.support.policies import write_policy
from tests.support.quick import policy_of
from tests.support.workshop import Workshop

CALLS = "telephony.calls"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def in_partition(shop: Workshop, partition: int) -> TopicPartition:
    return TopicPartition(topic=CALLS, partition=partition)


def test_deleted_unread_is_a_breach_that_names_partition_and_number_before_and_after_work_goes_on(
    shop: Workshop,
) -> None:
    bus = shop.parts["bus"]
    shop.publish(*(shop.event(f"c-{number}") for number in range(6)))
    shop.drain()
    assert shop.report().breaches == ()
    ends = bus.end_offsets(CALLS)
    shop.publish(*(shop.event(f"late-{number}") for number in range(6)))
    lost = {place: end - ends[place] for place, end in bus.end_offsets(CALLS).items() if end > ends[place]}
    for place in lost:
        bus._begins[place] = bus.end_offsets(CALLS)[place]  # all of them are old by now
    for _ in range(2):
        balance = shop.system.reconciler.balance()
        assert (balance.deleted_unread, balance.in_flight, balance.balanced) == (lost, 0, False)
        found = {one.subject: one.what_to_do for one in shop.report().breaches}
        assert found.keys() == {f"{CALLS}/{place.partition}" for place in lost}
        for place, count in lost.items():
            assert found[f"{CALLS}/{place.partition}"].startswith(f"{count} events")
        shop.publish(*(shop.event(f"next-{number}-{balance.published}") for number in range(6)))
        shop.drain()  # the second time round the groups have gone on beyond the gap


def test_what_was_decided_on_before_it_was_deleted_is_no_breach(shop: Workshop) -> None:
    bus = shop.parts["bus"]
    shop.publish(*(shop.event(f"c-{number}") for number in range(6)))
    shop.drain()
    bus.delete(CALLS, before=1000)
    assert shop.system.reconciler.balance().balanced
    assert shop.report().breaches == ()


def test_an_event_that_waits_for_word_of_an_objection_is_not_lost_when_the_bus_deletes_it(tmp_path: Path) -> None:
    """Its bytes are in the catalogue, sealed (R2)."""
    waits = ("objection_unknown: record ", "wait: PT30M\n    objection_unknown: wait ")
    policy = policy_of(write_policy(tmp_path / "p.yaml", waits))
    shop = Workshop(tmp_path, policy=policy)
    shop.publish(shop.event("c-1", objections=...))
    shop.drain()
    assert shop.system.catalogue.count_waiting(CALLS) == 1
    shop.parts["bus"].delete(CALLS, before=1000)
    balance = shop.system.reconciler.balance()
    assert (balance.in_flight, balance.deleted_unread, balance.balanced) == (1, {}, True)


def test_a_message_of_our_own_topics_deleted_before_a_group_had_read_it_is_a_breach(shop: Workshop) -> None:
    bus = shop.parts["bus"]
    shop.stored("c-1")
    bus.publish([Message(topic="holds.changed", key=f"k{number}", value=b"{}") for number in range(9)])
    assert "deleted_unread" not in {one.code for one in shop.report().breaches}
    with bus.subscribe(["holds.changed"], group="holds") as member:
        [first, *_] = member.poll(limit=1, timeout_s=1)
        place = TopicPartition(topic=first.position.topic, partition=first.position.partition)
        member.commit({place: 1})
    bus.delete("holds.changed", before=2)
    found = {one.subject: one.what_to_do for one in shop.report().breaches if one.code == "deleted_unread"}
    assert found[f"holds.changed/{place.partition}"].startswith("1 messages expired on the bus before holds read them")
