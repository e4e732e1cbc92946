"""Experiments in the portal, without a script: asked for, counted, approved by somebody else, closed (U5, U7)."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from callwarden.model.access import Actor, Role
from tests.support.paper import Person
from tests.support.reviewed import review
from tests.support.site import Site
from tests.support.web import client, logged_in

ADA = Actor(role=Role.ANALYST, name="ada")
CHLOE = Actor(role=Role.DPO, name="chloe")
DAVID = Actor(role=Role.AUDITOR, name="david")
WISH = {
    "name": "silences-2026",
    "purpose": "Mesurer les silences <b>",
    "from": "2026-11-01",
    "to": "2026-11-30",
    "until": "2027-01-31",
    "carries": ["text", "metadata"],
    "sample": "100",
    "seed": str(2**62),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("experiments")) as made:
        review(made, ended=made.clock.now() - timedelta(hours=3))
        made.publish(made.event("c-not-redacted"))
        made.drain("objections", "ingest", "holds")
        yield made


@pytest.fixture(scope="module")
def ada(site: Site) -> TestClient:
    return client(site.system, ADA)


def test_one_asks_another_counts_and_approves_and_the_first_closes_it(site: Site) -> None:
    ada, chloe = Person(logged_in(site.system, ADA)), Person(logged_in(site.system, CHLOE))
    assert "Nobody has asked for an experiment" in ada.opens("/experiments")
    ada.opens("/experiments/-/new")
    page = ada.sends("open", {**WISH, "until": "2026-10-01"})
    assert ada.page.status_code == 422
    assert "Its end lies in the past or is today" in ada.says()
    assert "&lt;b&gt;" in page
    assert set(ada.form("open").fields["carries"]) == {"text", "metadata"}
    ada.sends("open", {"until": WISH["until"]})
    assert str(ada.page.request.url.path) == "/experiments/silences-2026"
    assert f"100 calls (seed {2**62})" in ada.says()
    assert "Waits for the data protection officer" in ada.says()
    assert "It waits for your approval" not in ada.says()
    assert "Nothing waits" in ada.opens("/")

    assert "Experiments to approve" in chloe.opens("/")
    assert '<a href="/experiments/silences-2026">silences-2026</a>' in chloe.page.text
    chloe.opens("/experiments/silences-2026")
    chloe.opens("/experiments/silences-2026?preview=now")
    assert "1 call would be taken of 1 that may be." in chloe.says()
    assert "its redaction is not released 1" in chloe.says()
    chloe.sends("approve")
    assert "Approved by chloe" in chloe.says()
    assert "/build" not in chloe.page.text  # an analyst's
    ada.opens("/experiments/silences-2026")
    assert "Waits for its owner, who builds it." in ada.says()
    ada.sends("build")
    assert "Built: what it has taken stands below." in ada.says()
    assert "taken 1" in ada.says()
    assert "What its newest build left out" in ada.says()
    assert "Experiments to approve" not in chloe.opens("/")

    assert '/silences-2026/export"' not in chloe.opens("/experiments/silences-2026")  # an analyst's, too
    assert chloe.asking.post("/experiments/silences-2026/export").status_code == 403
    ada.opens("/experiments/silences-2026")
    ada.sends("export")
    address = str(ada.page.request.url.path)
    ada.looks_until("It is ready.", address)
    assert "Items 1" in ada.says()
    assert chloe.asking.get(f"{address}/file").status_code == 404
    answer = ada.asking.get(f"{address}/file")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        manifest = packed.read("silences-2026/manifest.json")
        assert {"silences-2026/README.md", "silences-2026/metadata.jsonl"} < set(packed.namelist())
    assert sha256(manifest).hexdigest() in ada.opens(address)
    assert "It has been saved." in ada.says()
    [left] = site.system.experiment_desk.shown(ADA, "silences-2026").exports
    assert left.export.manifest == sha256(manifest).hexdigest()

    ada.opens("/experiments/silences-2026")
    ada.sends("close", {"confirmation": "another"})
    assert "The name typed to confirm is another one" in ada.says()
    ada.sends("close", {"confirmation": "silences-2026"})
    assert "Closed by ada" in ada.says()
    assert ada.asking.get(f"{address}/file").status_code == 403, "what is over leaves no more"
    assert "Nothing of it is left here." in ada.says()
    assert "No experiment is here" in ada.opens("/experiments")
    assert "silences-2026" in ada.opens("/experiments?show=over")
    file = ada.asking.get("/experiments?show=over&format=json").json()
    assert [(one["experiment"], one["state"]) for one in file] == [("silences-2026", "closed")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "06.39.98.00.01"}, "pourraient être un numéro de téléphone"),
        ({"purpose": ""}, "Dites à quoi sert l’expérimentation"),
        ({"owner": "Élise"}, "Le propriétaire est un compte"),
        ({"line": "another"}, "La politique n’a pas cette ligne"),
        ({"from": "2026-12-01"}, "Le dernier jour précède le premier"),
        ({"from": "soon"}, "Un jour s’écrit"),
        ({"to": ""}, "Un jour s’écrit"),
        ({"until": "2026-11-20"}, "Sa fin est passée ou est aujourd’hui"),
        ({"carries": ["metadata"]}, "au moins le texte masqué"),
        ({"carries": ["originals"]}, "parmi ce qui est proposé"),
        ({"sample": "0"}, "Un échantillon a de 1 à 1 000 000 d’appels"),
        ({"sample": "many"}, "nombre entier"),
        ({"sample": ""}, "dites aussi sa taille"),
        ({"k": "1"}, "Le plus petit groupe a de 2 à 1 000 éléments"),
        ({"labels": "alarm_id"}, "par exemple alarm_id=A-17"),
    ],
)
def test_what_is_wrong_is_said_in_french_and_what_was_typed_stays(
    site: Site, ada: TestClient, changes: dict[str, object], says: str
) -> None:
    sent = {**WISH, "name": "essai-1", "owner": "ada", "line": "customer-service", "k": "5", **changes}
    answer = ada.post("/experiments/-/new", data=sent)
    assert answer.status_code == 422
    assert says in answer.text
    assert "2027-01-31" in answer.text or "until" in changes
    assert all(one.experiment.name != "essai-1" for one in site.system.experiment_desk.listed(ADA))


def test_all_that_is_wrong_is_said_at_once(ada: TestClient) -> None:
    sent = {**WISH, "name": "a b", "purpose": "", "owner": "Élise", "line": "customer-service", "k": "1"}
    answer = ada.post("/experiments/-/new", data=sent).text
    assert all(
        says in answer
        for says in ("Une expérimentation a un nom", "à quoi sert", "est un compte", "de 2 à 1 000 éléments")
    )
    assert "Un jour s’écrit" in (answer := ada.post("/experiments/-/new", data={**sent, "from": "", "k": "x"}).text)
    assert "nombre entier" in answer


def test_nobody_approves_their_own_and_who_only_looks_gets_no_forms(site: Site, ada: TestClient) -> None:
    form = {**WISH, "name": "a-chloe", "owner": "chloe", "line": "customer-service", "k": "5"}
    assert ada.post("/experiments/-/new", data=form).headers["location"] == "/experiments/a-chloe"
    assert ada.post("/experiments/-/new", data=form).status_code == 422  # its name is taken
    chloe, david = client(site.system, CHLOE), client(site.system, DAVID)
    assert "/approve" not in chloe.get("/experiments/a-chloe").text
    assert "a-chloe" not in chloe.get("/").text
    refused = chloe.post("/experiments/a-chloe/approve")
    assert refused.status_code == 403
    assert "Il faut deux personnes" in refused.text
    looked = david.get("/experiments/a-chloe")
    assert looked.status_code == 200
    assert "<form" not in looked.text
    assert david.get("/experiments/a-chloe?preview=now").status_code == 403
    assert david.get("/experiments/-/new").status_code == 403
    assert david.post("/experiments/a-chloe/close", data={"confirmation": "a-chloe"}).status_code == 403
    assert ada.get("/experiments/none-such").status_code == 404
    assert ada.post("/experiments/a-chloe/build").status_code == 403
    assert chloe.post("/experiments/a-chloe/build").status_code == 403
    assert client(site.system, Actor(role=Role.TRAINER, name="alice")).get("/experiments").status_code == 403


def test_one_that_is_over_is_approved_by_nobody(site: Site, ada: TestClient) -> None:
    form = {**WISH, "name": "trop-tard", "owner": "ada", "line": "customer-service", "k": "5"}
    ada.post("/experiments/-/new", data=form)
    ada.post("/experiments/trop-tard/close", data={"confirmation": "trop-tard"})
    late = client(site.system, CHLOE).post("/experiments/trop-tard/approve")
    assert late.status_code == 403
    assert "L’expérimentation est terminée : demandez-en une autre." in late.text
