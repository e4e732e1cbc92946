"""`callwarden log verify`: only checkpoints kept elsewhere prove that a log was not set back (L2, I7); and what it says
of a log that was tampered with is true throughout."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from callwarden.errors import ConfigurationError, UsageError
from callwarden.settings import load_settings
from callwarden.wiring import open_system
from callwarden.workers.cli.doctor import doctor_command
from callwarden.workers.cli.log import app
from callwarden.workers.processes.service import _book, _number_for_ever
from tests.support.diagnostics import capture_logs
from tests.support.site import make_home

doctors = typer.Typer()
doctors.command()(doctor_command)

AUDITOR = ("--as", "auditor:david", "--purpose", "quality")


@pytest.fixture(autouse=True)
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings come from the environment: these are an embedded system's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLWARDEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", str(tmp_path / "elsewhere"))
    make_home()


def run(*arguments: str, code: int = 0) -> Any:
    """What the command printed as JSON. An error of ours is raised as it is."""
    result = CliRunner().invoke(app, [*arguments, "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def anchor() -> int:
    """As the log's own program does it, whose work is no entry; how many entries are anchored."""
    with open_system(load_settings()) as system:
        return system.log_book.checkpoint(wait_s=15).anchored


def said(*arguments: str) -> str:
    """What it says to people, on one line."""
    return " ".join(CliRunner().invoke(app, arguments).stdout.split())


@pytest.fixture
def offline(tmp_path: Path) -> tuple[str, ...]:
    """An export of four entries and two checkpoints; the log has gone on to a third."""
    run("list", *AUDITOR)
    anchor()
    run("list", *AUDITOR)
    run("list", *AUDITOR)
    run("export", str(tmp_path / "export"), *AUDITOR)
    run("list", *AUDITOR)
    anchor()
    (tmp_path / "key.txt").write_text(run("key")["public_key"])
    return ("verify", "--export", str(tmp_path / "export"), "--public-key", str(tmp_path / "key.txt"))


def kinds(report: Any) -> list[str]:
    return [fault["kind"] for fault in report["faults"]]


def test_an_export_s_own_copies_prove_no_roll_back_and_are_not_counted_as_outside(
    offline: tuple[str, ...], tmp_path: Path
) -> None:
    """The export is a true state of before: with its own checkpoints alone nobody can tell."""
    report = run(*offline)
    assert (report["ok"], report["outside_checkpoints"], report["own_copies"]) == (True, 0, 2)
    assert "0 of 0 outside checkpoints hold" in said(*offline)
    assert "The export's own copies prove no roll-back; give --checkpoints." in said(*offline)
    held = (*offline, "--checkpoints", str(tmp_path / "elsewhere"))
    report = run(*held, code=1)
    assert kinds(report) == ["rolled_back"]
    assert (report["outside_checkpoints"], report["outside_given"]) == (2, 3)


