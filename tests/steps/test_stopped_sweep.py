"""A clock far ahead, or more due at once than the policy lets go, destroys nothing until two people say so (I5)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from callwarden.custody.timekeeper import ClockAstrayError, Timekeeper
from callwarden.errors import RefusedError, RetryableError
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.policy import WhenUnknown
from callwarden.model.recording import RecordingState
from callwarden.rules.sweeping import SweepStop
from tests.fakes.catalogue import FakeCatalogue
from tests.support.workshop import DPO, LEGAL, Workshop, with_line

OPERATOR = Actor(role=Role.OPERATOR, name="otto")
TRAINER = Actor(role=Role.TRAINER, name="alice")
HALF_A_YEAR = timedelta(days=200)


def in_earnest(shop: Workshop) -> Workshop:
    """The same shop with a clock that nobody sets by hand, once it has swept."""
    shop.drain("dispose")
    shop.parts["timekeeper"] = Timekeeper(
        clock=shop.clock,
        catalogue=shop.parts["catalogue"],
        within=shop.policy.sweep.clock_within,
        newest_entry=lambda: None,
    )
    shop.reopen()
    shop.drain("dispose")
    return shop


@pytest.fixture
def earnest(shop: Workshop) -> Workshop:
    return in_earnest(shop)


def _entries(shop: Workshop, operation: Operation) -> list[tuple[str, ...]]:
    catalogue: FakeCatalogue = shop.parts["catalogue"]
    return [one.reasons for one in catalogue.log if one.operation is operation]


def _stopped(shop: Workshop) -> tuple[SweepStop, ...]:
    stopped = shop.system.sweep.stopped()
    return () if stopped is None else stopped.reasons


def test_a_clock_far_ahead_destroys_nothing_and_sounds_the_alarm_once_on_the_bus(earnest: Workshop) -> None:
    earnest.stored("c-1")
    earnest.clock.move(timedelta(days=365 * 14))
    for _ in range(3):
        assert earnest.drain("dispose") == 0
    assert earnest.recording("c-1").state is RecordingState.STORED
    assert earnest.report().versions == 1
    assert _stopped(earnest) == (SweepStop.CLOCK_AHEAD,)
    assert _entries(earnest, Operation.SWEEP_STOPPED) == [("clock_ahead",)]
    assert sum(earnest.system.bus.end_offsets("alerts").values()) == 1


def test_a_clock_that_goes_on_as_clocks_do_sweeps_for_years(earnest: Workshop) -> None:
    earnest.stored("c-1")
    gone = 0
    for _ in range(16):
        earnest.clock.move(earnest.policy.sweep.clock_within)
        gone += earnest.drain("dispose")
    assert gone == 1


def test_entries_that_a_wrong_clock_writes_do_not_make_it_believed(earnest: Workshop) -> None:
    """Ingest goes on beside the sweep, and writes what the clock says into the log."""
    earnest.stored("c-1")
    earnest.clock.move(HALF_A_YEAR)
    earnest.stored("c-2")
    assert earnest.drain("dispose") == 0
    assert earnest.recording("c-1").state is RecordingState.STORED


def test_a_clock_far_behind_stops_the_sweep_too(earnest: Workshop) -> None:
    """It destroys nothing early; what is over stays, and would stay for as long as the clock is wrong."""
    earnest.clock.move(-HALF_A_YEAR)
    earnest.drain("dispose")
    assert _stopped(earnest) == (SweepStop.CLOCK_BEHIND,)


def test_what_an_objection_drops_goes_whatever_the_clock_says(earnest: Workshop) -> None:
    earnest.stored("c-1")
    with earnest.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(earnest.recording("c-1"), state=RecordingState.DROPPING)])
    earnest.clock.move(HALF_A_YEAR)
    assert earnest.drain("dispose") == 1
    assert earnest.recording("c-1").state is RecordingState.DROPPED


def test_two_people_let_a_stopped_sweep_go_and_one_does_not(earnest: Workshop) -> None:
    earnest.stored("c-1")
    earnest.clock.move(HALF_A_YEAR)
    sweep, desk = earnest.system.sweep, earnest.system.disposal_desk
    for _ in range(2):  # asking again confirms nothing
        stopped = sweep.stopped()
        assert stopped is not None
        with pytest.raises(RefusedError) as waits:
            desk.let_go(OPERATOR, stopped)
        assert waits.value.reasons == ("second_person_needed", "clock_ahead")
        assert earnest.drain("dispose") == 0
    asked = desk.let_go(LEGAL, stopped)
    assert sum(len(batch.disposed) for batch in sweep.rounds(now=asked.at, confirmed=True)) == 1
    assert earnest.recording("c-1").state is RecordingState.DISPOSED
    assert _stopped(earnest) == (), "the clock is believed from now on"
    assert len(_entries(earnest, Operation.DISPOSAL_REQUESTED)) == 2
    assert len(_entries(earnest, Operation.DISPOSAL_CONFIRMED)) == 1


def test_the_same_person_in_another_role_is_no_second_person(earnest: Workshop) -> None:
    earnest.stored("c-1")
    earnest.clock.move(HALF_A_YEAR)
    stopped = earnest.system.sweep.stopped()
    assert stopped is not None
    for actor in (OPERATOR, Actor(role=Role.LEGAL, name="Otto")):
        with pytest.raises(RefusedError):
            earnest.system.disposal_desk.let_go(actor, stopped)
    assert _entries(earnest, Operation.DISPOSAL_CONFIRMED) == []


def test_who_may_not_ask_or_confirm_is_refused_and_entered(earnest: Workshop) -> None:
    earnest.stored("c-1")
    earnest.clock.move(HALF_A_YEAR)
    stopped = earnest.system.sweep.stopped()
    assert stopped is not None
    for actor in (TRAINER, DPO, TRAINER):
        with pytest.raises(RefusedError):
            earnest.system.disposal_desk.let_go(actor, stopped)
    assert _entries(earnest, Operation.ACCESS_REFUSED) == [
        ("not_permitted", "dispose.ask"),
        ("not_permitted", "dispose.confirm"),
    ]


def test_what_is_confirmed_is_what_was_asked_for_and_not_what_fell_due_since(earnest: Workshop) -> None:
    earnest.stored("c-1")
    earnest.clock.move(HALF_A_YEAR)
    stopped = earnest.system.sweep.stopped()
    assert stopped is not None
    with pytest.raises(RefusedError):
        earnest.system.disposal_desk.let_go(OPERATOR, stopped)
    earnest.stored("c-2")
    earnest.clock.move(timedelta(days=365 * 9))
    later = earnest.system.sweep.stopped()
    assert later is not None
    asked = earnest.system.disposal_desk.let_go(LEGAL, later)
    assert asked.at == stopped.at
    list(earnest.system.sweep.rounds(now=asked.at, confirmed=True))
    assert earnest.recording("c-1").state is RecordingState.DISPOSED
    assert earnest.recording("c-2").state is RecordingState.STORED
    assert _stopped(earnest) == (SweepStop.CLOCK_AHEAD,)


def test_more_due_at_once_than_the_policy_lets_go_waits_for_two_people(tmp_path: Path) -> None:
    with Workshop(tmp_path) as shop:
        few = replace(shop.policy.sweep, at_most=2, share=Decimal("0.5"))
        shop.parts["policy"] = shop.policy = replace(shop.policy, sweep=few)
        shop.reopen()
        for number in range(3):
            shop.stored(f"c-{number}")
        shop.clock.move(HALF_A_YEAR)
        assert shop.drain("dispose") == 0, "three of three"
        assert _stopped(shop) == (SweepStop.TOO_MANY_DUE,)
        for number in range(3, 6):
            shop.stored(f"c-{number}")
        assert shop.drain("dispose") == 3, "three of six"


def test_a_clock_far_ahead_refuses_no_call_for_its_age_and_leaves_its_audio(earnest: Workshop) -> None:
    """It would make every call one that comes too late, and delete it."""
    event = earnest.event("c-1")
    earnest.clock.move(HALF_A_YEAR * 2)
    earnest.publish(event)
    with pytest.raises(RetryableError):
        earnest.drain("ingest")
    assert earnest.verdicts() == []
    earnest.clock.move(-HALF_A_YEAR * 2)
    earnest.drain("ingest")
    assert earnest.verdicts() == ["stored"]


def test_a_clock_far_ahead_ends_no_wait_for_an_objection(shop: Workshop) -> None:
    shop.parts["policy"] = shop.policy = with_line(
        shop.policy, when_unknown=WhenUnknown.WAIT, wait=timedelta(minutes=30)
    )
    shop.reopen()
    earnest = in_earnest(shop)
    earnest.publish(earnest.event("c-1", objections=...))
    earnest.drain("ingest")
    earnest.clock.move(timedelta(days=100))
    earnest.drain("ingest")
    assert earnest.verdicts() == []


def test_a_clock_far_ahead_clears_no_landing_area(earnest: Workshop) -> None:
    earnest.land("orphan.wav", b"a voice")
    earnest.clock.move(HALF_A_YEAR)
    earnest.drain("dispose")
    assert len(earnest.landed()) == 1


def test_whoever_asks_for_the_time_to_destroy_by_is_told_how_the_clock_stands(earnest: Workshop) -> None:
    earnest.clock.move(HALF_A_YEAR)
    with pytest.raises(ClockAstrayError, match="clock_ahead"):
        earnest.system.timekeeper.now()


def test_an_instant_a_person_gives_is_believed_for_that_sweep_only_and_not_without_bounds(earnest: Workshop) -> None:
    earnest.stored("c-1")
    after = earnest.clock.now() + HALF_A_YEAR
    assert earnest.system.sweep.stopped(now=earnest.clock.now() + timedelta(days=365 * 14)) is not None
    assert sum(len(batch.disposed) for batch in earnest.system.sweep.rounds(now=after)) == 1
    assert _stopped(earnest) == ()


def test_the_outcome_of_a_refusal_is_entered_as_one(earnest: Workshop) -> None:
    earnest.stored("c-1")
    earnest.clock.move(HALF_A_YEAR)
    stopped = earnest.system.sweep.stopped()
    assert stopped is not None
    with pytest.raises(RefusedError):
        earnest.system.disposal_desk.let_go(TRAINER, stopped)
    catalogue: FakeCatalogue = earnest.parts["catalogue"]
    assert [one.outcome for one in catalogue.log][-1] is EntryOutcome.REFUSED
