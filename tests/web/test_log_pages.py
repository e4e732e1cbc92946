"""The auditor's pages: what was written, that it was, and who reads otherwise than usual. Looking is an entry (U3)."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from callwarden.accesslog.key.signer import read_keys
from callwarden.accesslog.proof.export import Kind
from callwarden.accesslog.proof.inclusion import NotProvenError, check_proof
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId
from callwarden.model.log_entry import Operation
from callwarden.ports.log import LogDamagedError
from callwarden.workers.cli.doctor import _PARTS
from callwarden.workers.web.portal.verifying import newest
from tests.support.site import Site
from tests.support.web import client

DAVID = Actor(role=Role.AUDITOR, name="david")
BRUNO = Actor(role=Role.LEGAL, name="bruno")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("log")) as made:
        for number in range(3):
            made.system.case_desk.open(BRUNO, CaseId(f"DOSSIER-{number}"), reason="a claim")
        made.system.log_book.checkpoint(wait_s=30)
        yield made


@pytest.fixture(scope="module")
def david(site: Site) -> TestClient:
    return client(site.system, DAVID)


def _looks(site: Site) -> int:
    return sum(1 for _ in site.system.log_reader.entries(operations=[Operation.LOG_READ]))


def test_how_the_log_stands_is_no_access_and_a_search_is_one(site: Site, david: TestClient) -> None:
    before = _looks(site)
    assert "Dernier point de contrôle" in david.get("/log").text
    assert _looks(site) == before
    found = david.get("/log", params={"search": "yes", "operation": "hold.opened"}).text
    assert found.count("hold.opened") >= 3
    assert _looks(site) == before + 1


def test_entries_are_found_by_who_what_case_and_day(david: TestClient) -> None:
    def numbers(**asked: str) -> int:
        page = david.get("/log", params={"search": "yes", **asked}).text
        return len(set(re.findall(r"/log/entries/([0-9A-Z]{26})", page)))

    assert numbers(who="legal:bruno", operation="hold.opened") == 3
    assert numbers(who="bruno", operation="hold.opened") == 3
    assert numbers(who="legal:nobody") == 0
    assert numbers(case="DOSSIER-1", operation="hold.opened") == 1
    assert numbers(operation="hold.opened", **{"from": "2026-11-20", "to": "2026-11-20"}) == 3
    assert numbers(operation="hold.opened", to="2026-11-19") == 0


def test_the_proof_of_an_entry_is_shown_and_checked_by_nothing_but_a_key(
    site: Site, david: TestClient, tmp_path: Path
) -> None:
    page = david.get("/log", params={"search": "yes", "operation": "hold.opened"}).text
    entry = re.findall(r"/log/entries/([0-9A-Z]{26})", page)[0]
    shown = david.get(f"/log/entries/{entry}")
    assert shown.status_code == 200
    assert f"callwarden log verify-proof proof-{entry}.json" in shown.text
    proof = david.get(f"/log/entries/{entry}/proof.json").content
    key = tmp_path / "KEY.txt"
    key.write_text(site.system.log_key.signer().public_text())
    proven, index, checkpoint = check_proof(proof, trusted=read_keys(key))
    assert json.loads(proven)["entry_id"] == entry
    assert index < checkpoint.size
    for changed in (proof.replace(b"hold.opened", b"hold.closed"), b"[]", proof.replace(b'"index": ', b'"index": 1')):
        with pytest.raises(NotProvenError):
            check_proof(changed, trusted=read_keys(key))
    with pytest.raises(NotProvenError, match="trust"):
        check_proof(proof, trusted=())


def test_one_click_verifies_every_entry_and_the_page_says_what_it_found(david: TestClient) -> None:
    begun = david.post("/log/verification")
    assert (begun.status_code, begun.headers["location"]) == (303, "/log/verification")
    run = newest(david.app)  # type: ignore[arg-type]
    assert run is not None
    assert run.over.wait(60)
    page = david.get("/log/verification").text
    assert "rien d’anormal" in page
    assert "refresh" not in page


def test_what_is_wrong_with_the_log_is_told_in_the_readers_language(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as altered:
        for number in range(3):
            altered.system.case_desk.open(BRUNO, CaseId(f"DOSSIER-{number}"), reason="a claim")
        altered.system.log_book.checkpoint(wait_s=30)
        with altered.system.opened_catalogue.engine.begin() as connection:
            connection.execute(text("UPDATE log_leaf SET bytes = replace(bytes, 'DOSSIER-1', 'DOSSIER-7')"))
        asking = client(altered.system, DAVID)
        asking.post("/log/verification")
        run = newest(asking.app)  # type: ignore[arg-type]
        assert run is not None
        assert run.over.wait(60)
        page = asking.get("/log/verification").text
        assert run.report is not None
        [edited] = [fault for fault in run.report.faults if fault.kind is Kind.EDITED]
        assert f"Entrée {edited.first}" in page
        assert "modifiée <code>edited</code>" in page
        assert not [fault.message for fault in run.report.faults if fault.message in page], "that is English"
        assert f"Entry {edited.first}" in asking.get("/log/verification?lang=en").text


def test_who_may_not_read_the_log_is_refused_and_that_is_an_entry(site: Site) -> None:
    trainer = client(site.system, Actor(role=Role.TRAINER, name="alice"))
    assert trainer.get("/log").status_code == 200, "a signed tree head is for everybody to keep"
    for path in ("/log?search=yes", "/log/unusual"):
        assert trainer.get(path).status_code == 403
    assert trainer.post("/log/verification").status_code == 403


def test_what_was_found_is_exported_as_an_act(site: Site, david: TestClient) -> None:
    file = david.get("/log", params={"search": "yes", "operation": "hold.opened", "format": "json"})
    assert {row["operation"] for row in file.json()} == {"hold.opened"}
    assert "attachment" in file.headers["content-disposition"]


def test_nobody_is_unusual_where_nobody_reads(david: TestClient) -> None:
    assert "Rien d’inhabituel" in david.get("/log/unusual").text


def test_an_older_database_put_back_is_named_at_the_top_with_what_proves_it(tmp_path: Path) -> None:
    home, older = tmp_path / "home", tmp_path / "older"
    with Site(home) as before:
        before.system.log_book.checkpoint(wait_s=30)
    shutil.copytree(home, older)
    with Site(home) as later:
        later.system.case_desk.open(BRUNO, CaseId("DOSSIER-9"), reason="a claim")
        later.system.log_book.checkpoint(wait_s=30)
    for kept in ("checkpoints", "erasures"):
        shutil.copytree(home / kept, older / kept, dirs_exist_ok=True)
    with Site(older) as put_back:
        asking = client(put_back.system, DAVID)
        found = asking.get("/log?lang=en").text
        assert "rolled_back" in found
        assert "it was set back to an earlier state, and entries are missing" in found
        assert "the sequencer does not run" not in found
        french = asking.get("/log?lang=fr").text
        assert "elle a été ramenée à un état antérieur" in french
        assert "set back" not in french
        with pytest.raises(LogDamagedError, match="set back"):
            _PARTS["log"](put_back.system)


def test_what_is_asked_for_in_the_address_is_looked_for(david: TestClient) -> None:
    assert "/log/entries/" in david.get("/log?case=DOSSIER-1").text
