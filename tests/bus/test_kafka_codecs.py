"""Whatever a producer chooses, and whatever became of its bytes on the broker's disk, ingest goes on (A2, I1)."""

import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaProducer

from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.session import TierSession
from tests.support.site import MovableClock, Site

pytestmark = pytest.mark.timeout(180)
TOPIC = "telephony.calls"
_ATTRIBUTES, _CRC, _BODY = 21, 17, 21
"""Where a batch (Kafka's message format 2) has its attributes and its checksum, and what the checksum covers."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kafka-codecs") / "broker"


@pytest.fixture(scope="module")
def broker(tiers: TierSession, folder: Path) -> RunningKafka:
    """One of our own: its disk is damaged here."""
    running = tiers.start_here("kafka", "kafka-codecs", lambda _: KafkaServer(folder))
    assert isinstance(running, RunningKafka)
    return running


@pytest.fixture(scope="module")
def site(broker: RunningKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = {"bus": "kafka", "kafka_bootstrap": broker.bootstrap, "session_timeout_s": 1.0, "partitions": 1}
    clock = MovableClock(datetime.now(UTC))
    with Site(tmp_path_factory.mktemp("site"), clock=clock, overrides=settings) as made:
        _ = made.system.bus  # makes the topics
        yield made


def produce(site: Site, broker: RunningKafka, call_id: str, codec: str | None) -> None:
    """As any telephone system does, without a line of ours."""
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, compression_type=codec, acks="all")
    try:
        value = json.dumps(site.event(call_id)).encode()
        producer.send(TOPIC, key=call_id.encode(), value=value).get(timeout=20)
    finally:
        producer.close()


def verdict(site: Site, call_id: str) -> list[str]:
    return [str(one.outcome) for one in site.outcomes() if one.call_id == call_id]


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
def test_every_compression_a_producer_can_choose_is_taken(site: Site, broker: RunningKafka, codec: str | None) -> None:
    produce(site, broker, f"c-{codec}", codec)
    site.drain("objections", "ingest")
    assert verdict(site, f"c-{codec}") == ["stored"]


def damage(folder: Path, position: int, change: str) -> None:
    """Change the batch at `position` of the only partition where it lies on the broker's disk."""
    file = next(folder.glob(f"data/{TOPIC}-0/*.log"))
    with file.open("r+b") as log:
        content = log.read()
        at = 0
        while struct.unpack_from(">q", content, at)[0] != position:
            at += 12 + struct.unpack_from(">i", content, at + 8)[0]
        length = 12 + struct.unpack_from(">i", content, at + 8)[0]
        batch = bytearray(content[at : at + length])
        match change:
            case "a byte":
                batch[-20] ^= 0xFF
            case "an unknown codec":
                import crc32c

                batch[_ATTRIBUTES + 1] = batch[_ATTRIBUTES + 1] & ~0x07 | 0x06
                struct.pack_into(">I", batch, _CRC, crc32c.crc32c(bytes(batch[_BODY:])))
        log.seek(at)
        log.write(batch)


@pytest.mark.parametrize("change", ["a byte", "an unknown codec"])
def test_a_batch_nobody_can_unpack_is_a_dead_letter_of_its_position_and_the_partition_goes_on(
    site: Site, broker: RunningKafka, folder: Path, change: str
) -> None:
    site.drain("objections", "ingest")
    (position,) = site.system.bus.end_offsets(TOPIC).values()
    for number, codec in enumerate(("gzip", None, "gzip")):
        produce(site, broker, f"c-{change}-{number}", codec)
    damage(folder, position + 1, change)
    assert site.drain("objections", "ingest") >= 3
    assert verdict(site, f"c-{change}-0") == ["stored"]
    assert verdict(site, f"c-{change}-2") == ["stored"]
    (letter,) = [one for one in site.outcomes() if one.position.offset == position + 1]
    assert (letter.outcome, letter.reason) == ("dead-lettered", "unreadable_message")
    balance = site.system.reconciler.balance()
    assert (balance.balanced, balance.in_flight) == (True, 0)
