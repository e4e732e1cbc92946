"""`callwarden read` while something is wrong with the disk or the database: refused in time, and said why (U3, I6)."""

import json
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.sqlite.file import Patience
from callwarden.workers.cli import run
from tests.support.site import NOON, Site

READ = ("--what", "original-audio", "--purpose", "dispute", "-o", "call.wav")


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"))
        site.drain("ingest")
        found = site.outcomes()[0].recording_id
    assert found is not None
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 1
    return json.loads(capsys.readouterr().err.splitlines()[-1])["error"]


@contextmanager
def locked(home: Path, how: str, name: str = "catalogue.db") -> Iterator[None]:
    """Another process has the database and does not let go: only its write lock, or all of it."""
    other = sqlite3.connect(home / name, isolation_level=None)
    try:
        if how == "all of it":
            other.execute("PRAGMA locking_mode=EXCLUSIVE").close()
        other.execute("BEGIN IMMEDIATE")
        if how == "all of it":
            other.execute("CREATE TABLE IF NOT EXISTS somebody_elses (x)")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.parametrize("how", ["its write lock", "all of it"])
def test_a_locked_database_is_a_refusal_within_the_policys_time(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """The shipped policy's read_timeout is two seconds; the rest is start-up."""
    with locked(tmp_path / "home", how):
        began = time.monotonic()
        fault = refused(capsys, "read", recording, *READ, "--as", "legal:bruno")
        took = time.monotonic() - began
    assert fault["reasons"] == ["log_unavailable"]
    assert took < 2 + 2
    assert list(tmp_path.glob("*call.wav*")) == []
    assert run(["read", recording, *READ, "--as", "legal:bruno"]) == 0


@contextmanager
def both_locked(home: Path, how: str) -> Iterator[None]:
    """The bus's file, too."""
    with locked(home, how), locked(home, how, "bus.db"):
        yield


LISTS = (("log", "status"),)
ACTS = (
    ("calls", "list"),
    ("calls", "outcomes"),
    ("hold", "list"),
    ("objection", "list"),
    ("token", "list"),
    ("log", "list"),
    ("search", "bonjour", "--as", "dpo:d"),
)
"""Lists that are written down first, and so wait for whoever writes."""


@pytest.mark.parametrize("command", [*LISTS, ("keys", "list")], ids=" ".join)
def test_who_only_looks_waits_for_no_writer(recording: str, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert recording
    with both_locked(tmp_path / "home", "its write lock"):
        assert run([*command, "--json"]) == 0


@pytest.mark.parametrize("command", [*LISTS, ("keys", "list"), *ACTS], ids=" ".join)
def test_files_that_are_locked_are_waited_for_together_as_long_as_the_policy_says(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """However many connections a command opens, to whichever file: the waits of all of them share the policy's time."""
    command = (*command, "--purpose", "rights_request") if command[0] == "search" else command
    began = time.monotonic()
    assert run([*command, "--json"]) == 0
    usual = time.monotonic() - began
    waited: list[float] = []
    with both_locked(tmp_path / "home", "all of it"), counted(waited):
        began = time.monotonic()
        fault = refused(capsys, *command)
        took = time.monotonic() - began
    assert "locked" in fault["message"] or fault["reasons"] == ["log_unavailable"]
    assert sum(waited) < 2 + 0.5
    assert took < 2 + 3 * usual + 2


@contextmanager
def counted(waited: list[float]) -> Iterator[None]:
    """Writes down how long each wait for a lock took."""
    before = Patience.waiting

    @contextmanager
    def waiting(self: Patience, connection: sqlite3.Connection) -> Iterator[None]:
        began = time.monotonic()
        try:
            with before(self, connection):
                yield
        finally:
            waited.append(time.monotonic() - began)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Patience, "waiting", waiting)
        yield


def test_two_processes_that_write_in_turn_keep_a_reading_waiting_no_longer_either(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = threading.Event()

    def writes() -> None:
        other = sqlite3.connect(tmp_path / "home" / "catalogue.db", isolation_level=None, timeout=30)
        while not stop.is_set():
            other.execute("BEGIN IMMEDIATE")
            stop.wait(0.4)
            other.execute("ROLLBACK")
        other.close()

    writers = [threading.Thread(target=writes) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        began = time.monotonic()
        code = run(["read", recording, *READ, "--as", "legal:bruno", "--json"])
        took = time.monotonic() - began
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    faults = capsys.readouterr().err
    assert code == 0 or json.loads(faults.splitlines()[-1])["error"]["reasons"] == ["log_unavailable"]
    assert took < 2 + 4


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a file system takes privileges this run has not")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_on_a_read_only_disk_a_command_names_the_path_and_the_cause_and_promises_nothing(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    with mounted(home, "--bind", str(home)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(home)], check=True)
        for command in (("breakglass", "list", "--as", "dpo:denise"), ("log", "list"), ("dispose",)):
            fault = refused(capsys, *command)
            assert str(home) in fault["message"], command
            assert "read-only" in fault["message"].lower(), command
            assert "try again" not in fault["message"], command
        fault = refused(capsys, "read", recording, *READ, "--as", "legal:bruno")
        assert fault["reasons"] == ["log_unavailable"]


def test_a_new_home_on_a_full_disk_is_named_with_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setenv("CALLWARDEN_HOME", str(disk / "home"))
    with mounted(disk, "-t", "tmpfs", "-o", "size=512k", "tmpfs"):
        with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        fault = refused(capsys, "init")
        assert str(disk / "home") in fault["message"]
        assert "no space left" in fault["message"].lower()
