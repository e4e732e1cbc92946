"""The same on Apache Kafka, S3 (Ceph) and PostgreSQL: one doomed worker follows the other on one living system, each
dying at another call; the last one lives, and everything is as if nothing had happened (I1-I5, I11)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from pipeline.errors import RetryableError
from tests.faults.dying import LASTING, Fate, KilledError, moments, mortal
from tests.faults.real import RealSite, distributed, real_site
from tests.faults.scenarios import ONE_AT_A_TIME, SCENARIOS, still_picture
from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.postgres import RunningPostgres
from tests.servers.s3 import RunningS3
from tests.servers.session import TierSession
from workers.running import CONSUMERS

_APART = timedelta(hours=1)
"""Between the calls of two workers, so that one becomes due after the other."""


@pytest.fixture(scope="module")
def site(
    tiers: TierSession,
    ceph_server: RunningS3,
    postgres_server: RunningPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RealSite]:
    """One system for all scenarios, on a Kafka of its own: topics and groups have fixed names."""
    kafka = tiers.start_here("kafka", "kafka-killed", KafkaServer)
    assert isinstance(kafka, RunningKafka)
    folder = tmp_path_factory.mktemp("real")
    with (
        distributed(folder, kafka=kafka, s3=ceph_server, postgres=postgres_server) as settings,
        real_site(folder / "home", settings) as built,
    ):
        yield built


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_again_and_again_on_real_servers_everything_is_as_if_nothing_had_happened(
    name: str, site: RealSite
) -> None:
    scenario = SCENARIOS[name]
    label = name.split()[-1]
    unharmed = Fate()
    scenario.prepare(site, f"{label}-0")
    mortal(site.reopen(), unharmed)
    scenario.act(site, f"{label}-0", ONE_AT_A_TIME)
    site.reopen()
    site.drain(*CONSUMERS)
    expected = still_picture(site, f"{label}-0")
    assert set(unharmed.calls) & LASTING, "a scenario changes something"
    plan = {f"{label}-{number}": moment for number, moment in enumerate(moments(unharmed.calls, every=False), 1)}
    for call in plan:
        site.clock.instant = site.clock.now() + _APART
        scenario.publish(site, call)
    if scenario.taken_in:
        site.drain("ingest", "holds")
    for call, moment in plan.items():
        scenario.ready(site, call)
        fate = Fate(at=moment)
        mortal(site.reopen(), fate)
        with suppress(KilledError, RetryableError):
            scenario.act(site, call, ONE_AT_A_TIME)
        assert fate.dead, moment
        site.reopen()
    for call in [*plan][-1:] if scenario.by_worker else plan:
        scenario.act(site, call, ONE_AT_A_TIME)
    site.drain(*CONSUMERS)
    assert {call: still_picture(site, call) for call in plan} == dict.fromkeys(plan, expected)
    report = site.report()
    assert report.breaches == ()
    assert report.balance.in_flight == 0
    assert report.balance.balanced
