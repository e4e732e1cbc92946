"""Consuming from Kafka through the bus, against kafka-python's raw poll loop, in messages a second.

Same server, topic, messages and fetch settings on both sides; the runs alternate, and the median counts. A codec makes
it "consume + validate": both sides then differ by the bus's conversion and the codec together.
"""

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TypedDict

from kafka import KafkaConsumer

from pipeline.adapters.bus.kafka import KafkaBus
from pipeline.adapters.bus.kafka_clients import new_consumer
from pipeline.adapters.bus.settings import KafkaBusSettings
from pipeline.ports.bus import Delivery, Message, TopicSettings

BATCH = 500


class Comparison(TypedDict):
    """`ratio` is ours / baseline; `spread` the relative width of the single ratios, (max - min) / median."""

    ours: float
    baseline: float
    ratio: float
    runs: int
    spread: float


def run(
    bootstrap: str,
    *,
    messages: int = 20_000,
    runs: int = 5,
    event: bytes | None = None,
    validate: Callable[[Delivery], object] | None = None,
) -> dict[str, Comparison]:
    """Name → comparison: "consume", and "consume + validate" where `validate` (a codec's decode) is given."""
    settings = KafkaBusSettings(bootstrap=(bootstrap,), session_timeout=timedelta(seconds=6), replication_factor=1)
    bus = KafkaBus(settings)
    try:
        topic = f"bench.{uuid.uuid4().hex[:8]}"
        bus.ensure_topics([TopicSettings(name=topic, partitions=2, retention=timedelta(days=1))])
        body = event or json.dumps({"filler": "x" * 900}).encode()
        for first in range(0, messages, 1000):
            numbers = range(first, min(first + 1000, messages))
            bus.publish([Message(topic=topic, key=f"call-{number}", value=body) for number in numbers])
        raw_loop(settings, topic, messages)  # warms the server's page cache and both code paths
        bus_loop(bus, topic, messages, None)
        found = {"consume": _compared(settings, bus, topic, messages, runs, None)}
        if validate is not None:
            found["consume + validate"] = _compared(settings, bus, topic, messages, runs, validate)
        return found
    finally:
        bus.close()


def raw_loop(settings: KafkaBusSettings, topic: str, messages: int) -> float:
    """Seconds kafka-python takes for the messages, from the first record on, touching each value."""
    consumer: KafkaConsumer = new_consumer(settings, f"raw-{uuid.uuid4().hex}")
    try:
        consumer.subscribe(topics=[topic])
        seen = total = 0
        begun = 0.0
        while seen < messages:
            for records in consumer.poll(timeout_ms=1000, max_records=BATCH).values():
                begun = begun or time.perf_counter()
                for record in records:
                    total += len(record.value)
                seen += len(records)
        return time.perf_counter() - begun
    finally:
        consumer.close(autocommit=False)


def bus_loop(bus: KafkaBus, topic: str, messages: int, validate: Callable[[Delivery], object] | None) -> float:
    """Seconds the bus takes for the same, with each delivery handed to `validate`."""
    with bus.subscribe([topic], group=f"bus-{uuid.uuid4().hex}") as member:
        seen = total = 0
        begun = 0.0
        while seen < messages:
            deliveries = member.poll(limit=BATCH, timeout_s=1.0)
            if deliveries:
                begun = begun or time.perf_counter()
            for delivery in deliveries:
                total += len(delivery.value)
                if validate is not None:
                    validate(delivery)
            seen += len(deliveries)
        return time.perf_counter() - begun


def _compared(
    settings: KafkaBusSettings,
    bus: KafkaBus,
    topic: str,
    messages: int,
    runs: int,
    validate: Callable[[Delivery], object] | None,
) -> Comparison:
    baseline, ours = [], []
    for _ in range(runs):
        baseline.append(messages / raw_loop(settings, topic, messages))
        ours.append(messages / bus_loop(bus, topic, messages, validate))
    ratios = [mine / raw for mine, raw in zip(ours, baseline, strict=True)]
    ratio = statistics.median(ratios)
    return Comparison(
        ours=round(statistics.median(ours)),
        baseline=round(statistics.median(baseline)),
        ratio=round(ratio, 3),
        runs=runs,
        spread=round((max(ratios) - min(ratios)) / ratio, 3),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap", help="host:port of a broker")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    print(json.dumps(run(given.bootstrap, messages=given.messages, runs=given.runs), indent=2))
