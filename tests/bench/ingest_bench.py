"""Ingest against the plain loop it replaces: the same Kafka, S3, audio and threads; audio from a folder, and as in
production from an S3 landing bucket.

Ours: event → objection, policy and time checked, audio fetched, measured, decoded for silence, encrypted, put, then
row, log entry, outcome and outbox in PostgreSQL, message published, landing copy deleted, offset committed.
The plain loop: poll, read the JSON and the audio (the folder) or get it (the bucket), `put_object` with boto3 as it
comes, delete it in the bucket, commit. Its bucket is made like ours, with versions and Object Lock: what a server takes
for those is not ours to save.

Beside calls a second stand milliseconds of processor a call (user and system, every thread of the process), which say
the same on a busy machine.
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
from botocore.config import Config
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


@dataclass(frozen=True, slots=True)
class Taken:
    """One run of one side, for all calls."""

    seconds: float
    cpu_seconds: float


def run(servers: Servers) -> dict[str, dict[str, float | int]]:
    """Calls per second of each; `ratio` is ours to theirs, the median of runs taken in turn."""
    return {
        "ingest_vs_poll_and_put": _side_by_side(servers, landing=False),
        "ingest_s3_landing_vs_get_put_delete": _side_by_side(servers, landing=True),
    }


def _side_by_side(servers: Servers, *, landing: bool) -> dict[str, float | int]:
    ours, baseline = [], []
    for _ in range(RUNS):
        baseline.append(_plain(servers, landing=landing))
        ours.append(_ours(servers, landing=landing))
    ratios = [theirs.seconds / mine.seconds for mine, theirs in zip(ours, baseline, strict=True)]
    cpu_ours, cpu_baseline = (
        1000 / CALLS * statistics.median(taken.cpu_seconds for taken in side) for side in (ours, baseline)
    )
    return {
        "ours": round(statistics.median(CALLS / taken.seconds for taken in ours), 1),
        "baseline": round(statistics.median(CALLS / taken.seconds for taken in baseline), 1),
        "ratio": round(statistics.median(ratios), 3),
        "runs": RUNS,
        "spread": round(max(ratios) - min(ratios), 3),
        "cpu_ms_ours": round(cpu_ours, 2),
        "cpu_ms_baseline": round(cpu_baseline, 2),
        "cpu_ratio": round(cpu_baseline / cpu_ours, 3),
    }


def _site(servers: Servers, home: Path, landing: str | None) -> Site:
    policy = home / "policy.yaml"
    text = (Path(__file__).parents[2] / "config" / "policy.yaml").read_text(encoding="utf-8")
    text = text.replace("storage_regions:", f"storage_regions:\n  - {servers.s3.region}")
    if landing is not None:
        text = text.replace('"s3://landing"', f'"s3://{landing}"')
    policy.write_text(text, encoding="utf-8")
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


def _events(site: Site, client: Any, landing: str | None) -> None:
    """Audio where it lands, and the events that announce it."""
    content = sample("01.wav")
    events = [site.event(f"c-{number}", audio=content) for number in range(CALLS)]
    if landing is not None:
        for event in events:
            name = f"calls/{event['data']['call_id']}.wav"
            client.put_object(Bucket=landing, Key=name, Body=content)
            event["data"]["audio"]["uri"] = f"s3://{landing}/{name}"
    site.publish(*events)


def _ours(servers: Servers, *, landing: bool) -> Taken:
    """From joining the group to the last commit."""
    client, bucket = _client(servers), f"landing-{uuid.uuid4().hex[:12]}" if landing else None
    if bucket is not None:
        client.create_bucket(Bucket=bucket)
    with tempfile.TemporaryDirectory() as folder, _site(servers, Path(folder), bucket) as site:
        _ = site.system.bus
        group = _member(servers.bootstrap, "ingest")
        _start_at_the_end(group)
        group.close()
        _events(site, client, bucket)
        worker = worker_of(site.system, "ingest")
        began, worked = time.perf_counter(), time.process_time()
        assert worker.run(Event(), drain=True) == CALLS
        taken = Taken(time.perf_counter() - began, time.process_time() - worked)
        assert sum(1 for _ in site.system.vault.versions("")) == CALLS
        assert bucket is None or client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    return taken


def _plain(servers: Servers, *, landing: bool) -> Taken:
    """The same events and audio through a loop of a few lines."""
    client, came_to = _client(servers), f"landing-{uuid.uuid4().hex[:12]}" if landing else None
    if came_to is not None:
        client.create_bucket(Bucket=came_to)
    with tempfile.TemporaryDirectory() as folder:
        with _site(servers, Path(folder), came_to) as site:
            _ = site.system.bus
            consumer = _consumer(servers.bootstrap)
            _events(site, client, came_to)
            spool = site.system.settings.spool_folder
        bucket = f"plain-{uuid.uuid4().hex[:12]}"
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        began, worked = time.perf_counter(), time.process_time()
        _poll_and_put(consumer, client, bucket, spool)
        return Taken(time.perf_counter() - began, time.process_time() - worked)


def _client(servers: Servers) -> Any:
    """As boto3 makes it, but that each thread has a connection."""
    return boto3.client(
        "s3",
        endpoint_url=servers.s3.endpoint_url,
        region_name=servers.s3.region,
        aws_access_key_id=servers.s3.access_key,
        aws_secret_access_key=servers.s3.secret_key,
        config=Config(max_pool_connections=THREADS),
    )


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
        scheme, _, place = data["audio"]["uri"].partition(":")
        if scheme == "spool":
            client.put_object(Bucket=bucket, Key=data["call_id"], Body=(spool / place).read_bytes())
            return
        landing, _, name = place.removeprefix("//").partition("/")
        content = client.get_object(Bucket=landing, Key=name)["Body"].read()
        client.put_object(Bucket=bucket, Key=data["call_id"], Body=content)
        client.delete_object(Bucket=landing, Key=name)

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
