"""Real worker processes are killed with -9 at moments nobody chose; what they left is replayed (I1, I2, I11)."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.real import RealSite, distributed, real_site
from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.servers.session import TierSession
from tests.support.processes import WorkerProcess, decided, starter, until
from tests.support.scenarios import AT_WORK
from tests.support.site import MovableClock, Site
from tests.support.tones import tone

CALLS = 200
"""More than the workers decide on before they die: results are written up to 32 at once."""
DEATHS = 3


def _events(site: Site) -> list[dict[str, Any] | bytes]:
    """Calls, some of them objected to, some damaged, some sent twice, some no events."""
    events: list[dict[str, Any] | bytes] = []
    for number in range(CALLS):
        match number % 10:
            case 3:
                events.append(site.event(f"c-{number}", audio=tone(number), objections=["recording"]))
            case 5:
                events.append(site.event(f"c-{number}", audio=b"RIFF, and nothing more"))
            case 7:
                events.append(f"no event {number}".encode())
            case 9:
                events += [site.event(f"c-{number}", audio=tone(number))] * 2
            case _:
                events.append(site.event(f"c-{number}", audio=tone(number)))
    return events


EXPECTED = {
    "stored": CALLS * 7 // 10,
    "refused:objection": CALLS // 10,
    "quarantined:unreadable_audio": CALLS // 10,
    "dead-lettered:not_an_event": CALLS // 10,
    "duplicate:same_event": CALLS // 10,
}


def _survives(site: Site, start: Callable[[str], WorkerProcess]) -> None:
    chance = random.Random(20261120)
    published = _events(site)
    for part in range(DEATHS):
        site.publish(*published[part::DEATHS])
    for _ in range(DEATHS):
        worker = start("ingest")
        before = decided(site)
        enough = before + chance.randrange(5, 23)
        until(lambda enough=enough: decided(site) >= enough)
        worker.kill()
    assert decided(site) < len(published), "the last one died in the middle of its work"
    site.drain(*AT_WORK)
    verdicts = site.verdicts()
    assert {verdict: verdicts.count(verdict) for verdict in set(verdicts)} == EXPECTED
    report = site.report()
    assert report.breaches == ()
    assert report.balance.balanced
    assert report.balance.in_flight == 0
    assert report.versions == EXPECTED["stored"] + EXPECTED["quarantined:unreadable_audio"]
    assert site.landed() == []


@pytest.mark.timeout(150)
def test_embedded_processes_killed_at_any_moment_lose_and_double_nothing(quick_folder: Path) -> None:
    settings = {"home": quick_folder / "killed-processes", "session_timeout_s": 0.5, "threads": 4, "partitions": 2}
    with (
        Site(settings["home"], clock=MovableClock(datetime.now(UTC)), overrides=settings) as site,
        starter(quick_folder, settings) as start,
    ):
        _survives(site, start)


@pytest.mark.timeout(200)
def test_processes_on_kafka_s3_and_postgresql_killed_at_any_moment_lose_and_double_nothing(
    tiers: TierSession, ceph_server: RunningS3, postgres_server: RunningPostgres, tmp_path: Path
) -> None:
    kafka = tiers.start_here("kafka", "kafka-killed-processes", KafkaServer)
    assert isinstance(kafka, RunningKafka)
    servers = distributed(tmp_path, kafka=kafka, s3=ceph_server, postgres=postgres_server, threads=4, partitions=2)
    with (
        servers as settings,
        real_site(tmp_path / "home", settings) as site,
        starter(tmp_path, {"home": tmp_path / "home", **settings}) as start,
    ):
        assert isinstance(site, RealSite)
        site.clock.instant = datetime.now(UTC)
        _survives(site, start)
