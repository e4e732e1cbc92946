"""How often a token may ask is a limit of the installation, not of each of its processes (U2)."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from callwarden.errors import TooOftenError
from callwarden.model.access import Actor, Role
from callwarden.workers.web.rates import Rates
from tests.bench.push_bench import free_port, running
from tests.support.site import NOON, MovableClock, Site
from tests.support.web import served, token_of

AUDREY = Actor(role=Role.AUDITOR, name="audrey")
LIMIT = 40


def test_two_processes_count_together(tmp_path: Path) -> None:
    with Site(tmp_path / "home", overrides={"requests_per_minute": LIMIT}) as site:
        site.clock.instant = datetime.now(UTC)  # the other process's clock
        token, port = token_of(site.system, AUDREY), free_port()
        environment = {
            **os.environ,
            "CALLWARDEN_HOME": str(tmp_path / "home"),
            "CALLWARDEN_PORTAL_PORT": str(port),
            "CALLWARDEN_REQUESTS_PER_MINUTE": str(LIMIT),
        }
        command = [sys.executable, "-m", "callwarden.workers.web"]
        with running(command, port, environment), served(site.system) as here, httpx.Client(timeout=60) as asking:
            began = time.monotonic()
            statuses = [
                asking.get(f"{place}api/v1/calls", headers={"authorization": f"Bearer {token}"}).status_code
                for _ in range(LIMIT)
                for place in (here, f"http://127.0.0.1:{port}/")
            ]
            refills = (time.monotonic() - began) * LIMIT / 60
    assert set(statuses) == {200, 429}
    assert LIMIT <= statuses.count(200) <= LIMIT + refills + 1


def test_what_is_left_is_shared_to_the_last_by_however_many_processes(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        clock = MovableClock(NOON)
        many = [Rates(site.system.throttle, "requests", 1200, clock=clock) for _ in range(25)]
        for process in many:
            process.charge(AUDREY)  # a token that has just begun is refused by none of them

        def admitted(process: Rates) -> int:
            for count in range(1201):
                try:
                    process.charge(AUDREY)
                except TooOftenError:
                    return count
            return 1201

        assert 25 + sum(admitted(process) for process in many) == 1200
        clock.move(timedelta(seconds=30))
        assert sum(admitted(process) for process in many) == 600
        many[0].charge(Actor(role=Role.AUDITOR, name="david"))
