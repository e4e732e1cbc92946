"""What was promised stands, what is not offered is decided, and no order of arrival matters (R3, R4, I3, I11)."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from callwarden.custody.objection_effects import Applied
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, LineId
from callwarden.model.objection import Ground
from callwarden.model.policy import Policy
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import RecordingState
from callwarden.model.request import RefusalGround, RequestType
from tests.support.workshop import DPO, LEGAL, LINE, Workshop, with_line

WHOLE = frozenset({RECORDING})
CENTRE = "monitoring-centre"
NUMBER = "+33639980001"


def add(shop: Workshop, call_id: str, *purposes: str, **more: object) -> Applied:
    scope = ObjectionScope(call_id=CallId(call_id))
    return shop.system.objection_desk.add(DPO, scope, frozenset(purposes) or WHOLE, channel="letter", **more)  # type: ignore[arg-type]


def under(shop: Workshop, policy: Policy) -> None:
    shop.policy = shop.parts["policy"] = policy
    shop.reopen()


def without(policy: Policy, line: str) -> Policy:
    return replace(policy, lines={name: one for name, one in policy.lines.items() if name != LineId(line)})


@pytest.mark.parametrize("removed", [False, True], ids=["offers none any more", "is not in the policy any more"])
@pytest.mark.parametrize("state", ["stored", "set aside"])
def test_what_the_line_promised_when_the_call_was_recorded_stands_for_that_call(
    shop: Workshop, removed: bool, state: str
) -> None:
    shop.stored("c-1", audio=b"a call" if state == "stored" else b"silent")
    shop.stored("c-2", line=CENTRE)
    other = without(shop.policy, LINE) if removed else with_line(shop.policy, objection_honoured=False)
    under(shop, without(other, CENTRE) if removed else other)
    assert add(shop, "c-1").dropped
    assert add(shop, "c-2").not_offered
    assert (shop.recording("c-1").state, shop.recording("c-2").state) == (
        RecordingState.DROPPED,
        RecordingState.STORED,
    )


def test_an_objection_on_a_line_that_offers_none_is_answered_with_its_ground_and_listed_until_it_is_decided(
    shop: Workshop,
) -> None:
    """GDPR, article 21."""
    desk = shop.system.objection_desk
    recording = shop.stored("c-1", line=CENTRE)
    answer = add(shop, "c-1", RECORDING, "training")
    [decision] = answer.decisions()
    assert (decision.recording_id, decision.granted, decision.ground) == (recording, False, Ground.LINE_OFFERS_NONE)
    assert shop.recording("c-1").objected == {"training"}
    assert [one.objection_id for one in desk.listed(DPO, undecided=True)] == [answer.objection.objection_id]
    refused = desk.decide(DPO, answer.objection.objection_id, granted=False, ground=Ground.COMPELLING_GROUNDS)
    assert [one.ground for one in refused.decisions()] == [Ground.COMPELLING_GROUNDS]
    entry = shop.parts["catalogue"].log[-1]
    assert desk.listed(DPO, undecided=True) == []
    assert (str(entry.operation), entry.subject) == ("objection.decided", answer.objection.objection_id)
    assert entry.reasons == ("refused", "compelling_grounds")


def test_an_objection_refused_as_an_item_of_its_request_is_not_undecided_any_more(shop: Workshop) -> None:
    desk, system = shop.system.objection_desk, shop.system
    shop.stored("c-1", line=CENTRE)
    request = system.request_desk.open(DPO, RequestType.OBJECTION, number=NUMBER, purposes=WHOLE).request.request_id
    system.request_desk.verify(DPO, request, how="called back")
    system.request_item_desk.find(DPO, request)
    system.request_item_desk.decide(DPO, request)
    assert len(desk.listed(DPO, undecided=True)) == 1
    system.request_item_desk.decide(DPO, request, refusal=RefusalGround.NO_GROUND)
    assert desk.listed(DPO, undecided=True) == []
    shop.stored("c-2", line=CENTRE)
    assert len(desk.listed(DPO, undecided=True)) == 1, "of a later call nobody has decided"


def test_the_data_protection_officer_may_grant_it_and_then_it_counts_for_later_calls_too(shop: Workshop) -> None:
    desk = shop.system.objection_desk
    shop.stored("c-1", line=CENTRE)
    filed = desk.add(DPO, ObjectionScope(number=NUMBER), WHOLE, channel="letter").objection
    with pytest.raises(RefusedError, match="is for dpo"):
        desk.decide(LEGAL, filed.objection_id, granted=True)
    desk.decide(DPO, filed.objection_id, granted=False, ground=Ground.LEGAL_CLAIMS)
    assert shop.recording("c-1").state is RecordingState.STORED
    granted = desk.decide(DPO, filed.objection_id, granted=True)
    assert [one.granted for one in granted.decisions()] == [True]
    assert shop.recording("c-1").state is RecordingState.DROPPED
    shop.publish(shop.event("c-2", line=CENTRE))
    shop.drain()
    assert shop.verdicts()[-1] == "refused:objection"
    assert shop.landed() == []
    with pytest.raises(UsageError, match="granted already"):
        desk.decide(DPO, filed.objection_id, granted=False, ground=Ground.LEGAL_CLAIMS)
    assert shop.clean()


def test_a_decision_that_makes_no_sense_is_said(shop: Workshop) -> None:
    desk = shop.system.objection_desk
    filed = add(shop, "c-1", "training").objection
    for granted, ground in ((True, Ground.LEGAL_DUTY), (False, None), (False, Ground.LINE_OFFERS_NONE)):
        with pytest.raises(UsageError, match="on a ground"):
            desk.decide(DPO, filed.objection_id, granted=granted, ground=ground)
    with pytest.raises(UsageError, match="nothing is to be decided"):
        desk.decide(DPO, filed.objection_id, granted=True)
    with pytest.raises(RefusedError, match="no such objection"):
        desk.decide(DPO, "obj-0", granted=True)
    narrowed = Actor(role=Role.DPO, name="denise", lines=frozenset({LineId(LINE)}))
    with pytest.raises(RefusedError):
        desk.decide(narrowed, filed.objection_id, granted=True)


def test_the_registry_says_who_entered_it_by_which_channel_and_from_when_it_counts(shop: Workshop) -> None:
    early = shop.stored("c-early")
    shop.clock.move(timedelta(days=2))
    late = shop.stored("c-late")
    scope, since = ObjectionScope(customer_id="C-1"), shop.clock.now() - timedelta(days=1)
    desk = shop.system.objection_desk
    applied = desk.add(DPO, scope, WHOLE, channel="letter", counts_from=since)
    assert applied.dropped == (late,)
    assert shop.recording("c-early").recording_id == early
    assert shop.recording("c-early").state is RecordingState.STORED
    [filed] = desk.listed(DPO)
    assert (filed.entered_by, filed.channel, filed.counts_from) == ("dpo:chloe", "letter", since)
    shop.publish(shop.event("c-3"), shop.event("c-4", objections=["training"], caller={}))
    shop.drain()
    assert shop.verdicts()[-2:].count("refused:objection") == 1
    assert {one.entered_by for one in desk.listed(DPO)} == {"dpo:chloe", "service:ingest"}


def test_a_withdrawal_that_comes_before_its_objection_ends_it(shop: Workshop) -> None:
    """I11: they are of one caller and may come by different partitions."""
    objection = shop.say("objected", caller={"number": NUMBER})
    shop.clock.move(timedelta(hours=1))
    shop.publish(shop.say("objection_withdrawn", caller={"number": NUMBER}))
    shop.drain()
    shop.clock.move(timedelta(hours=1))
    shop.publish(objection)
    shop.drain()
    shop.stored("c-1")
    [filed] = shop.system.objection_desk.listed(DPO)
    assert filed.withdrawn_at == shop.clock.now() - timedelta(hours=1)
    assert shop.recording("c-1").state is RecordingState.STORED


ORDERS = list(permutations(range(4)))


def test_in_whatever_order_a_call_an_objection_its_withdrawal_and_a_later_call_come_the_same_is_closed(
    tmp_path: Path,
) -> None:
    """R3, I11: all orders. A later call is recorded, or was refused while nobody knew of the withdrawal."""
    registries, lost = set(), set()
    for number, order in enumerate(ORDERS):
        with Workshop(tmp_path / str(number)) as shop:
            caller = {"number": NUMBER}
            first = shop.event("c-1", caller=caller)
            said = shop.say("objected", caller=caller, purposes=["recording", "training"])
            shop.clock.move(timedelta(hours=1))
            back = shop.say("objection_withdrawn", caller=caller, purposes=["recording"])
            shop.clock.move(timedelta(hours=1))
            events = [first, said, back, shop.event("c-2", caller=caller)]
            for place in order:
                shop.publish(events[place])
                shop.drain()
            states = {one.call_id: one for one in shop.system.catalogue.all_recordings()}
            assert states.get(CallId("c-1")) is None or states[CallId("c-1")].state is RecordingState.DROPPED
            if CallId("c-2") in states and states[CallId("c-2")].state is RecordingState.STORED:
                assert states[CallId("c-2")].objected == {"training"}
            else:
                lost.add(order)
            assert shop.landed() == []
            assert shop.report().breaches == (), order
            on_file = shop.system.objection_desk.listed(DPO)
            registries.add(frozenset((tuple(sorted(one.purposes)), one.withdrawn_at) for one in on_file))
    assert len(registries) == 1
    assert lost == {order for order in ORDERS if order.index(2) > max(order.index(1), order.index(3))}


def test_of_a_call_set_aside_without_its_audio_the_landing_copy_goes_when_its_caller_objects(tmp_path: Path) -> None:
    """I3: too large to be taken, it lies where it landed."""
    with Workshop(tmp_path) as built:
        limits = replace(built.policy.limits, max_audio_bytes=4)
        under(built, replace(built.policy, limits=limits))
        built.publish(built.event("c-1", audio=b"a long call"))
        built.drain()
        assert built.verdicts() == ["quarantined:oversized_audio"]
        assert len(built.landed()) == 1
        assert add(built, "c-1").dropped
        assert built.landed() == []
        assert built.clean()
