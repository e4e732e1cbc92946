"""Whoever takes in a pushed call is killed at any port call: the sender, who has no receipt, pushes again. The call is
taken once, and nothing of the first attempt is left (I3, I11)."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.access import Actor, Role
from callwarden.wiring import System
from callwarden.workers.cli.opening import relay
from tests.support.dying import Fate, KilledError, moments, mortal
from tests.support.workshop import Workshop

PBX = Actor(role=Role.TELEPHONY, name="pbx")
AUDIO = b"a call, as it was recorded"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Workshop(tmp_path) as built:
        yield built


def push(system: System, said: dict[str, Any]) -> str:
    desk = system.push_desk
    call = desk.announced(PBX, json.dumps(said).encode())
    with desk.begin(PBX, "17.wav") as incoming:
        incoming.write(AUDIO)
        pushed = desk.received(PBX, call, incoming)
    relay(system).tell(pushed.outbox)
    return pushed.receipt


def test_a_push_that_is_killed_anywhere_is_made_good_by_pushing_again(shop: Workshop) -> None:
    trace = Fate()
    push(mortal(shop.reopen(), trace), shop.event("c-0", audio=AUDIO, caller={}))
    places = moments(trace.calls)
    assert len(places) > 12
    for number, place in enumerate(places, 1):
        said = shop.event(f"c-{number}", audio=AUDIO, caller={})
        fate = Fate(place)
        with suppress(KilledError):
            push(mortal(shop.reopen(), fate), said)
        assert fate.dead, place
        system = shop.reopen()
        assert push(system, said) == push(system, said)
    relay(system).send_orphans(older_than_s=0)
    shop.parts["landing"].files = {
        uri: content for uri, content in shop.parts["landing"].files.items() if "callwarden-pushed" in uri
    }
    shop.drain()
    shop.clock.move(timedelta(minutes=70))
    list(shop.system.landing_sweep.rounds())
    assert shop.landed() == []
    stored = [one.call_id for one in shop.outcomes() if one.outcome.value == "stored"]
    assert sorted(stored) == sorted(f"c-{number}" for number in range(len(places) + 1))
    assert {one.outcome.value for one in shop.outcomes()} <= {"stored", "duplicate"}
    assert shop.clean()
