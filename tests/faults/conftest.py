"""Folders for systems that are made and thrown away by the hundred."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.real import RealSite, distributed, real_site
from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.servers.session import TierSession

_IN_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path]:
    """A folder in memory where the machine has one: what a killed process leaves is the same there, sooner."""
    parent = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="callwarden-faults-", dir=parent) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def sockets_of_the_dead_stay_here() -> Iterator[None]:
    """What a killed worker left open is collected in its own test, whose filter knows of it."""
    yield
    gc.collect()


@pytest.fixture(scope="package")
def real(
    tiers: TierSession,
    ceph_server: RunningS3,
    postgres_server: RunningPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RealSite]:
    """One system on real servers that lives through many deaths, on a Kafka of its own: topics and groups have fixed
    names."""
    kafka = tiers.start_here("kafka", "kafka-killed", KafkaServer)
    assert isinstance(kafka, RunningKafka)
    folder = tmp_path_factory.mktemp("real")
    with (
        distributed(folder, kafka=kafka, s3=ceph_server, postgres=postgres_server) as settings,
        real_site(folder / "home", settings) as built,
    ):
        yield built
