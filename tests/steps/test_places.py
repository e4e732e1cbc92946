"""A place of audio that cannot be reached stops the calls that lie there, and no others (A2)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.diagnostics import capture_logs
from tests.support.workshop import SHIPPED_POLICY, Workshop, policy_of

B = "s3://landing-b"
AREAS = ("spool:", B)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path, policy=replace(policy_of(SHIPPED_POLICY), landing_areas=AREAS)) as made:
        yield made


def elsewhere(shop: Workshop, call_id: str) -> None:
    """Publish a call whose audio lies in bucket B."""
    event = shop.event(call_id)
    uri = f"{B}/{call_id}.wav"
    shop.parts["landing"].files[uri] = shop.parts["landing"].files.pop(event["data"]["audio"]["uri"])
    event["data"]["audio"]["uri"] = uri
    shop.publish(event)


def test_thousands_that_wait_for_one_place_keep_no_other_call_from_being_stored(shop: Workshop) -> None:
    """As many as would fill every window a worker has: they wait in the catalogue, and the partitions go on."""
    shop.parts["landing"].away[B] = "Unable to locate credentials"
    for number in range(200):
        elsewhere(shop, f"b-{number}")
    for number in range(20):
        shop.publish(shop.event(f"a-{number}"))
    shop.drain()
    assert shop.verdicts() == ["stored"] * 20
    [waits] = shop.system.catalogue.waits()
    assert (waits.place, waits.events, waits.why) == (B, 200, "Unable to locate credentials")
    balance = shop.system.reconciler.balance()
    assert (balance.balanced, balance.in_flight) == (True, 200)
    asked = [uri for uri in shop.parts["landing"].asked if uri.startswith(B)]
    assert len(asked) < 40, "a place that has just failed is not asked once for every call"
    assert all(end == done for end, done in _ends(shop)), "their offsets are committed, whatever the bus forgets"


def _ends(shop: Workshop) -> list[tuple[int, int]]:
    bus = shop.parts["bus"]
    committed = bus.committed("telephony.calls", group="ingest")
    return [(end, committed[place]) for place, end in bus.end_offsets("telephony.calls").items()]


def test_once_their_place_is_there_again_they_are_stored_as_if_nothing_had_been(shop: Workshop) -> None:
    shop.parts["landing"].away[B] = "AccessDenied"
    for number in range(5):
        elsewhere(shop, f"b-{number}")
    with capture_logs() as logged:
        shop.drain()
        since = [one.since for one in shop.system.catalogue.waits()]
        shop.reopen()
        shop.drain()
        assert [one.since for one in shop.system.catalogue.waits()] == since
        shop.parts["landing"].away.clear()
        shop.reopen()
        shop.drain()
    assert shop.verdicts() == ["stored"] * 5
    assert shop.landed() == []
    assert shop.system.catalogue.waits() == []
    assert shop.clean()
    told = [one for one in logged if one["event"].startswith("outage")]
    assert [(one["event"], one["part"], one["place"], one["why"]) for one in told] == [
        ("outage_began", "landing", B, "AccessDenied")
    ] * 2, "once a process, not once a call"


def test_an_objection_to_a_call_that_waits_for_its_place_is_honoured(shop: Workshop) -> None:
    shop.parts["landing"].away[B] = "AccessDenied"
    elsewhere(shop, "b-1")
    shop.drain()
    shop.publish(shop.say("objected", call_id="b-1"))
    shop.drain()
    shop.parts["landing"].away.clear()
    shop.reopen()
    shop.drain()
    assert "refused:objection" in shop.verdicts()
    assert shop.landed() == []


def test_what_can_be_read_and_not_deleted_stops_nobody_and_is_left_to_the_sweep_of_the_landing_areas(
    shop: Workshop,
) -> None:
    shop.parts["landing"].kept[B] = "AccessDenied"
    for number in range(50):
        elsewhere(shop, f"b-{number}")
        shop.publish(shop.event(f"a-{number}"))
    shop.drain()
    assert shop.verdicts() == ["stored"] * 100
    assert len(shop.landed()) == 50
    assert all(end == done for end, done in _ends(shop))
    balance = shop.system.reconciler.balance()
    assert (balance.balanced, balance.in_flight) == (True, 0)
