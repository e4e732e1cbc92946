"""A dead letter is seen, opened, sent again or destroyed by people, each act with its entry (I1, U2, U3)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from callwarden.desks.dead_letters import DeadLetterDesk
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.model.log_entry import Operation
from callwarden.model.outcome import Position
from callwarden.ports.bus import Message
from callwarden.rules.dead_letter import dead_letter_place, position_at
from tests.support.workshop import DPO, LEGAL, Workshop

OPERATOR = Actor(role=Role.OPERATOR, name="otto")
ELSEWHERE = Actor(role=Role.DPO, name="chloe", lines=frozenset({LineId("monitoring-centre")}))
HEADERS = (("ce_type", b"call.recorded"), ("trace", b"\xff"))


def desk(shop: Workshop) -> DeadLetterDesk:
    return shop.system.dead_letter_desk


def dead(shop: Workshop, value: bytes = b"Bonjour, madame Tournesol") -> Position:
    message = Message(topic="telephony.calls", key="c-1", value=value, headers=HEADERS)
    [position] = shop.parts["bus"].publish([message])
    shop.drain()
    return Position(topic=position.topic, partition=position.partition, offset=position.offset)


def refusal(call: Any, *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons


def test_a_dead_letter_is_listed_with_its_reason_and_none_of_its_words(shop: Workshop) -> None:
    position = dead(shop)
    [letter] = desk(shop).listed(OPERATOR)
    assert (letter.position, letter.reason, letter.size) == (position, "not_an_event", 25)
    assert "Tournesol" not in repr(shop.parts["catalogue"].rows)
    assert refusal(desk(shop).listed, ELSEWHERE) == ("not_permitted",)
    assert refusal(desk(shop).shown, OPERATOR, Position(topic="x", partition=0, offset=0)) == ("unknown",)


def test_its_bytes_are_opened_as_they_came_to_those_who_decide_alone(shop: Workshop) -> None:
    position = dead(shop)
    message, _ = desk(shop).opened(LEGAL, position)
    assert (message.value, message.key, message.headers) == (b"Bonjour, madame Tournesol", b"c-1", HEADERS)
    assert refusal(desk(shop).opened, OPERATOR, position) == ("not_permitted",)
    entries = shop.parts["catalogue"].log[-2:]
    assert [one.operation for one in entries] == [Operation.DEADLETTER_OPENED, Operation.ACCESS_REFUSED]
    assert entries[0].subject == f"letter-telephony.calls:{position.partition}:{position.offset}"


def test_a_dead_letter_sent_again_is_decided_anew_as_it_came(shop: Workshop) -> None:
    position = dead(shop)
    letter = desk(shop).retried(OPERATOR, position)
    shop.drain()
    assert letter.retried_at == shop.clock.now()
    assert shop.verdicts() == ["dead-lettered:not_an_event"] * 2
    again = shop.parts["bus"].messages("telephony.calls")[-1]
    assert (again.key, again.headers) == (b"c-1", HEADERS)
    assert shop.clean()


def test_only_the_beginning_of_a_long_message_is_kept_and_never_sent_again(shop: Workshop) -> None:
    position = dead(shop, b"x" * 999_000)
    assert refusal(desk(shop).retried, OPERATOR, position) == ("nothing_kept",)


def test_a_discarded_dead_letter_is_unreadable_here_and_on_the_bus(shop: Workshop) -> None:
    """K4: its key lay in the catalogue alone."""
    position = dead(shop)
    [on_the_bus] = shop.parts["bus"].messages("dead-letters")
    assert "wrapped_key" not in json.loads(on_the_bus.value)
    desk(shop).discarded(DPO, position, reason="written by mistake")
    assert refusal(desk(shop).opened, DPO, position) == ("nothing_kept",)
    assert refusal(desk(shop).retried, DPO, position) == ("nothing_kept",)
    [letter] = desk(shop).listed(OPERATOR)
    assert letter.discarded_at == shop.clock.now()
    entries = [one for one in shop.parts["catalogue"].log if one.operation is Operation.DEADLETTER_DISCARDED]
    desk(shop).discarded(DPO, position, reason="again")
    assert [one for one in shop.parts["catalogue"].log if one.operation is Operation.DEADLETTER_DISCARDED] == entries
    with shop.system.catalogue.snapshot() as tx:
        assert [one.act_id for one in tx.act_reasons.about(str(entries[0].subject))] == [entries[0].correlation]


def test_a_dead_letter_goes_with_the_policys_quarantine(shop: Workshop) -> None:
    dead(shop)
    shop.clock.move(timedelta(days=30))
    shop.drain("dispose")
    assert len(desk(shop).listed(OPERATOR)) == 1
    shop.clock.move(timedelta(seconds=1))
    shop.drain("dispose")
    assert desk(shop).listed(OPERATOR) == []


@pytest.mark.parametrize("place", ["", "telephony.calls", "telephony.calls/1", "telephony.calls/a/1", "/1/2", "t/1/-2"])
def test_a_place_that_is_none_is_none(place: str) -> None:
    assert position_at(place) is None


def test_a_place_is_read_as_it_is_written() -> None:
    position = Position(topic="telephony.calls", partition=2, offset=7)
    assert position_at(dead_letter_place(position)) == position
