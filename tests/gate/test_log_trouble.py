"""The log is slow, full or read-only: nothing is read, it is said in time, and afterwards everything works (U3, I6)."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.wiring import shipped_config
from tests.support.site import Site, sample

LEGAL = Actor(role=Role.LEGAL, name="bruno")
TIMEOUT_S = 1.0


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The shipped policy, with a reading's patience of a second."""
    text = (shipped_config() / "policy.yaml").read_text(encoding="utf-8")
    assert "read_timeout: PT2S" in text
    mine = tmp_path / "policy.yaml"
    mine.write_text(text.replace("read_timeout: PT2S", "read_timeout: PT1S"), encoding="utf-8")
    return mine


@pytest.fixture
def site(tmp_path: Path, policy: Path) -> Iterator[Site]:
    with Site(tmp_path / "home", overrides={"policy": policy}) as built:
        yield built


def stored(site: Site) -> RecordingId:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    recording = site.outcomes()[0].recording_id
    assert recording is not None
    return recording


def read(site: Site, recording: RecordingId) -> bytes:
    return site.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO).read_all()


def refused_in_time(site: Site, recording: RecordingId) -> None:
    began = time.monotonic()
    with pytest.raises(RefusedError) as refused:
        read(site, recording)
    assert refused.value.reasons == ("log_unavailable",)
    assert time.monotonic() - began < TIMEOUT_S + 10


def readings_logged(site: Site) -> int:
    entries = site.system.log_reader.entries()
    return sum(one.entry.operation == "content.read" for one in entries)


@contextmanager
def held_by_somebody_else(site: Site) -> Iterator[None]:
    """Another process has the database's write lock and does not let go."""
    other = sqlite3.connect(site.home / "catalogue.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def test_a_log_that_hangs_is_a_refusal_in_time_and_works_again_afterwards(site: Site) -> None:
    recording = stored(site)
    assert read(site, recording) == sample("01.wav")
    with held_by_somebody_else(site):
        refused_in_time(site, recording)
        refused_in_time(site, recording)
    assert read(site, recording) == sample("01.wav")


def test_a_log_that_may_only_be_read_is_a_refusal_and_works_again_afterwards(site: Site) -> None:
    recording = stored(site)
    engine = site.system.catalogue.engine
    engine.dispose()

    def read_only(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine, "connect", read_only)
    refused_in_time(site, recording)
    event.remove(engine, "connect", read_only)
    engine.dispose()
    assert read(site, recording) == sample("01.wav")
    assert readings_logged(site) == 1


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of eight megabytes."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a file system takes privileges this run has not")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    assert shutil.disk_usage(folder).free == 0
    return ballast


def test_a_full_disk_is_a_refusal_and_room_makes_it_work_again(tmp_path: Path, policy: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk), Site(disk / "home", overrides={"policy": policy}) as site:
        recording = stored(site)
        assert read(site, recording) == sample("01.wav")
        with closing(sqlite3.connect(site.home / "catalogue.db")) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        ballast = fill(disk)
        for _ in range(3):
            refused_in_time(site, recording)
        ballast.unlink()
        assert read(site, recording) == sample("01.wav")
        assert readings_logged(site) == 2
