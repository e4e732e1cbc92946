"""The key file is private, is made once however many start at once, and is never silently replaced."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.keys.file import FileKeyStore
from pipeline.errors import ConfigurationError
from pipeline.ports.keys import KeyDestroyedError, KeyUnavailableError

CONTEXT = {"recording": "rec-0123"}


def test_the_key_file_and_its_folder_are_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "callwarden.keys"
    FileKeyStore(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "no temporary file is left"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_file_others_can_touch_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys" / "callwarden.keys"
    FileKeyStore(path)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"chmod 600 {path}"):
        FileKeyStore(path)


def test_a_folder_others_can_write_to_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "callwarden.keys"
    FileKeyStore(path)
    path.parent.chmod(0o777)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        FileKeyStore(path)


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b'{"format": "other"}', b"\xff\xfe"])
def test_a_damaged_key_file_is_refused_without_showing_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "callwarden.keys"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is not a key file") as refused:
        FileKeyStore(path)
    assert "not json" not in str(refused.value)


def test_a_lost_key_file_is_reported_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "callwarden.keys"
    store = FileKeyStore(path)
    made = store.new_data_key(CONTEXT)
    path.unlink()
    for use in (lambda: FileKeyStore(path, create=False), lambda: store.unwrap(made.wrapped, CONTEXT)):
        with pytest.raises(ConfigurationError, match="missing"):
            use()
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_an_outage_not_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyUnavailableError):
        FileKeyStore(tmp_path / "file" / "keys" / "callwarden.keys")


def test_of_several_first_users_one_makes_the_keys_and_all_use_them(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "callwarden.keys"
    program = (
        "import sys, pathlib\n"
        "from pipeline.adapters.keys.file import FileKeyStore\n"
        "sys.stdin.read()\n"
        "print(FileKeyStore(pathlib.Path(sys.argv[1])).pseudonym('caller', '1'))\n"
    )
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": "."},
        )
        for _ in range(4)
    ]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.close()
        starter.stdin = None
    outputs = {starter.communicate(timeout=30)[0].strip() for starter in starters}
    assert len(outputs) == 1
    assert outputs == {FileKeyStore(path).pseudonym("caller", "1")}


def test_a_store_with_a_thousand_keys_to_unwrap_reads_its_file_once(tmp_path: Path) -> None:
    path = tmp_path / "callwarden.keys"
    store = FileKeyStore(path)
    made = store.new_data_key(CONTEXT)
    before = path.stat().st_atime_ns
    os.utime(path, ns=(0, path.stat().st_mtime_ns))
    for _ in range(1000):
        store.unwrap(made.wrapped, CONTEXT)
    assert path.stat().st_atime_ns == 0 != before


def test_destroying_a_master_key_makes_wrappings_in_old_backups_worthless(tmp_path: Path) -> None:
    """K4: a wrapped key restored from an old backup does not open any more, in any process."""
    path = tmp_path / "callwarden.keys"
    store, other = FileKeyStore(path), FileKeyStore(path)
    made = store.new_data_key(CONTEXT)
    store.rotate_master()
    store.destroy_master(made.master_key_id)
    for reader in (store, other, FileKeyStore(path)):
        with pytest.raises(KeyDestroyedError):
            reader.unwrap(made.wrapped, CONTEXT)


def test_the_id_of_a_destroyed_master_key_is_not_used_again(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "callwarden.keys")
    ids = [store.current_master_key()]
    for _ in range(3):
        ids.append(store.rotate_master())
        store.destroy_master(ids[-2])
    assert len(set(ids)) == len(ids)
