"""The event bus: partitioned topics, consumer groups, at-least-once delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Protocol, Self

from callwarden.messages import InternalMessage, encode
from callwarden.model.outcome import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to publish. Messages of one key keep their order (same partition)."""

    topic: str
    key: str
    value: bytes = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def of(cls, content: InternalMessage) -> Self:
        """A message of ours."""
        return cls(topic=content.topic, key=content.key, value=encode(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as it was received. `key` is None where the producer gave none.

    `unreadable` says why the bus could not unpack it (a codec it does not have, a wrong checksum); empty otherwise.
    Such a position is delivered like any other, so that it gets an outcome; `value` is what there is of it, which may
    be nothing.
    """

    position: Position
    key: bytes | None = field(repr=False)
    value: bytes = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = ()
    unreadable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPartition:
    topic: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSettings:
    """What a topic must be like. `retention` None keeps messages for ever (internal topics carry no content)."""

    name: str
    partitions: int
    retention: timedelta | None


class Subscription(Protocol):
    """One member of a consumer group. Not thread-safe: one thread polls, commits and closes it."""

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery]:
        """Up to `limit` deliveries, in order within each partition; empty when `timeout_s` has passed.

        Also keeps the membership alive and lets rebalances happen, so it is called regularly even while
        `pause`d. After a rebalance, partitions kept go on where they were and partitions gained start at the
        group's committed offset: a partition lost and gained again within one call shows by an offset that goes
        back. Raises RetryableError while the bus is out of reach.
        """
        ...

    def pause(self) -> None:
        """Deliver nothing until `resume`, from the partitions held now or gained meanwhile; positions stay."""
        ...

    def resume(self) -> None:
        """Undo `pause`."""
        ...

    def assigned(self) -> frozenset[TopicPartition]:
        """The partitions this member holds as of the last `poll`. Work on any other must not be committed."""
        ...

    def commit(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        """Make durable, for the group, the next offset to deliver of each partition (last done + 1).

        Raises RetryableError, having changed nothing, when this member no longer holds one of them (a rebalance:
        the deliveries come again to whoever holds them now), when one would go back, when the bus is out of
        reach, or while the group is agreeing anew. So: poll, and then commit again what `assigned` still holds.
        """
        ...

    def seek(self, position: Position) -> None:
        """Deliver this position again next (after a RetryableError). Nothing happens when it is not held."""
        ...

    def close(self) -> None:
        """Leave the group at once, so that others take over without waiting for a time-out. Idempotent."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class EventBus(Protocol):
    """Publishes and subscribes. Thread-safe."""

    def ensure_topics(self, topics: Sequence[TopicSettings]) -> None:
        """Create the topics that are missing. Raises ConfigurationError where an existing one contradicts
        its settings in a way that would keep personal data too long (retention) or lose order (fewer partitions).
        """
        ...

    def publish(self, messages: Sequence[Message]) -> Sequence[Position]:
        """Durable on every in-sync replica when it returns, in order per key. All or an error: on
        RetryableError some may have been published, so consumers are idempotent.

        Raises InvalidMessageError(not_an_event) for a message over the bus's size limit (then nothing is
        published), ConfigurationError for a topic that does not exist.
        """
        ...

    def subscribe(self, topics: Sequence[str], *, group: str) -> Subscription:
        """Join `group`, at the latest with the first poll. New groups start at the oldest message. The topics have
        to exist: ConfigurationError from here or from the first poll."""
        ...

    def end_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        """For each partition the offset the next published message will get: as many as ever were published."""
        ...

    def begin_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        """For each partition the offset of the oldest message that is still there, its end where none is. What lies
        below was deleted when its retention was over, read or unread."""
        ...

    def committed(self, topic: str, *, group: str) -> Mapping[TopicPartition, int]:
        """The group's next offset of each partition; 0 where it never committed."""
        ...

    def close(self) -> None:
        """Release connections. Idempotent."""
        ...
