"""Who is named in another's call is found behind what the redaction has taken out, by the officer alone (D1, U3)."""

import pytest

from callwarden.errors import UsageError
from callwarden.model.ids import RecordingId
from callwarden.model.request import FoundBy, RequestId, RequestType
from tests.desks.test_request_answers import redacted_call
from tests.desks.test_requests import found, refusal
from tests.support.workshop import DPO, LEGAL, Workshop

ODILE = {"number": None, "customer_id": "C-7"}
"""Of whom there is no call; in another's she is named."""


def items(shop: Workshop, request: RequestId) -> dict[RecordingId, FoundBy]:
    return {one.recording_id: one.found_by for one in shop.system.request_desk.shown(DPO, request).items}


def test_who_is_named_in_anothers_call_is_found_and_each_reading_is_an_entry(shop: Workshop) -> None:
    call = redacted_call(shop)
    shop.stored("c-unread")
    request = found(shop, **ODILE)
    assert items(shop, request) == {}
    done = shop.system.request_search_desk.find_named(DPO, request, ["Ferrand Odile"])
    assert (done.found, done.searched, done.unread) == ((call,), 1, 1)
    assert items(shop, request) == {call: FoundBy.NAMED}
    told = [(str(one.operation), one.purpose, one.artefact) for one in shop.parts["catalogue"].log]
    assert ("content.read", "rights_request", "original-transcript") in told
    assert ("request.originals_searched", None, None) in told
    assert "Ferrand" not in repr(shop.parts["catalogue"].log)
    with shop.system.catalogue.snapshot() as tx:
        assert tx.requests.freezing([call]) == {call: request}


@pytest.mark.parametrize("name", ["Bonjour", "lumière", "Odile Marchand", "Karim Odile"])
def test_what_was_said_openly_or_of_two_people_is_nobodys_name(shop: Workshop, name: str) -> None:
    redacted_call(shop)
    request = found(shop, **ODILE)
    assert shop.system.request_search_desk.find_named(DPO, request, [name]).found == ()
    assert items(shop, request) == {}


def test_nobody_else_looks_and_nobody_before_it_is_known_who_asks(shop: Workshop) -> None:
    redacted_call(shop)
    request = shop.system.request_desk.open(DPO, RequestType.ACCESS, customer_id="C-7").request.request_id
    desk = shop.system.request_search_desk
    assert refusal(desk.find_named, LEGAL, request, ["Odile Ferrand"]) == ("not_permitted",)
    assert refusal(desk.find_named, DPO, request, ["Odile Ferrand"]) == ("identity_unverified",)
    with pytest.raises(UsageError, match="who is looked for"):
        desk.find_named(DPO, request, [" "])
