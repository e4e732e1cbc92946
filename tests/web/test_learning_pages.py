"""Notes, evaluations and courses in pages: beside the call, and on pages of their own (K6)."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from tests.support.reviewed import review
from tests.support.site import Site
from tests.support.web import client

ALICE = Actor(role=Role.TRAINER, name="alice")
BOB = Actor(role=Role.TRAINER, name="bob")
FOR = "purpose=training"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("learning")) as made:
        yield made


@pytest.fixture(scope="module")
def rec(site: Site) -> RecordingId:
    return review(site)


@pytest.fixture(scope="module")
def alice(site: Site) -> TestClient:
    return client(site.system, ALICE)


@pytest.fixture(scope="module")
def bob(site: Site) -> TestClient:
    return client(site.system, BOB)


def test_a_note_on_a_moment_is_kept_shared_and_taken_back(rec: RecordingId, alice: TestClient, bob: TestClient) -> None:
    for text, more in (("Adresse relue trop vite", {"shared": "yes"}), ("À moi seule", {})):
        answer = alice.post(f"/calls/{rec}/notes?{FOR}", data={"text": text, "from_s": "26,5", **more})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/calls/{rec}?{FOR}#note")
    mine = alice.get(f"/calls/{rec}?{FOR}").text
    assert '<a class="time" href="#t=26.5">0:26</a> Adresse relue trop vite' in mine
    theirs = bob.get(f"/calls/{rec}?{FOR}").text
    assert "Adresse relue trop vite" in theirs
    assert "À moi seule" not in theirs
    for note in re.findall(r'name="note" value="([^"]+)"', mine):
        alice.post(f"/calls/{rec}/notes/remove?{FOR}", data={"note": note})
    assert "Adresse relue trop vite" not in bob.get(f"/calls/{rec}?{FOR}").text


def test_a_script_gets_the_part_beside_alone_so_that_the_sound_plays_on(rec: RecordingId, alice: TestClient) -> None:
    answer = alice.post(f"/calls/{rec}/notes?{FOR}", data={"text": "encore"}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "encore" in answer.text
    assert 'role="status" tabindex="-1" autofocus' in answer.text
    wrong = alice.post(
        f"/calls/{rec}/notes?{FOR}", data={"text": "x", "from_s": "soon"}, headers={"hx-request": "true"}
    )
    assert "Non fait." in wrong.text
    assert alice.post(f"/calls/{rec}/notes?{FOR}", data={"text": "x", "from_s": "soon"}).status_code == 422


def test_an_evaluation_says_until_when_it_is_kept_and_changes_in_its_place(
    site: Site, rec: RecordingId, alice: TestClient
) -> None:
    sent = {"score-address": "1", "score-greeting": "4", "remark": "Relire lentement"}
    assert alice.post(f"/calls/{rec}/evaluation?{FOR}", data=sent).status_code == 303
    page = alice.get(f"/calls/{rec}?{FOR}").text
    assert 'name="score-address" value="1" checked' in page
    assert "gardées jusqu’au 20 nov. 2027" in page
    alice.post(f"/calls/{rec}/evaluation?{FOR}", data={"score-address": "2"})
    table = alice.get("/evaluations").text
    assert table.count("<tr>") == 2  # the head and one
    supervisor = client(site.system, Actor(role=Role.SUPERVISOR, name="sam"))
    assert "trainer:alice" in supervisor.get("/evaluations").text
    assert "a-104" in supervisor.get("/evaluations?agent=a-104").text
    file = supervisor.get("/evaluations?format=csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert "address" in file.text
    link = re.search(r'href="(/evaluations/eval-[^"]+)"', table)
    assert link is not None
    assert "Évaluation d’un appel de a-104" in alice.get(f"{link[1]}?{FOR}").text
    nothing = alice.post(f"/calls/{rec}/evaluation?{FOR}", data={})
    assert nothing.status_code == 422


def test_a_course_is_begun_at_a_call_filled_shared_and_ended(site: Site, alice: TestClient, bob: TestClient) -> None:
    rec = review(site, ended=site.clock.now() - timedelta(hours=5))
    new = {"course": "new", "title": "Relire une adresse", "from_s": "18", "to_s": "24", "text": "la relecture"}
    assert alice.post(f"/calls/{rec}/courses?{FOR}", data=new).status_code == 303
    link = re.search(r'href="(/courses/course-[^"?]+)"', alice.get("/courses").text)
    assert link is not None
    here = link[1]
    page = alice.get(f"{here}?{FOR}").text
    assert f'href="/calls/{rec}?purpose=training#t=18"' in page
    assert "la relecture" in page
    assert "customer-service · agent a-104" in page
    assert "L’écouter</a>" in page
    assert bob.get(f"{here}?{FOR}").status_code == 404
    alice.post(f"{here}/sharing?{FOR}", data={"people": "bob"})
    assert "la relecture" in bob.get(f"{here}?{FOR}").text
    assert "la relecture" not in bob.get(f"{here}?purpose=dispute").text
    assert (
        alice.post(f"{here}/remove?{FOR}", data={"title": "Relire une adresse", "confirmation": "ok"}).status_code
        == 422
    )
    ended = alice.post(
        f"{here}/remove?{FOR}", data={"title": "Relire une adresse", "confirmation": "Relire une adresse"}
    )
    assert (ended.status_code, ended.headers["location"]) == (303, "/courses")
    assert "Pas encore de parcours" in alice.get("/courses").text


@pytest.mark.parametrize(("from_s", "to_s"), [("16", "12"), ("16", "soon"), ("9999", ""), ("3", "9999")])
def test_a_course_begun_with_a_wrong_moment_is_not_begun(
    site: Site, rec: RecordingId, alice: TestClient, from_s: str, to_s: str
) -> None:
    new = {"course": "new", "title": "À moitié", "from_s": from_s, "to_s": to_s}
    answer = alice.post(f"/calls/{rec}/courses?{FOR}", data=new)
    assert answer.status_code == 422
    assert "Non fait." in answer.text
    assert 'value="À moitié"' in answer.text
    assert site.system.course_desk.listed(ALICE) == []


@pytest.mark.parametrize(
    ("path", "sent", "says"),
    [
        ("evaluation", {}, "Donnez au moins une note"),
        ("notes", {"text": "x", "from_s": "soon"}, "Un moment s’écrit en secondes"),
        ("courses", {"course": "new", "title": "T", "from_s": "16", "to_s": "12"}, "Un moment commence avant de finir"),
        ("courses", {"course": "new", "from_s": "1"}, "Donnez un titre"),
        ("courses", {"course": "new", "title": "T", "from_s": "9999"}, "après la fin de l’appel"),
        ("missed", {"from_s": "2", "to_s": "1"}, "finit avant de commencer"),
        ("missed", {"from_s": "soon", "to_s": "1"}, "Un champ manque"),
    ],
)
def test_what_is_wrong_is_said_in_french(
    rec: RecordingId, alice: TestClient, path: str, sent: dict[str, str], says: str
) -> None:
    answer = alice.post(f"/calls/{rec}/{path}?{FOR}", data=sent)
    assert answer.status_code == 422
    assert says in answer.text


def test_an_address_that_makes_no_sense_is_answered_in_french(rec: RecordingId, alice: TestClient) -> None:
    assert "Cette finalité n’existe pas" in alice.get(f"/calls/{rec}?purpose=fun").text
    assert "Un champ manque" in alice.get(f"/calls?{FOR}&from=soon").text
    assert "Le dernier jour" in alice.get(f"/calls?{FOR}&from=2026-11-20&to=2026-11-01").text
    assert "formateur" in alice.get("/me").text


def test_who_does_not_learn_from_calls_sees_none_of_it(site: Site, rec: RecordingId) -> None:
    legal = client(site.system, Actor(role=Role.LEGAL, name="lea"))
    assert 'id="beside"' not in legal.get(f"/calls/{rec}?purpose=dispute").text
    assert legal.get("/courses").status_code == 403
    assert legal.post(f"/calls/{rec}/notes?purpose=dispute", data={"text": "x"}).status_code == 403
