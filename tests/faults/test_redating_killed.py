"""Whoever dates anew what is stored is killed at a port call: the next sweep takes it up, each recording once, and none
gets a later date (K1, K2, K7). On the embedded system, and on Kafka, S3 (Ceph) and PostgreSQL."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RetryableError
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy_change import ChangeState
from callwarden.model.recording import RecordingState
from callwarden.rules.retention import keep_until
from tests.faults.real import SOCKETS_OF_THE_DEAD
from tests.support.dying import LASTING, Fate, KilledError, Moment, moments, mortal
from tests.support.policies import write_policy
from tests.support.site import Site

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(600)]
DPO = Actor(role=Role.DPO, name="chloe")
OTTO = Actor(role=Role.OPERATOR, name="otto")
CALLS = ("r-1", "r-2", "r-3")


@pytest.fixture(params=["embedded", "servers"])
def site(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[Site]:
    if request.param == "servers":
        yield request.getfixturevalue("real")
        return
    policy = write_policy(quick_folder / "policy.yaml")
    with Site(quick_folder / "redating", overrides={"policy": policy}) as built:
        yield built


def keeps(site: Site, days: int) -> CalendarPeriod:
    """Start again with a policy that keeps calls so long."""
    file = site.system.settings.policy
    assert file is not None
    file.write_text(re.sub(r"retention: P(6M|\d+D)\b", f"retention: P{days}D", file.read_text(), count=1))
    site.reopen().make()
    return CalendarPeriod(days=days)


def approve(site: Site) -> None:
    change, _ = site.system.policy_desk.propose(OTTO)
    site.system.policy_desk.approve(DPO, change.change_id, at_once=True)


def dying(site: Site, fate: Fate) -> None:
    system = mortal(site.reopen(), fate)
    system.stand_in(redating=replace(system.redating, portion=2))


def test_what_a_killed_recomputation_left_the_next_sweep_finishes_once_each(site: Site) -> None:
    site.publish(*(site.event(call) for call in CALLS))
    site.drain("objections", "ingest", "holds")
    text = site.system.settings.policy.read_text() if site.system.settings.policy else ""
    keeps(site, 150)
    unharmed = Fate()
    dying(site, unharmed)
    approve(site)
    chosen: list[Moment] = [one for one in moments(unharmed.calls, every=False) if one.call in LASTING]
    deaths = 6 if type(site) is Site else 2  # evenly spread
    for number, moment in enumerate(chosen[:: -(-len(chosen) // deaths)], 1):
        period = keeps(site, 150 - number)
        fate = Fate(at=moment)
        dying(site, fate)
        with suppress(KilledError, RetryableError):
            approve(site)
        assert fate.dead, moment
        site.reopen()
        newest = site.system.policy_desk.listed(DPO).changes[0]
        if newest.version != site.system.policy.version or newest.state is ChangeState.PROPOSED:
            approve(site)  # the same commands finish it
        site.drain("dispose")
        change = site.system.policy_desk.listed(DPO).changes[0]
        assert change.state is ChangeState.DONE
        found = [one for one in site.system.catalogue.all_recordings() if one.call_id in CALLS]
        zone = site.system.policy.time_zone
        assert all(one.ended_at and one.keep_until == keep_until(one.ended_at, period, zone) for one in found), moment
        moved = Counter(
            one.entry.subject
            for one in site.system.log_reader.entries()
            if one.entry.operation is Operation.RECORDING_REDATED and one.entry.correlation == change.change_id
        )
        assert {one.recording_id for one in found} <= moved.keys(), moment  # other tests' calls are there, too
        assert set(moved.values()) == {1}, moment
        assert not site.system.redating.waits()
    site.clock.move(timedelta(days=150))
    site.drain("dispose")
    found = [one for one in site.system.catalogue.all_recordings() if one.call_id in CALLS]
    assert {one.state for one in found} == {RecordingState.DISPOSED}
    assert site.report().breaches == ()
    assert site.system.settings.policy is not None
    site.system.settings.policy.write_text(text)
    site.reopen()
