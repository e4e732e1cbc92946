"""A request goes its steps in order, and everything it asks for stays until it is answered (D1, D2)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role, service
from callwarden.model.recording import RecordingState
from callwarden.model.request import Decision, FoundBy, RefusalGround, RequestId, RequestState, RequestType
from tests.support.workshop import DPO, LEGAL, Workshop

NUMBER = "+33639980001"
TRAINER = Actor(role=Role.TRAINER, name="alice")


def opened(shop: Workshop, kind: RequestType = RequestType.ACCESS, **more: Any) -> RequestId:
    return shop.system.request_desk.open(DPO, kind, **({"number": NUMBER} | more)).request.request_id


def found(shop: Workshop, kind: RequestType = RequestType.ACCESS, **more: Any) -> RequestId:
    """A request whose items are found."""
    request = opened(shop, kind, **more)
    shop.system.request_desk.verify(DPO, request, how="called back on the number on file")
    shop.system.request_item_desk.find(DPO, request)
    return request


def refusal(call: Callable[..., object], *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons


def state(shop: Workshop, request: RequestId) -> RequestState:
    return shop.system.request_desk.shown(DPO, request).request.state


def test_a_request_goes_from_receipt_to_answer_and_every_step_is_an_entry(shop: Workshop) -> None:
    recording = shop.stored()
    desk = shop.system.request_desk
    request = opened(shop)
    assert desk.ask_identity(DPO, request).state is RequestState.IDENTITY_ASKED
    assert desk.verify(DPO, request, how="called back").state is RequestState.VERIFIED
    items = shop.system.request_item_desk.find(DPO, request).items
    assert [(one.item.recording_id, one.item.found_by) for one in items] == [(recording, FoundBy.NUMBER)]
    assert shop.system.request_item_desk.decide(DPO, request)[0].state is RequestState.DECIDED
    assert desk.answer(DPO, request).state is RequestState.ANSWERED
    told = [str(one.operation) for one in shop.parts["catalogue"].log if one.subject == request]
    assert told == [
        "request.opened",
        "request.identity_asked",
        "request.verified",
        "request.found",
        "request.decided",
        "request.answered",
    ]
    steps = desk.shown(DPO, request).request.history
    assert [one.what for one in steps] == told


def test_nothing_is_told_or_decided_before_it_is_known_who_asks(shop: Workshop) -> None:
    shop.stored()
    request = opened(shop)
    items = shop.system.request_item_desk
    assert refusal(items.find, DPO, request) == ("identity_unverified",)
    assert refusal(items.decide, DPO, request) == ("identity_unverified",)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("identity_unverified",)
    shop.system.request_desk.verify(DPO, request, how="called back")
    assert refusal(items.decide, DPO, request) == ("not_found_yet",)
    items.find(DPO, request)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("undecided",)
    assert state(shop, request) is RequestState.FOUND


def test_who_cannot_be_identified_is_refused_as_a_whole_and_then_nothing_is_frozen_any_more(shop: Workshop) -> None:
    shop.stored()
    request = opened(shop)
    decided, _ = shop.system.request_item_desk.decide(DPO, request, refusal=RefusalGround.IDENTITY_UNPROVEN)
    assert decided.refused is RefusalGround.IDENTITY_UNPROVEN
    assert shop.system.request_desk.answer(DPO, request).state is RequestState.ANSWERED
    shop.clock.move(timedelta(days=200))
    assert swept(shop) == 1


def test_who_is_identified_after_all_is_not_refused_as_a_whole_any_more(shop: Workshop) -> None:
    shop.stored()
    request = opened(shop)
    shop.system.request_item_desk.decide(DPO, request, refusal=RefusalGround.IDENTITY_UNPROVEN)
    verified = shop.system.request_desk.verify(DPO, request, how="called back")
    assert (verified.state, verified.refused) == (RequestState.VERIFIED, None)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("not_found_yet",)


def swept(shop: Workshop) -> int:
    return sum(
        len([one for one in batch.disposed if one.erasure is not None])
        for batch in shop.system.sweep.rounds(confirmed=True)
    )


@pytest.mark.parametrize("kind", [kind for kind in RequestType if kind is not RequestType.INFORMATION])
def test_what_is_asked_for_is_kept_from_the_sweep_until_it_is_answered(shop: Workshop, kind: RequestType) -> None:
    shop.stored()
    request = found(shop, kind)
    shop.clock.move(timedelta(days=200))
    assert swept(shop) == 0
    shop.system.request_item_desk.decide(DPO, request, refusal=RefusalGround.NOT_THE_PERSON)
    shop.system.request_desk.answer(DPO, request)
    assert swept(shop) == 1
    assert shop.recording("c-1").state is RecordingState.DISPOSED


def test_a_call_that_arrives_while_a_request_is_open_is_kept_as_well_and_found_the_next_time(shop: Workshop) -> None:
    request = found(shop)
    later = shop.stored("c-later")
    shop.clock.move(timedelta(days=200))
    assert swept(shop) == 0
    items = shop.system.request_item_desk.find(DPO, request).items
    assert [(one.item.recording_id, one.item.decision) for one in items] == [(later, None)]


def test_what_was_over_before_the_request_came_is_not_kept_for_it(shop: Workshop) -> None:
    shop.stored()
    shop.clock.move(timedelta(days=200))
    request = found(shop)
    assert shop.system.request_desk.shown(DPO, request).items == []
    assert swept(shop) == 1


def test_who_only_asks_to_be_informed_keeps_no_recording(shop: Workshop) -> None:
    shop.stored()
    found(shop, RequestType.INFORMATION)
    shop.clock.move(timedelta(days=200))
    assert swept(shop) == 1


def test_everything_of_a_person_is_found_other_legs_and_other_numbers_too(shop: Workshop) -> None:
    mine = shop.stored("c-1")
    shop.publish(
        shop.event("c-1", leg="transfer", line="monitoring-centre", caller={"number": None, "customer_id": None}),
        shop.event("c-2", caller={"number": "+33639980009", "customer_id": "C-1"}),
        shop.event("c-3", caller={"number": "+33639980002", "customer_id": "C-2"}),
    )
    shop.drain()
    by_number = shop.system.request_desk.shown(DPO, found(shop)).items
    calls = {row.recording_id: (row.call_id, row.leg) for row in shop.system.catalogue.all_recordings()}
    assert {calls[one.recording_id]: one.found_by for one in by_number} == {
        ("c-1", "main"): FoundBy.NUMBER,
        ("c-1", "transfer"): FoundBy.CALL,
        ("c-2", "main"): FoundBy.HISTORY,
    }
    by_customer = shop.system.request_desk.shown(DPO, found(shop, number=None, customer_id="C-1")).items
    assert mine in {one.recording_id for one in by_customer}


def test_a_number_of_several_customers_is_told_and_nobody_gets_anothers_other_calls(shop: Workshop) -> None:
    shop.stored("c-1")
    shop.stored("c-2", caller={"number": NUMBER, "customer_id": "C-2"})
    shop.stored("c-3", caller={"number": "+33639980009", "customer_id": "C-2"})
    told = shop.system.request_desk.open(DPO, RequestType.ACCESS, number=NUMBER)
    assert told.customers == 2
    items = shop.system.request_desk.shown(DPO, told.request.request_id).items
    assert {one.found_by for one in items} == {FoundBy.NUMBER}
    assert len(items) == 2


def test_two_requests_of_one_person_meet(shop: Workshop) -> None:
    shop.stored()
    first = opened(shop)
    second = shop.system.request_desk.open(DPO, RequestType.ERASURE, number=NUMBER)
    by_customer = shop.system.request_desk.open(DPO, RequestType.RESTRICTION, customer_id="C-1")
    assert second.meets == (first,)
    assert set(by_customer.meets) == {first, second.request.request_id}
    assert shop.system.request_desk.open(DPO, RequestType.ACCESS, customer_id="C-9").meets == ()


def test_how_identity_was_verified_is_destroyed_with_the_answer(shop: Workshop) -> None:
    request = found(shop)
    assert shop.system.request_desk.shown(DPO, request).evidence == "called back on the number on file"
    shop.system.request_desk.answer(DPO, request)
    assert shop.system.request_desk.shown(DPO, request).evidence is None
    assert "called back" not in repr(shop.parts["journal"].records)


def test_a_request_is_answered_within_thirty_days_and_extended_once_inside_the_first_month(shop: Workshop) -> None:
    desk = shop.system.request_desk
    request = opened(shop, received=date(2026, 11, 1))
    assert desk.shown(DPO, request).request.due_on == date(2026, 12, 1)
    assert refusal_of_blank(shop, request)
    assert desk.extend(DPO, request, reason="many calls").due_on == date(2027, 2, 1)
    assert refusal(desk.extend, DPO, request, reason="more calls") == ("already_extended",)
    late = opened(shop, received=date(2026, 10, 1))
    assert refusal(desk.extend, DPO, late, reason="too late") == ("too_late",)
    assert [one.request.request_id for one in desk.listed(DPO, overdue=True)] == [late]
    with pytest.raises(UsageError, match="still to come"):
        opened(shop, received=date(2026, 11, 21))


@dataclass
class Heard:
    """An alarm that remembers."""

    codes: list[tuple[str, str]] = field(default_factory=list)

    def sound(self, code: str, *, subject: str, correlation: str) -> None:
        self.codes.append((code, subject))


def test_the_alarm_reminds_of_requests_whose_last_day_is_near_or_over(shop: Workshop) -> None:
    near, late = opened(shop, received=date(2026, 10, 27)), opened(shop, received=date(2026, 10, 1))
    opened(shop)
    heard = Heard()
    desk = replace(shop.system.request_desk, alarm=heard)
    assert desk.remind(service("requests")) == 2
    assert heard.codes == [("request_overdue", late), ("request_due_soon", near)]
    shop.system.request_item_desk.decide(DPO, late, refusal=RefusalGround.IDENTITY_UNPROVEN)
    desk.answer(DPO, late)
    assert desk.remind(service("requests")) == 1


def refusal_of_blank(shop: Workshop, request: RequestId) -> bool:
    with pytest.raises(UsageError, match="why it takes longer"):
        shop.system.request_desk.extend(DPO, request, reason=" ")
    return True


def test_an_answered_request_is_over(shop: Workshop) -> None:
    request = found(shop)
    desk = shop.system.request_desk
    desk.answer(DPO, request)
    for again in (shop.system.request_item_desk.find, desk.ask_identity):
        assert refusal(again, DPO, request) == ("already_answered",)


def test_requests_are_the_data_protection_officers(shop: Workshop) -> None:
    request = opened(shop)
    assert refusal(opened_by, shop, TRAINER) == ("not_permitted",)
    assert refusal(shop.system.request_desk.shown, TRAINER, request) == ("not_permitted",)
    assert refusal(shop.system.request_desk.verify, LEGAL, request, how="known") == ("not_permitted",)
    assert refusal(shop.system.request_desk.shown, DPO, RequestId("req-20260101-00000000")) == ("unknown",)


def opened_by(shop: Workshop, actor: Actor) -> object:
    return shop.system.request_desk.open(actor, RequestType.ACCESS, number=NUMBER)


def test_whose_data_it_is_has_to_be_said_once(shop: Workshop) -> None:
    for wrong in ({"number": NUMBER, "customer_id": "C-1"}, {"number": None}):
        with pytest.raises(UsageError, match="exactly one"):
            opened(shop, **wrong)


def test_a_request_with_an_item_somebody_else_wrote_is_refused_at_every_step(shop: Workshop) -> None:
    shop.stored()
    request = found(shop)
    items = shop.parts["catalogue"].rows.request_items
    items.update({key: replace(item, decision=Decision.REFUSED, altered=True) for key, item in items.items()})
    desk, item_desk = shop.system.request_desk, shop.system.request_item_desk
    for step in (desk.shown, desk.ready, desk.answer, item_desk.decide):
        assert refusal(step, DPO, request) == ("row_altered",)
