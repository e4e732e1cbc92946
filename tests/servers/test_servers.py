"""The servers the other tests rely on really do what they are trusted for; when one does not, this says so first."""

import time
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from botocore.exceptions import ClientError
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.postgres import PostgresServer
from tests.servers.process import ServerStartError, TetheredProcess
from tests.servers.s3 import RunningS3


def _publish(bootstrap: str, topic: str, values: list[bytes]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name=topic, num_partitions=2, replication_factor=1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for value in values:
        producer.send(topic, value)
    producer.close()


def _consume(bootstrap: str, topic: str, group: str, count: int, *, wait_s: float = 20) -> list[bytes]:
    """Up to `count` values, committed as the group."""
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=2000,
        heartbeat_interval_ms=500,
    )
    values: list[bytes] = []
    deadline = time.monotonic() + wait_s
    while len(values) < count and time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=200).values():
            values += [record.value for record in records]
    consumer.commit()
    consumer.close()
    return sorted(values)


@pytest.mark.parametrize("broker", ["kafka_server", "tansu_server"])
def test_a_group_reads_what_was_published_and_goes_on_where_it_committed(
    broker: str, request: pytest.FixtureRequest
) -> None:
    running: RunningKafka = request.getfixturevalue(broker)
    topic = group = f"t-{uuid.uuid4().hex}"
    _publish(running.bootstrap, topic, [b"one", b"two"])
    assert _consume(running.bootstrap, topic, group, 2) == [b"one", b"two"]
    producer = KafkaProducer(bootstrap_servers=running.bootstrap)
    producer.send(topic, b"three")
    producer.close()
    assert _consume(running.bootstrap, topic, group, 1) == [b"three"]


def test_kafka_keeps_its_records_and_offsets_through_kill_minus_9(own_kafka: KafkaServer) -> None:
    bootstrap = own_kafka.start().bootstrap
    _publish(bootstrap, "kept", [b"before"])
    assert _consume(bootstrap, "kept", "readers", 1) == [b"before"]
    own_kafka.kill()
    assert own_kafka.start().bootstrap == bootstrap
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send("kept", b"after")
    producer.close()
    assert _consume(bootstrap, "kept", "readers", 1) == [b"after"]


@pytest.mark.parametrize("store", ["ceph_server", "moto_server"])
def test_a_legal_hold_keeps_a_version_from_being_deleted(
    store: str, request: pytest.FixtureRequest, s3_bucket_name: str
) -> None:
    running: RunningS3 = request.getfixturevalue(store)
    s3, bucket = running.client(), s3_bucket_name
    s3.create_bucket(
        Bucket=bucket,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": running.region},  # type: ignore[typeddict-item]  # Ceph's "default" is no AWS region
    )
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    version = s3.put_object(Bucket=bucket, Key="call", Body=b"voice")["VersionId"]
    s3.put_object_legal_hold(Bucket=bucket, Key="call", VersionId=version, LegalHold={"Status": "ON"})
    with pytest.raises(ClientError) as refusal:
        s3.delete_object(Bucket=bucket, Key="call", VersionId=version)
    assert refusal.value.response["Error"]["Code"] == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key="call", VersionId=version)["Body"].read() == b"voice"
    s3.put_object_legal_hold(Bucket=bucket, Key="call", VersionId=version, LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=bucket, Key="call", VersionId=version)
    assert "Versions" not in s3.list_object_versions(Bucket=bucket)


def test_a_lifecycle_rule_really_expires_what_it_names(ceph_lifecycle_server: RunningS3, s3_bucket_name: str) -> None:
    s3, bucket = ceph_lifecycle_server.client(), s3_bucket_name
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "due/"}, "Expiration": {"Days": 1}}]
        },
    )
    s3.put_object(Bucket=bucket, Key="due/call", Body=b"voice")
    s3.put_object(Bucket=bucket, Key="kept/call", Body=b"voice")

    def keys() -> list[str]:
        return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    assert _eventually(lambda: keys() == ["kept/call"], seconds=20), keys()


def test_every_test_gets_an_empty_database(postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn) as connection:
        version, name = connection.execute("select version(), current_database()").fetchone() or ("", "")
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert version.startswith("PostgreSQL")
    assert postgres_dsn.endswith(name)
    assert tables == (0,)


def test_postgres_keeps_what_was_committed_through_kill_minus_9(own_postgres: PostgresServer) -> None:
    dsn = own_postgres.start().dsn
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (7)")
    half_done = psycopg.connect(dsn)
    half_done.execute("insert into kept values (8)")
    own_postgres.kill()
    half_done.close()
    assert own_postgres.start().dsn == dsn
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select n from kept").fetchall() == [(7,)]
    own_postgres.stop()
    own_postgres.start()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select n from kept").fetchall() == [(7,)]


def _eventually(happened: Callable[[], bool], *, seconds: float) -> bool:
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    while datetime.now(UTC) < end:
        if happened():
            return True
        time.sleep(0.1)
    return happened()
