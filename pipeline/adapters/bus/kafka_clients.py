"""Creates kafka-python's clients from the settings. Each starts a thread and connects when it is created."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.net.compat import KafkaNetClient

from callwarden.adapters.bus.settings import KafkaBusSettings

C = TypeVar("C")

CLOSE_MS = 5_000
"""How long a client may take to say goodbye: brokers that are away must not keep a worker from ending."""

_ENVELOPE = 16_384
"""Bytes allowed for what Kafka wraps around a message: batch header, lengths, timestamps."""


def milliseconds(period: timedelta) -> int:
    return round(period.total_seconds() * 1000)


def new_admin(settings: KafkaBusSettings) -> KafkaAdminClient:
    """Raises KafkaTimeoutError where no broker answers within the request time-out."""
    return _created(lambda extra: KafkaAdminClient(**_shared(settings), **extra))


def new_producer(settings: KafkaBusSettings) -> KafkaProducer:
    """Idempotent, acknowledged by every in-sync replica: what the log has, it has once and in order."""
    timeout_ms = milliseconds(settings.request_timeout)
    return _created(
        lambda extra: KafkaProducer(
            **_shared(settings),
            **extra,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_block_ms=timeout_ms,
            delivery_timeout_ms=timeout_ms + 100,
            max_request_size=settings.message_limit + _ENVELOPE,
            allow_auto_create_topics=False,
        )
    )


def new_consumer(settings: KafkaBusSettings, group: str) -> KafkaConsumer:
    """Commits nothing by itself, and starts at the oldest message where the group has committed nothing."""
    return _created(
        lambda extra: KafkaConsumer(
            **_shared(settings),
            **extra,
            group_id=group,
            group_instance_id=settings.group_instance_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            session_timeout_ms=milliseconds(settings.session_timeout),
            heartbeat_interval_ms=max(milliseconds(settings.session_timeout) // 5, 1),
            max_poll_interval_ms=milliseconds(settings.max_poll_interval),
            partition_assignment_strategy=(CooperativeStickyAssignor,),
            max_partition_fetch_bytes=max(settings.message_limit + _ENVELOPE, 1 << 20),
            fetch_max_wait_ms=min(500, milliseconds(settings.request_timeout) - 1),
            # Topics made after a subscriber started are found within this time.
            metadata_max_age_ms=30_000,
        )
    )


def _shared(settings: KafkaBusSettings) -> dict[str, Any]:
    timeout_ms = milliseconds(settings.request_timeout)
    return {
        "bootstrap_servers": list(settings.bootstrap),
        "client_id": settings.client_id,
        "bootstrap_timeout_ms": timeout_ms,
        "request_timeout_ms": timeout_ms,
        "reconnect_backoff_max_ms": max(timeout_ms // 4, 50),
        **dataclasses.asdict(settings.security),
    }


def _created(create: Callable[[dict[str, Any]], C]) -> C:
    """A client whose constructor fails leaves its thread and sockets behind: close what it had opened."""
    opened: list[KafkaNetClient] = []

    def remembering(**configs: Any) -> KafkaNetClient:
        opened.append(KafkaNetClient(**configs))
        return opened[-1]

    try:
        return create({"kafka_client": remembering})
    except BaseException:
        for client in opened:
            client.close()
        raise
