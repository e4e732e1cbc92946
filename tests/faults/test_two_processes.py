"""Two ingest processes share the partitions of Apache Kafka; a rebalance comes in the middle and one of them is killed:
nothing is lost, nothing is there twice (I1, I2, I11)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.kafka import KafkaServer, RunningKafka
from tests.servers.session import TierSession
from tests.support.processes import decided, starter, until
from tests.support.site import MovableClock, Site
from tests.support.tones import tone

CALLS = 240


@pytest.mark.timeout(180)
def test_with_one_of_two_processes_killed_during_a_rebalance_nothing_is_lost_and_nothing_twice(
    tiers: TierSession, quick_folder: Path
) -> None:
    kafka = tiers.start_here("kafka", "kafka-two-processes", KafkaServer)
    assert isinstance(kafka, RunningKafka)
    settings = {
        "home": quick_folder / "two",
        "bus": "kafka",
        "kafka_bootstrap": kafka.bootstrap,
        "session_timeout_s": 1.0,
        "partitions": 4,
        "threads": 4,
    }
    with (
        Site(settings["home"], clock=MovableClock(datetime.now(UTC)), overrides=settings) as site,
        starter(quick_folder, settings) as start,
    ):
        first = start("ingest")
        events = [site.event(f"c-{number}", audio=tone(number)) for number in range(CALLS)]
        _ = site.system.catalogue
        site.publish(*events[: CALLS // 3])
        until(lambda: decided(site) > 5)
        second = start("ingest")
        until(lambda: "working" in second.said.read_text())  # and about to join: the group rebalances from here on
        site.publish(*events[CALLS // 3 :], *events[::10])
        until(lambda: decided(site) > CALLS // 3 + 10)
        first.kill()
        assert decided(site) < CALLS, "it died in the middle of its work"
        third = start("ingest")
        published = CALLS + len(events[::10])
        until(lambda: decided(site) >= published)
        until(lambda: "working" in third.said.read_text())
        assert second.alive(), second.said.read_text()
        assert (third.stop(), second.stop()) == (0, 0)
        site.drain("ingest", "objections", "holds")
        assert sorted(set(site.verdicts())) == ["duplicate:same_event", "stored"]
        assert site.verdicts().count("stored") == CALLS
        assert len({one.call_id for one in site.outcomes() if one.outcome == "stored"}) == CALLS
        report = site.report()
        assert (report.breaches, report.versions, report.recordings) == ((), CALLS, CALLS)
        assert report.balance.balanced
        assert report.balance.in_flight == 0
        assert site.landed() == []
