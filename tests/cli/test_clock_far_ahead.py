"""A clock that stands years ahead destroys nothing, whether CALLWARDEN_NOW set it or the machine's own (I5)."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.settings import Settings
from callwarden.wiring import FixedClock, open_system, shipped_config
from callwarden.workers.cli import run
from callwarden.workers.demo.script import FROM_TODAY, event_of
from tests.support.diagnostics import capture_logs

CALLS = shipped_config() / "demo" / "calls"


@pytest.fixture(autouse=True)
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))


def said(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, Any]:
    capsys.readouterr()
    with capture_logs():
        code = run([*command, "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out) if code == 0 else json.loads(told.err.splitlines()[-1])["error"]


def take_in_a_call(capsys: pytest.CaptureFixture[str], *, now: datetime) -> None:
    call = FROM_TODAY[0]
    event = event_of(call, folder=CALLS, now=now)
    event["data"]["audio"]["uri"] = f"spool:{call.file}"
    Path("call.json").write_text(json.dumps(event))
    assert said(capsys, "publish", "call.json", "--audio-dir", str(CALLS))[0] == 0
    assert said(capsys, "work", "ingest", "--drain")[0] == 0
    assert states(capsys) == ["stored"]


def states(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [one["state"] for one in said(capsys, "calls", "list")[1]]


def test_a_variable_left_behind_destroys_nothing_on_a_system_that_runs_by_the_machines_clock(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in_a_call(capsys, now=datetime.now(UTC))
    for instant in ("2040-01-01T00:00:00Z", (datetime.now(UTC) + timedelta(days=300)).isoformat()):
        monkeypatch.setenv("CALLWARDEN_NOW", instant)
        code, fault = said(capsys, "dispose")
        assert (code, fault["reasons"]) == (1, ["clock_ahead"])
        assert said(capsys, "work", "dispose", "--drain")[0] == 0
    monkeypatch.delenv("CALLWARDEN_NOW")
    assert states(capsys) == ["stored"]
    assert said(capsys, "dispose") == (0, [])


def test_one_person_asks_another_confirms_and_then_it_goes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in_a_call(capsys, now=datetime.now(UTC))
    monkeypatch.setenv("CALLWARDEN_NOW", (datetime.now(UTC) + timedelta(days=300)).isoformat())
    code, fault = said(capsys, "dispose", "--as", "operator:otto")
    assert (code, fault["reasons"]) == (1, ["second_person_needed", "clock_ahead"])
    assert said(capsys, "dispose", "--as", "dpo:otto")[0] == 1
    code, gone = said(capsys, "dispose", "--as", "dpo:denise")
    assert (code, [one["state"] for one in gone]) == (0, ["destroyed"])


def test_a_system_that_began_under_a_fixed_clock_may_be_moved_and_not_beyond_every_period(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLWARDEN_NOW", "2026-11-20T12:00:00Z")
    take_in_a_call(capsys, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    monkeypatch.setenv("CALLWARDEN_NOW", "2040-01-01T00:00:00Z")
    code, fault = said(capsys, "dispose")
    assert (code, fault["reasons"]) == (1, ["clock_ahead"])
    monkeypatch.setenv("CALLWARDEN_NOW", "2027-05-21T12:00:00Z")
    code, gone = said(capsys, "dispose")
    assert (code, [one["state"] for one in gone]) == (0, ["destroyed"])


def test_nobody_makes_a_test_system_of_one_in_earnest_or_asks_in_the_name_of_another(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By writing files and rows, without the keys."""
    take_in_a_call(capsys, now=datetime.now(UTC))
    far = datetime.now(UTC) + timedelta(days=300)
    monkeypatch.setenv("CALLWARDEN_NOW", far.isoformat())
    (tmp_path / "home" / "fixed-clock").write_text("x")
    asked = json.dumps({"by": "Otto", "at": far.isoformat(), "due": 1})
    with closing(sqlite3.connect(tmp_path / "home" / "catalogue.db")) as database, database:
        for name, value in (("fixed-clock", "x"), ("sweep-request", asked), ("clock-believed", far.isoformat())):
            for place in (name, f"sealed:{name}"):
                database.execute("INSERT OR REPLACE INTO landmark VALUES (?, ?)", (place, value))
    assert said(capsys, "dispose")[1]["reasons"] == ["clock_ahead"]
    code, fault = said(capsys, "dispose", "--as", "dpo:denise")
    assert (code, fault["reasons"]) == (1, ["second_person_needed", "clock_ahead"])
    assert states(capsys) == ["stored"]


def test_the_demonstrations_system_goes_on_by_the_machines_clock(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It begins in spring, by a clock that stands there."""
    spring = datetime.now(UTC) - timedelta(days=215)
    with open_system(Settings(home=tmp_path / "home"), clock=FixedClock(spring)) as system:
        system.timekeeper.now()
    assert said(capsys, "dispose") == (0, [])
    assert said(capsys, "dispose", "--now", (datetime.now(UTC) + timedelta(days=300)).isoformat()) == (0, [])
    assert run(["dispose", "--now", (datetime.now(UTC) + timedelta(days=300)).isoformat()]) == 0
    assert "experiments and tests on real calls, goes by the clock" in capsys.readouterr().out


def test_an_instant_a_person_gives_is_taken_at_their_word_and_written_down_with_their_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    take_in_a_call(capsys, now=datetime.now(UTC))
    assert said(capsys, "dispose", "--now", "2040-01-01T00:00:00Z")[0] == 1
    given = (datetime.now(UTC) + timedelta(days=300)).replace(microsecond=0)
    code, gone = said(capsys, "dispose", "--now", given.isoformat(), "--as", "dpo:denise")
    assert (code, [one["state"] for one in gone]) == (0, ["destroyed"])
    entries = said(capsys, "log", "list", "--as", "auditor:david", "--limit", "100")[1]
    [disposed] = [one for one in entries if one["operation"] == "recording.disposed"]
    [ordered] = [one for one in entries if one["operation"] == "disposal.ordered" and not one["reasons"]]
    assert ordered["actor"] == disposed["actor"]
    assert disposed["actor"].startswith("dpo:")
    assert ordered["subject"] == disposed["correlation"] == f"sweep-{given:%Y%m%dT%H%M%SZ}"
    statement = said(capsys, "calls", "certificate", gone[0]["recording_id"])[1]["statement"]
    assert (statement["decided_by"], statement["disposed_as_at"]) == (disposed["actor"], given.isoformat())
    assert said(capsys, "dispose") == (0, [])


@pytest.mark.parametrize(
    "command", [("dispose",), ("dispose", "--dry-run"), ("dispose", "--now", "2027-01-01T00:00:00Z")]
)
def test_who_may_not_have_a_sweep_run_destroys_nothing_and_is_written_down(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    take_in_a_call(capsys, now=datetime.now(UTC))
    code, fault = said(capsys, *command, "--as", "trainer:alice")
    assert (code, fault["reasons"]) == (1, ["not_permitted"])
    act = "dispose.preview" if "--dry-run" in command else "dispose.run"
    entries = said(capsys, "log", "list", "--as", "auditor:david")[1]
    assert ["not_permitted", act] in [one["reasons"] for one in entries]
    assert states(capsys) == ["stored"]
