"""`callwarden search` and `callwarden redaction status|report|rerun`, on an embedded system in one folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.ids import RecordingId
from callwarden.workers.cli import run
from tests.support.redactions import redacted
from tests.support.site import MovableClock, Site

WORDS = "le tournesol est ouvert"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The commands find the same folder through the environment, which is not code of ours."""
    clock = MovableClock()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", clock.now().isoformat())
    with Site(tmp_path / "home", clock=clock) as built:
        yield built


@pytest.fixture
def one(site: Site) -> RecordingId:
    site.publish(site.event("c-1"))
    site.drain("ingest")
    [row] = site.system.catalogue.all_recordings()
    redacted(site, row.recording_id, WORDS)
    return row.recording_id


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = run([*arguments, "--json"])
    output, errors = capsys.readouterr()
    return code, json.loads(output) if output else None, errors


def search(capsys: pytest.CaptureFixture[str], words: str) -> Any:
    code, rows, errors = called(capsys, "search", words, "--purpose", "training", "--as", "trainer:alice")
    assert (code, errors) == (0, "")
    return rows


def test_a_search_prints_what_may_be_read(site: Site, one: RecordingId, capsys: pytest.CaptureFixture[str]) -> None:
    [row] = search(capsys, '"TOURNESOL est" ouv*')
    assert (row["recording_id"], row["snippet"], row["generation"]) == (one, WORDS, 1)
    assert search(capsys, "introuvable") == []


def test_who_may_not_search_is_told_why(site: Site, one: RecordingId, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows, errors = called(capsys, "search", "tournesol", "--purpose", "dispute", "--as", "trainer:alice")
    assert (code, rows) == (1, None)
    assert json.loads(errors)["error"]["reasons"] == ["not_permitted"]
    assert "tournesol" not in errors


def test_what_a_trainer_reports_is_found_no_more_and_its_state_is_shown(
    site: Site, one: RecordingId, capsys: pytest.CaptureFixture[str]
) -> None:
    report = ("redaction", "report", one, "--as", "trainer:alice", "--at", "1-2.5")
    code, record, _ = called(capsys, *report)
    assert (code, record["status"], record["reported"]) == (0, "withdrawn", ["1-2.5"])
    assert search(capsys, "tournesol") == []
    assert called(capsys, "redaction", "status", one)[1] == record
    assert called(capsys, "redaction", "status")[1] == [record]
    assert called(capsys, "redaction", "cases")[1] == [record]


@pytest.mark.parametrize("place", ["3-2", "x", "1,5-2", "-1-2", "1-", "1-2-3", "9999999-9999999"])
def test_a_place_that_is_none_is_wrong_usage_and_withdraws_nothing(
    site: Site, one: RecordingId, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    assert called(capsys, "redaction", "report", one, "--as", "trainer:alice", f"--at={place}")[0] == 2
    assert called(capsys, "redaction", "status", one)[1]["status"] == "released"


def test_redactions_are_rerun_by_version_and_one_must_say_which(
    site: Site, one: RecordingId, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(capsys, "redaction", "rerun")[0] == 2
    assert called(capsys, "redaction", "rerun", "--since", "v1")[1]["asked_for"] == 0
    assert called(capsys, "redaction", "rerun", "--since", "v2")[1]["asked_for"] == 1


def test_the_redaction_of_a_recording_that_there_is_not_is_unknown(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    _ = site.system.catalogue
    assert called(capsys, "redaction", "status", "rec-nobody")[0] == 1
