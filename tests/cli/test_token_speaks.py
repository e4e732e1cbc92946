"""``--as`` is asked for only where no token speaks."""

import json
import sqlite3
from pathlib import Path

import pytest

from callwarden.workers.cli import run
from tests.support.site import Site, sample


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1", audio=sample("01.wav")))
        site.drain("ingest")
        found = site.outcomes()[0].recording_id
    assert found is not None
    return str(found)


def read(recording: str) -> list[str]:
    return ["read", recording, "--what", "original-audio", "--purpose", "dispute", "-o", "call.wav", "--json"]


def test_the_holder_of_the_token_reads_without_being_asked_who_he_is(
    recording: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["token", "issue", "--role", "legal", "--name", "bruno", "--json"])
    monkeypatch.setenv("CALLWARDEN_TOKEN", json.loads(capsys.readouterr().out)["token"])
    assert run(read(recording)) == 0
    assert run(["hold", "open", "D-1", "--reason", "dispute"]) == 0
    assert run(["hold", "release", "D-1"]) == 0
    capsys.readouterr()
    monkeypatch.delenv("CALLWARDEN_TOKEN")
    assert run(["log", "list", "--as", "auditor:david", "--purpose", "quality", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    by = {row["operation"]: row["actor"] for row in rows}
    assert by["content.read"] == by["hold.release_requested"], "names are pseudonyms there"
    assert by["content.read"].startswith("legal:")
    assert by["content.read"] == by["hold.opened"], "also where a command has a role of its own"


def test_without_a_token_whoever_asks_must_be_named(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(read(recording)) == 2
    assert "--as legal:bruno, or set CALLWARDEN_TOKEN" in json.loads(capsys.readouterr().err)["error"]["message"]
    assert not Path("call.wav").exists()


LOOKS = (
    "calls list",
    "calls show c-1",
    "calls outcomes",
    "calls waiting",
    "calls certificate rec-1",
    "hold list",
    "objection list",
)


@pytest.mark.parametrize("command", ["read", *LOOKS])
def test_on_a_distributed_system_the_missing_token_is_asked_for_and_not_a_name(
    recording: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setenv("CALLWARDEN_BUS", "kafka")
    monkeypatch.setenv("CALLWARDEN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    assert run(read(recording) if command == "read" else [*command.split(), "--json"]) == 1
    assert "set CALLWARDEN_TOKEN" in json.loads(capsys.readouterr().err)["error"]["message"]


def test_whoever_leaves_a_setting_out_does_not_get_around_the_token(
    recording: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """U2: that tokens are needed is remembered in the catalogue."""
    named = [*read(recording), "--as", "legal:bruno"]
    monkeypatch.setenv("CALLWARDEN_BUS", "kafka")
    monkeypatch.setenv("CALLWARDEN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    run(["token", "issue", "--role", "legal", "--name", "bruno", "--json"])
    run(["token", "issue", "--role", "operator", "--name", "olga", "--json"])
    token = json.loads(capsys.readouterr().out.splitlines()[-1])["token"]
    monkeypatch.delenv("CALLWARDEN_BUS")
    for line in (named, ["calls", "list", "--json"], ["hold", "list", "--as", "legal:bruno", "--json"]):
        assert run(line) == 1
        assert "this system needs a token" in json.loads(capsys.readouterr().err)["error"]["message"]
    assert not Path("call.wav").exists()
    monkeypatch.setenv("CALLWARDEN_TOKEN", token)
    assert run(["calls", "list", "--json"]) == 0
    assert run(["calls", "list", "--as", "legal:bruno", "--json"]) == 1, "the token is somebody else's"


def test_a_landmark_somebody_altered_does_not_take_the_token_away(
    recording: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U2"""
    monkeypatch.setenv("CALLWARDEN_BUS", "kafka")
    monkeypatch.setenv("CALLWARDEN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    assert run(["calls", "list"]) == 1
    monkeypatch.delenv("CALLWARDEN_BUS")
    with sqlite3.connect(tmp_path / "home" / "catalogue.db") as database:
        changed = database.execute("UPDATE landmark SET value = 'no' WHERE name = 'sealed:tokens-needed'").rowcount
    database.close()
    assert changed == 1
    assert run(["calls", "list"]) == 1
