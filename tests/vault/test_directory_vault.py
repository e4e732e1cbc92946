"""What only the directory vault has: processes that die, and names on a disk."""

import fcntl
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from callwarden.adapters.vault.directory import DirectoryVault
from callwarden.errors import ConfigurationError, InvariantError, OvertakenError, RetryableError
from callwarden.workers.processes.outages import Outages

REPOSITORY = Path(__file__).parents[2]


def test_a_killed_put_leaves_an_unfinished_upload_and_no_version(tmp_path: Path) -> None:
    program = (
        "import io, os, pathlib, signal, sys\n"
        "from callwarden.adapters.vault.directory import DirectoryVault\n"
        "class Body(io.RawIOBase):\n"
        "    sent = False\n"
        "    def read(self, size=-1):\n"
        "        if self.sent: os.kill(os.getpid(), signal.SIGKILL)\n"
        "        self.sent = True\n"
        "        return b'voice'\n"
        "DirectoryVault(pathlib.Path(sys.argv[1])).put('recordings/a', Body(), size=100, tags={})\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    vault = DirectoryVault(tmp_path)
    assert list(vault.versions("")) == []
    [upload] = vault.unfinished_uploads("recordings/")
    assert upload.key == "recordings/a"
    vault.give_up(upload)
    assert list(vault.unfinished_uploads("")) == []
    assert not any(b"voice" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_an_upload_that_another_attempt_gave_up_is_no_outage(tmp_path: Path) -> None:
    vault, outages = DirectoryVault(tmp_path), Outages()

    class Body(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            for upload in vault.unfinished_uploads(""):
                vault.give_up(upload)
            return super().read(size)

    with pytest.raises(OvertakenError) as raised:
        vault.put("recordings/a", Body(b"voice"), size=5, tags={})
    outages.noticed("delivery", raised.value, step="ingest")
    assert outages.now() == ()
    assert list(vault.versions("")) == []


def test_a_vault_whose_objects_are_gone_meanwhile_is_out_of_reach(tmp_path: Path) -> None:
    vault, outages = DirectoryVault(tmp_path), Outages()

    class Body(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if (tmp_path / "objects").exists():
                (tmp_path / "objects").rmdir()
            return super().read(size)

    with pytest.raises(RetryableError) as raised:
        vault.put("recordings/a", Body(b"voice"), size=5, tags={})
    outages.noticed("delivery", raised.value, step="ingest")
    assert outages.now() == ("vault",)


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a/.b", "a\0b", "a\nb", "é", "a/@1", "a" * 300]
)
def test_a_key_the_layout_never_writes_reaches_no_file(tmp_path: Path, key: str) -> None:
    vault = DirectoryVault(tmp_path / "vault")
    with pytest.raises(InvariantError):
        vault.put(key, io.BytesIO(b"x"), size=1, tags={})
    with pytest.raises(InvariantError):
        vault.read(key, "00000000000000000001-00000000", start=0, length=1)
    assert [path.name for path in tmp_path.iterdir()] == ["vault"]


def test_stored_files_are_private_and_destroyed_ones_leave_no_folder(tmp_path: Path) -> None:
    vault = DirectoryVault(tmp_path)
    vault.put("recordings/ab/rec-1/original-audio.1", io.BytesIO(b"x"), size=1, tags={})
    [file] = (tmp_path / "objects").rglob("@*")
    assert file.stat().st_mode & 0o777 == 0o600
    vault.destroy(list(vault.versions("")))
    assert list((tmp_path / "objects").iterdir()) == []


def test_a_vault_without_a_lifecycle_says_what_destroys_instead(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="dispose"):
        DirectoryVault(tmp_path).apply_lifecycle([])


def test_what_nobody_here_wrote_is_named_and_stops_no_listing(tmp_path: Path) -> None:
    """A renamed version is foreign too: no sweep would find the voice in it."""
    vault = DirectoryVault(tmp_path)
    stored = [vault.put(f"recordings/{name}", io.BytesIO(b"voice"), size=5, tags={}) for name in "abc"]
    vault.set_hold("recordings/c", stored[2].version_id, held=True, tags={})
    assert list(vault.foreign_files()) == []
    (tmp_path / ".DS_Store").write_bytes(b"?")
    (tmp_path / "objects" / "stray.txt").write_bytes(b"?")
    (tmp_path / "objects" / "recordings" / "notes").write_bytes(b"?")
    renamed = tmp_path / "objects" / "recordings" / "b" / f"@{stored[1].version_id}"
    renamed.rename(renamed.with_name("@copy"))
    assert [version.key for version in vault.versions("")] == ["recordings/a", "recordings/c"]
    assert sorted(vault.foreign_files()) == [
        ".DS_Store",
        "objects/recordings/b/@copy",
        "objects/recordings/notes",
        "objects/stray.txt",
    ]


def test_two_sweeps_may_destroy_the_same_version_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that waited for its turn finds nothing left, not even the folder: that is no failure."""
    vault = DirectoryVault(tmp_path)
    key = "recordings/ab/rec-1/original-audio.1"
    vault.put(key, io.BytesIO(b"x"), size=1, tags={})
    versions = list(vault.versions(""))
    lock, turns = fcntl.flock, []

    def others_first(descriptor: int, how: int) -> None:
        turns.append(how)
        if len(turns) == 1:
            DirectoryVault(tmp_path).destroy(versions)
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", others_first)
    vault.destroy(versions)
    assert len(turns) == 2
    assert list((tmp_path / "objects").iterdir()) == []
