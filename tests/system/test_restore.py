"""A month-old backup is restored with commands, and nothing that was destroyed comes back (K4, I10)."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.diagnostics import capture_logs
from tests.support.site import MovableClock, Site, sample

BACKED_UP = datetime.fromisoformat("2026-11-20T11:00:00+00:00")
A_MONTH_LATER = BACKED_UP + timedelta(days=35)
NEARLY_OVER = BACKED_UP - timedelta(days=175)


class Desk:
    """Commands at an instant, over one home."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._environment = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(home.parent)
        monkeypatch.setenv("CALLWARDEN_HOME", str(home))
        monkeypatch.setenv("CALLWARDEN_SESSION_TIMEOUT_S", "0.3")
        self.at(BACKED_UP)

    def at(self, instant: datetime) -> None:
        self.now = instant
        self._environment.setenv("CALLWARDEN_NOW", instant.isoformat())

    def says(self, *arguments: str) -> tuple[int, Any]:
        """The exit code, and what the command printed as JSON: an answer, or a fault."""
        with capture_logs():
            code = run([*arguments, "--json"])
        output, errors = self._capsys.readouterr()
        faults = [line for line in errors.splitlines() if line.startswith('{"error"')]
        return code, json.loads(output) if code == 0 else json.loads(faults[-1])["error"]

    def reports(self, *arguments: str) -> tuple[int, Any]:
        """The same of a command whose answer may be a bad one."""
        with capture_logs():
            code = run([*arguments, "--json"])
        return code, json.loads(self._capsys.readouterr().out)

    def does(self, *arguments: str) -> Any:
        code, answer = self.says(*arguments)
        assert code == 0, answer
        return answer

    def takes(self, call_id: str, *, ended: datetime, **changes: Any) -> Path:
        """A telephone system publishes a call and the workers take it in; the event's file."""
        with Site(self.home.parent / "telephony", clock=MovableClock(ended + timedelta(minutes=1))) as site:
            event = site.event(call_id, caller={"number": "+33639980001", "customer_id": call_id}, **changes)
            landed = site.system.settings.spool_folder / event["data"]["audio"]["uri"].removeprefix("spool:")
            spool = self.home / "landing" / landed.name
            spool.parent.mkdir(parents=True, exist_ok=True)
            spool.write_bytes(landed.read_bytes())
        file = self.home.parent / f"{call_id}.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        self.publish(file)
        return file

    def publish(self, file: Path) -> None:
        self.does("publish", str(file))
        for step in ("ingest", "objections", "holds"):
            self.does("work", step, "--drain")

    def recording(self, call_id: str) -> str:
        [event, *_] = [one for one in self.does("calls", "list") if one["call_id"] == call_id]
        return str(event["recording_id"])

    def reads(self, recording: str) -> tuple[int, Any]:
        target = self.home.parent / "read.wav"
        target.unlink(missing_ok=True)
        asked = ("--what", "original-audio", "--purpose", "dispute", "--as", "legal:bruno", "-o", str(target))
        return self.says("read", recording, *asked)

    def in_vault(self, recording: str) -> int:
        return sum(1 for path in (self.home / "vault").rglob("@*") if path.is_file() and recording in str(path))

    def copy(self, source: Path, target: Path) -> None:
        """What a backup holds: everything but the keys and the erasure journal, which are kept apart."""
        for name in ("catalogue.db", "catalogue.db-wal", "bus.db", "bus.db-wal"):
            (target / name).unlink(missing_ok=True)
            if (source / name).exists():
                shutil.copy2(source / name, target / name)
        (target / "catalogue.db-shm").unlink(missing_ok=True)
        shutil.rmtree(target / "vault", ignore_errors=True)
        shutil.copytree(source / "vault", target / "vault")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    (tmp_path / "backup").mkdir()
    return Desk(tmp_path / "home", monkeypatch, capsys)


