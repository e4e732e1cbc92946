"""Two events name one file, and two workers fetch it in the same moment: one recording has it (I11)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.outcome import Outcome, Reason
from callwarden.ports.bus import Delivery
from callwarden.steps.ingest import Ingest
from callwarden.steps.ingest.plan import Done
from tests.support.site import Site, sample
from tests.support.workshop import Workshop


@pytest.fixture(params=["memory", "embedded"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with Workshop(tmp_path) if request.param == "memory" else Site(tmp_path) as made:
        yield made


def naming(site: Site, call_id: str, audio: dict[str, Any]) -> dict[str, Any]:
    """The event of a call whose audio lies where another's does."""
    event = site.event(call_id)
    event["data"]["audio"] = audio
    return event


def fetched(ingest: Ingest, delivery: Delivery) -> list[Done]:
    """A worker that has decided on its delivery and done the slow part, and no more."""
    return [ingest.carry_out(plan) for plan in ingest.begin([delivery]).plans]


def finished(ingest: Ingest, done: list[Done]) -> None:
    for aftermath in ingest.finish(done).aftermaths:
        ingest.clean_up(aftermath)


def deliveries(site: Site, count: int) -> list[Delivery]:
    with site.system.bus.subscribe(("telephony.calls",), group="workers") as subscription:
        found: list[Delivery] = []
        while len(found) < count:
            found += subscription.poll(limit=count, timeout_s=1.0)
    return sorted(found, key=lambda one: json.loads(one.value)["data"]["call_id"])


def test_of_two_workers_that_fetch_one_file_at_once_the_first_has_it(site: Site) -> None:
    first = site.event("c-1")
    site.publish(first, naming(site, "c-2", first["data"]["audio"]))
    one, other = site.system.ingest, site.reopen().ingest
    of_one, of_other = deliveries(site, 2)
    in_hand, in_other_hand = fetched(one, of_one), fetched(other, of_other)
    finished(other, in_other_hand)
    finished(one, in_hand)
    outcomes = {str(outcome.call_id): (outcome.outcome, outcome.reason) for outcome in site.outcomes()}
    assert outcomes == {"c-2": (Outcome.STORED, None), "c-1": (Outcome.QUARANTINED, Reason.MISSING_AUDIO)}
    assert site.report().breaches == (), "nothing of the other is left in the vault"


def test_the_same_recording_takes_its_file_again_after_a_worker_died(site: Site) -> None:
    site.publish(site.event("c-1"))
    [delivery] = deliveries(site, 1)
    dead = fetched(site.system.ingest, delivery)
    assert dead
    site.drain("ingest")
    assert site.verdicts() == ["stored"]


def test_a_file_that_lies_there_anew_is_another_under_its_old_name(site: Site) -> None:
    first = site.event("c-1")
    name = first["data"]["audio"]["uri"].removeprefix("spool:")
    site.publish(first)
    site.drain("ingest")
    site.clock.move(timedelta(seconds=1))
    site.land(name, b"a call" if isinstance(site, Workshop) else sample("01.wav"))
    site.publish(naming(site, "c-2", first["data"]["audio"]))
    site.drain("ingest")
    assert site.verdicts() == ["stored", "stored"]
