"""Objections before, with and after the recording; to all or some uses; held, withdrawn, waited for (R3, R4)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Readable
from callwarden.model.log_entry import Operation
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import WhenUnknown
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.rules.objection import EVERY_USE_BUT_DISPUTE
from callwarden.workers.processes.running import CONSUMERS, SPEECH
from tests.support.quick import policy_of
from tests.support.scenarios import object_at_the_desk
from tests.support.workshop import LEGAL, SHIPPED_POLICY, Workshop, with_line

NUMBER = "+33639980001"
WAITING = with_line(policy_of(SHIPPED_POLICY), when_unknown=WhenUnknown.WAIT, wait=timedelta(hours=2))


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Workshop]:
    """A line that waits for word of an objection, two hours from the end of the call."""
    with Workshop(tmp_path, policy=WAITING) as built:
        yield built


def _nothing_left(shop: Workshop) -> bool:
    rows = [one for one in shop.system.catalogue.all_recordings() if one.caller or one.customer or one.sealed_event]
    return shop.clean() and (shop.report().versions, shop.landed(), rows) == (0, [], [])


@pytest.mark.parametrize(
    "scope",
    [{"call_id": "c-1"}, {"caller": {"number": "06 39 98 00 01"}}, {"caller": {"customer_id": "C-1"}}],
    ids=["by call", "by number, however written", "by customer"],
)
@pytest.mark.parametrize("before", [True, False], ids=["before the recording", "after the recording"])
def test_an_objection_leaves_nothing_whichever_comes_first(shop: Workshop, scope: dict, before: bool) -> None:
    """I3, I11"""
    call, objection = shop.event("c-1"), shop.say("objected", **scope)
    for event in (objection, call) if before else (call, objection):
        shop.publish(event)
        shop.drain()
    assert _nothing_left(shop)
    assert shop.recording("c-1").state is RecordingState.DROPPED if not before else True
    assert sorted(shop.verdicts()) == (["applied", "refused:objection"] if before else ["applied", "stored"])


def test_a_batch_knows_its_objections_before_it_stores_a_voice(shop: Workshop) -> None:
    """R3: the objection comes behind the call, and both before anybody has looked."""
    shop.publish(shop.event("c-1"), shop.say("objected", call_id="c-1"))
    shop.drain(*(step for step in CONSUMERS if step not in SPEECH))
    assert sorted(shop.verdicts()) == ["applied", "refused:objection"]
    assert _nothing_left(shop)


def test_an_objection_to_some_uses_closes_those_and_no_others(shop: Workshop) -> None:
    """R4"""
    shop.stored("c-1")
    shop.publish(shop.say("objected", call_id="c-1", purposes=["ai_experiment"]))
    shop.drain()
    assert shop.recording("c-1").objected == {"ai_experiment"}
    assert shop.recording("c-1").state is RecordingState.STORED
    assert shop.clean()


def test_an_objection_made_in_one_leg_takes_the_other_legs_with_it(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", leg="main"))
    shop.drain()
    shop.publish(shop.event("c-1", leg="transfer", objections=["recording"]))
    shop.drain()
    assert shop.verdicts() == ["stored", "refused:objection"]
    assert _nothing_left(shop)


def test_a_standing_objection_covers_later_calls_until_it_is_withdrawn_and_nothing_comes_back(shop: Workshop) -> None:
    """R3: withdrawn from now on only."""
    shop.publish(shop.say("objected", caller={"number": NUMBER}))
    shop.drain()
    early = shop.event("c-early")
    shop.publish(early)
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.publish(shop.say("objection_withdrawn", caller={"number": NUMBER}))
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.land(early["data"]["audio"]["uri"].removeprefix("spool:"), b"a call")
    shop.publish(shop.event("c-late"), {**early, "id": "early-again"})
    shop.drain()
    by_call = {one.call_id: str(one.outcome) for one in shop.outcomes() if one.call_id}
    assert by_call == {"c-early": "refused", "c-late": "stored"}
    assert shop.landed() == []
    assert shop.clean()


def test_an_objection_delivered_again_after_its_withdrawal_changes_nothing(shop: Workshop) -> None:
    """I11: at-least-once delivery may bring the old objection back; it stays withdrawn."""
    objection = shop.say("objected", caller={"number": NUMBER})
    shop.publish(objection)
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.publish(shop.say("objection_withdrawn", caller={"number": NUMBER}))
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.stored("c-1")
    shop.publish(objection)
    shop.drain()
    assert shop.recording("c-1").state is RecordingState.STORED
    assert shop.verdicts() == ["applied", "applied", "stored", "duplicate:same_event"]


def test_withdrawing_one_use_leaves_the_objection_to_the_others(shop: Workshop) -> None:
    shop.publish(shop.say("objected", caller={"number": NUMBER}, purposes=["training", "quality"]))
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.publish(shop.say("objection_withdrawn", caller={"number": NUMBER}, purposes=["training"]))
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.stored("c-1")
    assert shop.recording("c-1").objected == {"quality"}


def test_the_monitoring_line_offers_no_objection_to_recording_but_one_to_other_uses(shop: Workshop) -> None:
    """R3 (B)"""
    shop.stored("c-1", line="monitoring-centre")
    shop.publish(shop.say("objected", call_id="c-1", purposes=["recording", "training"]))
    shop.drain()
    row = shop.recording("c-1")
    assert (row.state, row.objected) == (RecordingState.STORED, {"training"})
    assert shop.clean()


def test_a_held_recording_is_kept_for_its_case_and_closed_to_everything_else(shop: Workshop) -> None:
    """K3, I4"""
    shop.hold(shop.stored("c-1"))
    object_at_the_desk(shop, "c-1")
    row = shop.recording("c-1")
    assert (row.state, row.objected) == (RecordingState.STORED, EVERY_USE_BUT_DISPUTE)
    assert shop.report().versions == 1
    assert shop.clean()


def test_an_objection_soon_after_a_release_destroys_nothing_before_the_delay_is_over(shop: Workshop) -> None:
    """K3: until then it can be held again; nobody reads it meanwhile."""
    recording = shop.stored("c-1")
    shop.hold(recording)
    shop.release()
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    with pytest.raises(RefusedError) as refused:
        shop.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert "past_retention" in refused.value.reasons
    assert (shop.drain("dispose"), shop.recording("c-1").state) == (0, RecordingState.STORED)
    shop.clock.move(shop.policy.release_delay)
    assert shop.drain("dispose") == 1
    assert shop.clean()


def test_what_was_held_before_its_audio_came_is_kept_for_the_case_when_the_caller_objects_meanwhile(
    waiting: Workshop,
) -> None:
    """I4: the hold was there first; it is made fast as soon as there is something to hold."""
    waiting.publish(waiting.event("c-1", objections=..., audio=b"silent"))
    waiting.drain()
    waiting.hold(waiting.recording("c-1").recording_id)
    waiting.clock.move(timedelta(hours=3))
    waiting.drain()
    assert waiting.verdicts() == ["quarantined:silent_audio"]
    assert waiting.clean()


def test_a_call_whose_objection_is_unknown_waits_then_is_recorded(waiting: Workshop) -> None:
    """R3: unknown is not "no"."""
    waiting.publish(waiting.event("c-1", objections=...))
    waiting.drain()
    assert waiting.verdicts() == []
    report = waiting.report()
    assert (report.balance.in_flight, report.balance.balanced, report.versions) == (1, True, 0)
    waiting.clock.move(timedelta(hours=3))
    waiting.drain()
    assert waiting.verdicts() == ["stored"]
    assert waiting.landed() == []
    assert waiting.clean()


def test_a_waiting_call_is_refused_as_soon_as_word_comes(waiting: Workshop) -> None:
    waiting.publish(waiting.event("c-1", objections=...))
    waiting.drain()
    waiting.publish(waiting.say("objected", call_id="c-1"))
    waiting.drain()
    assert sorted(waiting.verdicts()) == ["applied", "refused:objection"]
    assert _nothing_left(waiting)


def test_a_waiting_call_is_recorded_as_soon_as_word_comes_that_only_some_uses_are_objected_to(
    waiting: Workshop,
) -> None:
    waiting.publish(waiting.event("c-1", objections=...))
    waiting.drain()
    waiting.publish(waiting.say("objected", call_id="c-1", purposes=["training"]))
    waiting.drain()
    assert sorted(waiting.verdicts()) == ["applied", "stored"]
    assert waiting.recording("c-1").objected == {"training"}


def test_a_waiting_event_holds_nothing_readable(waiting: Workshop) -> None:
    """D6: its bytes are sealed until its time comes."""
    waiting.publish(waiting.event("c-1", objections=...))
    waiting.drain()
    [row] = waiting.parts["catalogue"].rows.waiting.values()
    assert b"33639980001" not in row.sealed


def test_the_wait_ends_with_the_period_not_after_it(tmp_path: Path) -> None:
    """K1: a wait longer than the period would keep audio that must be gone."""
    short = with_line(WAITING, retention=CalendarPeriod(months=0, days=1), wait=timedelta(days=3))
    with Workshop(tmp_path, policy=short) as shop:
        shop.publish(shop.event("c-1", objections=...))
        shop.drain()
        shop.clock.move(timedelta(days=4))
        shop.drain()
        assert shop.verdicts() == ["refused:past_retention"]
        assert _nothing_left(shop)


def test_double_listening_is_in_the_access_log_and_a_duplicate_is_not(shop: Workshop) -> None:
    """R2, U3"""
    at = shop.clock.now()
    data = {
        "call_id": "c-1",
        "listener": {"id": "s-7", "role": "supervisor"},
        "purpose": "quality",
        "from": (at - timedelta(minutes=5)).isoformat(),
        "to": at.isoformat(),
    }
    event = shop.envelope("call.monitored", data)
    shop.publish(event, event)
    shop.drain()
    assert shop.verdicts() == ["applied", "duplicate:same_event"]
    entries = [one for one in shop.parts["catalogue"].log if one.operation is Operation.CALL_MONITORED]
    assert len(entries) == 1
    assert "s-7" not in repr(entries)
    assert "c-1" not in repr(entries)


def test_an_objection_is_in_the_log_by_reference_only(shop: Workshop) -> None:
    """L1"""
    shop.publish(shop.say("objected", caller={"number": NUMBER}))
    shop.drain()
    operations = [one.operation for one in shop.parts["catalogue"].log]
    assert Operation.OBJECTION_RECORDED in operations
    assert NUMBER not in repr(shop.parts["catalogue"].log)


def test_a_restriction_is_not_lifted_by_sending_the_call_again(shop: Workshop) -> None:
    """D4"""
    shop.publish(shop.event("c-1", audio=b"noise"))
    shop.drain()
    row = shop.recording("c-1")
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(row, restricted=True)])
    shop.publish(shop.event("c-1"))
    shop.drain()
    rows = {one.recording_id: one for one in shop.system.catalogue.all_recordings()}
    assert rows[row.recording_id].restricted
    assert rows[row.recording_id].source_sha256 == row.source_sha256