def test_a_restored_backup_brings_nothing_back_that_was_destroyed_since(desk: Desk, tmp_path: Path) -> None:
    desk.takes("stays", ended=BACKED_UP - timedelta(hours=2))
    desk.takes("runs-out", ended=NEARLY_OVER)
    desk.takes("is-objected-to", ended=BACKED_UP - timedelta(hours=3))
    desk.takes("is-held", ended=NEARLY_OVER)
    ids = {name: desk.recording(name) for name in ("stays", "runs-out", "is-objected-to", "is-held")}
    desk.does("hold", "open", "DOSSIER-1", "--reason", "dispute")
    desk.does("hold", "place", "DOSSIER-1", "--recording", ids["is-held"])
    desk.copy(desk.home, tmp_path / "backup")

    # A month of destroying.
    later = desk.takes("came-later", ended=BACKED_UP + timedelta(days=3) - timedelta(hours=1))
    ids["came-later"] = desk.recording("came-later")
    desk.at(BACKED_UP + timedelta(days=3))
    for name in ("is-objected-to", "came-later"):
        desk.does("objection", "add", "--call", name, "--purpose", "recording", "--as", "dpo:denise")
    for person in ("legal:bruno", "legal:brigitte"):
        desk.does("hold", "release", "DOSSIER-1", "--as", person)
    desk.at(A_MONTH_LATER)
    destroyed = {one["recording_id"] for one in desk.does("dispose")}
    assert destroyed == {ids["runs-out"], ids["is-held"]}
    gone = set(ids) - {"stays"}
    assert all(desk.in_vault(ids[name]) == 0 for name in gone)

    # The disaster, and the restore.
    desk.copy(tmp_path / "backup", desk.home)
    assert all(desk.in_vault(ids[name]) for name in gone - {"came-later"}), "the backup brings them back"

    for name in gone - {"came-later"}:
        code, fault = desk.reads(ids[name])
        assert (code, fault["reasons"]) == (1, ["disposed"])
    assert all(desk.in_vault(ids[name]) == 0 for name in gone)
    code, answer = desk.reads(ids["stays"])
    assert code == 0
    assert answer["bytes"] == len(sample("01.wav"))
    for step in ("ingest", "objections", "holds", "dispose"):
        desk.does("work", step, "--drain")
    assert desk.does("reconcile")["breaches"] == []

    # The telephone system sends again what it sent after the backup.
    (desk.home / "landing" / Path(json.loads(later.read_text())["data"]["audio"]["uri"][6:])).write_bytes(
        sample("01.wav")
    )
    desk.publish(later)
    [again] = [one for one in desk.does("calls", "list") if one["call_id"] == "came-later"]
    assert again["outcome"] == "refused"
    assert desk.in_vault(ids["came-later"]) == 0
    certificate = desk.does("calls", "certificate", ids["runs-out"])["statement"]
    assert (certificate["rule"], certificate["decided_by"]) == ("restored_backup", "service:restore")
    assert certificate["versions_listed_after"] == 0


def test_without_its_erasure_journal_a_system_does_not_serve(desk: Desk) -> None:
    desk.takes("runs-out", ended=NEARLY_OVER)
    desk.takes("stays", ended=BACKED_UP - timedelta(hours=2))
    desk.at(A_MONTH_LATER)
    assert len(desk.does("dispose")) == 1
    stays = desk.recording("stays")
    (desk.home / "erasures" / "journal.log").unlink()
    code, fault = desk.reads(stays)
    assert (code, fault["code"]) == (1, "invariant")
    assert "journal.log is not the one the catalogue knows" in fault["message"]
    assert "put its newest copy back" in fault["message"]


def test_a_lost_key_file_is_named_and_never_replaced_by_a_new_one(desk: Desk) -> None:
    desk.takes("stays", ended=BACKED_UP - timedelta(hours=2))
    stays = desk.recording("stays")
    keys = desk.home / "keys" / "keys.json"
    kept = keys.read_bytes()
    keys.unlink()
    code, fault = desk.reads(stays)
    assert (code, fault["code"]) == (1, "configuration")
    assert str(keys) in fault["message"]
    assert "restore it from its safe copy" in fault["message"]
    assert not keys.exists()
    keys.write_bytes(kept)
    keys.chmod(0o600)
    assert desk.reads(stays)[0] == 0


def test_a_new_master_key_makes_a_backups_wrapped_keys_open_nothing(desk: Desk, tmp_path: Path) -> None:
    """Rotate, re-wrap, retire: what a thief makes of an old backup and today's key file is noise."""
    desk.takes("stays", ended=BACKED_UP - timedelta(hours=2))
    stays = desk.recording("stays")
    desk.copy(desk.home, tmp_path / "backup")
    [old] = [one["master_key"] for one in desk.does("keys", "list")]
    code, fault = desk.says("keys", "retire", old)
    assert (code, fault["code"]) == (2, "usage")
    assert desk.does("keys", "rotate")["rewrapped"] == 1
    assert desk.does("keys", "retire", old)["destroyed"] is True
    [new] = desk.does("keys", "list")
    assert (new["data_keys"], new["current"], new["fault"]) == (1, True, None)
    assert new["master_key"] != old
    assert desk.reads(stays)[0] == 0
    desk.copy(tmp_path / "backup", desk.home)
    code, fault = desk.reads(stays)
    assert (code, fault["reasons"]) == (1, ["key_missing"])
