"""The key file is private, is made once however many start at once, and is never silently replaced."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callwarden.adapters.keys.file import FileKeyStore
from callwarden.errors import ConfigurationError
from callwarden.model.key import KeyKind
from callwarden.ports.keys import KeyDestroyedError, KeyMissingError, KeyUnavailableError
from tests.fakes.keys import rotated_master

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
        "from callwarden.adapters.keys.file import FileKeyStore\n"
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
    rotated_master(store)
    store.destroy_master(made.master_key_id)
    for reader in (store, other, FileKeyStore(path)):
        with pytest.raises(KeyDestroyedError):
            reader.unwrap(made.wrapped, CONTEXT)


def test_the_id_of_a_destroyed_master_key_is_not_used_again(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "callwarden.keys")
    ids = [store.current_master_key()]
    for _ in range(3):
        ids.append(rotated_master(store))
        store.destroy_master(ids[-2])
    assert len(set(ids)) == len(ids)


def test_two_systems_never_give_one_name_to_two_master_keys(tmp_path: Path) -> None:
    stores = [FileKeyStore(tmp_path / name / "keys") for name in ("a", "b")]
    names = [store.current_master_key() for store in stores] + [rotated_master(store) for store in stores]
    assert len(set(names)) == 4


def test_an_older_copy_of_the_file_and_the_file_make_differently_named_keys(tmp_path: Path) -> None:
    path, copy = tmp_path / "keys", tmp_path / "copy"
    store = FileKeyStore(path)
    copy.write_bytes(path.read_bytes())
    copy.chmod(0o600)
    assert rotated_master(store) != rotated_master(FileKeyStore(copy))


def test_names_of_older_files_stay_valid(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.touch(mode=0o600)
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    path.write_text(
        f'{{"format": "callwarden-keys/1", "current": "m1", "issued": 1, "masters": {{"m1": "{key}"}}, '
        f'"pseudonym_key_id": "k1", "pseudonym_key": "{key}"}}'
    )
    store = FileKeyStore(path)
    made = store.new_data_key(CONTEXT)
    assert made.master_key_id == "m1"
    assert rotated_master(store).startswith("m2-")
    assert store.unwrap(made.wrapped, CONTEXT) == made.plaintext


def test_a_master_key_that_is_not_in_the_file_is_missing_not_destroyed(tmp_path: Path) -> None:
    other = FileKeyStore(tmp_path / "other")
    made = other.new_data_key(CONTEXT)
    store = FileKeyStore(tmp_path / "keys")
    with pytest.raises(KeyMissingError, match=made.master_key_id):
        store.unwrap(made.wrapped, CONTEXT)
    assert store.fingerprint(KeyKind.MASTER, made.master_key_id) is None


@pytest.mark.parametrize("which", ["another system's", "an older copy"])
def test_a_running_system_does_not_take_to_a_file_that_is_put_in_the_place_of_its_own(
    tmp_path: Path, which: str
) -> None:
    """It waits for the right one, and makes nothing under a key that goes when that comes back."""
    path = tmp_path / "keys"
    store = FileKeyStore(path)
    older = path.read_bytes()
    rotated_master(store)
    made, right = store.new_data_key(CONTEXT), path.read_bytes()
    FileKeyStore(tmp_path / "other")
    path.write_bytes(older if which == "an older copy" else (tmp_path / "other").read_bytes())
    for use in (
        lambda: store.new_data_key(CONTEXT),
        lambda: store.unwrap(made.wrapped, CONTEXT),
        store.make_master,
        lambda: store.use_master(made.master_key_id),
    ):
        with pytest.raises(KeyUnavailableError, match="put the right one back"):
            use()
    path.write_bytes(right)
    assert store.unwrap(made.wrapped, CONTEXT) == made.plaintext
