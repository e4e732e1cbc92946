"""Ingest against the plain loop it replaces: the same Kafka, S3, audio and threads.

Ours: event → objection, policy and time checked, audio fetched from the spool, measured, decoded for silence,
encrypted, put, then row, log entry, outcome and outbox in PostgreSQL, message published, landing copy deleted,
offset committed.
The plain loop: poll, read the JSON and the audio, `put_object` with boto3 as it comes, commit. Its bucket is made like
ours, with versions and Object Lock: what a server takes for those is not ours to save.
"""

import json
import statistics
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import boto3
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from callwarden.workers.processes.running import worker_of
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.support.site import MovableClock, Site, sample

CALLS = 480
"""Four seconds of work: joining the group takes a tenth of a second on either side."""
THREADS = 8
RUNS = 5
PARTITIONS = 2
TOPIC = "telephony.calls"


@dataclass(frozen=True, slots=True)
class Servers:
    """What both sides use."""

    bootstrap: str
    s3: RunningS3
    postgres: RunningPostgres


def run(servers: Servers) -> dict[str, dict[str, float | int]]:
    """Calls per second of each; `ratio` is ours to theirs, the median of runs taken in turn."""
    ours, baseline = [], []
    for _ in range(RUNS):
        baseline.append(_plain(servers))
        ours.append(_ours(servers))
    ratios = [mine / theirs for mine, theirs in zip(ours, baseline, strict=True)]
    return {
        "ingest_vs_poll_and_put": {
            "ours": round(statistics.median(ours), 1),
            "baseline": round(statistics.median(baseline), 1),
            "ratio": round(statistics.median(ratios), 3),
            "runs": RUNS,
            "spread": round(max(ratios) - min(ratios), 3),
        }
    }


def _site(servers: Servers, home: Path) -> Site:
    policy = home / "policy.yaml"
    text = (Path(__file__).parents[2] / "config" / "policy.yaml").read_text(encoding="utf-8")
    policy.write_text(text.replace("storage_regions:", f"storage_regions:\n  - {servers.s3.region}"), encoding="utf-8")
    database = f"bench_{uuid.uuid4().hex}"
    _create(servers.postgres, database)
    return Site(
        home / "home",
        MovableClock(datetime.now(UTC)),
        {
            "policy": policy,
            "bus": "kafka",
            "kafka_bootstrap": (servers.bootstrap,),
            "vault": "s3",
            "s3_endpoint": servers.s3.endpoint_url,
            "s3_region": servers.s3.region,
            "s3_access_key": servers.s3.access_key,
            "s3_secret_key": servers.s3.secret_key,
            "s3_bucket": f"vault-{uuid.uuid4().hex[:12]}",
            "database": servers.postgres.database(database),
            "threads": THREADS,
            "partitions": PARTITIONS,
            "session_timeout_s": 10.0,
        },
    )


def _create(postgres: RunningPostgres, name: str) -> None:
    import psycopg

    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')


def _events(site: Site) -> None:
    site.publish(*(site.event(f"c-{number}", audio=sample("01.wav")) for number in range(CALLS)))


def _ours(servers: Servers) -> float:
    """Calls per second, from joining the group to the last commit."""
    with tempfile.TemporaryDirectory() as folder, _site(servers, Path(folder)) as site:
        _ = site.system.bus
        group = _member(servers.bootstrap, "ingest")
        _start_at_the_end(group)
        group.close()
        _events(site)
        worker = worker_of(site.system, "ingest")
        began = time.perf_counter()
        assert worker.run(Event(), drain=True) == CALLS
        seconds = time.perf_counter() - began
        assert sum(1 for _ in site.system.vault.versions("")) == CALLS
    return CALLS / seconds


def _plain(servers: Servers) -> float:
    """The same events and audio through a loop of a few lines."""
    with tempfile.TemporaryDirectory() as folder:
        with _site(servers, Path(folder)) as site:
            _ = site.system.bus
            consumer = _consumer(servers.bootstrap)
            _events(site)
            spool = site.system.settings.spool_folder
        client = boto3.client(
            "s3",
            endpoint_url=servers.s3.endpoint_url,
            region_name=servers.s3.region,
            aws_access_key_id=servers.s3.access_key,
            aws_secret_access_key=servers.s3.secret_key,
        )
        bucket = f"plain-{uuid.uuid4().hex[:12]}"
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        began = time.perf_counter()
        _poll_and_put(consumer, client, bucket, spool)
        seconds = time.perf_counter() - began
    return CALLS / seconds


def _consumer(bootstrap: str) -> Any:
    consumer = _member(bootstrap, f"plain-{uuid.uuid4().hex}")
    _start_at_the_end(consumer)
    consumer.subscribe([TOPIC])
    return consumer


def _member(bootstrap: str, group: str) -> Any:
    return KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False, max_poll_records=THREADS * 8
    )


def _start_at_the_end(consumer: Any) -> None:
    """Commit, for the consumer's group, the end of every partition: what comes next is what is measured."""
    places = [TopicPartition(TOPIC, partition) for partition in consumer.partitions_for_topic(TOPIC)]
    consumer.assign(places)
    consumer.commit({place: OffsetAndMetadata(end, "", -1) for place, end in consumer.end_offsets(places).items()})
    consumer.unsubscribe()


def _poll_and_put(consumer: Any, client: Any, bucket: str, spool: Path) -> None:
    def put(value: bytes) -> None:
        data = json.loads(value)["data"]
        name = data["audio"]["uri"].removeprefix("spool:")
        client.put_object(Bucket=bucket, Key=data["call_id"], Body=(spool / name).read_bytes())

    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        while done < CALLS:
            batches = consumer.poll(timeout_ms=200)
            records = [record for batch in batches.values() for record in batch]
            list(pool.map(put, [record.value for record in records]))
            done += len(records)
            offsets = {one: OffsetAndMetadata(batch[-1].offset + 1, "", -1) for one, batch in batches.items() if batch}
            if offsets:
                consumer.commit(offsets)
    consumer.close()
