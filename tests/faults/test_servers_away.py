"""Servers that come late, go and come back: workers wait for them, say so once, and go on (E3, D)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.processes.health import look
from tests.servers.kafka import KafkaServer
from tests.servers.places import repository
from tests.servers.postgres import PostgresServer
from tests.servers.session import TierSession
from tests.support.processes import starter
from tests.support.site import MovableClock, Site

pytestmark = pytest.mark.timeout(300)


class Servers:
    """Apache Kafka and PostgreSQL whose addresses are known before they run."""

    def __init__(self, folder: Path) -> None:
        self.kafka, self.postgres = KafkaServer(folder / "kafka"), PostgresServer(folder / "postgres")
        self.settings: dict[str, Any] = {
            "bus": "kafka",
            "kafka_bootstrap": f"127.0.0.1:{self.kafka._port}",
            "database": f"postgresql://callwarden@127.0.0.1:{self.postgres._port}/postgres",
            "session_timeout_s": 1,
            "partitions": 1,
        }


@pytest.fixture
def servers(tiers: TierSession) -> Iterator[Servers]:
    for name in ("kafka", "postgres"):
        tiers.require(name)
    made = Servers(tiers.new_folder("away"))
    Path(made.postgres._workdir).parent.mkdir(parents=True, exist_ok=True)
    try:
        yield made
    finally:
        made.kafka.stop()
        made.postgres.stop()


def until(happened: Callable[[], object], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def lines(said: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.read_text().splitlines()]


def outages(said: Path, event: str) -> list[str]:
    return [one["part"] for one in lines(said) if one["event"] == event]


def test_a_worker_waits_for_servers_that_come_late_and_tells_of_each_outage_once(
    servers: Servers, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with starter(tmp_path, {"home": home, **servers.settings}) as start:
        worker = start("ingest")
        until(lambda: outages(worker.said, "outage_began"))
        until(lambda: any("is waiting: the database is out of reach" in one for one in faults(home)))
        assert health(home, ready=True)[0] == 1, "whoever asks is told what it waits for"
        assert health(home)[0] == 0, "waiting is no reason to start it again"
        servers.postgres.start()
        servers.kafka.start()
        until(lambda: outages(worker.said, "outage_ended"))
        published(home, servers, "c-1", 1)
        until(lambda: faults(home) == [])
        assert health(home, ready=True)[0] == 0
        before = len(lines(worker.said))
        servers.kafka.kill()
        until(lambda: outages(worker.said, "outage_began")[-1] == "bus" and len(lines(worker.said)) > before)
        time.sleep(2)  # many attempts are made meanwhile, and none of them is told
        servers.kafka.start()
        until(lambda: outages(worker.said, "outage_ended")[-1] == "bus")
        published(home, servers, "c-2", 2)
        later = lines(worker.said)[before:]
        assert [(one["event"], one["part"]) for one in later if one["event"].startswith("outage")] == [
            ("outage_began", "bus"),
            ("outage_ended", "bus"),
        ]
        assert worker.stop() == 0
    assert all({"event", "level", "timestamp"} <= one.keys() for one in lines(worker.said))
    assert all(one["why"] for one in lines(worker.said) if one["event"] == "outage_began")
    assert not [one for one in lines(worker.said) if one["event"] == "library"], "nothing unreadable"


def published(home: Path, servers: Servers, call_id: str, outcomes: int) -> None:
    """Publish a call, and wait until there are so many outcomes. Clients of ours live only while the servers do."""
    with Site(home, clock=MovableClock(datetime.now(UTC)), overrides=servers.settings) as site:
        site.publish(site.event(call_id))
        until(lambda: len(site.outcomes()) == outcomes)


def faults(home: Path) -> list[str]:
    """What `health` says, without a process of its own for each look."""
    return list(look(home, ready=True)["faults"])


def health(home: Path, *, ready: bool = False) -> tuple[int, str]:
    asked = subprocess.run(
        [sys.executable, "-m", "callwarden.workers.command", "health", *(["--ready"] if ready else [])],
        cwd=repository(),
        env={**os.environ, "CALLWARDEN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.returncode, asked.stdout
