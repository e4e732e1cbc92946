"""`callwarden experiment build` and `export`, as somebody types them: what they print, and how they refuse (U5)."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.experiments import redact
from tests.support.site import Site

Command = Callable[..., Any]
OPEN = "--owner ada --line customer-service --from 2026-11-01 --carries text,metadata --purpose Silences"


@pytest.fixture
def does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `callwarden experiment …` over three calls, of which one objects; gives what it prints, or its error."""
    home = tmp_path / "home"
    with Site(home) as site:
        for number in range(3):
            site.publish(site.event(f"c-{number}", objections=["ai_experiment"] if number == 2 else []))
        site.drain("ingest", "objections", "holds")
        for row in list(site.system.catalogue.all_recordings()):
            redact(site, row.recording_id, "Bonjour.", "Je suis [PERSON].")
        monkeypatch.setenv("CALLWARDEN_NOW", site.clock.now().isoformat())
    monkeypatch.setenv("CALLWARDEN_HOME", str(home))
    monkeypatch.chdir(tmp_path)

    def does(line: str, *, who: str = "analyst:ada", code: int = 0) -> Any:
        capsys.readouterr()
        assert run([*shlex.split(f"experiment {line} --as {who}"), "--json"]) == code, line
        output, errors = capsys.readouterr()
        return json.loads(output) if output else json.loads(errors.splitlines()[-1])["error"]

    return does


def test_an_experiment_is_typed_from_its_beginning_to_its_end(does: Command, tmp_path: Path) -> None:
    assert "k is from 2" in does(f"open silences {OPEN} --to 2026-11-30 --until 2027-01-31 --k 1", code=2)["message"]
    does(f"open silences {OPEN} --to 2026-11-30 --until 2027-01-31 --k 2")
    does("approve silences", who="dpo:chloe")
    built = does("build silences")
    assert (built["state"], built["included"], built["left_out"]) == ("built", 2, {"objected": 1})

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("kept")
    assert "exists already" in does("export silences -o mine", code=2)["message"]
    assert "name a directory where you may write" in does("export silences -o mine/notes.txt/set", code=2)["message"]
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    exported = does("export silences -o set --parquet")
    assert (exported["items"], exported["directory"]) == (2, "set")
    assert {path.name for path in (tmp_path / "set").iterdir()} == {
        *("README.md", "items.parquet", "manifest.json", "metadata.jsonl"),
    }
    shown = does("show silences")
    assert [one["manifest_sha256"] for one in shown["exports"]] == [exported["manifest_sha256"]]
    assert shown["items"] == [{"state": "included", "reason": None, "count": 2}]
