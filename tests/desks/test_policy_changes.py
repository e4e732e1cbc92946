"""A changed policy moves the dates of what is stored once two people have said so, and never otherwise (K1, K2, K7)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.model.policy_change import ChangeState
from callwarden.rules.retention import keep_until
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.site import MovableClock
from tests.support.workshop import DPO, LEGAL, LINE, SHIPPED_POLICY, Workshop, policy_of, with_line

OTTO = Actor(role=Role.OPERATOR, name="otto")
SHIPPED = policy_of(SHIPPED_POLICY)
SHORTER = replace(with_line(SHIPPED, retention=CalendarPeriod(months=3)), version="sha256:" + "a1" * 32)
LONGER = replace(with_line(SHIPPED, retention=CalendarPeriod(months=9)), version="sha256:" + "b1" * 32)
GROUND = replace(
    with_line(SHIPPED, retention=CalendarPeriod(months=9), longer_for_stored="decree 2026-1"),
    version="sha256:" + "c1" * 32,
)


def under(shop: Workshop, policy: Policy) -> Workshop:
    """The same system, started with another policy."""
    shop.policy = shop.parts["policy"] = policy
    shop.reopen()
    in_force = shop.system._policy_in_force  # the catalogue of a workshop is put in its place
    in_force.note()
    return shop


@pytest.fixture
def changed(tmp_path: Path) -> Workshop:
    shop = Workshop(tmp_path / "site", MovableClock())
    shop.system._policy_in_force.note()
    shop.stored("c-1")
    shop.stored("c-2", line="monitoring-centre")
    return shop


def dated(shop: Workshop, call: str, months: int) -> bool:
    row = shop.recording(call)
    assert row.ended_at is not None
    return row.keep_until == keep_until(row.ended_at, CalendarPeriod(months=months), SHIPPED.time_zone)


def test_until_it_is_approved_what_is_stored_keeps_its_date_and_new_calls_get_the_new_one(changed: Workshop) -> None:
    shop = under(changed, SHORTER)
    shop.stored("c-3")
    shop.clock.move(timedelta(days=120))
    shop.drain("dispose")
    assert dated(shop, "c-1", 6)
    assert dated(shop, "c-3", 3)
    assert shop.recording("c-1").state == "stored"
    assert shop.recording("c-3").state == "disposed"
    assert shop.system.redating.waits()


def test_a_shorter_period_takes_two_people_then_dates_anew_what_ingest_would_have_given(changed: Workshop) -> None:
    shop = under(changed, SHORTER)
    change, effect = shop.system.policy_desk.propose(DPO)
    assert (effect.sooner, effect.later, effect.stored) == (1, 0, 2)
    with pytest.raises(RefusedError) as refused:
        shop.system.policy_desk.approve(DPO, change.version)
    assert refused.value.reasons == ("same_person",)
    other = Actor(role=Role.DPO, name="claire")
    done = shop.system.policy_desk.approve(other, change.version, at_once=True)
    assert (done.state, done.changed) == (ChangeState.DONE, 1)
    assert dated(shop, "c-1", 3)
    assert dated(shop, "c-2", 12)
    [entry] = [one for one in shop.parts["catalogue"].log if one.operation == "recording.redated"]
    assert (entry.subject, entry.reasons) == (shop.recording("c-1").recording_id, ("sooner",))
    assert not shop.system.redating.waits()
    assert shop.clean()


def test_what_is_held_is_dated_anew_and_not_destroyed(changed: Workshop) -> None:
    changed.hold(changed.recording("c-1").recording_id)
    changed.drain()
    changed.clock.move(timedelta(days=120))
    shop = under(changed, SHORTER)
    change, _ = shop.system.policy_desk.propose(OTTO)
    shop.system.policy_desk.approve(DPO, change.change_id)
    shop.drain("dispose")
    assert dated(shop, "c-1", 3)
    assert shop.recording("c-1").state == "stored"


def test_a_longer_period_moves_nothing_of_what_is_stored_unless_the_policy_states_a_ground(changed: Workshop) -> None:
    shop = under(changed, LONGER)
    change, effect = shop.system.policy_desk.propose(OTTO)
    assert (effect.sooner, effect.later, effect.by_line[LINE].unchanged) == (0, 0, 1)
    shop.system.policy_desk.approve(DPO, change.change_id)
    shop.drain("dispose")
    assert dated(shop, "c-1", 6)
    shop = under(shop, GROUND)
    change, effect = shop.system.policy_desk.propose(OTTO)
    assert (effect.sooner, effect.later) == (0, 1)
    shop.system.policy_desk.approve(DPO, change.change_id)
    shop.drain("dispose", "holds")
    assert dated(shop, "c-1", 9)


def test_a_change_that_is_approved_before_its_policy_is_in_force_waits_for_it(changed: Workshop) -> None:
    change, effect = changed.system.policy_desk.propose(OTTO, SHORTER)
    assert [(one.about, one.code, one.was, one.now) for one in change.told] == [
        (about, "retention", "P6M", "P3M") for about in ("callers", "staff")
    ]
    assert effect.sooner == 1
    changed.system.policy_desk.approve(DPO, change.version[:20])
    changed.drain("dispose")
    assert dated(changed, "c-1", 6)
    shop = under(changed, SHORTER)
    assert not shop.system.redating.waits()
    shop.drain("dispose")
    assert dated(shop, "c-1", 3)


def test_a_dry_run_counts_what_the_sweep_dates_anew_before_it_destroys(changed: Workshop) -> None:
    changed.stored("c-3")
    changed.hold(changed.recording("c-3").recording_id)
    changed.drain()
    change, _ = changed.system.policy_desk.propose(OTTO, SHORTER)
    changed.system.policy_desk.approve(DPO, change.change_id)
    changed.clock.move(timedelta(days=120))
    assert changed.system.disposal_desk.previewed(OTTO) == []
    shop = under(changed, SHORTER)
    foreseen = [row.recording_id for row in shop.system.disposal_desk.previewed(OTTO)]
    assert dated(shop, "c-1", 6)
    assert foreseen == [shop.recording("c-1").recording_id]
    shop.drain("dispose")
    assert [shop.recording(call).state for call in ("c-1", "c-3")] == ["disposed", "stored"]


def test_one_text_waits_once_whoever_proposes_it_again(changed: Workshop) -> None:
    desk = changed.system.policy_desk
    first, _ = desk.propose(OTTO, SHORTER)
    for who in (OTTO, LEGAL):
        with pytest.raises(UsageError, match=f"proposed already: {first.change_id}"):
            desk.propose(who, SHORTER)
    desk.propose(OTTO, LONGER)
    desk.withdraw(OTTO, first.change_id)
    assert desk.propose(LEGAL, SHORTER)[0].change_id != first.change_id


def test_a_proposal_is_withdrawn_by_whoever_made_it_or_the_officer_until_it_is_approved(changed: Workshop) -> None:
    desk = changed.system.policy_desk
    first, _ = desk.propose(OTTO, SHORTER)
    with pytest.raises(RefusedError) as refused:
        desk.withdraw(LEGAL, first.change_id)
    assert refused.value.reasons == ("not_permitted",)
    withdrawn = desk.withdraw(DPO, first.version)
    assert (withdrawn.state, withdrawn.withdrawn_by) == (ChangeState.WITHDRAWN, DPO.name)
    [entry] = [one for one in changed.parts["catalogue"].log if one.operation == "policy.withdrawn" and not one.reasons]
    assert (entry.subject, entry.outcome) == (first.change_id, "done")
    other = Actor(role=Role.DPO, name="claire")
    for act in (desk.approve, desk.withdraw):
        with pytest.raises(RefusedError) as refused:
            act(other, first.change_id)
        assert refused.value.reasons == ("unknown",)
    second, _ = desk.propose(OTTO, SHORTER)
    desk.approve(DPO, second.change_id)
    with pytest.raises(RefusedError) as refused:
        desk.withdraw(OTTO, second.change_id)
    assert refused.value.reasons == ("unknown",)


def test_a_proposal_that_another_policy_overtook_is_not_approved_but_proposed_again(changed: Workshop) -> None:
    """K7: what was looked at was a change of a policy that is not in force any more."""
    old, _ = changed.system.policy_desk.propose(OTTO, SHORTER)
    newer, _ = changed.system.policy_desk.propose(OTTO, LONGER)
    changed.system.policy_desk.approve(DPO, newer.change_id)
    for shop in (under(changed, LONGER), under(changed, SHORTER)):
        desk = shop.system.policy_desk
        assert old not in desk.listed(DPO).proposals
        with pytest.raises(UsageError, match="propose it again"):
            desk.approve(DPO, old.change_id)
    changed.clock.move(timedelta(minutes=1))  # ids of one instant have no order
    again, _ = desk.propose(OTTO)
    assert [one.change_id for one in desk.listed(DPO).proposals] == [again.change_id]
    assert desk.approve(DPO, again.change_id, at_once=True).state is ChangeState.DONE


def test_a_restored_backup_brings_no_withdrawn_proposal_back(changed: Workshop) -> None:
    change, _ = changed.system.policy_desk.propose(OTTO, SHORTER)
    copied = backup(changed)
    changed.system.policy_desk.withdraw(OTTO, change.change_id)
    restore(changed, copied)
    coming_up(changed)
    [again] = changed.system.policy_desk.listed(DPO).changes
    assert (again.state, again.withdrawn_by, again.ended_at) == (ChangeState.WITHDRAWN, "otto", changed.clock.now())


def test_a_change_that_counts_as_approved_though_nobody_approved_it_is_told(changed: Workshop) -> None:
    """I7: a row whose seal is right, and of which the log knows nothing."""
    desk, catalogue = changed.system.policy_desk, changed.parts["catalogue"]
    approved = desk.approve(DPO, desk.propose(OTTO, SHORTER)[0].change_id)
    change, _ = desk.propose(OTTO, LONGER)
    with pytest.raises(RefusedError):
        desk.approve(Actor(role=Role.DPO, name="otto"), change.change_id)
    assert changed.report().breaches == ()
    with catalogue.transaction() as tx:
        forged = replace(change, state=approved.state, approved_by=DPO.name, approved_at=approved.approved_at)
        tx.policy_changes.save(forged)
    assert [(one.code, one.subject) for one in changed.report().breaches] == [("approval_untold", change.change_id)]


def test_what_falls_due_by_it_is_destroyed_at_the_sweep_s_own_limit(changed: Workshop) -> None:
    changed.stored("c-4")
    changed.clock.move(timedelta(days=120))
    few = replace(SHORTER, sweep=replace(SHORTER.sweep, at_most=1, share=Decimal(0)))
    shop = under(changed, few)
    change, _ = shop.system.policy_desk.propose(OTTO)
    shop.system.policy_desk.approve(DPO, change.change_id)
    shop.drain("dispose")
    assert {shop.recording(call).state for call in ("c-1", "c-4")} == {"stored"}
    assert shop.system.sweep.stopped() is not None


def test_one_that_was_interrupted_goes_on_where_it_was_left(changed: Workshop) -> None:
    for number in range(3):
        changed.stored(f"c-m{number}")
    shop = under(changed, SHORTER)
    change, _ = shop.system.policy_desk.propose(LEGAL)
    shop.system.policy_desk.approve(DPO, change.change_id)
    portions = replace(shop.system.redating, portion=2).run(change.change_id)
    next(portions)
    portions.close()  # killed
    assert shop.system.policy_desk.listed(DPO).changes[0].state is ChangeState.RUNNING
    shop.drain("dispose")
    assert all(dated(shop, call, 3) for call in ("c-1", "c-m0", "c-m1", "c-m2"))
    redated = [one.subject for one in shop.parts["catalogue"].log if one.operation == "recording.redated"]
    assert len(redated) == len(set(redated)) == 4


def test_after_an_older_backup_is_restored_what_was_approved_since_is_dated_anew_before_it_serves(
    changed: Workshop,
) -> None:
    shop = under(changed, SHORTER)
    copied = backup(shop)
    change, _ = shop.system.policy_desk.propose(OTTO)
    shop.system.policy_desk.approve(DPO, change.change_id, at_once=True)
    assert dated(shop, "c-1", 3)
    restore(shop, copied)
    assert dated(shop, "c-1", 6)
    coming_up(shop)
    assert dated(shop, "c-1", 3)
    assert dated(shop, "c-2", 12)
    again = shop.system.policy_desk.listed(DPO).changes[0]
    assert (again.state, again.changed, again.approved_by) == (ChangeState.DONE, 1, DPO.name)
    assert not shop.system.redating.waits()
    entries = len(shop.parts["catalogue"].log)
    coming_up(shop)
    assert len(shop.parts["catalogue"].log) == entries, "once it has come up it changes nothing more"


def test_a_restored_backup_from_before_the_approval_of_a_policy_now_replaced_is_dated_by_both(
    changed: Workshop,
) -> None:
    """K7: the shorter of two promises stays, whichever policy is in force when the backup is restored."""
    copied = backup(changed)
    shop = under(changed, SHORTER)
    change, _ = shop.system.policy_desk.propose(OTTO)
    shop.system.policy_desk.approve(DPO, change.change_id, at_once=True)
    shop = under(shop, LONGER)
    assert dated(shop, "c-1", 3)
    restore(shop, copied)
    coming_up(shop)
    assert dated(shop, "c-1", 3)
