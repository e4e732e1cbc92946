"""The commands about access, end to end over one embedded system: what they print, and how they refuse (U2, U4)."""

import json
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.access import Readable
from callwarden.workers.cli import run
from callwarden.workers.shapes.reading import READABLE, What
from tests.support.diagnostics import capture_logs
from tests.support.site import NOON, Site


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a recording the commands can be asked about."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"))
        site.drain("ingest")
        found = site.outcomes()[0].recording_id
    assert found is not None
    return found


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "--json"])
    output, errors = capsys.readouterr()
    faults = [line for line in errors.splitlines() if line.startswith('{"error"')]
    return code, json.loads(output) if code == 0 else json.loads(faults[-1])["error"]


READ = ("--what", "original-audio", "-o", "call.wav")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--purpose", "curiosity", "--as", "legal:bruno"), "curiosity"),
        (("--purpose", "dispute", "--as", "janitor:bruno"), "ROLE:NAME"),
        (("--purpose", "dispute", "--as", "redactor:bruno"), "ROLE:NAME"),
        (("--purpose", "dispute", "--as", "legal"), "ROLE:NAME"),
        (("--purpose", "dispute"), "--as"),
        (("--as", "legal:bruno"), "--purpose"),
    ],
)
def test_a_role_or_purpose_there_is_none_of_is_wrong_usage_and_reads_nothing(
    recording: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], word: str
) -> None:
    code, fault = said(capsys, "read", recording, *READ, *arguments)
    assert (code, fault["code"]) == (2, "usage")
    assert word in fault["message"]
    assert not (tmp_path / "call.wav").exists()


