"""The servers the other tests rely on really do what they are trusted for; when one does not, this says so first."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from botocore.exceptions import ClientError
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.places import repository
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
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=2000,
        heartbeat_interval_ms=500,
    )
    # kafka-python 3.0.12: a consumer that joins before it knows the topic joins twice, and when poll() times out in the
    # second join it waits for ever, without partitions or heartbeats. So: know the topic first, and poll patiently.
    assert consumer.partitions_for_topic(topic)
    consumer.subscribe([topic])
    values: list[bytes] = []
    deadline = time.monotonic() + wait_s
    while len(values) < count and time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=1000).values():
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


def test_a_server_that_does_not_start_says_what_its_log_says(tmp_path: Path) -> None:
    process = TetheredProcess("a server", ["sh", "-c", "echo no room on the disk; exit 3"], tmp_path / "its.log")
    with pytest.raises(ServerStartError, match=r"(?s)a server ended with code 3.*no room on the disk"):
        process.until(lambda: False)


def test_a_server_does_not_outlive_a_test_run_killed_with_minus_9(tmp_path: Path) -> None:
    starter = (
        "import sys, time; from pathlib import Path; from tests.servers.process import TetheredProcess\n"
        f"print(TetheredProcess('sleep', ['sleep', '60'], Path({str(tmp_path)!r}, 'log')).pid, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, cwd=repository()) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        command = Path(f"/proc/{pid}/cmdline")
        assert _eventually(lambda: b"sleep\x0060" in command.read_bytes(), seconds=5)  # the tether has become it
        run.send_signal(signal.SIGKILL)
        assert _eventually(lambda: not _lives(pid), seconds=5)


@pytest.mark.parametrize(
    ("required", "code", "said"),
    [
        ("", pytest.ExitCode.OK, "tier kafka unavailable: "),
        ("kafka", pytest.ExitCode.TESTS_FAILED, "tier kafka required by REQUIRE_TIERS but unavailable: "),
    ],
)
def test_a_missing_server_is_named_and_fails_the_run_when_required(
    required: str, code: int, said: str, tmp_path: Path
) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CALLWARDEN_TEST_", "PYTEST_"))}
    environment |= {"CALLWARDEN_SERVERS_DIR": str(tmp_path), "REQUIRE_TIERS": required}
    (tmp_path / "test_it.py").write_text("def test_it(kafka_server): ...")
    alone = ["--rootdir", str(tmp_path), "-c", os.devnull, "-p", "tests.servers.fixtures"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", *alone, str(tmp_path / "test_it.py")],
        env=environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=repository(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stdout + run.stderr
    assert said in run.stdout
    assert ("kafka     MISSING: no jars" if required else "kafka     not available: no jars") in run.stdout


def _lives(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has waited for does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _eventually(happened: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return happened()
