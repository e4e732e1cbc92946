"""Topics of Kafka: made where they are missing, and checked where they exist.

Kafka removes whole segments, and the one being written only when all of it is old: a message lives at most
`retention.ms` + `segment.ms` (and one check of the broker) longer. So both are set, and both are checked.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kafka import KafkaAdminClient, errors
from kafka.admin import ConfigResource, ConfigResourceType

from callwarden.adapters.bus.kafka_clients import milliseconds
from callwarden.adapters.bus.settings import KafkaBusSettings
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.ports.bus import TopicSettings


def segment_of(retention: timedelta) -> timedelta:
    """How long one segment is written: an eighth of the retention, between a minute and a day."""
    return min(max(retention / 8, timedelta(minutes=1)), timedelta(days=1))


def ensure_topics(admin: KafkaAdminClient, settings: KafkaBusSettings, topics: Sequence[TopicSettings]) -> None:
    """Create what is missing; raise ConfigurationError for the first that contradicts its settings."""
    wanted = {topic.name: topic for topic in topics}
    existing = partition_counts(admin, list(wanted))
    missing = [topic for name, topic in wanted.items() if name not in existing]
    if missing:
        created = admin.create_topics(
            {topic.name: _creation(settings, topic) for topic in missing},
            timeout_ms=milliseconds(settings.request_timeout),
            raise_errors=False,
        )
        for answer in created["topics"]:
            code = errors.for_code(answer["error_code"])
            if code not in (
                errors.NoError,
                errors.TopicAlreadyExistsError,
            ):  # another process made it meanwhile
                raise code(f"topic {answer['name']}: {answer.get('error_message') or ''}")
        admin.wait_for_topics([topic.name for topic in missing], timeout_ms=milliseconds(settings.request_timeout))
        existing |= partition_counts(admin, [topic.name for topic in missing])
    for topic in wanted.values():
        if existing[topic.name] < topic.partitions:
            raise ConfigurationError(
                f"topic {topic.name} has {existing[topic.name]} partitions, configured are {topic.partitions}:"
                " adding some would move keys and lose their order. Set its partitions to"
                f" {existing[topic.name]}, or make a new topic"
            )
    _check_retention(admin, settings, [topic for topic in wanted.values() if topic.retention is not None])


def partition_counts(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    """How many partitions each of the topics has; those that do not exist are absent."""
    counts: dict[str, int] = {}
    for topic in admin.describe_topics(list(names)):
        code = errors.for_code(topic["error_code"])
        if code is errors.NoError:
            counts[topic["name"]] = len(topic["partitions"])
        elif code is not errors.UnknownTopicOrPartitionError:
            raise code(f"topic {topic['name']}")
    return counts


def _creation(settings: KafkaBusSettings, topic: TopicSettings) -> dict[str, Any]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": settings.replication_factor,
        "configs": _configs(topic.retention) | {"cleanup.policy": "delete"},
    }


def _configs(retention: timedelta | None) -> dict[str, str]:
    if retention is None:
        return {"retention.ms": "-1"}
    return {
        "retention.ms": str(milliseconds(retention)),
        "segment.ms": str(milliseconds(segment_of(retention))),
    }


def _check_retention(admin: KafkaAdminClient, settings: KafkaBusSettings, topics: Sequence[TopicSettings]) -> None:
    """Raises ConfigurationError where messages with personal data would outlive their retention."""
    if not topics:
        return
    answer = admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics], config_filter="all"
    )
    for topic in topics:
        found = {name: entry["value"] for name, entry in answer.get("topic", {}).get(topic.name, {}).items()}
        if "retention.ms" not in found:
            raise RetryableError(f"Kafka: the retention of topic {topic.name} could not be read")
        wrong = [
            f"{name}={found[name]}"
            for name, allowed in _configs(topic.retention).items()
            # -1 is for ever. A broker that has no segments (segment.ms absent) keeps nothing longer for them.
            if name in found and not 0 <= int(found[name]) <= int(allowed)
        ]
        policy = found.get("cleanup.policy") or "delete"
        if "delete" not in policy.split(","):
            wrong.append(f"cleanup.policy={policy}")
        if wrong:
            fix = ",".join(f"{n}={v}" for n, v in (_configs(topic.retention) | {"cleanup.policy": "delete"}).items())
            raise ConfigurationError(
                f"topic {topic.name} would keep personal data too long ({', '.join(wrong)};"
                f" at most {topic.retention} is allowed). Set it with: kafka-configs.sh --bootstrap-server"
                f" {settings.bootstrap[0]} --alter --entity-type topics --entity-name {topic.name}"
                f" --add-config {fix}"
            )
