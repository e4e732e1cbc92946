"""From an objection to a copy that is clean, by commands, on an embedded system: told, applied elsewhere, acknowledged
(U5)."""

import json
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.datasets.items import LINES
from callwarden.model.access import Actor, Role
from callwarden.workers.cli import run
from tests.support.experiments import WAV, redact
from tests.support.paper import Person
from tests.support.site import Site
from tests.support.web import client, logged_in

ADA, OTTO, CHLOE = "--as analyst:ada", "--as operator:otto", "--as dpo:chloe"
NAME = "silences-2026"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(tmp_path)
    with Site(tmp_path / "var", overrides={"partitions": 6}) as made:
        for number in (1, 2, 3):
            caller = {"number": f"+3363998000{number}", "customer_id": f"C-{number}"}
            made.publish(made.event(f"c-{number}", caller=caller))
        made.drain("objections", "ingest")
        for one in made.system.catalogue.all_recordings():
            redact(made, one.recording_id, "Bonjour.", "Je suis [PERSON].", sound=WAV)
        now(made, monkeypatch)
        yield made


def now(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.clock.move(timedelta(minutes=1))
    monkeypatch.setenv("CALLWARDEN_HOME", str(site.home))
    monkeypatch.setenv("CALLWARDEN_NOW", site.clock.now().isoformat())


def said(capsys: pytest.CaptureFixture[str], line: str, *, code: int = 0) -> Any:
    assert run([*shlex.split(line), "--json"]) == code, (line, capsys.readouterr())
    output, errors = capsys.readouterr()
    return json.loads(output) if output else json.loads(errors.splitlines()[-1])["error"]


def exports_to_clear(capsys: pytest.CaptureFixture[str]) -> int:
    [one] = said(capsys, f"experiment list {ADA}")
    assert one["unacknowledged"] == one["exports_to_clear"]
    return int(one["exports_to_clear"])


def test_an_objection_reaches_the_copies_and_waits_until_that_is_acknowledged(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = f"--purpose Silences --owner ada --line customer-service --from 2026-11-01 --to 2026-11-30 {ADA}"
    said(capsys, f"experiment open {NAME} {asked} --until 2027-01-31 --carries text,audio")
    said(capsys, f"experiment approve {NAME} {CHLOE}")
    assert said(capsys, f"experiment build {NAME} {ADA}")["included"] == 3
    exported = said(capsys, f"experiment export {NAME} -o set {ADA}")
    assert exports_to_clear(capsys) == 0

    now(site, monkeypatch)
    said(capsys, f"objection add --number +33639980002 --purpose ai_experiment {CHLOE}")
    assert run(["dispose"]) == 0
    capsys.readouterr()
    assert exports_to_clear(capsys) == 1
    assert "revocations" in said(capsys, f"operations {OTTO}", code=1)["wants"]
    ada = Person(logged_in(site.system, Actor(role=Role.ANALYST, name="ada")))
    assert "Copies to take revoked items out of" in ada.opens("/")
    listed = said(capsys, f"experiment revocations {NAME} -o list.json {ADA}")
    assert (listed["items"], listed["exports"][0]["to_take_out"]) == (1, 1)

    done = said(capsys, "experiment apply-revocations set list.json")
    assert (done["removed"], done["left"]) == (1, 2)
    assert len((tmp_path / "set" / LINES).read_text().splitlines()) == 2
    assert len(list((tmp_path / "set" / "audio").iterdir())) == 2

    wrong = said(capsys, f"experiment acknowledge {NAME} list.json {ADA}", code=2)
    assert "no certificate" in wrong["message"]
    ada.opens(f"/experiments/{NAME}")
    assert "To take out" in ada.says()
    certificate = Path(done["certificate"]).read_bytes()
    form = ada.form(exported["export"])
    answer = ada.asking.post(
        form.action, data={"csrf": form.fields["csrf"]}, files={"certificate": ("c.json", certificate)}
    )
    assert answer.headers["location"] == f"/experiments/{NAME}?done=acknowledged#copies"
    assert exports_to_clear(capsys) == 0
    assert said(capsys, f"operations {OTTO}", code=1)["revocations"] == 0  # no worker runs
    assert "Copies to take revoked items out of" not in ada.opens("/")
    again = said(capsys, f"experiment acknowledge {NAME} {shlex.quote(done['certificate'])} {ADA}")
    assert (again["to_take_out"], again["taken_out"]) == (0, 1)
    shown = said(capsys, f"experiment show {NAME} {ADA}")
    assert {(one["state"], one["reason"], one["count"]) for one in shown["items"]} == {
        ("included", None, 2),
        ("revoked", "objected", 1),
    }
    assert shown["exports"][0]["acknowledged_at"] is not None

    said(capsys, f"experiment close {NAME} {CHLOE}")
    assert exports_to_clear(capsys) == 1
    over_http, here = client(site.system, Actor(role=Role.ANALYST, name="ada")), f"/api/v1/experiments/{NAME}"
    (tmp_path / "over.json").write_bytes(over_http.get(f"{here}/revocations").content)
    emptied = said(capsys, "experiment apply-revocations set over.json")
    assert emptied["left"] == 0
    assert over_http.post(f"{here}/acknowledge", json={}).status_code == 422
    stated = {"certificate": Path(emptied["certificate"]).read_text(encoding="utf-8")}
    assert over_http.post(f"{here}/acknowledge", json=stated).json()["to_take_out"] == 0
    assert over_http.post(f"{here}/acknowledge", json={"deleted": exported["export"]}).json()["taken_out"] == 3
    assert exports_to_clear(capsys) == 0
