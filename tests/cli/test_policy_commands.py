"""`callwarden policy`, and the habits of every command: output, exit codes, errors."""

import json
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(autouse=True)
def _away_from_any_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env file and no setting of the machine reaches a test; the environment is not code of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLWARDEN_POLICY", raising=False)


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    output, errors = capsys.readouterr()
    return code, output, errors


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code, output, errors = called(capsys, *arguments, "--json")
    assert (code, errors) == (0, "")
    return json.loads(output)


def test_the_shipped_policy_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    checked = answer(capsys, "policy", "check")
    assert checked["valid"] is True
    assert checked["lines"] == ["customer-service", "monitoring-centre"]
    assert checked["version"].startswith("sha256:")


def test_a_policy_of_ones_own_is_checked_by_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    path = CONFIG / "examples" / "company-b.yaml"
    assert answer(capsys, "policy", "check", str(path))["file"] == str(path)


def test_the_policy_in_force_is_the_one_the_settings_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_POLICY", str(CONFIG / "examples" / "company-a.yaml"))
    assert answer(capsys, "policy", "show")["tenant"] == "company-a"


def test_a_wrong_policy_is_refused_with_line_and_key(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((CONFIG / "policy.yaml").read_text(encoding="utf-8").replace("P6M", "half a year"))
    code, output, errors = called(capsys, "policy", "check", str(wrong))
    assert (code, output) == (1, "")
    assert "wrong.yaml, line 26: lines.customer-service.retention" in errors
    code, output, errors = called(capsys, "policy", "check", str(wrong), "--json")
    assert (code, output) == (1, "")
    error = json.loads(errors)["error"]
    assert error["code"] == "configuration"
    assert error["reasons"] == []
    assert "line 26" in error["message"]


def test_the_policy_is_shown_whole_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    shown = answer(capsys, "policy", "show")
    assert [line["line"] for line in shown["lines"]] == ["customer-service", "monitoring-centre"]
    assert [line["retention"] for line in shown["lines"]] == ["P6M", "P1Y"]
    assert shown["time_zone"] == "Europe/Paris"
    assert shown["limits"]["max_duration"] == "PT12H"
    assert shown["access"] == answer(capsys, "policy", "show", "--access")


def test_the_policy_is_shown_in_words_to_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = called(capsys, "policy", "show")
    rows = [line.split("\t") for line in output.splitlines()]
    assert code == 0
    assert rows[0] == ["about", "key", "says"]
    assert ["customer-service", "retention", "6 months from the end of the call"] in rows
    assert "\x1b" not in output


def test_a_trainer_is_granted_no_original(capsys: pytest.CaptureFixture[str]) -> None:
    """U4"""
    grants = [grant for grant in answer(capsys, "policy", "show", "--access") if grant["role"] == "trainer"]
    assert grants
    assert not any(artefact.startswith("original") for grant in grants for artefact in grant["artefacts"])


@pytest.mark.parametrize(
    "arguments",
    [("policy", "chek"), ("polisy",), ("policy", "check", "--frobnicate"), ("policy", "check", "a", "b"), ("--nope",)],
)
def test_wrong_usage_is_two_and_says_where_help_is(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, output, errors = called(capsys, *arguments)
    assert (code, output) == (2, "")
    assert "wrong usage: " in errors
    assert "--help" in errors
    code, output, errors = called(capsys, *arguments, "--json")
    assert (code, output) == (2, "")
    assert json.loads(errors)["error"]["code"] == "usage"


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ((), ("policy",)):
        code, output, errors = called(capsys, *arguments)
        assert code == 2
        assert "Usage: callwarden" in output + errors
        assert "wrong usage" not in errors


def test_what_is_open_in_each_state_is_shown_after_the_grants_and_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """U1, U2"""
    rows = answer(capsys, "policy", "show", "--states")
    live = [row for row in rows if row["state"] == "live" and row["role"] == "trainer"]
    assert [sorted(row["purposes"]) for row in live] == [["quality", "training"]]
    assert not [row for row in rows if row["state"] == "restricted"]
    assert run(["policy", "show", "--access"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("conditions") < shown.index("past its period and held")
    assert "nothing, to nobody" in shown


@pytest.mark.parametrize(
    ("changes", "outcome", "reason", "field"),
    [
        ({}, "stored", None, None),
        ({"leg": 2, "labels": []}, "stored", None, None),
        ({"line": "Customer-Service"}, "quarantined", "unknown_line", "data.line"),
        ({"objections": ["recording"]}, "refused", "objection", None),
        ({"objections": ["recordings"]}, "quarantined", "objection_unreadable", "data.objections"),
        ({"started_at": "2020-01-01T00:00:00Z", "ended_at": "2020-01-01T00:01:00Z"}, "refused", "past_retention", None),
        ({"audio": None}, "quarantined", "missing_audio", "data.audio.uri"),
        ({"audio": {"uri": "spool:../c.wav"}}, "quarantined", "uri_not_allowed", "data.audio.uri"),
        ({"audio": {"uri": "s3://elsewhere/c.wav"}}, "quarantined", "uri_not_allowed", "data.audio.uri"),
    ],
    ids=str,
)
def test_an_event_is_tried_without_doing_anything(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    outcome: str,
    reason: str | None,
    field: str | None,
) -> None:
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-11-20T12:00:00Z")
    event = json.loads((CONFIG / "topics" / "examples" / "telephony.calls.recorded.json").read_text())
    event["data"] |= changes
    Path("event.json").write_text(json.dumps(event))
    told = answer(capsys, "policy", "try", "event.json")
    assert (told["outcome"], told["reason"], told["field"]) == (outcome, reason, field)
    assert (told["keep_until"] is not None) == (outcome == "stored")
    assert bool(told["noted"]) == ("labels" in changes or field == "data.objections")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({}, "applied", None),
        ({"listener": {"id": "x", "role": "trainer"}}, "applied", "not_permitted"),
        ({"to": "2099-01-01T00:00:00Z"}, "dead-lettered", "future_time"),
    ],
    ids=str,
)
def test_what_becomes_of_listening_in_is_tried_too(
    capsys: pytest.CaptureFixture[str], changes: dict[str, Any], outcome: str, reason: str | None
) -> None:
    event = json.loads((CONFIG / "topics" / "examples" / "telephony.calls.monitored.json").read_text())
    event["data"] |= changes
    Path("event.json").write_text(json.dumps(event))
    told = answer(capsys, "policy", "try", "event.json")
    assert (told["outcome"], told["reason"]) == (outcome, reason)


def test_what_is_no_event_is_tried_too(capsys: pytest.CaptureFixture[str]) -> None:
    Path("event.json").write_text("Bonjour")
    told = answer(capsys, "policy", "try", "event.json")
    assert (told["outcome"], told["reason"]) == ("dead-lettered", "not_an_event")
    assert called(capsys, "policy", "try", "nowhere.json")[0] == 2


def test_the_one_event_of_an_array_is_tried_and_several_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    event = json.loads((CONFIG / "topics" / "examples" / "telephony.calls.recorded.json").read_text())
    Path("event.json").write_text(json.dumps([event]))
    assert answer(capsys, "policy", "try", "event.json")["reason"] != "not_an_event"
    Path("event.json").write_text(json.dumps([event, event]))
    code, _, errors = called(capsys, "policy", "try", "event.json")
    assert (code, "event.json holds 2 events: give one" in errors) == (2, True)
