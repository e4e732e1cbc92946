"""Papers as files: spreadsheets that are read back, JSON that command and route share, refusals that say what to do."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from odfdo import Document

from callwarden.adapters.policy.file import read_policy
from callwarden.errors import ConfigurationError
from callwarden.model.access import Actor, Role
from callwarden.model.letter import Language
from callwarden.model.paper import NOTICES, PaperKind
from callwarden.workers.cli import run
from callwarden.workers.shapes.papers import PaperForm, paper_file
from tests.papers.making import desk, tree
from tests.support.policies import write_policy
from tests.support.site import Site
from tests.support.web import client

CNIL = {
    "Description du traitement": ["Nom du traitement", "N° / référence", "Date de création", "Mise à jour"],
    "Acteurs": ["Acteur", "Responsable du traitement", "Délégué à la protection des données"],
    "Finalité(s) du traitement effectué": [
        *("Finalité principale", "Sous-finalités et bases juridiques", "Intérêt légitime poursuivi"),
    ],
    "Mesures techniques et organisationnelles": ["Mesures de sécurité"],
    "Catégories de données personnelles concernées": ["Catégories de données personnelles", "Délais d'effacement"],
    "Données sensibles ou à risque": ["Données sensibles"],
    "Personnes concernées": ["Catégories de personnes concernées"],
    "Destinataires": ["Destinataires internes", "Sous-traitants", "Autres destinataires"],
    "Transferts": ["Transferts hors de l'Union européenne"],
    "Décisions prises par un programme": ["Décisions automatisées"],
}
"""A sheet of the register, section by section: the CNIL's model, and what it has no place for."""


@pytest.fixture(autouse=True)
def _away_from_any_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CALLWARDEN_POLICY", raising=False)


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """What stands in each sheet, as another program reads it."""
    document = Document(BytesIO(content))
    return {table.name: [row.get_values() for row in table.rows] for table in document.body.tables}


def lasts(rows: list[list[Any]]) -> list[Any]:
    """What stands at the end of each row."""
    return [row[-1] for row in rows if row]


def test_the_register_is_a_spreadsheet_in_the_layout_of_the_cnil() -> None:
    policy = tree()
    policy["interest"] = {"fr": '=HYPERLINK("https://x";"y")', "en": "+1"}
    made = desk(policy)
    paper = made.made(PaperKind.REGISTER, Language.FR)
    found = sheets(paper_file(made, paper, PaperForm.ODS).content)
    assert list(found) == [
        *("Acteurs", "Liste des traitements", "customer-service", "monitoring-centre"),
        *("evaluations", "access-log", "requests", "cases", "figures", "courses", "accounts", "experiments", "testing"),
    ]
    assert found["Acteurs"][1] == [paper.stamp]
    first = [row[0] for row in found["customer-service"] if row and row[0]]
    assert first[2:] == [each for title, labels in CNIL.items() for each in (title, *labels)]
    assert "6 mois à compter de la fin de l'appel" in lasts(found["customer-service"])
    assert "1 an à compter de la fin de l'appel" in lasts(found["monitoring-centre"])
    assert "1 an à compter de l'évaluation" in lasts(found["evaluations"])
    formula = next(row for row in found["customer-service"] if row and "HYPERLINK" in str(row[-1]))
    assert formula[-1] == '=HYPERLINK("https://x";"y")'
    raw = Document(BytesIO(paper_file(made, paper, PaperForm.ODS).content)).get_part("content.xml").serialize()
    assert "table:formula" not in str(raw)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", sorted(set(PaperKind) - NOTICES))
def test_what_the_spreadsheet_says_is_what_the_json_says(kind: PaperKind, language: Language) -> None:
    made = desk(tree())
    paper = made.made(kind, language)
    told = json.loads(paper_file(made, paper, PaperForm.JSON).content)
    cells = {
        line
        for rows in sheets(paper_file(made, paper, PaperForm.ODS).content).values()
        for row in rows
        for value in row
        for line in str(value or "").splitlines()
    }
    said = {value for table in told["tables"] for row in table["rows"] for values in row.values() for value in values}
    assert said <= cells
    assert set(told["missing"]) <= cells
    assert all(column["title"] in cells for table in told["tables"] for column in table["columns"])


def test_command_and_route_give_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Site(tmp_path / "home", patient=False) as site:
        site.system.make()
        asking = client(site.system, Actor(role=Role.AUDITOR, name="david"))
        listed = asking.get("/api/v1/policy/papers").json()["items"]
        assert [one["paper"] for one in listed] == [one.value for one in PaperKind]
        for kind in PaperKind:
            answer = asking.get(f"/api/v1/policy/papers/{kind}", params={"language": "en"}).json()
            assert run(["policy", kind.value, "--language", "en", "--json"]) == 0
            said = json.loads(capsys.readouterr().out)
            assert said["policy_version"] == site.system.policy.version
            day = said.pop("made_on")
            assert answer.pop("made_on") == "2026-11-20"
            assert {**said, "text": None} == {**answer, "text": None}
            assert said.get("text", "").replace(day, "") or kind not in NOTICES
            ods = asking.get(f"/api/v1/policy/papers/{kind}", params={"format": "ods"})
            assert ods.status_code == (422 if kind in NOTICES else 200)
        assert asking.get("/api/v1/policy/papers/secrets").status_code == 422


def _fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["policy", *arguments]) != 0
    out, said = capsys.readouterr()
    assert out == ""
    return said


