"""Consuming recorded calls from Kafka through the bus and the codec, against kafka-python's poll loop, in messages a
second.

Same server, topic, messages and fetch settings on both sides; the runs alternate, and the median of their ratios
counts. The raw loop does with an event what a plain program does, `json.loads`; the figure called "unread" has it not
even do that. Ours hands out values: every field checked, names unique, instants in UTC.
"""

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

from kafka import KafkaConsumer

from callwarden.adapters.bus.kafka import KafkaBus
from callwarden.adapters.bus.kafka_clients import new_consumer
from callwarden.adapters.bus.settings import KafkaBusSettings
from callwarden.adapters.events.codec import CloudEventCodec
from callwarden.ports.bus import Message, TopicSettings

BATCH = 500
EXAMPLE = Path(__file__).parents[2] / "config" / "topics" / "examples" / "telephony.calls.recorded.json"


class Comparison(TypedDict):
    """`ratio` is ours / baseline; `spread` the relative width of the single ratios, (max - min) / median."""

    ours: float
    baseline: float
    ratio: float
    runs: int
    spread: float


def run(bootstrap: str, *, messages: int = 20_000, runs: int = 5) -> dict[str, Comparison]:
    """The bus alone, then with the codec against a loop that reads the JSON, and against one that does not."""
    settings = KafkaBusSettings(bootstrap=(bootstrap,), session_timeout=timedelta(seconds=6), replication_factor=1)
    decode = CloudEventCodec().decode
    bus = KafkaBus(settings)
    try:
        topic = f"bench.{uuid.uuid4().hex[:8]}"
        bus.ensure_topics([TopicSettings(name=topic, partitions=2, retention=timedelta(days=1))])
        for first in range(0, messages, 1000):
            bus.publish([_recorded(topic, number) for number in range(first, min(first + 1000, messages))])
        raw_loop(settings, topic, messages, json.loads)  # warms the server's page cache and both code paths
        bus_loop(bus, topic, messages, decode)
        raw, unread, consumed, validated = [], [], [], []
        for _ in range(runs):
            unread.append(messages / raw_loop(settings, topic, messages, len))
            consumed.append(messages / bus_loop(bus, topic, messages, len))
            raw.append(messages / raw_loop(settings, topic, messages, json.loads))
            validated.append(messages / bus_loop(bus, topic, messages, decode))
        return {
            "consume_and_validate_vs_raw_poll": _compared(validated, raw),
            "consume_and_validate_vs_unread_poll": _compared(validated, unread),
            "consume_vs_unread_poll": _compared(consumed, unread),
        }
    finally:
        bus.close()


def _recorded(topic: str, number: int) -> Message:
    """The example of a recorded call that is published with the schema, each time another call."""
    event = json.loads(EXAMPLE.read_bytes())
    event["id"] = str(uuid.uuid4())
    event["data"]["call_id"] = f"c-20261120-{number:06}"
    return Message(topic=topic, key=event["data"]["call_id"], value=json.dumps(event).encode())


def raw_loop(settings: KafkaBusSettings, topic: str, messages: int, read: Callable[[bytes], object]) -> float:
    """Seconds kafka-python takes for the messages, from the first record on, with each value handed to `read`."""
    consumer: KafkaConsumer = new_consumer(settings, f"raw-{uuid.uuid4().hex}")
    try:
        consumer.subscribe(topics=[topic])
        seen = 0
        begun = 0.0
        while seen < messages:
            for records in consumer.poll(timeout_ms=1000, max_records=BATCH).values():
                begun = begun or time.perf_counter()
                for record in records:
                    read(record.value)
                seen += len(records)
        return time.perf_counter() - begun
    finally:
        consumer.close(autocommit=False)


def bus_loop(bus: KafkaBus, topic: str, messages: int, read: Callable[[bytes], object]) -> float:
    """Seconds the bus takes for the same."""
    with bus.subscribe([topic], group=f"bus-{uuid.uuid4().hex}") as member:
        seen = 0
        begun = 0.0
        while seen < messages:
            deliveries = member.poll(limit=BATCH, timeout_s=1.0)
            if deliveries:
                begun = begun or time.perf_counter()
            for delivery in deliveries:
                read(delivery.value)
            seen += len(deliveries)
        return time.perf_counter() - begun


def _compared(ours: Sequence[float], baseline: Sequence[float]) -> Comparison:
    ratios = [mine / raw for mine, raw in zip(ours, baseline, strict=True)]
    ratio = statistics.median(ratios)
    return Comparison(
        ours=round(statistics.median(ours)),
        baseline=round(statistics.median(baseline)),
        ratio=round(ratio, 3),
        runs=len(ratios),
        spread=round((max(ratios) - min(ratios)) / ratio, 3),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap", help="host:port of a broker")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    print(json.dumps(run(given.bootstrap, messages=given.messages, runs=given.runs), indent=2))
