"""The same on Apache Kafka, S3 (Ceph) and PostgreSQL: one doomed worker follows the other on one living system, each
dying at another call; the last one lives, and everything is as if nothing had happened (I1-I5, I11).

They die at some of the moments, spread evenly: at every one they do on the embedded system (`test_killed_anywhere`). In
ingest at any kind of call; elsewhere at those that change something, for nothing lasts of the others.
"""

import os
from contextlib import suppress
from datetime import timedelta

import pytest

from callwarden.errors import RetryableError
from tests.faults.real import SOCKETS_OF_THE_DEAD, RealSite
from tests.support.dying import LASTING, Fate, KilledError, moments, mortal
from tests.support.scenarios import AT_WORK, ONE_AT_A_TIME, SCENARIOS, still_picture

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(600)]
_APART = timedelta(hours=1)
"""Between the calls of two workers, so that one becomes due after the other."""
_AT_MOST = 1000 if "CALLWARDEN_SOAK_S" in os.environ else 3
"""Workers that die in one scenario; `CALLWARDEN_SOAK_S` lets one die at each moment."""


ORDER = ["disposal", *(name for name in SCENARIOS if name != "disposal")]
"""Disposal first: the sweep takes whatever is due, and what the others leave behind would be."""


@pytest.mark.parametrize("name", ORDER)
def test_killed_again_and_again_on_real_servers_everything_is_as_if_nothing_had_happened(
    name: str, real: RealSite
) -> None:
    scenario, site = SCENARIOS[name], real
    label = name.split()[-1]
    unharmed = Fate()
    scenario.prepare(site, f"{label}-0")
    mortal(site.reopen(), unharmed)
    scenario.act(site, f"{label}-0", ONE_AT_A_TIME)
    site.reopen()
    site.drain(*AT_WORK)
    expected = still_picture(site, f"{label}-0")
    assert set(unharmed.calls) & LASTING, "a scenario changes something"
    lasting = [one for one in moments(unharmed.calls, every=False) if name == "ingest" or one.call in LASTING]
    chosen = lasting[:: -(-len(lasting) // _AT_MOST)]
    plan = {f"{label}-{number}": moment for number, moment in enumerate(chosen, 1)}
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
        # Somebody lives in between, to whom the journal tells what was begun: or the next one would die of that when
        # it comes up, not of its own work.
        _ = site.reopen().replayed
    for call in [*plan][-1:] if scenario.by_worker else plan:
        scenario.act(site, call, ONE_AT_A_TIME)
    site.drain(*AT_WORK)
    assert {call: still_picture(site, call) for call in plan} == dict.fromkeys(plan, expected)
    report = site.report()
    assert report.breaches == ()
    assert report.balance.in_flight == 0
    assert report.balance.balanced
