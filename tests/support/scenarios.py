"""What a worker may be doing when it is killed: something to prepare, and something to do, possibly twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callwarden.desks.request_file import RequestFile
from callwarden.model.access import Actor, Role
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, CaseId
from callwarden.model.purpose import RECORDING
from callwarden.model.request import RequestType
from callwarden.workers.processes.pace import Pace
from callwarden.workers.processes.running import drain
from tests.support.site import Site, drained
from tests.support.tones import tone

AT_WORK = ("objections", "ingest", "holds")
"""The steps that have something to do in a scenario."""

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
    """What is published, whether it is taken in before the worker comes that is killed, what else happens before, and
    what that worker does. Calls are named after `call`, so that a scenario can be played many times on one system."""

    publish: Callable[[Site, str], None]
    act: Callable[[Site, str, Pace], None]
    taken_in: bool = True
    ready: Callable[[Site, str], None] = lambda site, call: None
    by_worker: bool = True
    """Whether doing it once does it for every call: a worker takes whatever there is, a person acts on one case."""

    def prepare(self, site: Site, call: str) -> None:
        """Everything that comes before."""
        self.publish(site, call)
        if self.taken_in:
            site.drain(*AT_WORK)
        self.ready(site, call)


def work(site: Site, *names: str, pace: Pace = ONE_AT_A_TIME) -> int:
    """Run these steps until nothing is left; how many deliveries or recordings they dealt with."""
    return drained(drain(site.system, names, pace=pace))


def objected(site: Site, call_id: str) -> dict[str, Any]:
    """The event of a caller who objects, to be published."""
    data = {"call_id": call_id, "purposes": ["recording"], "channel": "phone", "at": site.clock.now().isoformat()}
    return site.envelope("call.objected", data)


def object_at_the_desk(site: Site, call_id: str) -> None:
    """The data protection officer enters an objection to a call's recording."""
    site.system.objection_desk.add(
        DPO,
        ObjectionScope(call_id=CallId(call_id)),
        frozenset({RECORDING}),
        channel="letter",
        source=f"letter about {call_id}",
    )


def recordings_of(site: Site, call: str) -> list[Any]:
    """The recordings of the calls a scenario has made."""
    return [one for one in site.system.catalogue.all_recordings() if one.call_id.startswith(f"{call}-")]


def _publish_all_kinds(site: Site, call: str) -> None:
    """A call, an objecting caller, a line that is no event, the same call twice in two ways, damaged audio, and other
    audio under the name of the first call, which nobody knows before it has been read."""
    first = site.event(f"{call}-1")
    again = {**site.event(f"{call}-1"), "id": f"{call}-again"}
    refused = site.event(f"{call}-objects", objections=["recording"])
    damaged = site.event(f"{call}-damaged", audio=b"RIFF")
    other = site.event(f"{call}-1", audio=tone(9))
    other["data"]["audio"].pop("sha256")
    site.publish(first, refused, b"no event", first, again, damaged, other)


def _publish_two(site: Site, call: str) -> None:
    site.publish(site.event(f"{call}-1"), site.event(f"{call}-2"))


def _ingest(site: Site, call: str, pace: Pace) -> None:
    work(site, "ingest", pace=pace)


def _object(site: Site, call: str, pace: Pace) -> None:
    object_at_the_desk(site, f"{call}-1")


def _publish_objection(site: Site, call: str) -> None:
    site.publish(objected(site, f"{call}-1"))


def _consume_objection(site: Site, call: str, pace: Pace) -> None:
    work(site, "objections", pace=pace)


def _hold(site: Site, call: str, pace: Pace) -> None:
    case = CaseId(f"DOSSIER-{call}")
    site.system.case_desk.open(LEGAL, case, reason="dispute")
    site.system.hold_desk.place(LEGAL, case, [one.recording_id for one in recordings_of(site, call)])


def _hold_and_ask_for_release(site: Site, call: str) -> None:
    _hold(site, call, ONE_AT_A_TIME)
    site.system.hold_desk.release(LEGAL, CaseId(f"DOSSIER-{call}"))


def _release(site: Site, call: str, pace: Pace) -> None:
    site.system.hold_desk.release(SECOND_LEGAL, CaseId(f"DOSSIER-{call}"))


def _until_due(site: Site, call: str) -> None:
    site.clock.instant = max(one.keep_until for one in recordings_of(site, call))


def _dispose(site: Site, call: str, pace: Pace) -> None:
    work(site, "dispose")


def _publish_two_of_a_customer(site: Site, call: str) -> None:
    caller = {"number": "+33639980001", "customer_id": call}
    site.publish(*(site.event(f"{call}-{number}", caller=caller) for number in (1, 2)))


def _requests(site: Site, call: str) -> list[RequestFile]:
    """What the customer that is named after the calls has asked."""
    with site.system.catalogue.snapshot() as tx:
        found = tx.requests.under(site.system.concerned.customer(call))
        return [
            RequestFile(request=one, received_on=one.received_at.date(), items=tx.requests.items(one.request_id))
            for one in found
        ]


def _ask_for_erasure(site: Site, call: str) -> None:
    system = site.system
    request = system.request_desk.open(DPO, RequestType.ERASURE, customer_id=call).request.request_id
    system.request_desk.verify(DPO, request, how="called back")
    system.request_item_desk.find(DPO, request)
    system.request_erasure_desk.preview(DPO, request)


def _erase(site: Site, call: str, pace: Pace) -> None:
    for one in _requests(site, call):
        site.system.request_erasure_desk.approve(LEGAL, one.request.request_id)


SCENARIOS = {
    "ingest": Scenario(_publish_all_kinds, _ingest, taken_in=False),
    "objection at the desk": Scenario(_publish_two, _object, by_worker=False),
    "objection on the bus": Scenario(_publish_two, _consume_objection, ready=_publish_objection),
    "hold": Scenario(_publish_two, _hold, by_worker=False),
    "release": Scenario(_publish_two, _release, ready=_hold_and_ask_for_release, by_worker=False),
    "disposal": Scenario(_publish_two, _dispose, ready=_until_due),
    "erasure": Scenario(_publish_two_of_a_customer, _erase, ready=_ask_for_erasure, by_worker=False),
}


def picture(site: Site, call: str) -> object:
    """What is to be the same however often a worker died: rows, objects, outcomes and words to be told."""
    site.drain(*AT_WORK)
    return still_picture(site, call)


def still_picture(site: Site, call: str) -> object:
    """The same, without waiting for anything under way."""
    recordings = recordings_of(site, call)
    rows = sorted(
        (one.call_id.removeprefix(call), one.state, bool(one.holds), sorted(one.objected), one.source_sha256)
        for one in recordings
    )
    known = {one.recording_id for one in recordings}
    objects = sum(1 for one in site.system.vault.versions("") if one.key.split("/")[2] in known)
    outcomes = sorted(
        (one.call_id.removeprefix(call), one.outcome, one.reason or "")
        for one in site.outcomes()
        if one.call_id and one.call_id.startswith(f"{call}-")
    )
    unsent = len(site.system.catalogue.unsent(older_than_s=0.0, limit=100))
    asked = [
        (one.request.state, [(item.decision, item.reason, item.done_at is not None) for item in one.items])
        for one in _requests(site, call)
    ]
    return rows, objects, len(site.landed()), outcomes, unsent, asked
