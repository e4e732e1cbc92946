"""A reading that is killed leaves no part of an original behind, and does not stand in the way of the next (I6)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callwarden.errors import UsageError
from callwarden.workers.cli import run
from callwarden.workers.cli.appearing_file import appearing
from tests.cli.test_reading_in_time import recording  # noqa: F401 -- a fixture

READ = ("--what", "original-audio", "--purpose", "dispute", "--as", "legal:bruno", "-o", "call.wav")

HANGS = """
import os, sys, time
from callwarden.workers.cli import reading, run

if sys.argv[1] == "hidden name":
    del os.O_TMPFILE
write = reading._write

def write_and_hang(piece, file, output):
    write(piece, file, output)
    print("writing", flush=True)
    time.sleep(600)

reading._write = write_and_hang
run(sys.argv[2:])
"""


def _kill_in_the_middle(how: str, *command: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HANGS, how, *command], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"writing\n"
        child.kill()
    assert child.returncode < 0


def _files() -> list[str]:
    return sorted(one.name for one in Path.cwd().iterdir() if one.is_file())


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no files without a name")
def test_a_killed_reading_leaves_nothing_and_the_next_succeeds(recording: str) -> None:  # noqa: F811 -- the fixture
    _kill_in_the_middle("no name", "read", recording, *READ)
    assert _files() == []
    assert run(["read", recording, *READ]) == 0
    assert _files() == ["call.wav"]
    assert Path("call.wav").stat().st_mode & 0o777 == 0o600


def test_where_a_file_must_have_a_name_the_next_reading_removes_what_a_killed_one_left(
    recording: str,  # noqa: F811 -- the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    _kill_in_the_middle("hidden name", "read", recording, *READ)
    [left] = _files()
    assert left.endswith(".partial")
    assert run(["read", recording, *READ]) == 0
    assert _files() == ["call.wav"]


@pytest.mark.parametrize("named", [False, True])
def test_nothing_appears_when_writing_fails_and_nothing_is_ever_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    if named:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    target = tmp_path / ("n" * 250)

    def write_half() -> None:
        with appearing(target) as file:
            file.write(b"half")
            raise OSError("half way")

    def write_too_late() -> None:
        with appearing(target) as file:
            file.write(b"a voice")
            target.write_bytes(b"somebody else's")

    with pytest.raises(OSError, match="half way"):
        write_half()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="exists already"):
        write_too_late()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"somebody else's"]


def test_two_that_write_under_one_hidden_name_do_not_take_it_from_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    target = tmp_path / "call.wav"
    with appearing(target) as file:
        file.write(b"mine")
        with pytest.raises(UsageError, match="another process is writing"), appearing(target):
            pass
    assert target.read_bytes() == b"mine"
