"""What the embedded bus promises beyond the contract: retention, the file, leases that run out, a busy file."""

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.sqlite import SqliteBus
from callwarden.errors import InvariantError, RetryableError
from callwarden.ports.bus import Message, TopicPartition, TopicSettings

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class SetClock:
    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant


def settings(folder: Path, **changes: object) -> SqliteBusSettings:
    return SqliteBusSettings(path=folder / "bus.db", **changes)  # type: ignore[arg-type]  # test shorthand


def one(value: bytes) -> list[Message]:
    return [Message(topic="t", key="k", value=value)]


def test_messages_past_their_retention_are_gone_from_the_file_and_their_offsets_stay_used(tmp_path: Path) -> None:
    """The inbound topic carries telephone numbers: its retention is short and is kept (K1)."""
    clock = SetClock()
    bus = SqliteBus(settings(tmp_path), clock=clock)
    bus.ensure_topics(
        [
            TopicSettings(name="t", partitions=1, retention=timedelta(days=3)),
            TopicSettings(name="for-ever", partitions=1, retention=None),
        ]
    )
    bus.publish([*one(b"+33612345678"), Message(topic="for-ever", key="k", value=b"rec-1")])
    clock.instant += timedelta(days=2)
    bus.publish(one(b"younger"))
    clock.instant += timedelta(days=1, seconds=1)
    assert bus.sweep() == 1
    assert bus.sweep() == 0
    assert bus.end_offsets("t") == {TopicPartition(topic="t", partition=0): 2}
    with bus.subscribe(["t"], group="g") as member:
        assert [(d.value, d.position.offset) for d in member.poll(limit=9, timeout_s=1)] == [(b"younger", 1)]
    with bus.subscribe(["for-ever"], group="g") as member:
        assert [d.value for d in member.poll(limit=9, timeout_s=1)] == [b"rec-1"]
    assert bus.publish(one(b"next"))[0].offset == 2
    bus.close()
    assert not any(b"+33612345678" in file.read_bytes() for file in tmp_path.iterdir())


def test_an_idle_topic_is_swept_while_a_member_polls_it(tmp_path: Path) -> None:
    clock = SetClock()
    bus = SqliteBus(settings(tmp_path, sweep_interval=timedelta(0)), clock=clock)
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=timedelta(days=3))])
    bus.publish(one(b"old"))
    with bus.subscribe(["t"], group="g") as member:
        member.poll(limit=1, timeout_s=0.1)
        clock.instant += timedelta(days=4)
        member.poll(limit=1, timeout_s=0.05)
    assert bus.sweep() == 0
    with bus.subscribe(["t"], group="another") as member:
        assert list(member.poll(limit=1, timeout_s=0.05)) == []
    bus.close()


def test_a_clock_that_jumped_ahead_and_back_does_not_shelter_what_came_after(tmp_path: Path) -> None:
    clock = SetClock()
    bus = SqliteBus(settings(tmp_path), clock=clock)
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=timedelta(days=3))])
    clock.instant = START + timedelta(days=300)
    bus.publish(one(b"from the future"))
    clock.instant = START
    bus.publish(one(b"ordinary"))
    clock.instant = START + timedelta(days=4)
    assert bus.sweep() == 1
    bus.close()


def test_a_shorter_retention_in_the_settings_takes_effect(tmp_path: Path) -> None:
    clock = SetClock()
    bus = SqliteBus(settings(tmp_path), clock=clock)
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=None)])
    bus.publish(one(b"old"))
    clock.instant += timedelta(days=2)
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=timedelta(days=1))])
    assert bus.sweep() == 1
    bus.close()


def test_the_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    bus = SqliteBus(settings(tmp_path), clock=SetClock())
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=None)])
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    bus.close()


def test_a_member_that_does_not_poll_for_too_long_loses_its_partitions(tmp_path: Path) -> None:
    quick = {"session_timeout": timedelta(seconds=0.3), "max_poll_interval": timedelta(seconds=0.3)}
    bus = SqliteBus(settings(tmp_path, **quick), clock=SetClock())
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=None)])
    bus.publish(one(b"work"))
    place = TopicPartition(topic="t", partition=0)
    with bus.subscribe(["t"], group="g") as stuck, bus.subscribe(["t"], group="g") as other:
        assert len(stuck.poll(limit=1, timeout_s=1)) == 1
        until = time.monotonic() + 5
        while not other.assigned():
            assert time.monotonic() < until
            other.poll(limit=1, timeout_s=0.1)
        with pytest.raises(RetryableError):
            stuck.commit({place: 1})
        other.commit({place: 1})
        stuck.poll(limit=1, timeout_s=0)
        assert stuck.assigned() == frozenset()
    assert bus.committed("t", group="g") == {place: 1}
    bus.close()


def test_a_busy_file_is_worth_another_try_and_nothing_was_published(tmp_path: Path) -> None:
    bus = SqliteBus(settings(tmp_path, busy_timeout=timedelta(seconds=0.1)), clock=SetClock())
    bus.ensure_topics([TopicSettings(name="t", partitions=1, retention=None)])
    blocker = sqlite3.connect(tmp_path / "bus.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(RetryableError):
        bus.publish(one(b"x"))
    blocker.execute("ROLLBACK")
    blocker.close()
    assert bus.publish(one(b"x"))[0].offset == 0
    bus.close()


def test_a_damaged_file_stops_the_worker(tmp_path: Path) -> None:
    (tmp_path / "bus.db").write_bytes(b"this is not a database, it only has its name" * 100)
    with pytest.raises(InvariantError):
        SqliteBus(settings(tmp_path), clock=SetClock()).end_offsets("t")
