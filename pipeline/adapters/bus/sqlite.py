"""The embedded event bus: a durable log in one SQLite file, for every process of one machine."""

import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from callwarden.adapters.bus.arrivals import Arrivals
from callwarden.adapters.bus.lease import LeaseKeeper
from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.size import check_size
from callwarden.adapters.bus.sqlite_groups import committed
from callwarden.adapters.bus.sqlite_log import SPAN, create, transaction, translated
from callwarden.adapters.bus.sqlite_subscription import SqliteSubscription, pack_headers
from callwarden.adapters.sqlite.file import Patience, PatientConnection
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Message, Subscription, TopicPartition, TopicSettings
from callwarden.ports.clock import Clock

_SWEEP_BATCH = 2000
"""Messages removed per transaction, so that publishers do not wait long behind a sweep."""


class SqliteBus:
    """See `callwarden.ports.bus.EventBus`. Thread-safe; any number of instances may share the file.

    Messages get the clock's instant when published; their age decides when a topic's retention removes them.
    """

    def __init__(self, settings: SqliteBusSettings, *, clock: Clock, patience: Patience | None = None) -> None:
        """`patience` is for the bus's own connection; subscriptions wait as the settings say."""
        self._settings = settings
        self._patience = patience or Patience(settings.busy_timeout.total_seconds())
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: PatientConnection | None = None
        self._pid = os.getpid()
        self._swept_at = float("-inf")
        self._arrivals = Arrivals(settings)
        self._leases = LeaseKeeper(
            settings.path,
            every=settings.session_timeout / 3,
            max_poll_interval=settings.max_poll_interval,
        )

    def ensure_topics(self, topics: Sequence[TopicSettings]) -> None:
        with self._lock, translated("ensure topics"):
            db = self._db()
            if not all(self._is_as_wanted(db, topic) for topic in topics):  # so that no start waits for who is writing
                with transaction(db):
                    for topic in topics:
                        self._ensure_topic(db, topic)
        self._sweep_when_due()

    def publish(self, messages: Sequence[Message]) -> Sequence[Position]:
        if not messages:
            return ()
        for message in messages:
            check_size(message, limit=self._settings.message_limit)
        with self._lock, translated("publish"):
            db = self._db()
            with transaction(db):
                positions = self._append(db, messages)
        self._sweep_when_due()
        return positions

    def subscribe(self, topics: Sequence[str], *, group: str) -> Subscription:
        with self._lock, translated("subscribe"):
            for topic in topics:
                self._slots(self._db(), topic)
        self._sweep_when_due()
        return SqliteSubscription(
            self._settings, self._leases, self._arrivals, topics, group=group, on_poll=self._sweep_when_due
        )

    def end_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        with self._lock, translated("end offsets"):
            rows = self._slots(self._db(), topic)
        return {TopicPartition(topic=topic, partition=partition): end for _, partition, end in rows}

    def begin_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        with self._lock, translated("begin offsets"):
            db = self._db()
            with transaction(db, "DEFERRED"):  # of one moment: a message published in between is not deleted
                rows = self._slots(db, topic)
                return {
                    TopicPartition(topic=topic, partition=partition): self._oldest(db, slot, end)
                    for slot, partition, end in rows
                }

    def committed(self, topic: str, *, group: str) -> Mapping[TopicPartition, int]:
        with self._lock, translated("committed"):
            db = self._db()
            rows = self._slots(db, topic)
            known = committed(db, group, [slot for slot, _, _ in rows])
        return {TopicPartition(topic=topic, partition=partition): known[slot] for slot, partition, _ in rows}

    def sweep(self) -> int:
        """Remove every message older than its topic's retention; how many there were. Their offsets are not
        given out again."""
        now = self._clock.now().timestamp()
        removed = 0
        with self._lock, translated("sweep"):
            db = self._db()
            due = db.execute(
                "SELECT slot, ? - retention_s FROM slots JOIN topics ON topic = name WHERE retention_s IS NOT NULL",
                (now,),
            ).fetchall()
            for slot, oldest in due:
                while True:
                    with transaction(db):
                        gone = db.execute(
                            "DELETE FROM messages WHERE id IN"
                            " (SELECT id FROM messages WHERE slot = ? AND at < ? LIMIT ?)",
                            (slot, oldest, _SWEEP_BATCH),
                        ).rowcount
                    removed += gone
                    if gone < _SWEEP_BATCH:
                        break
            if removed:
                db.empty_wal()
        return removed

    def close(self) -> None:
        self._arrivals.close()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _db(self) -> PatientConnection:
        if self._pid != os.getpid():
            raise RetryableError("event bus: opened before a fork; open it in the process that uses it")
        if self._connection is None:
            self._connection = create(self._settings.path, patience=self._patience)
        return self._connection

    def _is_as_wanted(self, db: sqlite3.Connection, topic: TopicSettings) -> bool:
        row = db.execute("SELECT partitions, retention_s FROM topics WHERE name = ?", (topic.name,)).fetchone()
        return row is not None and row[0] >= topic.partitions and row[1] == _seconds(topic.retention)

    def _ensure_topic(self, db: sqlite3.Connection, topic: TopicSettings) -> None:
        row = db.execute("SELECT partitions FROM topics WHERE name = ?", (topic.name,)).fetchone()
        retention_s = _seconds(topic.retention)
        if row is None:
            db.execute("INSERT INTO topics VALUES (?, ?, ?)", (topic.name, topic.partitions, retention_s))
            db.executemany(
                "INSERT INTO slots (topic, partition) VALUES (?, ?)",
                [(topic.name, partition) for partition in range(topic.partitions)],
            )
            return
        if row[0] < topic.partitions:
            raise ConfigurationError(
                f"topic {topic.name} in {self._settings.path} has {row[0]} partitions, {topic.partitions} are"
                " configured: adding some would move keys and lose their order."
                f" Set its partitions to {row[0]}, or start with an empty bus"
            )
        # The settings are the only author here, so a different retention is applied, not refused.
        db.execute("UPDATE topics SET retention_s = ? WHERE name = ?", (retention_s, topic.name))

    def _append(self, db: sqlite3.Connection, messages: Sequence[Message]) -> list[Position]:
        at = self._clock.now().timestamp()
        slots: dict[str, list[int]] = {}
        ends: dict[int, int] = {}
        rows: list[tuple[int, int, float, bytes, bytes | None, bytes]] = []
        positions: list[Position] = []
        for message in messages:
            topic = message.topic
            if topic not in slots:
                known = self._slots(db, topic)
                slots[topic] = [slot for slot, _, _ in known]
                ends |= {slot: end for slot, _, end in known}
            key = message.key.encode()
            partition = zlib.crc32(key) % len(slots[topic])
            slot = slots[topic][partition]
            offset = ends[slot]
            ends[slot] = offset + 1
            rows.append((slot * SPAN + offset, slot, at, key, pack_headers(message.headers), message.value))
            positions.append(Position(topic=topic, partition=partition, offset=offset))
        db.executemany("INSERT INTO messages (id, slot, at, key, headers, value) VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.executemany("UPDATE slots SET end_offset = ? WHERE slot = ?", [(e, s) for s, e in ends.items()])
        return positions

    def _slots(self, db: sqlite3.Connection, topic: str) -> list[tuple[int, int, int]]:
        """Slot, partition and end offset of each partition, in order."""
        rows = db.execute(
            "SELECT slot, partition, end_offset FROM slots WHERE topic = ? ORDER BY partition", (topic,)
        ).fetchall()
        if not rows:
            raise ConfigurationError(f"topic {topic} does not exist in {self._settings.path}")
        return rows

    def _oldest(self, db: sqlite3.Connection, slot: int, end: int) -> int:
        (first,) = db.execute(
            "SELECT min(id) FROM messages WHERE id >= ? AND id < ?", (slot * SPAN, (slot + 1) * SPAN)
        ).fetchone()
        return end if first is None else first - slot * SPAN

    def _sweep_when_due(self) -> None:
        """Retention for a bus in use. A failed sweep is the next one's work: what was asked for is done."""
        due = time.monotonic() - self._swept_at >= self._settings.sweep_interval.total_seconds()
        if self._connection is None or not due:
            return
        self._swept_at = time.monotonic()
        try:
            self.sweep()
        except RetryableError:
            self._swept_at = float("-inf")


def _seconds(retention: timedelta | None) -> float | None:
    return None if retention is None else retention.total_seconds()
