"""What a person types about what was set aside, and what the lists of calls say."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.site import NOON, Site

Typed = Callable[[str], tuple[int, Any, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    return tmp_path / "home"


@pytest.fixture
def type_(home: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command with --json: its exit code, what it prints, its errors."""

    def typed(line: str) -> tuple[int, Any, str]:
        code = run([*shlex.split(line), "--json"])
        output, errors = capsys.readouterr()
        return code, json.loads(output) if output else None, errors

    return typed


@pytest.fixture
def site(home: Path) -> Path:
    """A stored call and another leg of it, one on a line nobody knows, one with a wrong digest, a dead letter."""
    with Site(home) as made:
        wrong = made.event("c-3")
        wrong["data"]["audio"]["sha256"] = "0" * 64
        made.publish(
            made.event("c-1"), made.event("c-1", leg=2), made.event("c-2", line="complaints"), wrong, b"Bonjour"
        )
        made.drain("ingest")
    return home


def test_several_legs_of_a_call_are_told_apart(site: Path, type_: Typed) -> None:
    _, shown, _ = type_("calls show c-1")
    assert {(one["leg"], one["segment"]) for one in shown["recordings"]} == {("main", 0), ("2", 0)}
    _, calls, _ = type_("calls list --line customer-service --outcome stored")
    assert all(one["started_at"] and one["ended_at"] and one["event_id"] for one in calls)


def test_calls_are_listed_by_outcome_reason_line_state_and_day(site: Path, type_: Typed) -> None:
    def calls(options: str) -> set[str | None]:
        code, found, _ = type_(f"calls list {options}")
        assert code == 0
        return {one["call_id"] for one in found}

    day = NOON.date().isoformat()
    assert calls("--outcome quarantined") == {"c-2", "c-3"}
    assert calls("--outcome quarantined --reason unknown_line") == {"c-2"}
    assert calls("--line complaints") == {"c-2"}
    assert calls("--state stored --state quarantined") == {"c-1", "c-2", "c-3"}
    assert calls(f"--from {day} --to {day} --outcome stored") == {"c-1"}
    assert calls("--to 2020-01-01") == set()
    code, _, errors = type_("calls list --line Customer-Service")
    assert (code, "customer-service, monitoring-centre" in errors) == (2, True)
    assert type_("calls list --from yesterday")[0] == 2


def test_what_is_gone_shows_when_it_went_and_no_date_to_come(site: Path, type_: Typed) -> None:
    _, [one], _ = type_("quarantine list --as dpo:chloe --reason checksum_mismatch")
    code, gone, _ = type_(f"quarantine discard {one['recording_id']} --as dpo:chloe --reason damaged")
    assert (code, gone["state"], gone["gone_at"]) == (0, "disposed", NOON.isoformat())
    assert gone["certificate"]
    _, [event], _ = type_("calls list --line customer-service --outcome quarantined")
    assert (event["keep_until"], event["gone_at"], event["state"]) == (None, NOON.isoformat(), "disposed")
    _, shown, _ = type_("calls show c-3")
    assert (shown["recordings"][0]["keep_until"], shown["recordings"][0]["gone_at"]) == (None, NOON.isoformat())


def test_the_way_of_a_call_from_quarantine_to_the_store(site: Path, type_: Typed) -> None:
    _, found, _ = type_("quarantine list --as operator:otto --line complaints")
    [one] = found
    assert (one["call_id"], one["reason"], one["field"], one["age_days"]) == ("c-2", "unknown_line", "data.line", 0)
    recording = one["recording_id"]
    _, shown, _ = type_(f"quarantine show {recording} --as operator:otto")
    [line] = [one for one in shown["differences"] if one["field"] == "data.line"]
    assert (line["found"], line["expected"]) == ("complaints", ["customer-service", "monitoring-centre"])
    code, _, errors = type_(f"quarantine clear {recording} --as operator:otto --line customer-service --reason x")
    assert (code, json.loads(errors)["error"]["reasons"]) == (1, ["not_permitted"])
    code, _, errors = type_(f"quarantine clear {recording} --as dpo:chloe --line Customer-Service --reason x")
    assert (code, "customer-service, monitoring-centre" in errors) == (2, True)
    code, saved, _ = type_(f"quarantine clear {recording} --as dpo:chloe --line customer-service --reason typing")
    assert (code, saved["state"], saved["line"]) == (0, "stored", "customer-service")
    code, _, errors = type_(f"quarantine retry {recording} --as dpo:chloe")
    assert (code, json.loads(errors)["error"]["reasons"]) == (1, ["not_quarantined"])
    assert type_("calls outcomes")[1]["balanced"]


