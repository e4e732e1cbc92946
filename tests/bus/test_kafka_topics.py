"""Retention of topics on Apache Kafka: set when made, checked when found."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from callwarden.adapters.bus.kafka import KafkaBus
from callwarden.adapters.bus.settings import KafkaBusSettings
from callwarden.errors import ConfigurationError
from callwarden.ports.bus import TopicSettings
from tests.servers.kafka import RunningKafka

THREE_DAYS = timedelta(days=3)


@pytest.fixture
def bus(kafka_server: RunningKafka) -> Iterator[KafkaBus]:
    bus = KafkaBus(KafkaBusSettings(bootstrap=(kafka_server.bootstrap,), replication_factor=1))
    yield bus
    bus.close()


@pytest.fixture
def admin(kafka_server: RunningKafka) -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap) as admin:
        yield admin


def alter(admin: KafkaAdminClient, topic: str, configs: dict[str, str]) -> None:
    answer = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])
    assert answer == {"topic": {topic: "OK"}}


@pytest.mark.parametrize(
    "found",
    [
        {"retention.ms": "-1"},
        {"retention.ms": str(THREE_DAYS // timedelta(milliseconds=1) + 1)},
        {"segment.ms": str(timedelta(days=7) // timedelta(milliseconds=1))},
        {"cleanup.policy": "compact"},
    ],
    ids=["for ever", "a millisecond longer", "segments of a week", "compacted only"],
)
def test_a_topic_that_would_keep_personal_data_too_long_is_refused_with_the_command_that_mends_it(
    bus: KafkaBus, admin: KafkaAdminClient, found: dict[str, str]
) -> None:
    name = f"calls.{uuid.uuid4().hex[:8]}"
    wanted = TopicSettings(name=name, partitions=1, retention=THREE_DAYS)
    bus.ensure_topics([wanted])
    alter(admin, name, found)
    ((setting, value),) = found.items()
    with pytest.raises(ConfigurationError, match=re.escape(f"{setting}={value}")) as refused:
        bus.ensure_topics([wanted])
    assert name in str(refused.value)
    mended = re.search(r"--add-config (\S+)$", str(refused.value))
    assert mended is not None
    alter(admin, name, dict(pair.split("=") for pair in mended[1].split(",")))
    bus.ensure_topics([wanted])


def test_a_topic_without_content_is_kept_for_ever(bus: KafkaBus, admin: KafkaAdminClient) -> None:
    name = f"recordings.{uuid.uuid4().hex[:8]}"
    bus.ensure_topics([TopicSettings(name=name, partitions=1, retention=None)])
    answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
    assert answer["topic"][name]["retention.ms"]["value"] == "-1"
