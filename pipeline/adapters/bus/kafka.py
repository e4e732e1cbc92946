"""The event bus on Apache Kafka."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import kafka
from kafka import KafkaAdminClient, KafkaProducer, OffsetSpec, errors

from callwarden.adapters.bus import kafka_topics
from callwarden.adapters.bus.kafka_clients import CLOSE_MS, new_admin, new_producer
from callwarden.adapters.bus.kafka_errors import translated
from callwarden.adapters.bus.kafka_subscription import KafkaSubscription
from callwarden.adapters.bus.settings import KafkaBusSettings
from callwarden.adapters.bus.size import check_size
from callwarden.errors import ConfigurationError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Message, Subscription, TopicPartition, TopicSettings

R = TypeVar("R")

_COORDINATOR_ON_ITS_WAY = (
    errors.CoordinatorLoadInProgressError,
    errors.CoordinatorNotAvailableError,
    errors.NotCoordinatorError,
)
"""A cluster makes its offsets topic when the first group asks, and moves coordinators: no outage, only a moment."""


class KafkaBus:
    """See `callwarden.ports.bus.EventBus`. Thread-safe; connects when first used."""

    def __init__(self, settings: KafkaBusSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._admin: KafkaAdminClient | None = None
        self._partitions: dict[str, int] = {}

    def ensure_topics(self, topics: Sequence[TopicSettings]) -> None:
        if topics:
            self._ask("ensure topics", lambda admin: kafka_topics.ensure_topics(admin, self._settings, topics))

    def publish(self, messages: Sequence[Message]) -> Sequence[Position]:
        for message in messages:
            check_size(message, limit=self._settings.message_limit)
        for topic in {message.topic for message in messages}:
            self._partition_count(topic)
        if not messages:
            return ()
        producer = None
        try:
            with translated("publish"):
                producer = self._publisher()
                timeout_s = self._settings.request_timeout.total_seconds() * 2
                sent = [
                    producer.send(
                        message.topic,
                        key=message.key.encode(),
                        value=message.value,
                        headers=list(message.headers),
                    )
                    for message in messages
                ]
                producer.flush(timeout=timeout_s)
                written = [future.get(timeout=timeout_s) for future in sent]
        except BaseException:
            # What it still has in hand must not be sent later, after what the caller sends again.
            self._drop(producer, within_s=0)
            raise
        return [Position(topic=w.topic, partition=w.partition, offset=w.offset) for w in written]

    def subscribe(self, topics: Sequence[str], *, group: str) -> Subscription:
        return KafkaSubscription(self._settings, topics, group=group, check_topic=self._partition_count)

    def end_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        return self._offsets("end offsets", topic, OffsetSpec.LATEST)

    def begin_offsets(self, topic: str) -> Mapping[TopicPartition, int]:
        return self._offsets("begin offsets", topic, OffsetSpec.EARLIEST)

    def committed(self, topic: str, *, group: str) -> Mapping[TopicPartition, int]:
        places = self._places(topic)
        known = self._ask("committed", lambda admin: admin.list_group_offsets({group: places})).get(group, {})
        return {
            TopicPartition(topic=topic, partition=p.partition): max(known[p].offset, 0) if p in known else 0
            for p in places
        }

    def close(self) -> None:
        self._drop(self._producer, within_s=min(self._settings.request_timeout.total_seconds(), CLOSE_MS / 1000))
        with self._lock:
            admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()

    def _offsets(self, doing: str, topic: str, which: OffsetSpec) -> Mapping[TopicPartition, int]:
        places = self._places(topic)
        found = self._ask(doing, lambda admin: admin.list_partition_offsets(dict.fromkeys(places, which)))
        return {TopicPartition(topic=topic, partition=p.partition): found[p].offset for p in places}

    def _places(self, topic: str) -> list[kafka.TopicPartition]:
        return [kafka.TopicPartition(topic, partition) for partition in range(self._partition_count(topic))]

    def _partition_count(self, topic: str) -> int:
        """Asked once: none are ever added, that would move keys. Raises ConfigurationError for no such topic."""
        if topic not in self._partitions:
            counts = self._ask("describe topic", lambda admin: kafka_topics.partition_counts(admin, [topic]))
            if topic not in counts:
                raise ConfigurationError(f"topic {topic} does not exist on {', '.join(self._settings.bootstrap)}")
            self._partitions |= counts
        return self._partitions[topic]

    def _publisher(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = new_producer(self._settings)
            return self._producer

    def _drop(self, producer: KafkaProducer | None, *, within_s: float) -> None:
        with self._lock:
            if producer is self._producer:
                self._producer = None
        if producer is not None:
            producer.close(timeout=within_s)

    def _ask(self, doing: str, question: Callable[[KafkaAdminClient], R]) -> R:
        until = time.monotonic() + self._settings.request_timeout.total_seconds()
        with translated(doing), self._lock:
            if self._admin is None:
                self._admin = new_admin(self._settings)
            while True:
                try:
                    return question(self._admin)
                except _COORDINATOR_ON_ITS_WAY:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(0.1)