def test_an_id_that_does_not_exist_is_refused_as_unknown_and_leaves_no_file(
    recording: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("rec-" + "0" * 32, "../../etc/passwd", "x" * 300):
        code, fault = said(capsys, "read", name, *READ, "--purpose", "dispute", "--as", "legal:bruno")
        assert (code, fault["reasons"]) == (1, ["unknown"])
        assert "callwarden policy show --access" in fault["message"]
    assert list(tmp_path.glob("*call.wav*")) == []


@pytest.mark.parametrize("output", ["missing/call.wav", "home/keys/keys.json/call.wav"])
def test_a_reading_that_has_nowhere_to_go_is_no_reading(
    recording: str, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    """D7, U3: the person concerned is told of what happened."""
    asked = ("--what", "original-audio", "--purpose", "dispute", "--as", "legal:bruno")
    code, fault = said(capsys, "read", recording, *asked, "-o", output)
    assert (code, fault["code"]) == (2, "usage")
    assert "cannot be written" in fault["message"]
    _, entries = said(capsys, "log", "list", "--recording", recording)
    assert [one for one in entries if one["operation"] == "content.read"] == []


def test_a_custody_record_refused_to_a_role_is_an_entry(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    for actor in ("operator:b", "trainer:b"):
        code, fault = said(capsys, "hold", "custody", recording, "--as", actor)
        assert (code, fault["reasons"]) == (1, ["not_permitted"])
    _, entries = said(capsys, "log", "list")
    assert [one["reasons"] for one in entries].count(["not_permitted", "hold.custody"]) == 2


def test_glass_is_broken_by_two_people_from_the_command_line(
    recording: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sonia = ("--purpose", "staff_protection", "--as", "supervisor:sonia")
    code, fault = said(capsys, "read", recording, *READ, *sonia)
    assert (code, fault["reasons"]) == (1, ["break_glass_needed"])
    with capture_logs() as heard:
        code, request = said(capsys, "breakglass", "request", recording, *sonia, "--reason", "menaces")
    assert code == 0, request
    code, fault = said(capsys, "breakglass", "approve", request["request"], "--as", "dpo:sonia")
    assert (code, fault["reasons"]) == (1, ["same_person"])
    with capture_logs() as heard_again:
        code, opened = said(capsys, "breakglass", "approve", request["request"], "--as", "dpo:denise")
    alerts = [one for one in heard + heard_again if one["event"] == "alert"]
    assert [(one["code"], one["level"]) for one in alerts] == [
        ("breakglass.requested", "warning"),
        ("breakglass.approved", "warning"),
    ]
    assert code == 0
    assert opened["open_until"] > NOON.isoformat()
    assert said(capsys, "read", recording, *READ, *sonia)[0] == 0
    assert (tmp_path / "call.wav").stat().st_size > 0
    _, [row] = said(capsys, "breakglass", "list", "--as", "dpo:denise")
    assert (row["state"], row["reason"]) == ("open", "menaces")
    code, fault = said(capsys, "breakglass", "list", "--as", "trainer:alice")
    assert (code, fault["reasons"]) == (1, ["not_permitted"])
    _, entries = said(capsys, "log", "list")
    assert [one["operation"] for one in entries].count("breakglass.listed") == 1
    assert [one["reasons"] for one in entries].count(["not_permitted", "breakglass.list"]) == 1


def test_a_living_recording_has_no_certificate_and_a_file_that_is_none_is_told_so(
    recording: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, fault = said(capsys, "calls", "certificate", recording)
    assert (code, fault["code"]) == (1, "refused")
    assert "its state is stored" in fault["message"]
    code, fault = said(capsys, "calls", "certificate", "rec-none")
    assert "no such recording" in fault["message"]
    (tmp_path / "none.json").write_text("{}")
    code, fault = said(capsys, "calls", "certificate", "--verify", "none.json")
    assert (code, fault["code"]) == (1, "failed")
    assert "no disposal certificate" in fault["message"]
    assert said(capsys, "calls", "certificate", "--verify", "missing.json")[0] == 2
    assert said(capsys, "calls", "certificate")[0] == 2


def test_a_certificate_is_exported_printed_and_verified_with_the_public_key_alone(
    recording: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_NOW", "2027-06-01T00:00:00+00:00")
    code, swept = said(capsys, "dispose")
    assert code == 0, swept
    code, made = said(capsys, "calls", "certificate", recording, "-o", "c.json", "--html", "c.html")
    assert code == 0
    assert recording in (tmp_path / "c.html").read_text()
    assert said(capsys, "calls", "certificate", recording, "-o", "c.json")[0] == 2
    (tmp_path / "log.pub").write_text(said(capsys, "log", "key")[1]["public_key"] + "\n")
    said(capsys, "log", "checkpoint")
    assert run(["calls", "certificate", "--verify", "c.json", "--key", "log.pub"]) == 0
    [hint] = [line for line in "".join(capsys.readouterr()).splitlines() if "callwarden log prove" in line]
    command = hint.split("callwarden ")[1].replace(":NAME", ":david").split()
    assert made["digest"] in said(capsys, *command)[1]["entry"]
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "elsewhere"))
    code, checked = said(capsys, "calls", "certificate", "--verify", "c.json", "--key", "log.pub")
    assert (code, checked["genuine"], checked["digest"]) == (0, True, made["digest"])
    assert not (tmp_path / "elsewhere").exists()
    altered = (tmp_path / "c.json").read_text().replace("retention", "objection")
    (tmp_path / "c2.json").write_text(altered)
    code, fault = said(capsys, "calls", "certificate", "--verify", "c2.json", "--key", "log.pub")
    assert (code, fault["code"]) == (1, "failed")


@pytest.mark.parametrize("whose", [("--number", "notanumber"), ("--number", ""), ("--customer", " ")])
def test_consultations_of_nobody_are_wrong_usage(
    recording: str, capsys: pytest.CaptureFixture[str], whose: tuple[str, str]
) -> None:
    code, fault = said(capsys, "calls", "consultations", *whose, "--as", "dpo:denise")
    assert (code, fault["code"]) == (2, "usage")
    assert said(capsys, "calls", "consultations", "--number", "06 39 98 00 01", "--as", "dpo:denise")[0] == 0


@pytest.mark.parametrize("name", ["bob marley", "", "x" * 65, "a:b", "a\n"])
def test_a_token_is_issued_for_a_name_that_could_be_given_as_an_actor(
    recording: str, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    code, fault = said(capsys, "token", "issue", "--role", "legal", "--name", name)
    assert (code, fault["code"]) == (2, "usage")
    assert said(capsys, "token", "issue", "--role", "legal", "--name", "bob.marley@x-1_2")[0] == 0


def test_keys_are_the_operators(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (("rotate",), ("rewrap",), ("retire", "m1")):
        code, fault = said(capsys, "keys", *command, "--as", "trainer:alice")
        assert (code, fault["reasons"]) == (1, ["not_permitted"])
    [key] = said(capsys, "keys", "list")[1]
    code, fault = said(capsys, "keys", "retire", key["master_key"])
    assert (code, fault["code"]) == (2, "usage")
    assert "rotate first" in fault["message"]


def test_what_a_grant_names_is_read_under_that_name() -> None:
    named = set(Readable) - {Readable.METADATA, Readable.LOG}
    assert {READABLE[What(readable.value)] for readable in named} == named
