"""What a person types about a request, and what is answered (D1 to D4)."""

import json
import shlex
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.site import NOON, Site

Typed = Callable[[str], Any]
REFUSED, WRONG_USAGE = 1, 2


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    with Site(tmp_path / "home") as made:
        made.publish(made.event("c-1"), made.event("c-2"))
        made.drain("ingest")
    return tmp_path / "home"


@pytest.fixture
def type_(home: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command with --json: what it prints; where it fails, its exit code and the reasons."""

    def typed(line: str) -> Any:
        code = run([*shlex.split(line), "--json"])
        output, errors = capsys.readouterr()
        return json.loads(output) if code == 0 else (code, json.loads(errors)["error"].get("reasons"))

    return typed


def test_an_erasure_goes_from_the_letter_to_the_last_backend(type_: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it is held: that is told, and done by the first sweep after the case has ended."""
    opened = type_("request open --type erasure --number '06 39 98 00 01' --received 2026-11-01 --as dpo:chloe")
    assert (opened["type"], opened["state"], opened["due_on"]) == ("erasure", "received", "2026-12-01")
    request = opened["request"]
    assert type_(f"request find {request} --as dpo:chloe") == (REFUSED, ["identity_unverified"])
    assert type_(f"request verify {request} --how 'called back' --as dpo:chloe")["state"] == "verified"
    held, free = (item["recording_id"] for item in type_(f"request find {request} --as dpo:chloe")["items"])
    type_("hold open DOSSIER-1 --reason dispute --as legal:bruno")
    type_(f"hold place DOSSIER-1 --recording {held} --as legal:bruno")
    preview = type_(f"request preview {request} --as dpo:chloe")
    assert preview["erasable"] == [free]
    assert preview["held"] == [{"recording_id": held, "reason": "litigation"}]
    assert preview["kept"] == []
    assert type_(f"request approve {request} --as legal:Chloe") == (REFUSED, ["same_person"])
    items = {one["recording_id"]: one for one in type_(f"request approve {request} --as legal:bruno")["items"]}
    backends = ("catalogue", "journal", "key", "landing", "search", "vault")
    assert items[free]["backends"] == dict.fromkeys(backends, "confirmed")
    assert items[held]["reason"] == "litigation"
    told = type_(f"request answer {request} -o out --as dpo:chloe")
    assert told["state"] == "answered_partly"
    for actor in ("legal:bruno", "legal:brigitte"):
        type_(f"hold release DOSSIER-1 --as {actor}")
    monkeypatch.setenv("CALLWARDEN_NOW", (NOON + timedelta(days=8)).isoformat())
    type_("dispose --as dpo:chloe")
    shown = type_(f"request show {request} --as dpo:chloe")
    assert (shown["state"], shown["identity"]) == ("answered_partly", None)
    assert [one["to_tell"] for one in type_("request list --as dpo:chloe")] == [True]
    assert type_(f"request answer {request} -o told --as dpo:chloe")["state"] == "answered"
    type_("dispose --as dpo:chloe")
    [listed] = type_("request list --as dpo:chloe")
    assert (listed["state"], listed["to_tell"], listed["received_on"]) == ("closed", False, "2026-11-01")
    assert type_("reconcile")["versions"] == 0


def test_a_restriction_is_lifted_and_an_overdue_request_listed(type_: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    request = type_("request open --type restriction --customer C-1 --as dpo:chloe")["request"]
    assert type_(f"request lift {request} --as dpo:chloe") == (REFUSED, ["nothing_restricted"])
    type_(f"request verify {request} --how seen --as dpo:chloe")
    type_(f"request find {request} --as dpo:chloe")
    assert type_(f"request decide {request} --grant --as dpo:chloe")["state"] == "decided"
    assert type_(f"request extend {request} --reason 'many calls' --as dpo:chloe")["due_on"] == "2027-02-20"
    assert type_("request list --overdue --as dpo:chloe") == []
    monkeypatch.setenv("CALLWARDEN_NOW", "2027-03-01T12:00:00+01:00")
    assert [one["nearness"] for one in type_("request list --overdue --as dpo:chloe")] == ["overdue"]
    assert type_(f"request lift {request} --as dpo:chloe") == (REFUSED, ["not_told"])
    assert type_(f"request lift {request} --tell --as dpo:chloe") == (2, [])
    assert len(type_(f"request lift {request} --told-by 'by telephone' --as dpo:chloe")["lifted"]) == 2


def test_a_rectification_is_written_to_the_person_and_to_whoever_had_a_copy(type_: Typed) -> None:
    request = type_("request open --type rectification --number '06 39 98 00 01' --as dpo:chloe")["request"]
    assert type_(f"request letter {request} acknowledgement -o ack.html --as dpo:chloe")["letter"] == "acknowledgement"
    assert "20 décembre 2026" in Path("ack.html").read_text()
    type_(f"request verify {request} --how 'called back' --as dpo:chloe")
    recording = type_(f"request find {request} --as dpo:chloe")["items"][0]["recording_id"]
    type_(f"request decide {request} --grant --as dpo:chloe")
    fixed = type_(
        f"request rectify {request} --item {recording} --number '06 39 98 00 02' --label site=A1 --as dpo:chloe"
    )
    assert sorted(fixed["changes"]) == ["labels", "number"]
    [number] = [one for one in type_(f"request rectifications {request} --as dpo:chloe") if one["field"] == "number"]
    assert (number["was"], number["now"]) == ("+33639980001", "+33639980002")
    assert type_(f"request answer {request} -o out --as dpo:chloe") == (REFUSED, ["not_rectified"])
    assert not Path("out").exists()
    other = next(one for one in type_(f"request show {request} --as dpo:chloe")["items"] if one["done_at"] is None)
    type_(f"request rectify {request} --item {other['recording_id']} --name 'Odile Ferrand' --as dpo:chloe")
    type_("hold open DOSSIER-1 --reason dispute --as legal:bruno")
    type_(f"hold place DOSSIER-1 --recording {recording} --as legal:bruno")
    type_("hold pack DOSSIER-1 -o pack --recipient 'Tribunal de Melle' --basis 'CPC 138' --as legal:bruno")
    [before] = type_(f"request recipients {request} --as dpo:chloe")
    assert (before["recipient"], before["told_at"]) == ("Tribunal de Melle", None)
    type_(f"request recipients {request} -o told --as dpo:chloe")
    known = type_(f"request acknowledge {request} --disclosure {before['disclosure']} --as dpo:chloe")
    assert known["acknowledged_at"] is not None
    answered = type_(f"request answer {request} -o out --language en --to 'Odile Ferrand' --as dpo:chloe")
    assert answered["state"] == "answered"
    assert "rectified" in Path("out/letter.html").read_text()
    assert type_("request verify-answer out")["genuine"] is True


@pytest.mark.parametrize(
    "line",
    [
        "request rectify REQ --item rec-0 --ended 2026-11-20 --as dpo:chloe",
        "request rectify REQ --item rec-0 --label site --as dpo:chloe",
        "request answer REQ -o out --unmask LOCATION_1 --as dpo:chloe",
        "request answer REQ -o out --by-hand rec-0:nowhere.txt --as dpo:chloe",
    ],
)
def test_what_is_half_typed_is_wrong_usage(type_: Typed, line: str) -> None:
    assert type_(line)[0] == WRONG_USAGE


@pytest.mark.parametrize(
    "line",
    [
        "request open --type access --as dpo:chloe",
        "request open --type access --number room --as dpo:chloe",
        "request open --type access --customer C-1 --received 2026-12-24 --as dpo:chloe",
        "request open --type access --customer C-1 --received 2026-02-30 --as dpo:chloe",
        "request open --type access --customer C-1 --purpose training --as dpo:chloe",
        "request open --type forgetting --customer C-1 --as dpo:chloe",
        "request decide req-20261120-00000000 --as dpo:chloe",
        "request decide req-20261120-00000000 --grant --refuse no_ground --as dpo:chloe",
        "request decide req-20261120-00000000 --refuse because --as dpo:chloe",
        "request verify req-20261120-00000000 --as dpo:chloe",
    ],
)
def test_what_makes_no_sense_as_typed_is_said(type_: Typed, line: str) -> None:
    code, _ = type_(line)
    assert code == WRONG_USAGE
    assert type_("request list --as dpo:chloe") == []


def test_what_makes_no_sense_is_wrong_usage(type_: Typed) -> None:
    """A slip of the pen enters nothing, and no right is refused on a ground of another."""
    wrong = (WRONG_USAGE, [])
    assert type_("request open --type access --number 12 --as dpo:chloe") == wrong
    assert type_("request open --type access --customer C-1 --received 2016-11-01 --as dpo:chloe") == wrong
    assert type_("request open --type objection --customer C-1 --as dpo:chloe") == wrong
    assert type_("request list --as dpo:chloe") == []
    request = type_("request open --type access --customer C-1 --as dpo:chloe")["request"]
    type_(f"request verify {request} --how seen --as dpo:chloe")
    type_(f"request find {request} --as dpo:chloe")
    assert type_(f"request decide {request} --refuse legitimate_interest --as dpo:chloe") == wrong
    assert type_(f"request decide {request} --refuse third_parties --as dpo:chloe")["state"] == "decided"


def test_a_letter_of_the_example_controller_is_warned_about(type_: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    request = type_("request open --type access --customer C-1 --as dpo:chloe")["request"]
    assert run(["request", "letter", request, "acknowledgement", "-o", "ack.html", "--as", "dpo:chloe"]) == 0
    assert "shipped example" in capsys.readouterr().err
