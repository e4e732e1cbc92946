"""A sweep goes by no clock that may be wrong, and destroys no more at once than the policy lets go."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.policy import SweepLimits
from callwarden.rules.sweeping import ClockStanding, SweepStop, clock_standing, most_at_once, sweep_stops

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WITHIN = timedelta(days=14)
LIMITS = SweepLimits(clock_within=WITHIN, at_most=1000, share=Decimal("0.05"))


@given(st.timedeltas(min_value=-WITHIN, max_value=WITHIN))
def test_a_clock_within_the_policys_distance_is_right(by: timedelta) -> None:
    assert clock_standing(NOW + by, believed=NOW, within=WITHIN) is ClockStanding.RIGHT


@given(st.timedeltas(min_value=WITHIN + timedelta(microseconds=1), max_value=timedelta(days=20_000)))
def test_a_clock_beyond_it_is_ahead_or_behind(by: timedelta) -> None:
    assert clock_standing(NOW + by, believed=NOW, within=WITHIN) is ClockStanding.AHEAD
    assert clock_standing(NOW, believed=NOW + by, within=WITHIN) is ClockStanding.BEHIND


def test_the_first_instant_is_believed() -> None:
    assert clock_standing(NOW, believed=None, within=WITHIN) is ClockStanding.RIGHT


def test_a_sweep_may_destroy_the_larger_of_number_and_share() -> None:
    assert most_at_once(LIMITS, kept=0) == 1000
    assert most_at_once(LIMITS, kept=20_000) == 1000
    assert most_at_once(LIMITS, kept=20_020) == 1001


@given(st.sampled_from(ClockStanding), st.integers(0, 10), st.integers(0, 10))
def test_every_reason_to_stop_is_given(standing: ClockStanding, due: int, at_most: int) -> None:
    stops = sweep_stops(standing, due=due, at_most=at_most)
    assert (SweepStop.TOO_MANY_DUE in stops) == (due > at_most)
    assert (standing.value in {one.value for one in stops}) == (standing is not ClockStanding.RIGHT)
