"""An embedded system as a small company's is on some morning: calls that trainers read, and something to do for
everybody else."""

from dataclasses import dataclass
from datetime import date, timedelta

from callwarden.model.access import Actor, Role
from callwarden.model.experiment import Carried, Wish
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.request import RequestType
from tests.support.reviewed import ALARM, BILL, review
from tests.support.scenarios import DPO, LEGAL
from tests.support.site import Site

CASE = CaseId("DOSSIER-2026-14")
ADA = Actor(role=Role.ANALYST, name="ada")
_WISH = Wish(
    name="silences-2026",
    purpose="Mesurer les silences",
    owner="ada",
    line=LineId("customer-service"),
    first=date(2026, 11, 1),
    last=date(2026, 11, 30),
    until=date(2027, 1, 31),
    carries=frozenset(Carried),
)


@dataclass(frozen=True, slots=True)
class Office:
    """Its calls, the newest first; the first is held for `CASE`."""

    calls: tuple[RecordingId, ...]
    request: str


def furnish(site: Site) -> Office:
    """Calls of three days, a case, a request, an experiment, something in quarantine and a dead letter."""
    now, calls = site.clock.now(), list[RecordingId]()
    days = [(ALARM, 1), (BILL, 2), (BILL, 19), (ALARM, 20), (ALARM, 22), (ALARM, 25), (BILL, 44), (ALARM, 49)]
    for number, (said, hours) in enumerate(days):
        line = "monitoring-centre" if said is ALARM and number % 2 else "customer-service"
        agent = ("a-104", "a-7", "a-22")[number % 3]
        pauses = [(20.0, 23.0)] if not number else []
        calls.append(
            review(
                site,
                said,
                ended=now - timedelta(hours=hours, minutes=7 * number),
                line=line,
                agent=agent,
                pauses=pauses,
            )
        )
    system = site.system
    system.case_desk.open(LEGAL, CASE, reason="contestation d’une facture")
    system.hold_desk.place(LEGAL, CASE, calls[:1])
    asked = system.request_desk.open(DPO, RequestType.ACCESS, customer_id="C-1").request.request_id
    system.experiment_desk.open(ADA, _WISH)
    site.publish(site.event(line="unheard-of"), b"{}")
    site.drain("ingest")
    return Office(tuple(calls), asked)
