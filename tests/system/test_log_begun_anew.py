"""An older backup is restored, and two people begin the log anew over it with commands (L2)."""

from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.system.test_restore import BACKED_UP, Desk
from tests.system.test_restored_acts import Backup, backup

__all__ = ["backup"]

AUDITOR = ("--as", "auditor:david")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", str(tmp_path / "elsewhere"))
    return Desk(tmp_path / "home", monkeypatch, capsys)


def begin(desk: Desk, who: str) -> tuple[int, Any]:
    return desk.says("log", "begin-anew", "--as", who)


def test_after_an_older_backup_two_people_begin_the_log_anew(desk: Desk, backup: Backup, tmp_path: Path) -> None:
    desk.takes("kept", ended=BACKED_UP)
    desk.does("log", "checkpoint")
    key = tmp_path / "key.txt"
    key.write_text(desk.does("log", "key")["public_key"] + "\n")
    restore = backup()
    there = desk.does("log", "status")["entries"]
    for _ in range(2):
        desk.does("log", "list", *AUDITOR)
        desk.does("log", "checkpoint")
    signed = desk.does("log", "status")["entries"]
    code, fault = begin(desk, "operator:olga")
    assert (code, "is not set back" in fault["message"]) == (2, True)

    restore()
    desk.does("work", "holds", "--drain")
    code, fault = desk.says("log", "checkpoint")
    assert (code, "callwarden log begin-anew" in fault["message"]) == (1, True)
    for _ in range(2):  # asking twice is not two people
        code, fault = begin(desk, "operator:olga")
        assert (code, fault["reasons"]) == (1, ["second_person_needed"])
        assert f"{signed} entries were signed" in fault["message"]
    assert begin(desk, "dpo:olga")[1]["reasons"] == ["second_person_needed"]
    assert begin(desk, "operator:otto")[1]["reasons"] == ["not_permitted"]
    assert begin(desk, "trainer:alice")[1]["reasons"] == ["not_permitted"]
    code, done = begin(desk, "dpo:denise")
    assert (code, done["entries"], done["signed_before"], done["lost_up_to"]) == (0, there, there, signed)
    assert done["earlier"] == key.read_text().strip()

    desk.does("log", "checkpoint")
    listed = desk.does("log", "list", *AUDITOR)
    assert [one["operation"] for one in listed].count("log.beginning_requested") == 3
    [begun] = [one for one in listed if one["operation"] == "log.begun_anew"]
    assert begun["count"] == signed - there
    assert len({one["digest"] for one in listed if one["operation"].startswith("log.be")}) == 1
    assert desk.reports("reconcile")[1]["breaches"] == []
    desk.does("log", "export", str(tmp_path / "export"), *AUDITOR, "--purpose", "quality")
    offline = ("--export", str(tmp_path / "export"), "--public-key", str(key), "--checkpoints", "elsewhere")
    for where in ((), offline):
        code, report = desk.reports("log", "verify", *where)
        assert (code, [one["kind"] for one in report["faults"]]) == (1, ["entries_lost"])
        assert [one["name"] for one in report["losses"]] == [done["accepted_by"]]
        code, report = desk.reports("log", "verify", *where, "--accept-loss", done["accepted_by"])
        assert (code, report["ok"], report["losses"][0]["accepted"]) == (0, True, True)
    assert desk.says("log", "verify", "--accept-loss", "1-2-00000000")[0] == 2
    assert run(["log", "verify"]) == 1
