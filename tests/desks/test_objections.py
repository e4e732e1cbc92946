"""Objections are filed by whose work it is, about calls of theirs; each act and refusal is an entry (R3, R4, U2)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from callwarden.desks.objections import ObjectionDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, LineId
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import RecordingState
from tests.support.workshop import DPO, LINE, Workshop

TRAINER = Actor(role=Role.TRAINER, name="alice")
HERE = Actor(role=Role.DPO, name="chloe", lines=frozenset({LineId(LINE)}))
ELSEWHERE = Actor(role=Role.DPO, name="denise", lines=frozenset({LineId("monitoring-centre")}))
WHOLE = frozenset({RECORDING})
NUMBER = ObjectionScope(number="+33639980001")


def call(call_id: str) -> ObjectionScope:
    return ObjectionScope(call_id=CallId(call_id))


def desk(shop: Workshop) -> ObjectionDesk:
    return shop.system.objection_desk


def add(shop: Workshop, actor: Actor, scope: ObjectionScope, *purposes: str) -> Any:
    return desk(shop).add(actor, scope, frozenset(purposes) or WHOLE, channel="letter")


def told(shop: Workshop, *, last: int = 1) -> list[tuple[Any, ...]]:
    return [(str(one.operation), one.subject, *one.reasons) for one in shop.parts["catalogue"].log[-last:]]


def refusal(call: Callable[..., object], *arguments: Any, **more: Any) -> tuple[tuple[str, ...], str]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons, str(refused.value)


def test_somebody_else_adds_withdraws_and_lists_nothing_and_every_try_is_an_entry(shop: Workshop) -> None:
    shop.stored("c-1")
    assert refusal(add, shop, TRAINER, call("c-1"))[0] == ("not_permitted",)
    assert refusal(desk(shop).withdraw, TRAINER, NUMBER, WHOLE)[0] == ("not_permitted",)
    assert refusal(desk(shop).listed, TRAINER)[0] == ("not_permitted",)
    refused = ("access.refused", None, "not_permitted")
    assert told(shop, last=3) == [
        (*refused, "objection.add_call"),
        (*refused, "objection.withdraw"),
        (*refused, "objection.list"),
    ]
    assert shop.recording("c-1").state is RecordingState.STORED


def test_whoever_is_narrowed_to_a_line_drops_no_other_lines_call(shop: Workshop) -> None:
    """A call of another line is answered as one that nobody knows; by number an objection would reach every line."""
    shop.stored("c-1")
    assert refusal(add, shop, ELSEWHERE, call("c-1")) == refusal(add, shop, ELSEWHERE, call("c-none"))
    assert refusal(add, shop, ELSEWHERE, call("c-1"))[0] == ("unknown",)
    assert refusal(add, shop, ELSEWHERE, NUMBER)[0] == ("not_permitted",)
    assert shop.recording("c-1").state is RecordingState.STORED
    assert desk(shop).listed(DPO) == []
    assert len(add(shop, HERE, call("c-1")).dropped) == 1
    assert shop.recording("c-1").state is RecordingState.DROPPED


def test_whoever_is_narrowed_to_a_line_opens_no_other_lines_call_again(shop: Workshop) -> None:
    shop.stored("c-1")
    add(shop, DPO, call("c-1"), "training")
    shop.clock.move(timedelta(minutes=1))
    withdraw = desk(shop).withdraw
    answers = [refusal(withdraw, ELSEWHERE, call(one), frozenset()) for one in ("c-1", "c-none")]
    assert answers[0] == answers[1]
    assert refusal(withdraw, ELSEWHERE, NUMBER, frozenset())[0] == ("not_permitted",)
    assert [one.withdrawn_at for one in desk(shop).listed(DPO)] == [None]
    assert len(withdraw(HERE, call("c-1"), frozenset())) == 1


def test_of_a_call_on_two_lines_nobody_who_is_narrowed_to_one_drops_both(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", leg="main"), shop.event("c-1", leg="transfer", line="monitoring-centre"))
    shop.drain()
    assert refusal(add, shop, HERE, call("c-1"))[0] == ("not_permitted",)
    assert {one.state for one in shop.system.catalogue.all_recordings()} == {RecordingState.STORED}


def test_of_the_list_everybody_sees_what_concerns_their_calls(shop: Workshop) -> None:
    shop.stored("c-1")
    shop.stored("c-2", line="monitoring-centre", caller={"number": "+33639980002", "customer_id": "C-2"})
    for scope in (call("c-1"), call("c-2"), NUMBER, ObjectionScope(customer_id="C-later")):
        add(shop, DPO, scope, "training")
    assert [len(desk(shop).listed(actor)) for actor in (DPO, HERE, ELSEWHERE)] == [4, 2, 1]
    assert told(shop) == [("objection.listed", None)]


def test_each_recording_an_objection_changes_has_an_entry_that_leads_to_it(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    filed = add(shop, DPO, call("c-1"), "training").objection
    assert told(shop, last=2) == [("objection.recorded", filed.objection_id), ("objection.applied", recording)]
    assert shop.parts["catalogue"].log[-1].correlation == filed.objection_id
    desk(shop).add(DPO, call("c-1"), frozenset({"training"}), channel="letter")
    assert told(shop)[0][0] == "objection.recorded"  # it changes nothing more


def test_what_no_objection_is_withdrawn_of_is_refused_and_an_entry(shop: Workshop) -> None:
    assert "no such objection" in refusal(desk(shop).withdraw, DPO, NUMBER, frozenset())[1]
    assert told(shop) == [("access.refused", None, "unknown", "objection.withdraw")]


@pytest.mark.parametrize(
    ("scope", "purposes", "words"),
    [
        (ObjectionScope(number="room 12"), WHOLE, "no telephone number"),
        (ObjectionScope(customer_id=" "), WHOLE, "a customer has an id"),
        (call(" "), WHOLE, "a call has an id"),
        (call("rec-" + "0" * 32), WHOLE, "name its call"),
        (NUMBER, frozenset({"fishing"}), "nobody can object to fishing"),
        (NUMBER, frozenset(), "say what is objected to"),
    ],
)
def test_what_makes_no_sense_as_typed_is_said(
    shop: Workshop, scope: ObjectionScope, purposes: frozenset[str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        desk(shop).add(DPO, scope, purposes, channel="letter")
    assert desk(shop).listed(DPO) == []


def test_what_the_telephone_system_says_is_filed_by_a_program_with_a_name(shop: Workshop) -> None:
    shop.publish(shop.say("objected", caller={"number": "4012"}), shop.say("objected", call_id="c-9"))
    shop.drain()
    filed = [one.actor for one in shop.parts["catalogue"].log if str(one.operation) == "objection.recorded"]
    assert filed == ["service:objections"] * 2
