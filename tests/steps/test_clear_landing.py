"""No voice stays in a landing area: what lies there too long goes, and never what an event may still need (I1, I3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.errors import RetryableError
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.model.policy import WhenUnknown
from callwarden.steps.clear_landing import Cleared
from tests.fakes.catalogue import FakeCatalogue
from tests.support.workshop import Workshop, with_line

STAY = timedelta(days=3)


def _clear(shop: Workshop) -> list[Cleared]:
    sweep = replace(shop.system.landing_sweep, patience=timedelta(0))
    return [one for one in sweep.rounds() if one.removed or one.spared or one.out_of_reach]


def _entries(shop: Workshop) -> list[int | None]:
    catalogue: FakeCatalogue = shop.parts["catalogue"]
    return [one.count for one in catalogue.log if one.operation is Operation.LANDING_SWEPT]


def test_audio_no_event_ever_announced_goes_when_its_time_is_over_and_not_before(shop: Workshop) -> None:
    shop.land("orphan.wav", b"a voice")
    shop.land(".0123456789abcdef.partial", b"half a voice of a killed publish")
    shop.clock.move(STAY - timedelta(seconds=1))
    assert _clear(shop) == []
    assert len(shop.landed()) == 2
    shop.clock.move(timedelta(seconds=1))
    [cleared] = _clear(shop)
    assert (cleared.removed, cleared.spared) == (2, 0)
    assert shop.landed() == []


def test_a_removal_is_in_the_log_with_its_count_and_on_the_bus_as_an_alert(shop: Workshop) -> None:
    shop.land("orphan.wav", b"a voice")
    shop.clock.move(STAY)
    [cleared] = _clear(shop)
    assert _entries(shop) == [1]
    [message] = [one.message for one in cleared.outbox]
    assert message.topic == "alerts"
    assert b"orphan" not in message.value, "a name may hold a telephone number"


def test_what_a_person_has_removed_is_in_the_log_in_their_name_with_the_instant_they_gave(shop: Workshop) -> None:
    shop.land("orphan.wav", b"a voice")
    given = shop.clock.now() + STAY
    sweep = replace(shop.system.landing_sweep, patience=timedelta(0))
    assert sum(one.removed for one in sweep.rounds(now=given, actor=Actor(role=Role.OPERATOR, name="olga"))) == 1
    [entry] = [one for one in shop.parts["catalogue"].log if one.operation is Operation.LANDING_SWEPT]
    assert entry.actor.startswith("operator:")
    assert entry.correlation == f"sweep-{given:%Y%m%dT%H%M%SZ}"


def test_audio_whose_event_says_no_more_where_it_lies_goes_when_its_time_is_over(shop: Workshop) -> None:
    event = shop.event("c-1")
    event["data"]["audio"]["uri"] = 7
    shop.publish(event)
    shop.drain()
    assert len(shop.landed()) == 1
    shop.clock.move(STAY)
    _clear(shop)
    assert shop.landed() == []


@pytest.mark.parametrize(
    ("line", "objections", "left"),
    [
        ("customer-service", ["recording"], 0),
        ("no-such-line", ["recording", 7], 0),
        ("monitoring-centre", ["recording"], 1),
        ("customer-service", ["training"], 1),
        ("customer-service", [], 1),
    ],
)
def test_audio_of_a_dead_letter_goes_at_once_where_the_caller_objects_and_stays_for_a_retry_elsewhere(
    shop: Workshop, line: str, objections: list[object], left: int
) -> None:
    """I3. On the monitoring line no objection to recording is offered."""
    event = shop.event("c-1", line=line, objections=objections)
    shop.publish({**event, "specversion": "7.0"})
    shop.drain()
    assert [one.split(":")[0] for one in shop.verdicts()] == ["dead-lettered"]
    assert len(shop.landed()) == left
    shop.clock.move(STAY)
    _clear(shop)
    assert shop.landed() == []


def test_audio_that_was_too_large_to_take_goes_when_its_time_is_over(shop: Workshop) -> None:
    shop.parts["policy"] = replace(shop.policy, limits=replace(shop.policy.limits, max_audio_bytes=3))
    shop.reopen()
    shop.publish(shop.event("c-1", audio=b"far too large"))
    shop.drain()
    assert shop.verdicts() == ["quarantined:oversized_audio"]
    assert len(shop.landed()) == 1
    shop.clock.move(STAY)
    assert [one.removed for one in _clear(shop)] == [1]
    assert shop.landed() == []


def test_what_an_undecided_event_may_need_is_spared_however_long_it_lies(shop: Workshop) -> None:
    """Ingest was away longer than the stay: no call may be lost to that."""
    shop.publish(shop.event("c-1"))
    shop.clock.move(STAY * 2)
    [cleared] = _clear(shop)
    assert (cleared.removed, cleared.spared) == (0, 1)
    shop.drain()
    assert shop.verdicts() == ["stored"]
    assert _clear(shop) == []


def test_what_an_event_needs_that_waits_for_word_of_an_objection_is_spared(shop: Workshop) -> None:
    shop.parts["policy"] = with_line(shop.policy, when_unknown=WhenUnknown.WAIT, wait=timedelta(days=5))
    shop.reopen()
    shop.publish(shop.event("c-1", objections=...))
    shop.drain()
    shop.land("orphan.wav", b"a voice")
    shop.clock.move(timedelta(days=4))
    [cleared] = _clear(shop)
    assert (cleared.removed, cleared.spared) == (1, 1)
    shop.clock.move(timedelta(days=1))
    shop.drain()
    assert shop.verdicts() == ["stored"]


def test_what_lies_too_long_is_a_breach_until_the_sweep_has_been_there(shop: Workshop) -> None:
    shop.land("orphan.wav", b"a voice")
    assert shop.report().breaches == ()
    shop.clock.move(STAY)
    report = shop.report()
    assert [(one.code, one.subject) for one in report.breaches] == [("landing_overdue", "spool:")]
    assert [(one.lying, one.overdue) for one in report.landing if one.area == "spool:"] == [(1, 1)]
    shop.drain("dispose")
    assert shop.report().breaches == ()


def test_an_area_out_of_reach_stops_no_other_and_is_named(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    landing = shop.parts["landing"]
    lying = landing.lying

    def away(area: str) -> object:
        if area.startswith("s3:"):
            raise RetryableError("the bucket is away")
        return lying(area)

    monkeypatch.setattr(type(landing), "lying", staticmethod(away))
    shop.land("orphan.wav", b"a voice")
    shop.clock.move(STAY)
    assert {one.area: (one.removed, one.out_of_reach) for one in _clear(shop)} == {
        "spool:": (1, None),
        "s3://landing": (0, "the bucket is away"),
    }
    assert [one.code for one in shop.report().breaches] == ["landing_out_of_reach"]
