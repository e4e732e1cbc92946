"""What a worker may be doing when it is killed: something to prepare, and something to do, possibly twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipeline.model.access import Actor, Role
from pipeline.model.event import ObjectionScope
from pipeline.model.ids import CallId, CaseId
from pipeline.model.purpose import RECORDING
from tests.site import Site
from workers.running import drain
from workers.runtime import Pace

LEGAL = Actor(role=Role.LEGAL, name="bruno")
SECOND_LEGAL = Actor(role=Role.LEGAL, name="brigitte")
DPO = Actor(role=Role.DPO, name="chloe")

ONE_AT_A_TIME = Pace(
    threads=1, window=1, idle_poll_s=0.02, busy_wait_s=0.005, housekeeping_s=3600, keep_alive_s=60, commit_every_s=0
)
"""One delivery after the other: the calls of a run are the same in every run."""
OVERLAPPING = Pace(threads=3, window=16, idle_poll_s=0.02, busy_wait_s=0.005, housekeeping_s=3600, commit_every_s=0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`prepare` leaves a system in a state; `act` is what the worker does that is killed. Names of calls are made of
    `call`, so that scenarios can be played again and again on one system."""

    prepare: Callable[[Site, str], None]
    act: Callable[[Site, str, Pace], None]


def work(site: Site, *names: str, pace: Pace = ONE_AT_A_TIME) -> int:
    """Run these steps until nothing is left; how many deliveries or recordings they dealt with."""
    return sum(one.handled for one in drain(site.system, names, pace=pace))


def objected(site: Site, call_id: str) -> dict[str, Any]:
    """The event of a caller who objects, to be published."""
    data = {"call_id": call_id, "purposes": ["recording"], "channel": "phone", "at": site.clock.now().isoformat()}
    return site.envelope("call.objected", data)


def object_at_the_desk(site: Site, call_id: str) -> None:
    """The data protection officer enters an objection to a call's recording."""
    filed = site.system.objection_desk.file(
        ObjectionScope(call_id=CallId(call_id)),
        frozenset({RECORDING}),
        channel="letter",
        at=site.clock.now(),
        actor=DPO,
        source=f"letter about {call_id}",
    )
    site.system.objection_desk.apply(filed)


def recordings_of(site: Site, call: str) -> list[Any]:
    """The recordings of the calls a scenario has made."""
    return [one for one in site.system.catalogue.all_recordings() if one.call_id.startswith(call)]


def _prepare_ingest(site: Site, call: str) -> None:
    """A call, an objecting caller, a line that is no event, the same call twice in two ways, damaged audio."""
    first = site.event(f"{call}-1")
    again = {**site.event(f"{call}-1"), "id": f"{call}-again"}
    refused = site.event(f"{call}-objects", objections=["recording"])
    damaged = site.event(f"{call}-damaged", audio=b"RIFF")
    site.publish(first, refused, b"no event", first, again, damaged)


def _ingest(site: Site, call: str, pace: Pace) -> None:
    work(site, "ingest", pace=pace)


def _prepare_stored(site: Site, call: str) -> None:
    site.publish(site.event(f"{call}-1"), site.event(f"{call}-2"))
    site.drain("ingest", "objections", "holds")


def _object(site: Site, call: str, pace: Pace) -> None:
    object_at_the_desk(site, f"{call}-1")


def _prepare_objection_event(site: Site, call: str) -> None:
    _prepare_stored(site, call)
    site.publish(objected(site, f"{call}-1"))


def _consume_objection(site: Site, call: str, pace: Pace) -> None:
    work(site, "objections", pace=pace)


def _hold(site: Site, call: str, pace: Pace) -> None:
    case = CaseId(f"DOSSIER-{call}")
    site.system.hold_desk.open(case, reason="dispute", actor=LEGAL)
    site.system.hold_desk.place(case, [one.recording_id for one in recordings_of(site, call)], actor=LEGAL)


def _prepare_held(site: Site, call: str) -> None:
    _prepare_stored(site, call)
    _hold(site, call, ONE_AT_A_TIME)
    site.system.hold_desk.release(CaseId(f"DOSSIER-{call}"), actor=LEGAL)


def _release(site: Site, call: str, pace: Pace) -> None:
    site.system.hold_desk.release(CaseId(f"DOSSIER-{call}"), actor=SECOND_LEGAL)


def _prepare_due(site: Site, call: str) -> None:
    _prepare_stored(site, call)
    site.clock.move(timedelta(days=200))


def _dispose(site: Site, call: str, pace: Pace) -> None:
    work(site, "dispose")


SCENARIOS = {
    "ingest": Scenario(_prepare_ingest, _ingest),
    "objection at the desk": Scenario(_prepare_stored, _object),
    "objection on the bus": Scenario(_prepare_objection_event, _consume_objection),
    "hold": Scenario(_prepare_stored, _hold),
    "release": Scenario(_prepare_held, _release),
    "disposal": Scenario(_prepare_due, _dispose),
}


def picture(site: Site, call: str) -> object:
    """What is to be the same however often a worker died: rows, objects, files, outcomes and lost words."""
    site.drain("ingest", "objections", "holds")
    rows = sorted(
        (one.call_id, one.state, bool(one.holds), one.keep_until, one.objected, one.source_sha256)
        for one in recordings_of(site, call)
    )
    known = {one.recording_id for one in recordings_of(site, call)}
    objects = sum(1 for one in site.system.vault.versions("") if one.key.split("/")[2] in known)
    outcomes = sorted(
        (one.outcome, one.reason or "") for one in site.outcomes() if one.call_id and one.call_id.startswith(call)
    )
    unsent = len(site.system.catalogue.unsent(older_than_s=0.0, limit=100))
    return rows, objects, len(site.landed()), outcomes, unsent
