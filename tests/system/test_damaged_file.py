"""A damaged file of the embedded system: seen by `reconcile` and `doctor`, which say what to do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.site import NOON, Site


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_NOW", NOON.isoformat())
    monkeypatch.setenv("CALLWARDEN_PARTITIONS", "2")  # as a Site has
    with Site(tmp_path / "home") as site:
        site.publish(site.event("c-1"), site.event("c-2"))
        site.drain()
    return tmp_path / "home"


def overwrite_a_page(file: Path, of: str) -> None:
    """Zeros where an index begins, as a failing disk leaves them."""
    with closing(sqlite3.connect(file)) as database:
        (size,) = database.execute("PRAGMA page_size").fetchone()
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [of]).fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(bytes(size))


def asked(capsys: pytest.CaptureFixture[str], command: str) -> tuple[int, Any]:
    code = run([command, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "of"), [("catalogue.db", "sqlite_autoindex_recording_1"), ("bus.db", "messages_by_age")]
)
def test_a_damaged_file_is_a_breach_with_advice_and_no_longer_works_for_the_doctor(
    home: Path, capsys: pytest.CaptureFixture[str], name: str, of: str
) -> None:
    assert asked(capsys, "reconcile")[1]["breaches"] == []
    overwrite_a_page(home / name, of)
    code, found = asked(capsys, "reconcile")
    assert code == 1
    [breach] = found["breaches"]
    assert (breach["code"], breach["subject"]) == ("file_damaged", str(home / name))
    assert "restore a backup" in breach["what_to_do"]
    assert found["balanced"] is None, "nothing is concluded from a damaged file"
    code, found = asked(capsys, "doctor")
    assert code == 1
    files = {one["what"].partition(":")[0]: one["works"] for one in found["checks"] if one["part"] == "file"}
    assert files == {str(home / one): one != name for one in ("catalogue.db", "bus.db")}


def test_what_is_no_database_at_all_is_a_damaged_file_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "catalogue.db").write_bytes(b"not a database" * 1000)
    code, found = asked(capsys, "reconcile")
    assert (code, [one["code"] for one in found["breaches"]]) == (1, ["file_damaged"])


def test_sound_files_are_said_to_be_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "reconcile")[1]["files_checked"] == [str(home / "catalogue.db"), str(home / "bus.db")]
    assert run(["reconcile"]) == 0
    assert f"check of {home / 'catalogue.db'} and {home / 'bus.db'} finds nothing wrong" in capsys.readouterr().out
