"""The days of legal, the data protection officer, the auditor and the operator in the portal, on Apache Kafka, Ceph and
PostgreSQL (K3, U2, U3, U9, D1, R3)."""

import io
import zipfile
from pathlib import Path

import pytest

from callwarden.evidence.verify import verify_answer, verify_pack
from callwarden.model.access import Actor, Role
from callwarden.wiring import trusted_keys
from tests.faults.real import SOCKETS_OF_THE_DEAD, RealSite
from tests.support.paper import Person
from tests.support.web import OLGA, logged_in

pytestmark = [pytest.mark.filterwarnings(SOCKETS_OF_THE_DEAD), pytest.mark.timeout(300)]
CASE = "DOSSIER-REAL-DAY"
DISPUTED, ASKING, LEAVING, OBJECTING = (f"+3363998046{digit}" for digit in range(1, 5))


def _person(site: RealSite, role: Role, name: str) -> Person:
    return Person(logged_in(site.system, Actor(role=role, name=name)))


def _calls(site: RealSite, number: str, *names: str) -> None:
    for name in names:
        site.publish(site.event(name, caller={"number": number, "customer_id": f"C-{name}", "name": "Ada Marchand"}))
    site.drain("objections", "ingest", "holds")


def _recordings(site: RealSite, *names: str) -> list[str]:
    rows = list(site.system.catalogue.all_recordings())
    return [row.recording_id for name in names for row in rows if row.call_id == name]


def _saved(person: Person, folder: Path) -> Path:
    """The one folder of the archive that is made at the address the person stands at."""
    where = str(person.page.request.url.path)
    person.looks_until("Save the archive", where, within_s=200)
    with zipfile.ZipFile(io.BytesIO(person.asking.get(f"{where}/file").content)) as packed:
        packed.extractall(folder)
    [made] = folder.iterdir()
    return made


def test_legal_keeps_calls_for_a_court_hands_them_over_and_lets_them_go(real: RealSite, tmp_path: Path) -> None:
    _calls(real, DISPUTED, "c-day-1", "c-day-2")
    bruno, brigitte = _person(real, Role.LEGAL, "bruno"), _person(real, Role.LEGAL, "brigitte")
    bruno.opens("/cases/-/new")
    bruno.sends("open", {"case": CASE, "reason": "a contested intervention", "court": "civil", "seat": "79"})
    bruno.sends("place", {"caller": DISPUTED})
    assert "2 calls are held by this." in bruno.says()
    _calls(real, DISPUTED, "c-day-3")
    assert "3 calls are held." in (bruno.opens(f"/cases/{CASE}") and bruno.says())
    bruno.sends("event", {"event": "decision", "date": "2026-03-02"})
    assert "undone" not in bruno.says()
    bruno.sends("pack", {"recipient": "Tribunal judiciaire de Niort", "basis": "réquisition 2026/114"})
    assert verify_pack(_saved(bruno, tmp_path), trusted=trusted_keys(None, real.system)).ok
    bruno.opens(f"/cases/{CASE}")
    bruno.sends("release", {"confirmation": CASE})
    brigitte.opens(f"/cases/{CASE}")
    brigitte.sends("release", {"confirmation": CASE})
    assert "Released by bruno and brigitte" in brigitte.says()


def test_the_officer_answers_erases_by_two_and_files_an_objection(real: RealSite, tmp_path: Path) -> None:
    _calls(real, ASKING, "c-day-6")
    _calls(real, LEAVING, "c-day-4")
    _calls(real, OBJECTING, "c-day-5")
    ids = _recordings(real, "c-day-4", "c-day-5")
    chloe, denis = _person(real, Role.DPO, "chloe"), _person(real, Role.DPO, "denis")
    for kind, number in (("access", ASKING), ("erasure", LEAVING)):
        chloe.opens("/requests/-/new")
        chloe.sends("open", {"type": kind, "number": number})
        where = str(chloe.page.request.url.path)
        chloe.sends("identity", {"how": "called back"})
        chloe.sends("find")
        chloe.sends("decide", press="grant")
        if kind == "access":
            chloe.sends("answer", {"to": "Mme Marchand\nNiort"})
            made = _saved(chloe, tmp_path)
            assert verify_answer(made, trusted=trusted_keys(None, real.system)).faults == ()
    chloe.sends("preview")
    denis.opens(where)
    denis.sends("approve", {"confirmation": where.rpartition("/")[2]})
    assert "destroyed" in denis.says()
    chloe.opens("/objections")
    chloe.sends("add", {"number": OBJECTING, "purpose": ["training"], "channel": "letter"})
    assert "closed to these uses: " in chloe.says()
    real.drain("objections", "holds")
    rows = {row.recording_id: str(row.state) for row in real.system.catalogue.all_recordings()}
    assert [rows[name] for name in ids] == ["disposed", "stored"]


def test_the_auditor_proves_the_log_and_the_operator_sees_what_runs(real: RealSite) -> None:
    david, olga = _person(real, Role.AUDITOR, "david"), Person(logged_in(real.system, OLGA))
    real.system.log_book.checkpoint(wait_s=120)
    david.opens("/log?search=yes&operation=hold.released")
    assert "hold.released" in david.says()
    david.opens("/cases?show=released")
    assert CASE in david.says()
    olga.opens("/operations")
    assert CASE not in olga.says()
    real.drain("holds")
    assert real.report().breaches == ()
