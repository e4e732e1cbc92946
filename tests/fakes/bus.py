"""An event bus in memory, for the tests of steps and workers. Passes the contract suite of the real ones."""

import threading
import time
import uuid
import zlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from callwarden.adapters.bus.assignment import assign
from callwarden.adapters.bus.settings import MESSAGE_LIMIT
from callwarden.adapters.bus.size import check_size
from callwarden.errors import ConfigurationError, InvariantError, RetryableError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, Message, TopicPartition, TopicSettings


class MemoryBus:
    """`callwarden.ports.bus.EventBus` without a disk. Thread-safe; messages live as long as the object.

    `fail_next(n)` makes the next `n` calls that would reach a server raise RetryableError before they do
    anything, as an outage would.
    """

    def __init__(self, *, message_limit: int = MESSAGE_LIMIT) -> None:
        self._limit = message_limit
        self._changed = threading.Condition(threading.RLock())
        self._log: dict[TopicPartition, list[Delivery]] = {}
        self._begins: dict[TopicPartition, int] = {}
        self._offsets: dict[tuple[str, TopicPartition], int] = {}
        self._members: dict[str, dict[str, frozenset[str]]] = {}
        self._owners: dict[str, dict[TopicPartition, str]] = {}
        self._failures = 0

    def fail_next(self, calls: int) -> None:
        self._failures = calls

    def spoil(self, position: Position, why: str) -> None:
        """From now on nobody can unpack what stands there."""
        log = self._log[TopicPartition(topic=position.topic, partition=position.partition)]
        log[position.offset] = Delivery(position=position, key=None, value=b"\x1f\x8b", unreadable=why)

    def delete(self, topic: str, *, before: int) -> None:
        """Delete the messages below this offset of every partition, as a broker does when their time is over."""
        with self._changed:
            for place in self._places(topic):
                self._begins[place] = min(before, len(self._log[place]))

    def messages(self, topic: str) -> list[Delivery]:
        """Everything ever published to the topic, partition by partition."""
        return [delivery for place in self._places(topic) for delivery in self._log[place]]

    def ensure_topics(self, topics: Sequence[TopicSettings]) -> None:
        with self._changed:
            for topic in topics:
                existing = sum(place.topic == topic.name for place in self._log)
                if 0 < existing < topic.partitions:
                    raise ConfigurationError(f"topic {topic.name} has {existing} partitions")
                for partition in range(existing, existing or topic.partitions):
                    self._log[TopicPartition(topic=topic.name, partition=partition)] = []

    def publish(self, messages: Sequence[Message]) -> Sequence[Position]:
        for message in messages:
            check_size(message, limit=self._limit)
        with self._changed:
            self.maybe_fail()
            positions = []
            for message in messages:
                places = self._places(message.topic)
                key = message.key.encode()
                place = places[zlib.crc32(key) % len(places)]
                log = self._log[place]
                position = Position(topic=place.topic, partition=place.partition, offset=len(log))
                log.append(Delivery(position=position, key=key, value=message.value, headers=message.headers))
                positions.append(position)
            self._changed.notify_all()
            return positions

    def subscribe(self, topics: Sequence[str], *, group: str) -> "MemorySubscription":
        with self._changed:
            self.maybe_fail()
            for topic in topics:
                self._places(topic)
        return MemorySubscription(self, frozenset(topics), group)

    def end_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        with self._changed:
            self.maybe_fail()
            return {place: len(self._log[place]) for place in self._places(topic)}

    def begin_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        with self._changed:
            self.maybe_fail()
            return {place: self._begins.get(place, 0) for place in self._places(topic)}

    def committed(self, topic: str, *, group: str) -> Mapping[TopicPartition, int]:
        with self._changed:
            self.maybe_fail()
            return {place: self._offsets.get((group, place), 0) for place in self._places(topic)}

    def close(self) -> None:
        """Nothing to release."""

    def maybe_fail(self) -> None:
        if self._failures:
            self._failures -= 1
            raise RetryableError("event bus: out of reach (as the test asked)")

    def _places(self, topic: str) -> list[TopicPartition]:
        places = [place for place in self._log if place.topic == topic]
        if not places:
            raise ConfigurationError(f"topic {topic} does not exist")
        return places


class MemorySubscription:
    """`callwarden.ports.bus.Subscription`. What is to move is given up at its holder's next poll."""

    def __init__(self, bus: MemoryBus, topics: frozenset[str], group: str) -> None:
        self._bus, self._topics, self._group = bus, topics, group
        self._id = uuid.uuid4().hex
        self._positions: dict[TopicPartition, int] = {}
        self._paused = False
        self._closed = False

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery]:
        until = time.monotonic() + timeout_s
        with self._bus._changed:
            self._bus.maybe_fail()
            while True:
                self._rebalance()
                if found := self._read(limit):
                    return found
                if (left := until - time.monotonic()) <= 0:
                    return ()
                self._bus._changed.wait(left)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def assigned(self) -> frozenset[TopicPartition]:
        return frozenset(self._positions)

    def commit(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        with self._bus._changed:
            self._bus.maybe_fail()
            owners = self._bus._owners.get(self._group, {})
            for place, offset in next_offsets.items():
                if place not in self._positions or owners.get(place) != self._id:
                    raise RetryableError(f"{place} is not held by this member")
                if offset < self._bus._offsets.get((self._group, place), 0):
                    raise RetryableError(f"{place} is already past {offset}")
                if offset > len(self._bus._log[place]):
                    raise InvariantError(f"{place} ends before {offset}")
            for place, offset in next_offsets.items():
                self._bus._offsets[self._group, place] = offset

    def seek(self, position: Position) -> None:
        place = TopicPartition(topic=position.topic, partition=position.partition)
        if place in self._positions:
            self._positions[place] = position.offset

    def close(self) -> None:
        with self._bus._changed:
            if self._closed:
                return
            self._closed = True
            self._positions = {}
            self._bus._members.get(self._group, {}).pop(self._id, None)
            owners = self._bus._owners.get(self._group, {})
            self._bus._owners[self._group] = {p: m for p, m in owners.items() if m != self._id}
            self._bus._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rebalance(self) -> None:
        """Join, give up what is another's share, take what is free of one's own."""
        bus = self._bus
        members = bus._members.setdefault(self._group, {})
        if self._id not in members:
            members[self._id] = self._topics
            bus._changed.notify_all()
        places = list(bus._log)
        readable = {m: frozenset(p for p in places if p.topic in topics) for m, topics in members.items()}
        owners = bus._owners.setdefault(self._group, {})
        share = assign(places, readable, owners)
        for place in [p for p, owner in owners.items() if owner == self._id and share.get(p) != self._id]:
            del owners[place], self._positions[place]
            bus._changed.notify_all()
        for place in [p for p, owner in share.items() if owner == self._id and p not in owners]:
            owners[place] = self._id
            self._positions[place] = bus._offsets.get((self._group, place), 0)

    def _read(self, limit: int) -> list[Delivery]:
        found: list[Delivery] = []
        for place in [] if self._paused else list(self._positions):
            at = max(self._positions[place], self._bus._begins.get(place, 0))
            batch = self._bus._log[place][at : at + limit - len(found)]
            self._positions[place] = at + len(batch)
            found += batch
        return found