def test_the_event_of_what_is_set_aside_is_shown_to_those_who_decide(site: Path, type_: Typed) -> None:
    _, [one], _ = type_("quarantine list --as dpo:chloe --line complaints")
    _, shown, _ = type_(f"quarantine show {one['recording_id']} --as dpo:chloe --event")
    assert json.loads(shown["event"])["data"]["line"] == "complaints"
    code, _, errors = type_(f"quarantine show {one['recording_id']} --as auditor:david --event")
    assert (code, json.loads(errors)["error"]["reasons"]) == (1, ["not_permitted"])


@pytest.mark.parametrize("wrong", ["--started-at noon", "--ended-at 2026-11-20T10:00:00", "--objections everything"])
def test_a_correction_that_is_none_is_wrong_usage(site: Path, type_: Typed, wrong: str) -> None:
    assert type_(f"quarantine clear rec-1 --as dpo:chloe --reason x {wrong}")[0] == 2


def test_the_way_of_a_dead_letter(site: Path, type_: Typed, tmp_path: Path) -> None:
    _, [one], _ = type_("deadletters list --as operator:otto")
    assert (one["reason"], one["bytes"], one["state"]) == ("not_an_event", 7, "waiting")
    place = one["place"]
    code, shown, _ = type_(f"deadletters show {place} --as dpo:chloe -o {tmp_path}/letter")
    assert (code, (tmp_path / "letter").read_bytes()) == (0, b"Bonjour")
    assert shown["written_to"] == f"{tmp_path}/letter"
    code, _, errors = type_(f"deadletters show {place} --as operator:otto -o {tmp_path}/another")
    assert (code, json.loads(errors)["error"]["reasons"]) == (1, ["not_permitted"])
    assert not (tmp_path / "another").exists()
    assert type_(f"deadletters retry {place} --as operator:otto")[1]["state"] == "retried"
    code, gone, _ = type_(f"deadletters discard {place} --as dpo:chloe --reason mistake")
    assert (code, gone["state"], gone["gone_at"]) == (0, "discarded", NOON.isoformat())
    assert type_("deadletters show nowhere --as dpo:chloe")[0] == 2


def test_what_was_wrong_with_a_field_is_noted(home: Path, type_: Typed) -> None:
    with Site(home) as made:
        made.publish(made.event("c-1", direction="sideways"))
        made.drain("ingest")
    _, shown, _ = type_("calls show c-1")
    noted = [{"field": "data.direction", "was": "a text of 8 characters", "why": "unknown_word"}]
    assert (shown["events"][0]["outcome"], shown["events"][0]["noted"]) == ("stored", noted)


def test_what_was_set_aside_is_heard_by_those_who_decide_and_its_reading_shows(
    site: Path, type_: Typed, tmp_path: Path
) -> None:
    _, [one], _ = type_("quarantine list --as legal:bruno --reason checksum_mismatch")
    asked = f"quarantine show {one['recording_id']} --audio --purpose dispute -o {tmp_path / 'call.wav'}"
    code, _, errors = type_(f"{asked} --as operator:otto")
    assert (code, "not_permitted" in errors, (tmp_path / "call.wav").exists()) == (1, True, False)
    code, told, _ = type_(f"{asked} --as legal:bruno")
    assert (code, told["bytes"]) == (0, (tmp_path / "call.wav").stat().st_size)
    _, entries, _ = type_(f"log list --recording {one['recording_id']} --as auditor:david")
    reading = next(entry for entry in entries if entry["operation"] == "content.read")
    assert reading["reasons"] == ["checksum_mismatch"]
    assert type_(f"quarantine show {one['recording_id']} --audio --as legal:bruno")[0] == 2
    assert type_(f"quarantine show {one['recording_id']} --purpose dispute --as legal:bruno")[0] == 2
