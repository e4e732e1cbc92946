"""The buses the contract suite runs over, and the few things that differ between them."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callwarden.errors import RetryableError
from callwarden.ports.bus import Delivery, EventBus, Message, Subscription, TopicPartition, TopicSettings


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Backend:
    """`connect` opens the same bus anew, as another process would; `unreachable` opens one nobody answers on.

    `delete` removes the messages of a topic's first partition below an offset, as retention does.
    `address` tells another process where the bus is: a file or host:port.
    `settles_s`: how long the members of a group may need to agree on who reads what.
    """

    name: str
    address: str = ""
    connect: Callable[[], EventBus]
    unreachable: Callable[[], EventBus] | None
    delete: Callable[[str, int], None]
    session_s: float
    settles_s: float
    group: str = field(default_factory=lambda: f"group-{uuid.uuid4().hex[:12]}")
    opened: list[EventBus] = field(default_factory=list)

    def open(self) -> EventBus:
        bus = self.connect()
        self.opened.append(bus)
        return bus

    def topic(self, bus: EventBus, *, partitions: int = 1) -> str:
        """A topic of its own for each test: a shared server forgets nothing."""
        name = f"contract.{uuid.uuid4().hex[:12]}"
        bus.ensure_topics([TopicSettings(name=name, partitions=partitions, retention=timedelta(days=3))])
        return name

    def close(self) -> None:
        for bus in self.opened:
            bus.close()


def numbered(topic: str, count: int, *, keys: int = 1) -> list[Message]:
    return [Message(topic=topic, key=f"k{i % keys}", value=str(i).encode()) for i in range(count)]


def receive(subscription: Subscription, count: int, *, within_s: float = 20.0, limit: int = 100) -> list[Delivery]:
    """Poll until `count` deliveries have come; fewer only when the time is over."""
    until = time.monotonic() + within_s
    got: list[Delivery] = []
    while len(got) < count and time.monotonic() < until:
        got += subscription.poll(limit=min(limit, count - len(got)), timeout_s=0.3)
    return got


def receive_all(members: Sequence[Subscription], count: int, *, within_s: float = 20.0) -> list[Delivery]:
    """Poll the members in turn until `count` deliveries have come, each from a partition its receiver holds."""
    until = time.monotonic() + within_s
    got: list[Delivery] = []
    while len(got) < count and time.monotonic() < until:
        for member in members:
            batch = member.poll(limit=100, timeout_s=0.1)
            assert {place_of(delivery) for delivery in batch} <= member.assigned()
            got += batch
    return got


def settle(
    members: Sequence[Subscription],
    until: Callable[[], bool],
    *,
    within_s: float,
) -> list[Delivery]:
    """Poll all members in turn until the condition holds; what was delivered on the way."""
    deadline = time.monotonic() + within_s
    got: list[Delivery] = []
    while not until():
        assert time.monotonic() < deadline, f"not settled: {[sorted_places(m.assigned()) for m in members]}"
        for member in members:
            got += member.poll(limit=100, timeout_s=0.1)
    return got


def commit_settled(
    member: Subscription,
    others: Sequence[Subscription],
    next_offsets: dict[TopicPartition, int],
    *,
    within_s: float = 10,
) -> None:
    """Commit what the member holds; while the group is still agreeing, that may be a RetryableError."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return member.commit(next_offsets)
        except RetryableError:
            if time.monotonic() > deadline:
                raise
            for each in (member, *others):
                each.poll(limit=100, timeout_s=0.1)


def sorted_places(places: frozenset[TopicPartition]) -> list[tuple[str, int]]:
    return sorted((place.topic, place.partition) for place in places)


def place_of(delivery: Delivery) -> TopicPartition:
    return TopicPartition(topic=delivery.position.topic, partition=delivery.position.partition)


def after(deliveries: Sequence[Delivery]) -> dict[TopicPartition, int]:
    """The offsets to commit once all of these are done."""
    return {place_of(delivery): delivery.position.offset + 1 for delivery in deliveries}


def values(deliveries: Sequence[Delivery]) -> list[int]:
    return [int(delivery.value) for delivery in deliveries]


def closing(backend: Backend) -> Iterator[Backend]:
    try:
        yield backend
    finally:
        backend.close()
