"""Settings of the buses, as values. Every duration is positive."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

MESSAGE_LIMIT = 1_000_000
"""Bytes of key, value and headers together. Below Kafka's own default (1 MiB with its overhead)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteBusSettings:
    """The embedded bus.

    `session_timeout`: a member that shows no life for so long loses its partitions. `max_poll_interval`: a
    living process that has not polled for so long counts as stuck, and its lease is no longer renewed.
    `busy_timeout`: how long to wait for the write lock before giving up with RetryableError.
    `sweep_interval`: how often messages past their topic's retention are removed.
    """

    path: Path
    message_limit: int = MESSAGE_LIMIT
    session_timeout: timedelta = timedelta(seconds=10)
    max_poll_interval: timedelta = timedelta(minutes=5)
    busy_timeout: timedelta = timedelta(seconds=10)
    sweep_interval: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSecurity:
    """How to reach the brokers: kafka-python's settings of the same names. Paths are PEM files."""

    security_protocol: str = "PLAINTEXT"
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_password: str | None = field(default=None, repr=False)
    ssl_crlfile: str | None = None
    ssl_check_hostname: bool = True
    sasl_mechanism: str | None = None
    sasl_plain_username: str | None = None
    sasl_plain_password: str | None = field(default=None, repr=False)
    sasl_kerberos_service_name: str = "kafka"
    sasl_kerberos_domain_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaBusSettings:
    """Apache Kafka, or what speaks its protocol.

    `bootstrap`: `host:port` of some brokers. `group_instance_id`: static membership (a restart within
    `session_timeout` moves no partition); unique among the members of a group, so None where several share
    these settings. `request_timeout`: how long anything may take before the bus counts as out of reach.
    `replication_factor` of topics made here: -1 leaves it to the brokers.
    """

    bootstrap: tuple[str, ...]
    client_id: str = "callwarden"
    security: KafkaSecurity = KafkaSecurity()
    message_limit: int = MESSAGE_LIMIT
    session_timeout: timedelta = timedelta(seconds=45)
    max_poll_interval: timedelta = timedelta(minutes=5)
    request_timeout: timedelta = timedelta(seconds=30)
    group_instance_id: str | None = None
    replication_factor: int = -1
