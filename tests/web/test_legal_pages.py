"""Legal's day in the portal, without a script: a case is opened, holds, and is let go by two (K3, U2, U9)."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.evidence.verify import verify_pack
from callwarden.model.access import Actor, Role
from callwarden.model.log_entry import Operation
from callwarden.wiring import trusted_keys
from callwarden.workers.web.errands import Stage
from tests.support.paper import Person
from tests.support.policies import write_policy
from tests.support.site import Site
from tests.support.web import logged_in

BRUNO = Actor(role=Role.LEGAL, name="bruno")
BRIGITTE = Actor(role=Role.LEGAL, name="brigitte")
LEA = Actor(role=Role.LEGAL, name="lea")
CHLOE = Actor(role=Role.DPO, name="chloe")
TOM = Actor(role=Role.TRAINER, name="tom")
NAME = "RG 26/00345"
CASE = "/cases/RG%2026~2F00345"
REASON = "<script>alert(1)</script> a contested & costly intervention"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("legal")
    policy = write_policy(root / "policy.yaml", ("holds:\n  at_most: 1000", "holds:\n  at_most: 2"))
    with Site(root / "home", overrides={"policy": policy}) as made:
        for number in range(3):
            made.publish(made.event(f"c-{number}", agent={"id": "a-<b>1"}))
        made.publish(made.event("c-other", caller={"number": "+33639980009"}))
        made.drain("objections", "ingest", "holds")
        yield made


@pytest.fixture(scope="module")
def bruno(site: Site) -> Person:
    return Person(logged_in(site.system, BRUNO))


@pytest.fixture(scope="module")
def brigitte(site: Site) -> Person:
    return Person(logged_in(site.system, BRIGITTE))


def _operations(site: Site) -> list[str]:
    return [str(one.entry.operation) for one in site.system.log_reader.entries()]


def test_a_case_is_opened_and_what_was_typed_stays_where_something_was_wrong(bruno: Person) -> None:
    assert "No case has been opened" in bruno.opens("/cases")
    bruno.opens("/cases/-/new")
    typed = {"case": NAME, "reason": REASON, "people": "brigitte", "court": "civil", "seat": "999"}
    bruno.sends("open", {**typed, "party-1": "claimant", "party-2": "insurer", "residence-2": "abroad"})
    assert bruno.page.status_code == 422
    assert "This is no department: write the seat of the court as 75, 2A or 974." in bruno.says()
    kept = bruno.form("open")
    assert kept.fields["reason"] == [REASON]
    assert (kept.fields["party-2"], kept.fields["residence-2"]) == (["insurer"], ["abroad"])
    page = bruno.sends("open", {"seat": "79"})
    assert bruno.page.request.url.path == CASE.replace("%20", " ")
    assert "<script>alert" not in page
    assert REASON in bruno.says()
    assert NAME in bruno.opens("/cases?show=mine")
    table = bruno.asking.get("/cases?show=mine&format=csv").text
    assert NAME in table
    assert "costly" not in table  # a file says which case it is, not what it is about


def test_criteria_are_counted_before_anything_is_held(site: Site, bruno: Person) -> None:
    part = bruno.asking.post(
        f"{CASE}/preview",
        data={"caller": "06 39 98 00 09", "csrf": _csrf(bruno)},
        headers={"hx-request": "true", "accept-language": "en"},
    )
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "<strong>1</strong>" in part.text
    assert "25%" in part.text
    bruno.opens(CASE)
    page = bruno.sends("place", {"caller": "06 39 98 00 09"}, press="/preview")
    assert "<strong>1</strong>" in page
    assert bruno.form("place").fields["caller"] == ["06 39 98 00 09"]
    bruno.sends("place", {"caller": "12"})
    assert "This is no telephone number" in bruno.says()
    page = bruno.sends("place", {"caller": "06 39 98 00 09"})
    assert "Kept from this moment on. 1 call is held by this." in bruno.says()
    assert "are held as they come" in page
    site.publish(site.event("c-later", caller={"number": "+33639980009"}))
    site.drain("objections", "ingest", "holds")
    bruno.opens(CASE)
    assert "2 calls are held." in bruno.says()
    assert "c-other" in bruno.says(), "which calls these are, not their ids alone"
    assert "Of the calls listed above the first would be destroyed on" in bruno.says()


def test_of_a_form_only_what_it_changed_is_written_and_not_over_what_somebody_else_changed_meanwhile(
    site: Site, bruno: Person, brigitte: Person
) -> None:
    brigitte.opens(CASE)
    bruno.opens(CASE)
    bruno.sends("edit", {"seat": "75"})
    brigitte.sends("edit", {"reason": f"{REASON}, and its costs"})
    assert brigitte.page.status_code == 200
    assert "(75)" in brigitte.says()
    assert "and its costs" in brigitte.says()
    bruno.sends("edit", {"seat": "974"})
    assert bruno.page.status_code == 200
    assert brigitte.form("edit").fields["seat"] == ["75"]
    brigitte.sends("edit", {"seat": "33"})
    assert brigitte.page.status_code == 409
    assert "Somebody else has changed this since you opened the page" in brigitte.says()
    assert "(974)" in brigitte.says()
    bruno.opens(CASE)
    bruno.sends("edit", {"seat": "79", "reason": REASON})
    brigitte.opens(CASE)
    bruno.sends("people", {"people": "brigitte, hugo"})
    brigitte.sends("people", {"people": "brigitte, lucie"})
    assert brigitte.page.status_code == 409
    bruno.sends("people", {"people": "brigitte"})


def _csrf(person: Person) -> str:
    person.opens(CASE)
    return person.form("place").fields["csrf"][0]


def test_more_than_one_person_may_hold_takes_a_justification_and_a_second_who_types_the_name(
    bruno: Person, brigitte: Person
) -> None:
    bruno.opens(CASE)
    bruno.sends("place", {"caller": "06 39 98 00 01"})
    assert bruno.page.status_code == 403
    assert "Say why it may be so many" in bruno.says()
    bruno.sends("place", {"caller": "06 39 98 00 01", "justification": "the <i>whole</i> file"})
    assert "It waits for a second person." in bruno.says()
    bruno.sends("confirm", {"confirmation": NAME})
    assert "This takes two people" in bruno.says()
    assert "Calls to be held: a second person confirms" in brigitte.opens("/")
    page = brigitte.opens(CASE)
    assert "<i>whole</i>" not in page
    brigitte.sends("confirm", {"confirmation": "another"})
    assert "The name typed to confirm is another one" in brigitte.says()
    brigitte.sends("confirm", {"confirmation": NAME.lower()})
    assert "3 calls are held by this." in brigitte.says()
    assert "5 calls are held." in brigitte.says()


def test_the_procedure_is_a_line_of_time_with_computed_days_and_their_articles(bruno: Person) -> None:
    bruno.opens(CASE)
    bruno.sends("event", {"event": "decision", "date": "2026-03-02"})
    bruno.sends("event", {"event": "notified", "date": "2026-03-10", "party": "claimant"})
    bruno.sends("undo", {"number": "2"})
    assert "undone" in bruno.says()
    bruno.sends("event", {"event": "notified", "date": "2026-03-01", "party": "insurer"})
    assert bruno.page.status_code == 422
    assert "This day lies before the decision it is about." in bruno.says()
    assert bruno.form("event").fields["party"] == ["insurer"]
    page = bruno.sends("event", {"event": "notified", "date": "2026-03-09", "party": "insurer"})
    assert '<svg viewBox="0 0 960' in page
    assert "CPC 538" in page
    assert "CPC 643" in page  # the insurer resides abroad
    assert "9 Jun 2026" in bruno.says()
    bruno.sends("review")
    assert "reviewed" in bruno.says()
    calendar = bruno.asking.get("/cases/-/calendar.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert NAME.encode() in calendar.content
    assert b"alert" not in calendar.content


def test_what_a_pack_left_out_is_named_in_words(bruno: Person) -> None:
    app: Any = bruno.asking.app
    errand = app.state.errands.prepare(BRUNO, "pack", NAME, now=datetime(2026, 11, 20, 11, tzinfo=UTC))
    began = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    names = {"recording_id": "rec-1", "line": "customer-service", "call": "c-7", "reasons": ["restricted", "unknown"]}
    errand.made = {
        "recordings": [],
        "recipient": None,
        "files": 4,
        "log_entries": 2,
        "unbroken": True,
        "manifest_sha256": "ab",
        "left_out_calls": [{**names, "started_at": began, "ended_at": began + timedelta(seconds=90)}],
    }
    errand.stage = Stage.READY
    bruno.opens(f"{CASE}/pack/{errand.errand_id}")
    assert "customer-service c-7: restricted, set aside, and not looked at yet rec-1" in bruno.says()
    assert "18 Nov 2026" in bruno.says()
    app.state.errands.forget(errand)


def test_a_pack_is_made_on_the_server_and_saved_by_whoever_asked_for_it(
    site: Site, bruno: Person, brigitte: Person, tmp_path: Path
) -> None:
    bruno.opens(CASE)
    bruno.sends("pack", {"recipient": "Tribunal judiciaire de Niort"})
    assert "A disclosure names both" in bruno.says()
    bruno.sends("pack", {"basis": "réquisition 2026/114"})
    where = bruno.page.request.url.raw_path.decode()
    bruno.looks_until("Save the archive", where)
    assert "Ready to be saved" in bruno.opens("/")
    archive = bruno.asking.get(f"{where}/file")
    assert archive.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
        packed.extractall(tmp_path)
    assert "Ready to be saved" not in bruno.opens("/")
    assert "Saved, and here for an hour" in bruno.says()
    assert "It has been saved." in bruno.opens(where)
    [folder] = tmp_path.iterdir()
    assert verify_pack(folder, trusted=trusted_keys(None, site.system)).ok
    assert brigitte.asking.get(f"{where}/file").status_code == 404
    assert "Tribunal judiciaire de Niort" in brigitte.opens(CASE)
    custody = _first_custody(bruno)
    assert "unbroken" in bruno.opens(custody)
    files = {
        f"{CASE}?table=held-recordings": "recording_id,placed_at,fast_in_vault_at\r\nrec-",
        f"{custody}?table=custody-accesses": "index,at,actor,operation,outcome,artefact,purpose,entry\r\n",
        f"{custody}?table=custody-objects": "kind,generation,version,stored_at,sha256_stored,sha256_today,",
    }
    for address, begins in files.items():
        assert bruno.asking.get(f"{address}&format=csv&lang=en").text.startswith(f"\ufeff{begins}"), address
    assert REASON not in bruno.asking.get(f"{CASE}?table=held-recordings&format=json").text


def _first_custody(person: Person) -> str:
    page = person.opens(CASE)
    return f"{CASE}/custody/{page.partition(f'{CASE}/custody/')[2].partition(chr(34))[0]}"


def test_a_case_is_its_people_s_and_of_others_each_sees_what_is_theirs(site: Site) -> None:
    lea, chloe, tom = (Person(logged_in(site.system, one)) for one in (LEA, CHLOE, TOM))
    lea.opens(CASE, status=404)
    assert NAME not in lea.opens("/cases")
    page = chloe.opens(CASE)
    assert "You oversee this case" in page
    assert "costly" not in page
    chloe.sends("people", {"people": "brigitte, chloe"})
    assert "This takes two people" in chloe.says()
    refused_before = _operations(site).count(Operation.ACCESS_REFUSED)
    tom.opens(CASE, status=403)
    tom.opens("/cases", status=403)
    assert _operations(site).count(Operation.ACCESS_REFUSED) == refused_before + 2
    assert _named(tom, "access.refused") in _entries(site)


def test_a_page_names_the_entries_under_which_it_was_read(site: Site, bruno: Person) -> None:
    bruno.opens("/cases?show=open")
    assert _named(bruno, "hold.listed") in _entries(site)


def _entries(site: Site) -> set[str]:
    return {one.entry.entry_id for one in site.system.log_reader.entries()}


def _named(person: Person, operation: str) -> str:
    """The entry of this operation that the page names."""
    return person.says().partition(f"Written down in the access log: {operation} ")[2].partition(" ")[0]


def test_two_people_let_it_go_by_typing_its_name(site: Site, bruno: Person, brigitte: Person) -> None:
    bruno.opens(CASE)
    assert "Nothing is destroyed at once" in bruno.says()
    bruno.sends("release", {"confirmation": "RG 26"})
    assert bruno.page.status_code == 422
    bruno.sends("release", {"confirmation": NAME})
    assert "Releases to confirm" not in bruno.opens("/")
    bruno.opens(CASE)
    bruno.sends("release", {"confirmation": NAME})
    assert "This takes two people" in bruno.says()
    assert "Releases to confirm" in brigitte.opens("/")
    brigitte.opens(CASE)
    brigitte.sends("withdraw", {})
    assert "taken back: the release proposed by: bruno" in brigitte.says()
    assert "Releases to confirm" not in brigitte.opens("/")
    bruno.opens(CASE)
    bruno.sends("release", {"confirmation": NAME})
    assert "are held as they come" in bruno.opens(CASE)
    brigitte.opens(CASE)
    brigitte.sends("release", {"confirmation": NAME})
    assert brigitte.says().count("Released by bruno and brigitte") == 2  # where it is let go, and in its history
    assert "are held as they come" not in brigitte.says()
    bruno.sends("place", {"caller": "06 39 98 00 09"})  # on the page of before
    assert "Not done." in bruno.says()
    assert "see why, at its form" not in bruno.says()
    assert Operation.HOLD_RELEASED in _operations(site)
