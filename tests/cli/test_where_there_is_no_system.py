"""A command in a folder where nobody has made a system: it says so, and makes nothing."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from callwarden.workers.cli import run
from tests.support.site import Site


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLWARDEN_HOME", raising=False)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], line: str, *, code: int = 0) -> Any:
    assert run([*shlex.split(line), "--json"]) == code, line
    output, errors = capsys.readouterr()
    return json.loads(output) if output else json.loads(errors.splitlines()[-1])["error"]


@pytest.mark.parametrize(
    "line",
    [
        *("calls list", "calls show c-1", "calls outcomes", "hold list", "objection list", "log list", "log status"),
        *("log verify", "log checkpoint", "reconcile", "dispose", "keys list", "keys rotate --as operator:o"),
        *("token list", "breakglass list --as dpo:d", "hold place D-1 --recording rec-1", "lifecycle show"),
        "objection withdraw --number +33639980001",
        "read rec-1 --what audio --purpose quality --as supervisor:s -o out.wav",
        "search bonjour --purpose quality --as supervisor:s",
    ],
)
def test_a_command_says_that_there_is_no_system_and_makes_none(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    fault = said(capsys, line, code=1)
    assert fault["code"] == "configuration"
    assert f"there is no system in {folder / 'var'}" in fault["message"]
    assert "callwarden init" in fault["message"]
    assert list(folder.iterdir()) == []


def test_init_makes_one_and_leaves_it_as_it_is_the_second_time(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = said(capsys, "init")
    assert (made["home"], made["new"]) == (str(folder / "var"), True)
    keys = {file: file.read_bytes() for file in (folder / "var" / "keys").iterdir()}
    assert {file.name for file in keys} == {"keys.json", "log.pem"}
    assert said(capsys, "init")["new"] is False
    assert {file: file.read_bytes() for file in (folder / "var" / "keys").iterdir()} == keys
    for line in ("calls outcomes", "reconcile", "doctor", "hold list"):
        said(capsys, line)


def test_init_says_plainly_that_a_system_was_there_already(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 0
    assert "already" not in capsys.readouterr().out
    assert run(["init"]) == 0
    assert "There was a system already: it is left as it is." in capsys.readouterr().out


def test_the_doctor_says_that_there_is_no_system_and_makes_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row["part"]: row for row in said(capsys, "doctor", code=1)["checks"]}
    assert f"there is no system in {folder / 'var'}" in rows["system"]["what"]
    assert rows["policy"]["works"]
    assert list(folder.iterdir()) == []


def test_publishing_makes_one_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("event.json").write_text("{}")
    assert said(capsys, "publish event.json")["published"] == 1
    assert said(capsys, "calls outcomes")["in_flight"] == 1


@pytest.mark.parametrize(
    ("line", "lists"),
    [
        ("objection add --number +33639980001 --purpose recording --as dpo:d", "objection list"),
        ("hold open D-1 --reason dispute --as legal:l", "hold list"),
        ("token issue --role legal --name bruno", "token list"),
    ],
)
def test_what_is_entered_before_the_first_call_makes_one(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, lists: str
) -> None:
    said(capsys, line)
    assert len(said(capsys, lists)) == 1


def test_a_log_that_has_no_checkpoint_yet_is_not_called_another_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "init")
    assert run(["log", "verify"]) == 1
    verdict = capsys.readouterr().out
    assert "NOT the log that was signed" not in verdict
    assert "nothing was ever signed, so nothing is proven yet: callwarden log checkpoint" in verdict
    said(capsys, "log checkpoint")
    assert run(["log", "verify"]) == 0


def test_a_log_that_was_emptied_is_still_called_another_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Site(folder / "var", overrides={"partitions": 6}) as site:
        site.publish(site.event("c-1"))
        site.drain()
    for file in (folder / "var").glob("catalogue.db*"):
        file.unlink()
    assert run(["log", "verify"]) == 1
    assert "NOT the log that was signed" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    name, number = capsys.readouterr().out.split()
    assert name == "callwarden"
    assert number[0].isdigit()
