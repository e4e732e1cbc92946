"""`callwarden sample make`: synthetic calls that a system takes in as a telephone system's."""

import json
from pathlib import Path

import pytest

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
