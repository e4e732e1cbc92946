"""The embedded system used by several processes at once, as its users do: `up` in one terminal, commands in others.
Nothing that was acknowledged is lost, on any of its SQLite files (I1, I4, I7).

`CALLWARDEN_SOAK_S` makes it longer than the suite lets it be.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest

from callwarden.model.log_entry import Operation
from callwarden.settings import Settings
from callwarden.wiring import open_system
from callwarden.workers.processes.running import drain
from tests.servers.places import repository
from tests.support.policies import write_policy
from tests.support.processes import environment
from tests.support.site import Site

SECONDS: Final = float(os.environ.get("CALLWARDEN_SOAK_S", "12"))
PEOPLE: Final = ("publish", "publish", "hold", "object", "sweep", "read", "look")


def test_a_command_of_another_process_takes_no_file_away_from_a_running_one(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        site.publish(site.event())
        site.drain("ingest", "objections")
        with site.system.catalogue.snapshot(), site.system.catalogue.snapshot():
            pass  # a second connection was opened beside the first
        done = _command(tmp_path / "home", "calls", "outcomes").communicate()
        assert b'"published":1' in done[0].replace(b" ", b""), done
        assert _deleted_under(os.getpid()) == set()
        site.publish(site.event())
        site.drain("ingest", "objections")
    with Site(tmp_path / "home") as site:
        assert site.verdicts() == ["stored", "stored"]


def test_processes_that_make_a_home_at_the_same_time_all_get_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    token = ("token", "issue", "--role", "legal", "--name", "bruno")
    makers = [("init",), ("objection", "add", "--number", "+33639980001", "--purpose", "recording"), token] * 2
    commands = [_command(home, *command) for command in makers]
    said = [one.communicate() for one in commands]
    assert [(one.returncode, *what) for one, what in zip(commands, said, strict=True) if one.returncode] == []
    assert {file.stat().st_mode & 0o777 for file in home.glob("*.db*")} == {0o600}


@pytest.mark.timeout(SECONDS * 2 + 240)
def test_nothing_is_lost_while_several_processes_use_one_home(quick_folder: Path) -> None:
    folder = quick_folder / "one-home"
    folder.mkdir()
    policy = write_policy(folder / "policy.yaml", ("retention: P6M ", "retention: P1D "))
    settings = {"home": folder / "home", "policy": policy, "partitions": 2, "threads": 2, "sweep_every_s": 3}
    with open_system(Settings(**settings)) as system:
        list(drain(system))  # there is a system before they start
    deleted: set[str] = set()
    with _at_work(folder, {**settings, "checkpoint_every_s": 2}) as (service, people):
        while any(one.poll() is None for one in people):
            deleted |= _deleted_under(service.pid, *(one.pid for one in people))
            time.sleep(0.05)
        deleted |= _deleted_under(service.pid)
        service.send_signal(signal.SIGTERM)
        service.wait(60)
    facts = [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    said = {file.name: file.read_text() for file in folder.glob("*.log")}
    logs = "\n".join(said.values())
    assert deleted == set()
    assert [fact for fact in facts if "opened" in fact] == []
    assert sum("finished" in fact for fact in facts) == len(PEOPLE), logs
    assert {one.returncode for one in (service, *people)} == {0}, logs
    faults = [fact["fault"] for fact in facts if "fault" in fact]
    assert [one for one in faults if one["code"] not in ("refused", "unavailable")] == []
    for file in ("catalogue.db", "bus.db"):
        with closing(sqlite3.connect(folder / "home" / file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with open_system(Settings(**settings)) as system:
        list(drain(system))
        report, verified = system.reconciler.reconcile(), system.log_book.verify()
        balance = report.balance
        assert (report.breaches, balance.in_flight, balance.balanced) == ((), 0, True)
        assert balance.published == sum(fact.get("published", 0) for fact in facts) > 0
        with system.catalogue.snapshot() as tx:
            held = {(hold.case_id, hold.recording_id) for hold in tx.holds.find()}
            objections = {one.objection_id for one in tx.objections.all()}
        entries = [one.entry for one in system.log_reader.entries()]
    acknowledged = {(fact["case"], one) for fact in facts if "case" in fact for one in fact["held"]}
    assert acknowledged == held
    assert {fact["objection"] for fact in facts if "objection" in fact} <= objections
    assert verified.ok, verified.faults
    assert acknowledged
    logged = Counter((one.operation, one.subject) for one in entries)
    assert {one for kind, one in logged if kind is Operation.OBJECTION_RECORDED} == objections != set()
    reads = Counter((Operation.CONTENT_READ, fact["read"]) for fact in facts if "read" in fact)
    assert reads
    assert reads <= logged
    destroyed = set(chain.from_iterable(fact.get("destroyed", ()) for fact in facts))
    assert destroyed <= {one for kind, one in logged if kind is Operation.RECORDING_DISPOSED}
    assert not destroyed & {recording for _, recording in held}


@contextmanager
def _at_work(
    folder: Path, settings: Mapping[str, Any]
) -> Iterator[tuple["subprocess.Popen[bytes]", list["subprocess.Popen[bytes]"]]]:
    """The service and the people; whoever is still there is killed at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str) -> "subprocess.Popen[bytes]":
        number = len(started)
        command = [sys.executable, "-m", "tests.faults.busy_people", kind, str(folder), str(number), str(SECONDS)]
        with (folder / f"{kind}-{number}.log").open("wb") as output:
            started.append(
                subprocess.Popen(
                    command, cwd=repository(), env=environment(settings), stdout=output, stderr=subprocess.STDOUT
                )
            )
        return started[-1]

    try:
        service = start("up")
        yield service, [start(kind) for kind in PEOPLE]
    finally:
        for one in started:
            one.kill()
            one.wait()


def _command(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", "from callwarden.workers.command import main; main()", *arguments, "--json"],
        cwd=repository(),
        env=environment({"home": home, "partitions": 2}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _deleted_under(*processes: int) -> set[str]:
    """Database files that a process has open and that are there no more. Shared memory is left out: whoever closes a
    database last deletes that before closing it."""
    found: set[str] = set()
    for process in processes:
        with suppress(OSError):  # it has ended meanwhile
            for name in Path(f"/proc/{process}/fd").iterdir():
                with suppress(OSError):
                    target = str(name.readlink())
                    if target.endswith((".db (deleted)", ".db-wal (deleted)")):
                        found.add(target)
    return found