def test_a_paper_is_written_where_asked_and_over_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "register.ods"
    assert run(["policy", "register", "-o", str(out), "--language", "en"]) == 0
    assert "write them under processors in the policy" in capsys.readouterr().err
    assert "Actors" in sheets(out.read_bytes())
    assert "exists already" in _fails(capsys, "register", "-o", str(out))
    assert "--out register.ods" in _fails(capsys, "register", "--format", "ods")
    assert "a notice is no table" in _fails(capsys, "notice", "-o", str(tmp_path / "notice.ods"))
    page = tmp_path / "notice.html"
    assert run(["policy", "staff-notice", "-o", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_is_missing_is_named_with_its_key_and_refused_where_all_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = _fails(capsys, "register", "--complete", "--language", "en")
    for key in ("sender.yaml", "interest", "transfers", "automated_decisions", "processors"):
        assert key in said
    said = _fails(capsys, "notice", "--complete", "--language", "en")
    assert "to_object" in said
    assert "website" in said
    assert "works_council" in _fails(capsys, "staff-notice", "--complete", "--language", "en")


def test_a_policy_that_states_all_and_a_sender_make_papers_that_are_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = "{fr: dit, en: said}"
    stated = f"interest: {both}\ntransfers: {both}\nautomated_decisions: {both}\nprocessors: []\naccess:\n"
    policy = write_policy(
        tmp_path / "policy.yaml",
        ("\naccess:\n", f"\n{stated}"),
        ("    objection_unknown: record ", f"    to_object: {both}\n    objection_unknown: record "),
    )
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "sender.yaml").write_text(
        "name: Alarmes SAS\naddress: [1 rue Haute, 79000 Niort]\ndpo: Chloé\ncontact: dpo@alarmes.example\n"
        "website: https://alarmes.example/appels\nworks_council: consulté le 15 janvier 2026\n"
    )
    monkeypatch.setenv("CALLWARDEN_POLICY", str(policy))
    for kind in set(PaperKind) - {PaperKind.REGISTER}:
        assert run(["policy", kind.value, "--complete"]) == 0, kind
    with Site(tmp_path / "home", overrides={"policy": policy}) as site:
        site.system.make()
    assert run(["policy", "register", "--complete", "--language", "en"]) == 0
    said = capsys.readouterr().out
    assert "Alarmes SAS" in said
    assert "nobody works on the data for the controller" in said
    assert "Created on: 20 November 2026" in said


def test_papers_of_a_draft_put_it_in_force_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Site(tmp_path / "home") as site:
        site.system.make()
        draft = write_policy(tmp_path / "draft.yaml", ("retention: P6M", "retention: P3M"))
        assert run(["policy", "register", "--language", "en", "--policy", str(draft)]) == 0
        said = capsys.readouterr().out
        assert "3 months from the end of the call" in said
        assert "Created on: to be completed" in said
        assert [one.version for one in site.system.policy_history()] == [site.system.policy.version]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "access",
            [{"role": "dpo", "purposes": ["quality"], "artefacts": ["metadata"], "lines": ["x"]}],
            "access.0.lines",
        ),
        ("processors", [{"name": "X", "what": {"fr": "y"}, "country": "US", "contract": "1"}], "guarantees"),
        ("processors", [{"name": "X", "what": {"fr": "y"}, "country": "FR"}], "processors.0.contract is missing"),
        ("processors", [{"name": "X", "what": {}, "country": "FR", "contract": "1"}], "processors.0.what"),
        ("processors", [{"name": "X", "what": {"fr": "y"}, "country": "XX", "contract": "1"}], "processors.0.country"),
        (
            "processors",
            [{"name": "X", "what": {"fr": "y"}, "country": "FR", "contract": "1", "regions": ["us-east-1"]}],
            "storage_regions",
        ),
        (
            "processors",
            [{"name": "X", "what": {"fr": "y"}, "country": "FR", "contract": each} for each in ("1", "2")],
            "twice",
        ),
    ],
)
def test_a_policy_that_makes_no_true_paper_is_refused_with_key_and_line(key: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_policy(yaml.safe_dump({**tree(), key: value}), name="policy.yaml")
    assert "policy.yaml, line " in str(caught.value)


def test_how_to_object_is_stated_only_where_one_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = write_policy(tmp_path / "policy.yaml", ("not-offered\n", "not-offered\n    to_object: {fr: x}\n"))
    assert "to_object is given where" in _fails(capsys, "notice", "--policy", str(policy))
    assert "customer-service, monitoring-centre" in _fails(capsys, "notice", "--line", "none-such")


def test_a_processor_outside_is_named_by_what_the_policy_says_of_transfers() -> None:
    outside = {
        "name": "Voix Inc",
        "what": {"fr": "transcription"},
        "country": "US",
        "contract": "C-2",
        "guarantees": {"fr": "clauses contractuelles types"},
    }
    with pytest.raises(ConfigurationError, match=r"has Voix Inc in US, of which transfers\.fr says nothing"):
        read_policy(
            yaml.safe_dump({**tree(), "processors": [outside], "transfers": {"fr": "aucun"}}), name="policy.yaml"
        )
    said = {"fr": "aucun, sauf Voix Inc (États-Unis)"}
    made = desk({**tree(), "processors": [outside], "transfers": said})
    assert said["fr"] in made.page(made.made(PaperKind.REGISTER, Language.FR))
