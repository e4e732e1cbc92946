"""The fixtures that hand real servers to tests, and the account of them at the end of a run.

A test takes what it needs (`kafka_server`, `postgres_dsn`, ...) or says `@pytest.mark.tier("kafka")`. Without the tier
it is skipped by name; with REQUIRE_TIERS=all (or a list) it fails, and so does the run.
"""

import gc
import os
import uuid
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.servers.ceph import CephServer
from tests.servers.identity import RunningIdentity
from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.postgres import PostgresServer, RunningPostgres
from tests.servers.s3 import RunningS3
from tests.servers.session import TierSession

_SESSION = pytest.StashKey[TierSession]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tier(name): needs that real server (see tests/servers)")
    # kafka-python 3.0 loads its message schemas with a function that Python 3.11 has deprecated and 3.13 took back.
    config.addinivalue_line("filterwarnings", r"ignore:(read|open)_text is deprecated:DeprecationWarning")
    config.stash[_SESSION] = TierSession(os.environ)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("tier"):
        for name in mark.args:
            item.config.stash[_SESSION].require(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """A client of kafka-python 3.0 that is closed while it connects leaves the socket to the garbage collector. It is
    collected here, lest its warning fail whichever test runs later; the sockets of other tests still do."""
    yield
    used = (item.nodeid, *getattr(item, "fixturenames", ()))
    if any(word in name for name in used for word in ("kafka", "tansu", "bus", "faults")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[_SESSION].lacking() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("servers")
    for line in config.stash[_SESSION].lines():
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def tiers(pytestconfig: pytest.Config) -> Iterator[TierSession]:
    """The session's servers; stops them all at the end, also after a failure or Ctrl-C."""
    session = pytestconfig.stash[_SESSION]
    yield session
    session.close()


@pytest.fixture(scope="session")
def kafka_server(tiers: TierSession) -> RunningKafka:
    """Apache Kafka. Shared: use topic and group names of your own; topics are not made by themselves."""
    running = tiers.running("kafka")
    assert isinstance(running, RunningKafka)
    return running


@pytest.fixture(scope="session")
def tansu_server(tiers: TierSession) -> RunningKafka:
    """The tansu broker. Shared: use topic and group names of your own, and sessions of 1 to 3 s."""
    running = tiers.running("tansu")
    assert isinstance(running, RunningKafka)
    return running


@pytest.fixture(scope="session")
def ceph_server(tiers: TierSession) -> RunningS3:
    """Ceph's S3 gateway (or the S3 the environment names). Shared: use buckets of your own (`s3_bucket_name`)."""
    running = tiers.running("ceph")
    assert isinstance(running, RunningS3)
    return running


@pytest.fixture(scope="session")
def ceph_lifecycle_server(tiers: TierSession) -> RunningS3:
    """A second Ceph whose lifecycle day lasts two seconds; always one of our own."""
    running = tiers.start_here("ceph", "ceph-lifecycle", lambda folder: CephServer(folder, lifecycle_day_s=2))
    assert isinstance(running, RunningS3)
    return running


@pytest.fixture(scope="session")
def moto_server(tiers: TierSession) -> RunningS3:
    """The moto server: S3 and KMS. Shared: use buckets of your own (`s3_bucket_name`)."""
    running = tiers.running("moto")
    assert isinstance(running, RunningS3)
    return running


@pytest.fixture(scope="session")
def postgres_server(tiers: TierSession) -> RunningPostgres:
    """PostgreSQL. Shared: take a database of your own through `postgres_dsn`."""
    running = tiers.running("postgres")
    assert isinstance(running, RunningPostgres)
    return running


@pytest.fixture(scope="session")
def identity_provider(tiers: TierSession) -> RunningIdentity:
    """An OpenID provider that knows `tests.servers.identity.PEOPLE`."""
    running = tiers.running("identity")
    assert isinstance(running, RunningIdentity)
    return running


@pytest.fixture(scope="session")
def chromium_browser(tiers: TierSession) -> Path:
    """The path of a Chromium to launch."""
    running = tiers.running("chromium")
    assert isinstance(running, Path)
    return running


@pytest.fixture
def postgres_dsn(postgres_server: RunningPostgres) -> Iterator[str]:
    """The libpq URL of an empty database that only this test has; dropped afterwards, connections or not."""
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres_server.database(name)
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def s3_bucket_name() -> str:
    """A bucket name nobody has used."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def own_kafka(tiers: TierSession) -> Iterator[KafkaServer]:
    """A Kafka of the test's own, not started, to stop, kill and start again. Takes seconds: for fault tests only."""
    tiers.require("kafka")
    server = KafkaServer(tiers.new_folder("own-kafka"))
    yield server
    server.kill()


@pytest.fixture
def own_postgres(tiers: TierSession) -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, not started, to stop, kill and start again. For fault tests only."""
    tiers.require("postgres")
    server = PostgresServer(tiers.new_folder("own-postgres"))
    yield server
    server.kill()
