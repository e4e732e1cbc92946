"""A worker is killed at every port call it makes; what it left is replayed; nothing is lost, doubled or kept (I1-I5,
I11).

Each scenario is first run unharmed to note its port calls, then once for each moment to die at, on a copy of the same
state.
"""

import contextlib
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from callwarden.errors import RetryableError
from callwarden.workers.processes.pace import Pace
from tests.support.dying import LASTING, Fate, KilledError, Moment, moments, mortal
from tests.support.scenarios import ONE_AT_A_TIME, OVERLAPPING, SCENARIOS, Scenario, picture
from tests.support.site import MovableClock, Site


class Stage:
    """A prepared state to be copied, and what it comes to when nobody dies."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._scenario, self._folder = scenario, folder
        with Site(folder / "prepared") as site:
            _ = site.system.ingest  # makes the tables, once for all copies
            scenario.prepare(site, "c")
            self._instant: datetime = site.clock.now()

    def unharmed(self, pace: Pace) -> tuple[Fate, object]:
        """The calls of a run in which nobody dies, and what it comes to."""
        fate = Fate()
        with self._site("unharmed") as site:
            mortal(site.system, fate)
            self._scenario.act(site, "c", pace)
            site.reopen()
            return fate, picture(site, "c")

    def killed(self, moment: Moment, pace: Pace, expected: object) -> bool:
        """Die at this moment, start again, and look; False when the moment never came."""
        fate = Fate(at=moment)
        with self._site("killed") as site:
            mortal(site.system, fate)
            with contextlib.suppress(KilledError, RetryableError):
                self._scenario.act(site, "c", pace)
            if not fate.dead:
                return False
            site.reopen()
            self._scenario.act(site, "c", pace)
            found = picture(site, "c")
            report = site.report()
            assert report.breaches == (), moment
            assert report.balance.in_flight == 0, moment
            assert report.balance.balanced, moment
            assert found == expected, moment
            return True

    def _site(self, name: str) -> Site:
        home = self._folder / name
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._folder / "prepared", home)
        return Site(home, clock=MovableClock(self._instant))


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_any_port_call_and_replayed_everything_is_as_if_nothing_had_happened(
    name: str, quick_folder: Path
) -> None:
    stage = Stage(SCENARIOS[name], quick_folder / name)
    fate, expected = stage.unharmed(ONE_AT_A_TIME)
    assert set(fate.calls) & LASTING, "a scenario changes something"
    missed = [moment for moment in moments(fate.calls) if not stage.killed(moment, ONE_AT_A_TIME, expected)]
    assert missed == []


def test_killed_with_many_deliveries_in_hand_everything_is_as_if_nothing_had_happened(quick_folder: Path) -> None:
    """Several threads and batches: their order changes from run to run, so a few moments may never come."""
    stage = Stage(SCENARIOS["ingest"], quick_folder / "overlapping")
    fate, expected = stage.unharmed(OVERLAPPING)
    tried = [moment for moment in moments(fate.calls) if moment.call in LASTING]
    reached = sum(stage.killed(moment, OVERLAPPING, expected) for moment in tried)
    assert reached > len(tried) / 2
