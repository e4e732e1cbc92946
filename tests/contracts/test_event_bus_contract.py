"""What `callwarden.ports.bus` promises, on every bus: in memory, SQLite, Apache Kafka, and tansu.

Serves I1 (every event comes to an end: nothing may be lost on the way) and I11 (twice gives the same).
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import ConfigurationError, InvalidMessageError, RetryableError
from callwarden.model.outcome import Position, Reason
from callwarden.ports.bus import Message, TopicPartition, TopicSettings
from tests.support.event_bus_backends import backend_named
from tests.support.event_buses import (
    Backend,
    after,
    closing,
    commit_settled,
    numbered,
    receive,
    receive_all,
    settle,
    values,
)


@pytest.fixture(params=["memory", "sqlite", "tansu", "kafka"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    yield from closing(backend_named(request.param, request, tmp_path))


def test_messages_of_one_key_are_delivered_in_the_order_of_publication(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus, partitions=3)
    bus.publish(numbered(topic, 60, keys=5))
    bus.publish([Message(topic=topic, key=f"k{i % 5}", value=str(i).encode()) for i in range(60, 90)])
    by_key: dict[bytes | None, list[int]] = defaultdict(list)
    with bus.subscribe([topic], group=backend.group) as member:
        for delivery in receive(member, 90):
            by_key[delivery.key].append(int(delivery.value))
    assert by_key == {f"k{key}".encode(): list(range(key, 90, 5)) for key in range(5)}


def test_a_message_arrives_byte_for_byte_with_its_key_and_headers_where_publish_said(
    backend: Backend,
) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    message = Message(
        topic=topic,
        key="appel-é",
        value=bytes(range(256)),
        headers=(("a", b"\xff\x00"), ("a", b""), ("ü", b"1")),
    )
    (position,) = bus.publish([message])
    with bus.subscribe([topic], group=backend.group) as member:
        (delivery,) = receive(member, 1)
    assert (delivery.key, delivery.value) == ("appel-é".encode(), bytes(range(256)))
    assert delivery.headers == message.headers
    assert delivery.position == position == Position(topic=topic, partition=0, offset=0)


def test_positions_of_a_publish_are_in_the_order_of_its_messages(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus, partitions=3)
    messages = numbered(topic, 30, keys=7)
    positions = bus.publish(messages)
    with bus.subscribe([topic], group=backend.group) as member:
        delivered = {delivery.position: delivery.value for delivery in receive(member, 30)}
    assert delivered == {position: m.value for position, m in zip(positions, messages, strict=True)}
    assert list(bus.publish([])) == []


def test_what_was_published_and_committed_outlives_its_clients(backend: Backend) -> None:
    first = backend.open()
    topic = backend.topic(first)
    first.publish(numbered(topic, 10))
    with first.subscribe([topic], group=backend.group) as member:
        member.commit(after(receive(member, 4)))
    first.close()
    again = backend.open()
    with again.subscribe([topic], group=backend.group) as member:
        assert values(receive(member, 6)) == [4, 5, 6, 7, 8, 9]


def test_a_new_group_starts_at_the_oldest_message_whatever_others_have_read(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    bus.publish(numbered(topic, 5))
    with bus.subscribe([topic], group="early") as member:
        member.commit(after(receive(member, 5)))
    with bus.subscribe([topic], group="late") as member:
        assert values(receive(member, 5)) == [0, 1, 2, 3, 4]


def test_poll_returns_no_more_than_its_limit_and_loses_nothing_by_it(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus, partitions=2)
    bus.publish(numbered(topic, 25, keys=6))
    got: list[int] = []
    with bus.subscribe([topic], group=backend.group) as member:
        until = time.monotonic() + 20
        while len(got) < 25 and time.monotonic() < until:
            batch = member.poll(limit=4, timeout_s=0.3)
            assert len(batch) <= 4
            got += values(batch)
    assert sorted(got) == list(range(25))


def test_poll_of_an_empty_topic_returns_nothing_when_its_time_is_over(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    with bus.subscribe([topic], group=backend.group) as member:
        settle([member], lambda: len(member.assigned()) == 1, within_s=backend.settles_s)
        begun = time.monotonic()
        assert list(member.poll(limit=10, timeout_s=0.3)) == []
        assert 0.25 <= time.monotonic() - begun < 10


def test_a_waiting_poll_sees_a_message_published_elsewhere(backend: Backend) -> None:
    here, there = backend.open(), backend.open()
    topic = backend.topic(here)
    with here.subscribe([topic], group=backend.group) as member:
        settle([member], lambda: len(member.assigned()) == 1, within_s=backend.settles_s)
        publisher = threading.Timer(0.2, lambda: there.publish(numbered(topic, 1)))
        publisher.start()
        assert values(receive(member, 1, within_s=5)) == [0]
        publisher.join()


def test_two_members_share_the_partitions_and_each_message_has_one_reader(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=4)
    with one.subscribe([topic], group=backend.group) as a, two.subscribe([topic], group=backend.group) as b:
        settle([a, b], lambda: len(a.assigned()) == len(b.assigned()) == 2, within_s=backend.settles_s)
        assert not a.assigned() & b.assigned()
        assert a.assigned() | b.assigned() == {TopicPartition(topic=topic, partition=p) for p in range(4)}
        one.publish(numbered(topic, 80, keys=40))
        got = receive_all([a, b], 80)
        assert sorted(values(got)) == list(range(80))


def test_when_a_member_leaves_the_others_get_what_it_had_not_committed(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=2)
    one.publish(numbered(topic, 40, keys=8))
    done: list[int] = []
    with one.subscribe([topic], group=backend.group) as stays:
        leaves = two.subscribe([topic], group=backend.group)
        members = [stays, leaves]
        early = settle(
            members, lambda: len(stays.assigned()) == len(leaves.assigned()) == 1, within_s=backend.settles_s
        )
        early = early or receive_all(members, 1)  # one of them has read what it has not committed
        assert early
        leaves.close()
        leaves.close()
        begun = time.monotonic()
        settle([stays], lambda: len(stays.assigned()) == 2, within_s=backend.settles_s)
        assert time.monotonic() - begun < max(backend.session_s, 20)
    with one.subscribe([topic], group=backend.group) as again:
        while len(done) < 40:
            batch = receive(again, 40 - len(done))
            assert batch
            again.commit(after(batch))
            done += values(batch)
    assert sorted(done) == list(range(40))
    assert sum(one.committed(topic, group=backend.group).values()) == 40


def test_closing_without_a_commit_means_delivery_again(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    bus.publish(numbered(topic, 6))
    with bus.subscribe([topic], group=backend.group) as member:
        first = receive(member, 6)
        member.commit(after(first[:2]))
    with bus.subscribe([topic], group=backend.group) as member:
        assert values(receive(member, 4)) == [2, 3, 4, 5]


def test_a_commit_of_a_partition_lost_to_another_member_changes_nothing(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=2)
    one.publish(numbered(topic, 20, keys=8))
    with one.subscribe([topic], group=backend.group) as a:
        work = receive(a, 20)
        places = a.assigned()
        with two.subscribe([topic], group=backend.group) as b:
            settle([a, b], lambda: len(a.assigned()) == len(b.assigned()) == 1, within_s=backend.settles_s)
            before = dict(one.committed(topic, group=backend.group))
            with pytest.raises(RetryableError):
                a.commit(after(work))
            with pytest.raises(RetryableError):
                a.commit(dict.fromkeys(places - a.assigned(), 1))
            assert dict(one.committed(topic, group=backend.group)) == before == dict.fromkeys(places, 0)
            kept = {place: offset for place, offset in after(work).items() if place in a.assigned()}
            commit_settled(a, [b], kept)
            assert dict(one.committed(topic, group=backend.group)) == before | kept


def test_a_member_that_only_takes_over_starts_at_what_was_committed(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=2)
    one.publish(numbered(topic, 20, keys=8))
    with one.subscribe([topic], group=backend.group) as a:
        work = receive(a, 20)
        a.commit(after(work))
        with two.subscribe([topic], group=backend.group) as b:
            again = settle([a, b], lambda: len(a.assigned()) == len(b.assigned()) == 1, within_s=backend.settles_s)
            assert again == []
            fresh = one.publish([Message(topic=topic, key=f"n{i}", value=b"0") for i in range(20)])
            got = [delivery.position for delivery in receive_all([a, b], 20)]
            assert Counter(got) == Counter(fresh)


def test_an_offset_never_goes_back(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    bus.publish(numbered(topic, 6))
    place = TopicPartition(topic=topic, partition=0)
    with bus.subscribe([topic], group=backend.group) as member:
        receive(member, 6)
        member.commit({place: 5})
        with pytest.raises(RetryableError):
            member.commit({place: 2})
        member.commit({})
    assert bus.committed(topic, group=backend.group) == {place: 5}


def test_seek_delivers_a_position_again_and_what_follows_it(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    bus.publish(numbered(topic, 8))
    with bus.subscribe([topic], group=backend.group) as member:
        first = receive(member, 8)
        member.commit(after(first[:3]))
        member.seek(first[3].position)
        assert values(receive(member, 5)) == [3, 4, 5, 6, 7]
        member.seek(Position(topic=topic, partition=99, offset=0))  # lost to another member: its business


def test_a_paused_member_gets_nothing_and_stays_a_member(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=2)
    with one.subscribe([topic], group=backend.group) as a, two.subscribe([topic], group=backend.group) as b:
        settle([a, b], lambda: len(a.assigned()) == len(b.assigned()) == 1, within_s=backend.settles_s)
        a.pause()
        one.publish(numbered(topic, 20, keys=10))
        held, others = a.assigned(), []
        until = time.monotonic() + backend.session_s * 1.5
        while time.monotonic() < until:
            assert list(a.poll(limit=100, timeout_s=0.1)) == []
            others += b.poll(limit=100, timeout_s=0.1)
        assert a.assigned() == held
        a.resume()
        mine = receive(a, 20 - len(others))
        assert others
        assert mine
        assert sorted(values(mine) + values(others)) == list(range(20))


def test_what_a_paused_member_gains_waits_for_resume_too(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=2)
    with one.subscribe([topic], group=backend.group) as a:
        b = two.subscribe([topic], group=backend.group)
        settle([a, b], lambda: len(a.assigned()) == len(b.assigned()) == 1, within_s=backend.settles_s)
        a.pause()
        one.publish(numbered(topic, 20, keys=10))
        b.close()
        assert settle([a], lambda: len(a.assigned()) == 2, within_s=backend.settles_s) == []
        assert list(a.poll(limit=100, timeout_s=0.3)) == []
        a.resume()
        assert sorted(values(receive(a, 20))) == list(range(20))


def test_work_longer_than_the_session_time_out_keeps_its_partitions(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    topic = backend.topic(one, partitions=2)
    one.publish(numbered(topic, 10, keys=10))
    with one.subscribe([topic], group=backend.group) as a, two.subscribe([topic], group=backend.group) as b:
        settle([a, b], lambda: len(a.assigned()) == len(b.assigned()) == 1, within_s=backend.settles_s)
        mine = dict.fromkeys(a.assigned(), 1)
        time.sleep(backend.session_s * 1.5)  # neither of them polls: both are at work
        b.poll(limit=1, timeout_s=0.2)
        assert a.assigned() == mine.keys()
        commit_settled(a, [b], mine)
        assert a.assigned() == mine.keys()
        assert {place: one.committed(topic, group=backend.group)[place] for place in mine} == mine


@pytest.mark.parametrize(
    "backend",
    [
        *("memory", "sqlite", "kafka"),
        pytest.param("tansu", marks=pytest.mark.xfail(strict=True, reason="its end offset counts batches")),
    ],
    indirect=True,
)
def test_the_end_and_the_committed_offsets_tell_how_much_is_left(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus, partitions=3)
    places = [TopicPartition(topic=topic, partition=p) for p in range(3)]
    assert bus.end_offsets(topic) == bus.committed(topic, group=backend.group) == dict.fromkeys(places, 0)
    positions = bus.publish(numbered(topic, 30, keys=9))
    ends = Counter(TopicPartition(topic=p.topic, partition=p.partition) for p in positions)
    assert bus.end_offsets(topic) == {place: ends[place] for place in places}
    with bus.subscribe([topic], group=backend.group) as member:
        member.commit(after(receive(member, 30)))
    assert bus.committed(topic, group=backend.group) == bus.end_offsets(topic)
    assert bus.committed(topic, group="another") == dict.fromkeys(places, 0)


@pytest.mark.parametrize(
    "backend",
    [
        *("memory", "sqlite", "kafka"),
        pytest.param("tansu", marks=pytest.mark.skip(reason="it deletes nothing on demand, and counts batches")),
    ],
    indirect=True,
)
def test_what_was_deleted_unread_shows_between_the_groups_offset_and_the_beginning(backend: Backend) -> None:
    """Retention does not ask whether anybody has read (I1)."""
    bus = backend.open()
    topic = backend.topic(bus)
    place = TopicPartition(topic=topic, partition=0)
    assert bus.begin_offsets(topic) == {place: 0}
    bus.publish(numbered(topic, 10))
    assert bus.begin_offsets(topic) == {place: 0}
    with bus.subscribe([topic], group=backend.group) as member:
        receive(member, 10)
        member.commit({place: 2})
    backend.delete(topic, 6)
    assert (bus.committed(topic, group=backend.group), bus.begin_offsets(topic)) == ({place: 2}, {place: 6})
    with bus.subscribe([topic], group=backend.group) as member:
        assert values(receive(member, 4)) == [6, 7, 8, 9]
    backend.delete(topic, 10)
    assert bus.begin_offsets(topic) == bus.end_offsets(topic) == {place: 10}
    with pytest.raises(ConfigurationError, match=r"no\.such\.topic"):
        bus.begin_offsets("no.such.topic")


def test_a_message_over_the_limit_is_not_an_event_and_nothing_of_its_batch_is_published(
    backend: Backend,
) -> None:
    bus = backend.open()
    topic = backend.topic(bus)
    largest = Message(topic=topic, key="k", value=b"v" * 999_999)
    with pytest.raises(InvalidMessageError) as refused:
        bus.publish([*numbered(topic, 1), Message(topic=topic, key="k", value=b"v" * 1_000_000)])
    assert refused.value.reason == Reason.NOT_AN_EVENT
    bus.publish([largest])
    assert list(bus.end_offsets(topic).values()) == [1]
    with bus.subscribe([topic], group=backend.group) as member:
        (delivery,) = receive(member, 1)
    assert delivery.value == largest.value


def test_a_topic_that_does_not_exist_is_a_matter_of_configuration(backend: Backend) -> None:
    bus = backend.open()
    with pytest.raises(ConfigurationError, match=r"no\.such\.topic"):
        bus.publish(numbered("no.such.topic", 1))
    with pytest.raises(ConfigurationError, match=r"no\.such\.topic"):
        bus.end_offsets("no.such.topic")
    with (
        pytest.raises(ConfigurationError, match=r"no\.such\.topic"),
        bus.subscribe(["no.such.topic"], group=backend.group) as member,
    ):
        member.poll(limit=1, timeout_s=0.1)


def test_ensuring_topics_twice_is_fine_and_asking_for_more_partitions_is_refused(backend: Backend) -> None:
    bus = backend.open()
    topic = backend.topic(bus, partitions=2)
    wanted = TopicSettings(name=topic, partitions=2, retention=timedelta(days=3))
    bus.ensure_topics([wanted, wanted])
    bus.publish(numbered(topic, 3))
    bus.ensure_topics([wanted])
    with bus.subscribe([topic], group=backend.group) as member:
        assert sorted(values(receive(member, 3))) == [0, 1, 2]
    with pytest.raises(ConfigurationError, match=topic):
        bus.ensure_topics([TopicSettings(name=topic, partitions=5, retention=timedelta(days=3))])


def test_a_bus_out_of_reach_is_worth_another_try_and_says_so_soon(backend: Backend) -> None:
    bus = backend.unreachable()
    try:
        begun = time.monotonic()
        with pytest.raises(RetryableError):
            bus.publish(numbered("t", 1))
        with pytest.raises(RetryableError):
            bus.end_offsets("t")
        with pytest.raises(RetryableError), bus.subscribe(["t"], group=backend.group) as member:
            member.poll(limit=1, timeout_s=0.1)
        assert time.monotonic() - begun < 20
    finally:
        bus.close()


def test_publishers_side_by_side_lose_and_mix_up_nothing(backend: Backend) -> None:
    buses = [backend.open(), backend.open()]
    topic = backend.topic(buses[0], partitions=2)

    def publish(number: int) -> None:
        for batch in range(10):
            buses[number % 2].publish(
                [
                    Message(topic=topic, key=f"p{number}", value=str(number * 1000 + batch * 5 + i).encode())
                    for i in range(5)
                ]
            )

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_key: dict[bytes | None, list[int]] = defaultdict(list)
    with buses[0].subscribe([topic], group=backend.group) as member:
        for delivery in receive(member, 200):
            by_key[delivery.key].append(int(delivery.value))
    assert by_key == {f"p{n}".encode(): [n * 1000 + i for i in range(50)] for n in range(4)}
