"""`callwarden sample make`: synthetic calls that a system takes in as a telephone system's."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from callwarden.model.redaction import SpanType
from callwarden.redaction.gold import read_document
from callwarden.workers.cli import run


def test_sample_calls_are_published_and_stored_every_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    samples = tmp_path / "samples"
    assert run(["sample", "make", "3", "-o", str(samples), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["calls"] == 3
    events = sorted(str(file) for file in samples.glob("*.json"))
    assert len({file.read_bytes() for file in samples.glob("*.wav")}) == len(events) == 3
    assert run(["publish", *events, "--audio-dir", str(samples), "--json"]) == 0
    assert run(["work", "ingest", "--drain"]) == 0
    capsys.readouterr()
    assert run(["calls", "list", "--as", "auditor:david", "--json"]) == 0
    assert [one["outcome"] for one in json.loads(capsys.readouterr().out)] == ["stored"] * 3
    assert run(["sample", "make", "3", "-o", str(samples)]) == 2
    assert "exists already" in capsys.readouterr().err


def _made(directory: Path, *arguments: str) -> dict[str, bytes]:
    assert run(["sample", "make", *arguments, "-o", str(directory)]) == 0
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir())}


def test_the_same_seed_makes_the_same_set_and_another_seed_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    options = ("30", "--until", "2026-01-31", "--days", "20", "--transcripts", "--seed")
    once, again, other = (_made(tmp_path / name, *options, seed) for name, seed in (("1", "7"), ("2", "7"), ("3", "8")))
    assert once == again
    assert not set(once.values()) & {value for name, value in other.items() if not name.endswith(".wav")}


def test_a_large_set_has_all_that_a_telephone_system_says_within_its_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    files = _made(tmp_path / "set", "1100", "--seed", "1", "--until", "2026-01-31", "--days", "30")
    said = [event for name, text in files.items() if name.endswith(".json") for event in json.loads(text)]
    assert len({event["id"] for event in said}) == len(said) == 1100
    form = Draft202012Validator(json.loads(Path("config/topics/telephony.calls.schema.json").read_text()))
    assert all(form.is_valid(event) for event in said)
    calls = [event["data"] for event in said]
    assert all("2026-01-01" <= call["started_at"] < call["ended_at"] < "2026-01-31" for call in calls)
    assert len({call["ended_at"][:10] for call in calls}) == 30
    assert {call["line"] for call in calls} == {"customer-service", "monitoring-centre"}
    assert len({call["agent"]["team"] for call in calls}) == 5
    assert {("main", 0), ("main", 1), ("transfer", 0)} == {(call["leg"], call["segment"]) for call in calls}
    assert len({call["call_id"] for call in calls}) == 1100 - 44
    assert {"recording", "training"} <= {purpose for call in calls for purpose in call.get("objections", ())}
    assert any("objections" not in call for call in calls)
    assert any("pauses" in call for call in calls)
    assert any(not call["notice"]["completed"] for call in calls)
    sounds = {call["audio"]["uri"].removeprefix("spool:") for call in calls}
    assert sounds <= set(files)
    assert len(sounds) == 1100, "what is taken in goes from where it landed: no two calls share a file"


def test_the_dialogues_are_marked_as_redaction_evaluate_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    files = _made(tmp_path / "set", "100", "--seed", "1", "--transcripts")
    documents = [read_document(line) for line in files["transcripts.jsonl"].decode().splitlines()]
    marks = [(doc.turns[mark.turn].text[mark.start : mark.end], mark) for doc in documents for mark in doc.marks]
    assert len({text for text, _ in marks}) > 100
    assert {mark.type for _, mark in marks} <= {str(kind) for kind in SpanType}
    assert all(text == text.strip() for text, _ in marks)
    ibans = [text for text, mark in marks if mark.type == "IBAN"]
    assert ibans
    assert all(int(iban[4:] + "1527" + iban[2:4]) % 97 == 1 for iban in ibans)
