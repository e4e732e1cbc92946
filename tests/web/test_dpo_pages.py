"""The day of the data protection officer in the portal, without a script: requests, objections, policy (D1 to D5)."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.evidence.verify import verify_answer
from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.paper import PaperKind
from callwarden.rules.rights import RIGHTS, Act
from callwarden.wiring import trusted_keys
from tests.support.paper import Person
from tests.support.policies import write_policy
from tests.support.site import Site
from tests.support.web import client, logged_in

CHLOE = Actor(role=Role.DPO, name="chloe")
DENIS = Actor(role=Role.DPO, name="denis")
BRUNO = Actor(role=Role.LEGAL, name="bruno")
NUMBER = "06 39 98 00 01"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("dpo")) as made:
        made.publish(made.event("c-1"))
        made.publish(made.event("c-mon", line="monitoring-centre", caller={"number": "+33639980009"}))
        made.drain("objections", "ingest", "holds")
        yield made


@pytest.fixture
def chloe(site: Site) -> Person:
    return Person(logged_in(site.system, CHLOE))


def _entered(person: Person, kind: str, **more: str) -> str:
    """The address of a request somebody has just entered, identified and looked for."""
    person.opens("/requests/-/new")
    person.sends("open", {"type": kind, "number": NUMBER, **more})
    person.sends("identity", {"how": f"called back {SCRIPT}"})
    person.sends("find")
    return str(person.page.request.url.path)


def test_an_access_is_answered_before_lunch(site: Site, chloe: Person, tmp_path: Path) -> None:
    assert "Nobody has asked anything yet" in chloe.opens("/requests")
    chloe.opens("/requests/-/new")
    chloe.sends("open", {"type": "access", "number": NUMBER, "customer": "C-1"})
    assert "a telephone number or a customer, and not both" in chloe.says()
    assert chloe.form("open").fields["customer"] == ["C-1"]
    chloe.sends("open", {"customer": ""})
    where = str(chloe.page.request.url.path)
    assert "30 days left" in chloe.says()
    chloe.sends("find")
    assert chloe.page.status_code == 403
    assert "Say first how you know who asks." in chloe.says()
    page = chloe.sends("identity", {"how": f"called back {SCRIPT}"})
    assert SCRIPT not in page
    assert SCRIPT in chloe.says()
    assert "Look first for what there is." in chloe.says()
    assert "There is nothing of this person" not in chloe.says()
    chloe.sends("find")
    assert "by the number" in chloe.says()
    drafted = chloe.sends("letter", {"kind": "acknowledgement", "to": "Mme <i>Marchand</i>"}, press="look")
    assert "&lt;i&gt;Marchand" in drafted
    assert "letter written" not in chloe.says()
    written = chloe.sends("letter", press="write")
    assert "attachment" in chloe.page.headers["content-disposition"]
    assert written.startswith("<!")
    chloe.opens(where)
    assert "letter written" in chloe.says()
    chloe.sends("decide", press="grant")
    assert "granted" in chloe.says()
    chloe.sends("answer", {"to": "Mme Marchand\nNiort"})
    made = str(chloe.page.request.url.path)
    chloe.looks_until("Save the archive", made)
    assert "Not enclosed, and the answer says why" in chloe.says()
    archive = chloe.asking.get(f"{made}/file")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
        packed.extractall(tmp_path)
    [folder] = tmp_path.iterdir()
    report = verify_answer(folder, trusted=trusted_keys(None, site.system))
    assert report.faults == ()
    assert {"letter.html", "pack.html"} <= {file.name for file in folder.iterdir()}
    chloe.opens(where)
    assert "answered in part" in chloe.says()  # its redaction is not released: it is owed, and the answer says so
    assert "called back" not in chloe.says()  # how it was verified is destroyed


def test_an_erasure_is_previewed_by_one_and_approved_by_another_who_types_its_name(site: Site, chloe: Person) -> None:
    where = _entered(chloe, "erasure")
    name = where.rpartition("/")[2]
    chloe.sends("decide", press="grant")
    chloe.sends("preview")
    assert "erased" in chloe.says()
    assert "Erasures to approve" not in chloe.opens("/")
    assert chloe.asking.post(f"{where}/approve", data={"confirmation": name}).status_code == 403  # no token of a form
    denis = Person(logged_in(site.system, DENIS))
    assert "Erasures to approve" in denis.opens("/")
    denis.opens(where)
    assert "is gone at once and cannot come back" in denis.says()
    assert "What would become of each" in denis.says()
    denis.sends("preview")
    assert "is gone at once and cannot come back" in denis.says()
    assert "chloe has previewed what goes" in denis.says()
    denis.sends("approve", {"confirmation": "req-"})
    assert denis.page.status_code == 422
    denis.sends("approve", {"confirmation": name})
    assert "erasure approved" in denis.says()
    assert "destroyed" in denis.says()


def test_a_restriction_ends_only_once_the_person_is_told(site: Site, chloe: Person) -> None:
    site.publish(site.event("c-2"))
    site.drain("objections", "ingest", "holds")
    where = _entered(chloe, "restriction")
    chloe.sends("decide", press="grant")
    [item, *_] = chloe.asking.get(f"{where}?table=request-items&format=json").json()
    assert item["decision"] == "granted"
    chloe.sends("lift", press="lift")
    assert "Tell the person first" in chloe.says()
    chloe.sends("lift", {"told_by": "by telephone"}, press="lift")
    assert "Lifted on" in chloe.says()
    assert "by telephone" in chloe.says()
    assert "Nobody was given a copy" in chloe.opens(f"{where}/recipients")
    assert chloe.asking.get(f"{where}/recipients?table=recipients&format=json").json() == []


def test_what_is_put_right_stands_beside_what_was_there(chloe: Person) -> None:
    _entered(chloe, "rectification")
    chloe.sends("decide", press="grant")
    page = chloe.sends("rectify", {"name": SCRIPT, "label": "alarm_id=A-17"})
    assert SCRIPT not in page
    assert SCRIPT in chloe.says()
    chloe.sends("rectify", {"label": "no label"})
    assert chloe.form("rectify").fields["label"] == ["no label"]


def test_objections_are_filed_weighed_and_withdrawn(site: Site, chloe: Person) -> None:
    before = _entries(site)
    assert "Nobody has objected" in chloe.opens("/objections")
    assert _entries(site) == before + 1, "one view is one entry"
    chloe.sends("add", {"number": NUMBER})
    assert "tick at least one" in chloe.says()
    page = chloe.sends("add", {"number": NUMBER, "purpose": ["training", "quality"], "channel": SCRIPT[:50]})
    assert "closed to these uses: " in chloe.says()
    assert "<script>alert" not in page
    chloe.sends("add", {"number": "06 39 98 00 09", "purpose": "recording", "customer": "", "channel": "letter"})
    assert "To be weighed" in chloe.says()
    assert "Objections to be weighed" in chloe.opens("/")
    denis = Person(logged_in(site.system, DENIS))
    denis.opens("/objections")
    assert "1 stored call that it is about is destroyed at once" in denis.says()
    chloe.opens("/objections")
    chloe.sends("decide", {"ground": "compelling_grounds"}, press="refuse")
    assert "compelling legitimate grounds" in chloe.says()
    name = denis.form("decide").fields["objection"][0]
    stale = {"objection": name, "do": "grant", "csrf": denis.form("decide").fields["csrf"][0]}
    for typed, status, why in (("", 422, "is another one"), (name[:12], 409, "Somebody else has changed this")):
        data = {**stale, "confirmation": typed}
        denis.page = denis.asking.post("/objections/decide", data=data, headers={"accept-language": "en"})
        assert denis.page.status_code == status
        assert why in denis.says()
    assert "compelling legitimate grounds" in denis.says()
    assert [one.granted for one in site.system.objection_desk.listed(DENIS) if one.objection_id == name] == [False]
    chloe.sends("withdraw", {"number": NUMBER, "purpose": "training"})
    assert "Withdrawn: it counts for calls from now on." in chloe.says()
    chloe.sends("withdraw", {"number": "06 39 98 00 77", "purpose": []})
    assert "There is no such thing" in chloe.says()
    exported = chloe.asking.get("/objections?format=csv")
    assert exported.headers["content-type"].startswith("text/csv")


def test_days_count_down_and_what_is_overdue_is_red(site: Site, chloe: Person) -> None:
    where = _entered(chloe, "information")
    site.clock.move(timedelta(days=25))
    late = Person(logged_in(site.system, CHLOE))
    late.opens("/requests")
    assert "5 days" in late.says()
    assert "Requests to answer" in late.opens("/")
    site.clock.move(timedelta(days=7))
    late = Person(logged_in(site.system, CHLOE))
    assert '<strong class="gone">overdue by 2 days</strong>' in late.opens("/requests?show=overdue")
    late.opens(where)
    late.sends("decide", press="grant")
    late.sends("answer")
    late.looks_until("Save the archive", str(late.page.request.url.path))


def test_the_policy_is_a_page_with_what_changed_since_the_one_before(
    tmp_path: Path,
) -> None:
    with Site(tmp_path / "home") as site:
        site.system.make()
    changed = write_policy(tmp_path / "policy.yaml", ("retention: P6M", "retention: P3M"))
    with Site(tmp_path / "home", overrides={"policy": changed}) as site:
        asking = Person(client(site.system, CHLOE))
        asking.opens("/policy")
        assert "customer-service every call 3 months" in asking.says()
        assert "customer-service: calls are kept 3 months instead of 6 months" in asking.says()
        assert "1 statement is another than before" in asking.says()
        assert "request.approve" in asking.opens("/policy/acts")
        asking.opens("/register")
        assert "Address to be completed" not in asking.says()
        assert "to be completed" in asking.says()
        assert "3 months from the end of the call" in asking.says()


def test_every_paper_of_the_policy_is_a_page_and_a_file_in_both_languages(site: Site, chloe: Person) -> None:
    version = site.system.policy.version
    for kind in PaperKind:
        chloe.opens(f"/register/{kind}")
        assert version in chloe.says()
        assert "write them under processors in the policy" in chloe.says() or kind in UNASKED, kind
        for link in re.findall(r'href="(/register/[^"]+format=[^"]+)"', chloe.page.text):
            file = chloe.asking.get(link.replace("&amp;", "&"))
            assert file.status_code == 200, link
            assert file.headers["content-disposition"].startswith("attachment; filename="), link
            assert file.content[:2] == b"PK" or version in file.text, link
    assert "This call is recorded" in chloe.opens("/register/notice")
    french = chloe.asking.get("/register/notice?lang=fr").text
    assert "Cet appel est enregistré" in french
    assert "Papiers tirés de la politique" in french
    for wrong in ("notice?format=ods", "register?format=pdf", "register?format=html&language=de", "secrets"):
        assert chloe.asking.get(f"/register/{wrong}").status_code in {404, 422}, wrong


UNASKED = {PaperKind.SCHEDULE, PaperKind.MATRICES}
"""Papers without processors."""

_PAGES = {
    "/cases": Act.HOLD_LIST,
    "/cases/-/new": Act.HOLD_OPEN,
    "/cases/-/calendar.ics": Act.HOLD_CALENDAR,
    "/cases/none": Act.HOLD_SHOW,
    "/cases/none/custody/rec-1": Act.HOLD_CUSTODY,
    "/cases/none/pack/1": Act.HOLD_DISCLOSURES,
    "/cases/none/pack/1/file": Act.HOLD_DISCLOSURES,
    "/requests": Act.REQUEST_LIST,
    "/requests/-/new": Act.REQUEST_OPEN,
    "/requests/none": Act.REQUEST_SHOW,
    "/requests/none/recipients": Act.REQUEST_RECIPIENTS,
    "/requests/none/made/1": Act.REQUEST_SHOW,
    "/objections": Act.OBJECTION_LIST,
}
_FORMS = {
    "/cases/none/edit": Act.HOLD_EDIT,
    "/cases/none/people": Act.HOLD_EDIT,
    "/cases/none/preview": Act.HOLD_PREVIEW,
    "/cases/none/place": Act.HOLD_PLACE_CRITERIA,
    "/cases/none/confirm": Act.HOLD_PLACE_CONFIRM,
    "/cases/none/event": Act.HOLD_PROCEDURE_ADD,
    "/cases/none/undo": Act.HOLD_PROCEDURE_UNDO,
    "/cases/none/review": Act.HOLD_REVIEW,
    "/cases/none/release": Act.HOLD_RELEASE_ASK,
    "/cases/none/withdraw": Act.HOLD_RELEASE_WITHDRAW,
    "/cases/none/end-criteria": Act.HOLD_END_CRITERIA,
    "/cases/none/pack": Act.HOLD_PACK,
    "/requests/none/identity": Act.REQUEST_VERIFY,
    "/requests/none/find": Act.REQUEST_FIND,
    "/requests/none/decide": Act.REQUEST_DECIDE,
    "/requests/none/preview": Act.REQUEST_PREVIEW,
    "/requests/none/approve": Act.REQUEST_APPROVE,
    "/requests/none/extend": Act.REQUEST_EXTEND,
    "/requests/none/lift": Act.REQUEST_LIFT,
    "/requests/none/rectify": Act.REQUEST_RECTIFY,
    "/requests/none/letter": Act.REQUEST_LETTER,
    "/requests/none/answer": Act.REQUEST_ANSWER,
    "/requests/none/named": Act.REQUEST_FIND_NAMED,
    "/requests/none/tell": Act.REQUEST_TELL,
    "/requests/none/acknowledge": Act.REQUEST_ACKNOWLEDGE,
    "/objections/add": Act.OBJECTION_ADD,
    "/objections/withdraw": Act.OBJECTION_WITHDRAW,
    "/objections/decide": Act.OBJECTION_DECIDE,
}
_FILLED = {
    "case": "none", "reason": "why", "confirmation": "none", "number": "06 39 98 00 01", "event": "decision",
    "date": "2026-11-01", "recipient": "a court", "basis": "an article", "how": "known", "ground": "legal_duty",
    "told_by": "by telephone", "do": "write", "item": "rec-1", "name": "somebody", "kind": "acknowledgement",
    "named": "somebody", "disclosure": "dis-1", "purpose": "training", "objection": "obj-1", "caller": "0639980001",
}  # fmt: skip


@pytest.mark.parametrize("role", sorted(frozenset(Role) - MACHINES))
def test_whoever_may_not_gets_a_page_that_says_so_and_an_entry(site: Site, role: Role) -> None:
    asking = client(site.system, Actor(role=role, name=f"some-{role}"))
    for method, table in (("GET", _PAGES), ("POST", _FORMS)):
        for address, act in table.items():
            before = _entries(site)
            answer = asking.request(method, address, data=_FILLED if method == "POST" else None)
            if RIGHTS[act].is_for(Actor(role=role, name="x")):
                assert answer.status_code in {200, 303, 404, 422}, (address, answer.status_code)
            else:
                # Where nothing of it may be known either, there is no such page.
                assert answer.status_code in ({403} if method == "GET" else {403, 404}), (address, answer.status_code)
                assert answer.headers["content-type"].startswith("text/html")
                assert _entries(site) > before, address


def _entries(site: Site) -> int:
    status = site.system.log_reader.status()
    return status.size + status.staged
