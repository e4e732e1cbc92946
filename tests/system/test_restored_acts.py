"""What people decided after a backup holds again once it is restored; meddling with the journal is seen (I10)."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callwarden.adapters.journal.old_record import write_old
from callwarden.model.ids import RecordingId
from callwarden.ports.journal import ErasureRecord
from callwarden.settings import Settings
from tests.system.test_restore import BACKED_UP, NEARLY_OVER, Desk

DPO = ("--as", "dpo:denise")
Backup = Callable[[], Callable[[], None]]
"""Takes a backup of the catalogue; calling what it returns restores it."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture(params=["sqlite", "postgres"])
def backup(request: pytest.FixtureRequest, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backup:
    if request.param == "sqlite":
        return lambda: _of_a_file(desk.home / "catalogue.db", tmp_path / "backup.db")
    dsn = request.getfixturevalue("postgres_dsn")
    monkeypatch.setenv("CALLWARDEN_DATABASE", dsn)
    # A database on a server is no embedded system any more, where the clock may be set and people name themselves.
    monkeypatch.setattr(Settings, "is_embedded", property(lambda _: True))
    return lambda: _of_a_server(dsn, tmp_path / "backup.dump")


def _of_a_file(catalogue: Path, copy: Path) -> Callable[[], None]:
    with closing(sqlite3.connect(catalogue)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

    def restore() -> None:
        for suffix in ("", "-wal", "-shm"):
            catalogue.with_name(catalogue.name + suffix).unlink(missing_ok=True)
        shutil.copy2(copy, catalogue)

    return restore


def _of_a_server(dsn: str, file: Path) -> Callable[[], None]:
    subprocess.run(["pg_dump", "--format=custom", f"--file={file}", dsn], check=True)

    def restore() -> None:
        subprocess.run(
            ["pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={dsn}", str(file)], check=True
        )

    return restore


def standing(desk: Desk, *recordings: str) -> dict[str, Any]:
    """What anybody can see of what was decided."""
    shown = [desk.does("calls", "show", one) for one in recordings]
    return {
        "objections": sorted(desk.does("objection", "list"), key=str),
        "cases": sorted(desk.does("hold", "list"), key=str),
        "procedure": desk.does("hold", "procedure", "show", "CASE-2"),
        "tokens": sorted(desk.does("token", "list"), key=str),
        "people": desk.does("people", "list"),
        "glass": desk.does("breakglass", "list", "--as", "dpo:denise"),
        "recordings": shown,
    }


def test_what_was_decided_after_the_backup_holds_again(
    desk: Desk, backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("limited", "dropped", "held", "let-go", "broken", "restricted")
    for name in names:
        desk.takes(name, ended=BACKED_UP - timedelta(hours=2))
    desk.takes("centre", ended=BACKED_UP - timedelta(hours=2), line="monitoring-centre")
    ids = {name: desk.recording(name) for name in (*names, "centre")}
    filed = desk.does("objection", "add", "--call", "centre", "--purpose", "recording", "--as", "dpo:denise")
    desk.does("hold", "open", "CASE-1", "--reason", "dispute")
    desk.does("hold", "place", "CASE-1", "--recording", ids["let-go"])
    desk.does("objection", "add", "--customer", "C-77", "--purpose", "recording", "--as", "dpo:denise")
    word = desk.home.parent / "password.txt"
    word.write_text("trois chevaux bleus\n")
    desk.does("people", "add", "ariane", "--role", "dpo", "--password-file", str(word))
    stolen = desk.does("token", "issue", "--role", "supervisor", "--name", "sonia")
    restore = backup()

    desk.at(BACKED_UP + timedelta(days=1))
    desk.does("objection", "add", "--call", "limited", "--purpose", "ai_experiment", "--as", "dpo:denise")
    desk.does("objection", "add", "--call", "dropped", "--purpose", "recording", "--as", "dpo:denise")
    desk.does("objection", "decide", filed["objection_id"], "--refuse", "legal_duty", "--as", "dpo:denise")
    desk.does("objection", "withdraw", "--customer", "C-77", "--as", "dpo:denise")
    desk.does("hold", "open", "CASE-2", "--reason", "dispute")
    desk.does("hold", "place", "CASE-2", "--recording", ids["held"])
    desk.does("hold", "procedure", "add", "CASE-2", "--event", "decision", "--date", str(BACKED_UP.date()))
    desk.does("hold", "procedure", "undo", "CASE-2", "1")
    desk.does("hold", "review", "CASE-2")
    for person in ("legal:bruno", "legal:brigitte"):
        desk.does("hold", "release", "CASE-1", "--as", person)
    desk.does("hold", "open", "CASE-3", "--reason", "dispute")
    desk.does("hold", "release", "CASE-3", "--as", "legal:bruno")
    desk.does("token", "revoke", stolen["token_id"])
    desk.does("people", "remove", "ariane")
    desk.does("people", "add", "armel", "--role", "trainer", "--password-file", str(word))
    desk.does("token", "issue", "--role", "trainer", "--name", "theo", "--once")
    once = desk.does("token", "issue", "--role", "dpo", "--name", "denise", "--once")
    monkeypatch.setenv("CALLWARDEN_TOKEN", once["token"])
    desk.does("breakglass", "list", "--as", "token")
    monkeypatch.delenv("CALLWARDEN_TOKEN")  # it is spent, and speaks where nobody is named
    wanted = ("--what", "original-audio", "--purpose", "staff_protection", "--as", "supervisor:sonia")
    asked = desk.does("breakglass", "request", ids["broken"], *wanted, "--reason", "menaces")
    desk.does("breakglass", "approve", asked["request"], "--as", "dpo:denise")
    request = desk.does("request", "open", "--type", "restriction", "--customer", "restricted", *DPO)["request"]
    desk.does("request", "verify", request, "--how", "card", *DPO)
    desk.does("request", "find", request, *DPO)
    desk.does("request", "decide", request, "--item", ids["restricted"], "--grant", *DPO)
    desk.does("work", "holds", "--drain")
    before = standing(desk, *ids.values())
    assert [one["recordings"][0]["restricted"] for one in before["recordings"]].count(True) == 1
    assert {one["recordings"][0]["state"] for one in before["recordings"]} == {"stored", "dropped"}

    restore()
    desk.does("work", "holds", "--drain")
    assert standing(desk, *ids.values()) == before
    monkeypatch.setenv("CALLWARDEN_TOKEN", once["token"])
    code, fault = desk.says("breakglass", "list", "--as", "token")
    assert (code, fault["reasons"]) == (1, ["token_used"]), "a token good once stays spent"
    monkeypatch.delenv("CALLWARDEN_TOKEN")
    assert desk.reports("reconcile")[1]["breaches"] == []
    again = [one for one in desk.does("log", "list", "--as", "auditor:david") if "restored_backup" in one["reasons"]]
    assert {one["operation"] for one in again} >= {
        "objection.recorded",
        "objection.withdrawn",
        "objection.decided",
        "hold.opened",
        "hold.placed",
        "hold.released",
        "hold.release_requested",
        "token.issued",
        "token.revoked",
        "token.spent",
        "person.added",
        "person.removed",
        "breakglass.approved",
        "recording.disposed",
        "recording.restricted",
    }
    assert standing(desk, *ids.values()) == before, "a second start changes nothing"


def test_a_hold_on_a_recording_the_backup_does_not_have_is_told_until_the_case_is_released(
    desk: Desk, backup: Backup
) -> None:
    restore = backup_of_an_empty_system(desk, backup)
    desk.takes("came-later", ended=BACKED_UP - timedelta(hours=1))
    recording = desk.recording("came-later")
    desk.does("hold", "open", "CASE-1", "--reason", "dispute")
    desk.does("hold", "place", "CASE-1", "--recording", recording)
    restore()
    code, missing = breaches(desk, "act_not_restored")
    assert code == 1
    assert [one["subject"] for one in missing] == [f"hold.placed {recording}"]
    for person in ("legal:bruno", "legal:brigitte"):
        desk.does("hold", "release", "CASE-1", "--as", person)


def backup_of_an_empty_system(desk: Desk, backup: Backup) -> Callable[[], None]:
    desk.takes("first", ended=BACKED_UP - timedelta(hours=2))
    return backup()


def breaches(desk: Desk, code: str) -> tuple[int, list[dict[str, Any]]]:
    ended, report = desk.reports("reconcile")
    return ended, [one for one in report["breaches"] if one["code"] == code]


@pytest.fixture
def later(desk: Desk, backup: Backup) -> Callable[[], None]:
    """A system that has destroyed, decided and anchored since its backup; restores the backup."""
    desk.takes("runs-out", ended=NEARLY_OVER)
    desk.takes("stays", ended=BACKED_UP - timedelta(hours=2))
    desk.does("log", "checkpoint")
    restore = backup()
    desk.at(BACKED_UP + timedelta(days=35))
    desk.does("dispose")
    desk.does("objection", "add", "--call", "stays", "--purpose", "ai_experiment", "--as", "dpo:denise")
    desk.does("objection", "add", "--call", "nowhere", "--purpose", "training", "--as", "dpo:denise")
    desk.does("log", "checkpoint")
    return restore


def _cut(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def _emptied(_: list[bytes]) -> list[bytes]:
    return []


def _taken_out(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def _edited(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"/retention/", b"/objection/") for line in lines]


def _reordered(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def _forged(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[0].replace(b"000000000001/", b"000000000004/")]


def test_somebody_answers_for_a_journal_of_the_format_before(desk: Desk) -> None:
    desk.takes("gone-once", ended=BACKED_UP - timedelta(hours=2))
    desk.takes("held", ended=BACKED_UP - timedelta(hours=2))
    gone, held = desk.recording("gone-once"), desk.recording("held")
    desk.does("hold", "open", "CASE-1", "--reason", "dispute")
    desk.does("hold", "place", "CASE-1", "--recording", held)
    shutil.rmtree(desk.home / "erasures")
    (desk.home / "erasures").mkdir()
    old = [
        ErasureRecord(recording_id=RecordingId(one), destroyed_at=desk.now, reason="retention") for one in (gone, held)
    ]
    (desk.home / "erasures" / "erasures.log").write_text("".join(write_old(one) + "\n" for one in old))
    with closing(sqlite3.connect(desk.home / "catalogue.db")) as database:
        database.execute("DELETE FROM landmark WHERE name = 'erasure-journal'")  # as an older version left it
        database.commit()
    code, fault = desk.says("calls", "list")
    assert (code, fault["code"]) == (1, "configuration")
    assert "callwarden journal adopt --as dpo:NAME" in fault["message"]
    assert desk.says("journal", "adopt", "--as", "operator:otto")[1]["reasons"] == ["not_permitted"]
    assert desk.in_vault(gone) > 0
    assert desk.does("journal", "adopt", "--as", "dpo:denise")["destroyed_again"] == [gone]
    assert desk.in_vault(gone) == 0
    assert desk.in_vault(held) > 0, "no journal lifts a hold"
    assert desk.reads(held)[0] == 0
    _, missing = breaches(desk, "act_not_restored")
    assert [one["subject"] for one in missing] == [f"recording.disposed {held}"]
    assert "journal.adopted" in [one["operation"] for one in desk.does("log", "list")]


DAMAGES = (_cut, _emptied, _taken_out, _edited, _reordered, _forged, None)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: "missing" if one is None else one.__name__[1:])
def test_a_journal_that_was_meddled_with_is_seen_beside_an_older_catalogue_and_nothing_is_served(
    desk: Desk, later: Callable[[], None], damage: Callable[[list[bytes]], list[bytes]] | None
) -> None:
    stays = desk.recording("stays")
    journal = desk.home / "erasures" / "journal.log"
    whole = journal.read_bytes()
    later()
    if damage is None:
        journal.unlink()
    else:
        journal.write_bytes(b"".join(damage(whole.splitlines(keepends=True))))
    for command in (("calls", "list"), ("reconcile",), ("objection", "list")):
        code, fault = desk.says(*command)
        assert (code, fault["code"]) == (1, "invariant")
        assert "put its newest copy back before serving" in fault["message"]
    assert desk.reads(stays)[0] == 1
    journal.write_bytes(whole)
    assert {tuple(one["purposes"]) for one in desk.does("objection", "list")} == {("ai_experiment",), ("training",)}
    assert desk.does("calls", "show", desk.recording("runs-out"))["recordings"][0]["state"] == "disposed"


@pytest.mark.parametrize("damage", [_emptied, _cut, _forged, None], ids=["emptied", "cut", "forged", "missing"])
def test_a_journal_that_was_meddled_with_is_seen_beside_the_newest_catalogue_too(
    desk: Desk, later: Callable[[], None], damage: Callable[[list[bytes]], list[bytes]] | None
) -> None:
    journal = desk.home / "erasures" / "journal.log"
    whole = journal.read_bytes()
    desk.does("calls", "list")
    if damage is None:
        journal.unlink()
    else:
        journal.write_bytes(b"".join(damage(whole.splitlines(keepends=True))))
    code, fault = desk.says("calls", "list")
    assert (code, fault["code"]) == (1, "invariant")
