"""A changed policy is an entry of the log before the first decision by it; what is stored keeps its date (L1, K1)."""

import json
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.diagnostics import capture_logs
from tests.support.policies import write_policy
from tests.support.site import NOON, Site

CUSTOMER_SERVICE = "retention: P6M "


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")
    with Site(tmp_path / "home", patient=False) as site:
        site.publish(site.event("c-1"), site.event("c-2", line="monitoring-centre"))
        site.drain("ingest")
    return tmp_path / "home"


def said(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    capsys.readouterr()
    with capture_logs():
        assert run([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def changed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    entries = said(capsys, "log", "list", "--as", "auditor:david", "--limit", "1000")
    return [one for one in entries if one["operation"] == "policy.changed"]


def test_a_policy_that_comes_into_force_is_entered_once_with_what_it_changed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changed(capsys) == [], "the first policy has changed nothing"
    before = said(capsys, "policy", "check")["version"]
    other = write_policy(
        tmp_path / "other.yaml", (CUSTOMER_SERVICE, "retention: P3M "), ("release_delay: P7D", "release_delay: P5D")
    )
    after = said(capsys, "policy", "check", str(other))["version"]
    assert changed(capsys) == [], "to check a policy puts it into no force"
    monkeypatch.setenv("CALLWARDEN_POLICY", str(other))
    said(capsys, "calls", "list")
    said(capsys, "calls", "list")
    [entry] = changed(capsys)
    assert entry["actor"].startswith("operator:"), "whoever gave the first command under it"
    assert entry["reasons"] == ["line.customer-service.retention", "release_delay"]
    assert entry["policy_version"] == after
    assert (entry["digest"], entry["correlation"]) == (after.removeprefix("sha256:"), before.removeprefix("sha256:"))
    monkeypatch.delenv("CALLWARDEN_POLICY")
    said(capsys, "work", "dispose", "--drain")
    by = [one["actor"].partition(":")[0] for one in changed(capsys)]
    assert sorted(by) == ["operator", "service"], "and back again, by a program"


def test_a_check_counts_the_stored_recordings_that_keep_another_date(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = said(capsys, "policy", "check")
    assert (now["stored"], now["another_date"]) == (2, 0)
    other = write_policy(tmp_path / "other.yaml", (CUSTOMER_SERVICE, "retention: P3M "))
    would = said(capsys, "policy", "check", str(other))
    assert (would["stored"], would["another_date"]) == (2, 1)


def test_a_difference_is_told_in_words_and_in_recordings(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = (
        write_policy(tmp_path / "old.yaml"),
        write_policy(tmp_path / "new.yaml", (CUSTOMER_SERVICE, "retention: P3M ")),
    )
    told = said(capsys, "policy", "diff", str(old), str(new))
    [change] = told["changes"]
    assert change == {
        "code": "line.customer-service.retention",
        "was": "6 months from the end of the call",
        "now": "3 months from the end of the call",
    }
    assert told["another_date"] == 1


def test_without_a_system_a_check_makes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "none"))
    assert "stored" not in said(capsys, "policy", "check")
    assert not (tmp_path / "none").exists()
