"""Whoever places a hold by criteria is killed at a port call: what comes meanwhile is held, no sweep destroys what
matches, and the same command finishes it (K3, I4). On the embedded system, and on Kafka, S3 (Ceph) and PostgreSQL."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RetryableError
from callwarden.model.access import Actor, Role
from callwarden.model.criteria import Asked
from callwarden.model.hold import PlacementState
from callwarden.model.ids import CaseId
from callwarden.model.recording import Recording, RecordingState
from callwarden.workers.processes.running import CONSUMERS
from tests.faults.real import SOCKETS_OF_THE_DEAD
from tests.support.dying import LASTING, Fate, KilledError, Moment, moments, mortal
from tests.support.site import Site

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(600)]
LEGAL = Actor(role=Role.LEGAL, name="bruno")
CASE = CaseId("DOSSIER-2026-031")


@pytest.fixture(params=["embedded", "servers"])
def site(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[Site]:
    if request.param == "servers":
        yield request.getfixturevalue("real")
        return
    with Site(quick_folder / "placing") as built:
        yield built


def take_in(site: Site, customer: str, *calls: str) -> None:
    site.publish(*(site.event(f"{customer}-{call}", caller={"customer_id": customer}) for call in calls))
    site.drain("ingest", "holds")


def place(site: Site, customer: str) -> int:
    return site.system.placement_desk.place(LEGAL, CASE, Asked(customer=customer)).count


def of(site: Site, customer: str) -> list[Recording]:
    return [one for one in site.system.catalogue.all_recordings() if one.call_id.startswith(f"{customer}-")]


def test_a_hold_by_criteria_whose_placing_was_killed_keeps_all_it_was_to_keep(site: Site) -> None:
    site.system.case_desk.open(LEGAL, CASE, reason="dispute")
    take_in(site, "P0", "1", "2")
    unharmed = Fate()
    mortal(site.reopen(), unharmed)
    assert place(site, "P0") == 2
    site.reopen()
    chosen: list[Moment] = [one for one in moments(unharmed.calls, every=False) if one.call in LASTING]
    deaths = 5 if type(site) is Site else 2  # evenly spread
    for number, moment in enumerate(chosen[:: -(-len(chosen) // deaths)], 1):
        customer, fate = f"P{number}", Fate(at=moment)
        take_in(site, customer, "1", "2")
        mortal(site.reopen(), fate)
        with suppress(KilledError, RetryableError):
            place(site, customer)
        assert fate.dead, moment
        site.reopen()
        begun = any(one.state is PlacementState.RUNNING for one in site.system.case_desk.shown(LEGAL, CASE).placements)
        take_in(site, customer, "later")
        assert not begun or [bool(one.holds) for one in of(site, customer) if one.call_id.endswith("later")] == [True]
        assert place(site, customer) == 3
        assert [one.holds for one in of(site, customer)] == [(CASE,)] * 3
    held = [one for one in site.system.catalogue.all_recordings() if CASE in one.holds]
    site.clock.move(timedelta(days=200))
    site.drain(*CONSUMERS, "dispose")
    states = {one.state for one in site.system.catalogue.all_recordings() if CASE in one.holds}
    assert (states, len(held) >= 6) == ({RecordingState.STORED}, True)
    assert all(hold.applied_at is not None for hold in site.system.case_desk.shown(LEGAL, CASE).holds)
    assert site.report().breaches == ()
