"""One member of a consumer group of Kafka."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Self

import kafka
from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import OffsetAndMetadata

from callwarden.adapters.bus.kafka_clients import CLOSE_MS, milliseconds, new_consumer
from callwarden.adapters.bus.kafka_errors import translated
from callwarden.adapters.bus.kafka_rejoin import RejoinGuard
from callwarden.adapters.bus.kafka_unreadable import UnreadableRecord, deliver_unreadable
from callwarden.adapters.bus.settings import KafkaBusSettings
from callwarden.errors import CallwardenError, RetryableError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, TopicPartition


class KafkaSubscription:
    """See `callwarden.ports.bus.Subscription`. Connects at the first `poll`."""

    def __init__(
        self,
        settings: KafkaBusSettings,
        topics: Sequence[str],
        *,
        group: str,
        check_topic: Callable[[str], object],
    ) -> None:
        """`check_topic` raises ConfigurationError for a topic that does not exist."""
        self._settings = settings
        self._check_topic = check_topic
        self._topics = tuple(topics)
        self._group = group
        self._consumer: KafkaConsumer | None = None
        self._tenure = _Tenure()
        self._rejoins = RejoinGuard(
            session_timeout=settings.session_timeout, max_poll_interval=settings.max_poll_interval
        )
        self._heard_at = 0.0
        self._closed = False

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery]:
        with translated("poll"):
            consumer = self._connected()
            with self._rejoins.polling():
                answer = consumer.poll(timeout_ms=timeout_s * 1000, max_records=limit)
            if answer:
                self._heard_at = time.monotonic()
            else:
                self._ask_when_silent(consumer)
        found: list[Delivery] = []
        for place, records in answer.items():
            self._tenure.floors.setdefault(place, records[0].offset)
            found += _deliveries(place, records)
        return found

    def pause(self) -> None:
        self._tenure.paused = True
        if self._consumer is not None:
            self._consumer.pause(*self._consumer.assignment())

    def resume(self) -> None:
        self._tenure.paused = False
        if self._consumer is not None:
            self._consumer.resume(*self._consumer.assignment())

    def assigned(self) -> frozenset[TopicPartition]:
        if self._consumer is None:
            return frozenset()
        return frozenset(TopicPartition(topic=t, partition=p) for t, p in self._consumer.assignment())

    def commit(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        if not next_offsets:
            return
        held = set() if self._consumer is None else self._consumer.assignment()
        floors = self._tenure.floors
        offsets: dict[kafka.TopicPartition, OffsetAndMetadata] = {}
        for wanted, offset in next_offsets.items():
            place = kafka.TopicPartition(wanted.topic, wanted.partition)
            # The broker knows the member, not what it holds: it would take this offset from a member that
            # has lost the partition in a rebalance, or had lost it and got it back.
            if place not in held or place not in floors:
                raise RetryableError(f"commit of {wanted.topic}[{wanted.partition}]: not held since its delivery")
            if offset < floors[place]:
                raise RetryableError(f"commit of {wanted.topic}[{wanted.partition}]: already past {offset}")
            offsets[place] = OffsetAndMetadata(offset)
        assert self._consumer is not None  # for the type checker: then nothing would be held
        with translated("commit"):
            self._consumer.commit(offsets, timeout_ms=milliseconds(self._settings.request_timeout))
        floors.update({place: offset.offset for place, offset in offsets.items()})

    def seek(self, position: Position) -> None:
        place = kafka.TopicPartition(position.topic, position.partition)
        if self._consumer is not None and place in self._consumer.assignment():
            self._consumer.seek(place, position.offset)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            self._rejoins.let_go()
            try:
                with translated("close"):
                    consumer.close(
                        autocommit=False, timeout_ms=min(milliseconds(self._settings.request_timeout), CLOSE_MS)
                    )
            except CallwardenError:
                pass  # the group notices by itself when the session has timed out

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> KafkaConsumer:
        if self._closed:
            raise RetryableError("Kafka: the subscription is closed")
        if self._consumer is None:
            for topic in self._topics:
                self._check_topic(topic)
            consumer = new_consumer(self._settings, self._group)
            try:
                consumer.subscribe(topics=self._topics, listener=self._tenure)
                # kafka-python 3.0.12 joins before it knows the topics' partitions, shares out none, and when
                # they become known at the wrong moment does not join again. Asking for an offset waits for them.
                consumer.end_offsets(
                    [kafka.TopicPartition(topic, 0) for topic in self._topics],
                    timeout_ms=milliseconds(self._settings.request_timeout),
                )
            except BaseException:
                consumer.close(autocommit=False, timeout_ms=0)
                raise
            self._rejoins.watch(consumer)
            deliver_unreadable(consumer)
            self._tenure.consumer = consumer
            self._consumer, self._heard_at = consumer, time.monotonic()
        return self._consumer

    def _ask_when_silent(self, consumer: KafkaConsumer) -> None:
        """An outage must not look like silence: kafka-python's poll returns nothing for both, so ask for an
        offset when nothing has come for as long as a request may take."""
        timeout = self._settings.request_timeout
        if time.monotonic() - self._heard_at < timeout.total_seconds():
            return
        consumer.end_offsets([kafka.TopicPartition(self._topics[0], 0)], timeout_ms=milliseconds(timeout))
        self._heard_at = time.monotonic()


class _Tenure(kafka.ConsumerRebalanceListener):
    """What is known of the partitions held without a break. Called on kafka-python's own thread, while the
    polling thread waits for it.

    `floors`: for each partition with a delivery, the lowest offset a commit may name.
    """

    def __init__(self) -> None:
        self.floors: dict[kafka.TopicPartition, int] = {}
        self.paused = False
        self.consumer: KafkaConsumer | None = None

    def on_partitions_revoked(self, revoked: Collection[kafka.TopicPartition]) -> None:
        for place in revoked:
            self.floors.pop(place, None)

    def on_partitions_assigned(self, assigned: Collection[kafka.TopicPartition]) -> None:
        for place in assigned:
            self.floors.pop(place, None)
        if self.paused and self.consumer is not None:
            self.consumer.pause(*assigned)


def _deliveries(place: kafka.TopicPartition, records: Sequence[ConsumerRecord]) -> list[Delivery]:
    topic, partition = place.topic, place.partition
    return [
        Delivery(
            position=Position(topic=topic, partition=partition, offset=record.offset),
            key=record.key,
            # A tombstone (no value) is no event; the codec says so of an empty one.
            value=record.value or b"",
            headers=tuple(record.headers) if record.headers else (),
            unreadable=record.why if isinstance(record, UnreadableRecord) else "",
        )
        for record in records
    ]