def test_an_empty_place_of_checkpoints_is_said_to_be_empty(offline: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert f"There is no checkpoint in {tmp_path / 'empty'}" in said(*offline, "--checkpoints", str(tmp_path / "empty"))


def test_the_export_s_own_folder_is_no_place_outside(offline: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="own copies"):
        run(*offline, "--checkpoints", str(tmp_path / "export" / "checkpoints"))


def test_a_checkpoint_under_a_second_name_counts_once_and_is_named(offline: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    first = min((tmp_path / "elsewhere").iterdir())
    shutil.copy(first, place)
    held = (*offline, "--checkpoints", str(place))
    assert run(*held)["outside_checkpoints"] == 1
    second = f"9{first.name[1:]}"
    shutil.copy(first, place / second)
    report = run(*held, code=1)
    assert [(one["kind"], one["checkpoint"]) for one in report["faults"]] == [("misnamed_checkpoint", second)]
    assert (report["outside_checkpoints"], report["outside_given"]) == (1, 1)
    shutil.copy(first, tmp_path / "elsewhere" / second)
    assert "misnamed_checkpoint" in kinds(run("verify", code=1))


def test_an_export_without_its_head_is_named(offline: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "export" / "head").unlink()
    report = run(*offline, code=1)
    assert kinds(report) == ["missing"]
    assert "head" in report["faults"][0]["message"]


def month(tmp_path: Path, suffix: str) -> Path:
    [found] = (tmp_path / "export" / "segments").glob(f"*{suffix}")
    return found


def test_of_edited_entries_only_those_before_are_proven(offline: tuple[str, ...], tmp_path: Path) -> None:
    file = month(tmp_path, ".entries")
    lines = file.read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b"quality", b"dispute")
    file.write_bytes(b"\n".join(lines))
    report = run(*offline, code=1)
    assert (kinds(report), report["size"], report["anchored"], report["own_copies"]) == (["edited"], 4, 1, 1)
    assert "4 entries (0 expired), the first 1 of them proven" in said(*offline)
    assert "this is NOT the log that was signed" in said(*offline)


def test_of_a_cut_log_only_what_is_there_is_counted(offline: tuple[str, ...], tmp_path: Path) -> None:
    file = month(tmp_path, ".entries")
    file.write_bytes(b"".join(line + b"\n" for line in file.read_bytes().split(b"\n")[:2]))
    report = run(*offline, code=1)
    assert (kinds(report), report["size"], report["anchored"]) == (["cut_tail"], 2, 1)


def test_of_altered_hashes_the_entries_stay_proven(offline: tuple[str, ...], tmp_path: Path) -> None:
    file = month(tmp_path, ".leaves")
    file.write_bytes(bytes(32) + file.read_bytes()[32:])
    place = tmp_path / "place"
    place.mkdir()
    shutil.copy(min((tmp_path / "elsewhere").iterdir()), place)
    held = (*offline, "--checkpoints", str(place))
    report = run(*held, code=1)
    assert (kinds(report), report["anchored"], report["outside_checkpoints"]) == (["hashes_altered"], 4, 1)
    assert "the first 4 of them proven, 1 of 1 outside checkpoints hold" in said(*held)
    assert "they are the signed entries" in said(*held)
    assert "No outside checkpoint" not in said(*held)


def test_an_emptied_place_of_checkpoints_is_seen_and_filled_again(offline: tuple[str, ...], tmp_path: Path) -> None:
    """All of them come back: the newest proves most, the others that the log was as it is all along."""
    place = tmp_path / "elsewhere"
    before = {one.name: one.read_bytes() for one in place.iterdir()}
    assert run("status")["missing_outside"] == []
    shutil.rmtree(place)
    status = run("status")
    assert status["missing_outside"] == [f"directory {place}"]
    assert (status["checkpoint"], status["unanchored"]["entries"]) == (None, 5)
    assert "checkpoint_missing_outside" in said("status")
    with capture_logs() as logged:
        assert anchor() == 5
    assert [one["event"] for one in logged] == ["checkpoint_missing_outside"]
    assert {one.name: one.read_bytes() for one in place.iterdir()} == before
    assert run("status")["unanchored"]["entries"] == 0
    with capture_logs() as logged:
        anchor()
    assert logged == []


def test_a_place_that_takes_nothing_stops_neither_the_service_nor_the_numbering(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As a read-only share: a warning, tried again. (Below /proc nobody makes a directory, the superuser neither.)"""
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", "/proc/callwarden")
    run("list", *AUDITOR)
    stop = Event()
    with capture_logs() as logged, open_system(load_settings()) as system:
        service = Thread(target=_number_for_ever, args=(system, _book(system), stop))
        service.start()
        try:
            wait_until(lambda: "outage_began" in {one["event"] for one in logged})
            wait_until(lambda: system.log_reader.status().size == 1)
            assert service.is_alive()
            assert system.log_reader.status().unanchored == 1
        finally:
            stop.set()
            service.join()
    assert [(one["part"], one["level"]) for one in logged if one["event"] == "outage_began"] == [
        ("checkpoints", "warning")
    ], "once, however often it is tried"
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", str(tmp_path / "elsewhere"))
    assert anchor() == 1


def wait_until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not there():
        if time.monotonic() > end:
            pytest.fail("it did not happen")
        time.sleep(0.02)


def test_a_lost_key_is_not_silently_replaced_by_another(offline: tuple[str, ...], tmp_path: Path) -> None:
    """The file that is missing is named; with the lost key declared as an earlier one the log goes on."""
    lost = run("key")["public_key"]
    file = tmp_path / "home" / "keys" / "log.pem"
    copy = file.read_bytes()
    file.unlink()
    for command in (("checkpoint",), ("verify",), ("key",)):
        with pytest.raises(ConfigurationError, match=r"log\.pem is missing.*put the file back"):
            run(*command)
    with open_system(load_settings()) as system, pytest.raises(ConfigurationError, match=r"log\.pem is missing"):
        _ = system.signer
    assert not file.exists()
    file.write_bytes(copy)
    file.chmod(0o600)
    assert run("key")["public_key"] == lost
    file.unlink()
    (file.parent / "log.earlier.txt").write_text(lost + "\n")
    run("list", *AUDITOR)
    assert anchor() == 6
    assert run("verify")["ok"]
    assert (run("key")["public_key"] != lost, run("key")["earlier"]) == (True, [lost])


def test_a_key_is_made_where_nothing_is_signed_yet(tmp_path: Path) -> None:
    run("list", *AUDITOR)
    (tmp_path / "home" / "keys" / "log.pem").unlink()
    assert anchor() == 1


def doctor(*, code: int) -> dict[str, Any]:
    result = CliRunner().invoke(doctors, ["--json"])
    assert result.exit_code == code, result.output
    return {one["part"]: one for one in json.loads(result.stdout)["checks"]}


def test_the_doctor_looks_at_the_key_the_newest_checkpoint_and_its_places(
    offline: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that takes nothing is said and is no failure, as nothing stops for it; a lost key is one."""
    place = f"directory {tmp_path / 'elsewhere'}"
    found = doctor(code=0)
    assert "newest checkpoint" in found["log"]["what"]
    assert (found["checkpoints"]["works"], found["checkpoints"]["what"]) == (True, place)
    before = sorted((tmp_path / "elsewhere").iterdir())
    (tmp_path / "elsewhere").rename(tmp_path / "away")
    emptied = doctor(code=0)["checkpoints"]
    assert (emptied["works"], f"is not in {place}" in emptied["what"]) == (False, True)
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", "/proc/callwarden")
    assert "cannot be written" in doctor(code=0)["checkpoints"]["what"]
    monkeypatch.setenv("CALLWARDEN_CHECKPOINTS", str(tmp_path / "away"))
    assert [one.name for one in sorted((tmp_path / "away").iterdir())] == [one.name for one in before]
    (tmp_path / "home" / "keys" / "log.pem").unlink()
    assert "log.pem is missing" in doctor(code=1)["log"]["what"]
