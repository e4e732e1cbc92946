"""A backup of an embedded system, made while it works, brings nothing back that was destroyed since (K4, I10)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from callwarden.adapters.backup_folder import BackupFolder
from callwarden.errors import ConfigurationError, UsageError
from callwarden.model.ids import CallId
from callwarden.wiring.backups import back_up, restore
from tests.support.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "home") as made:
        made.publish(made.event("c-1"), made.event("c-2"))
        made.drain()
        yield made


def nothing(_files: int) -> None:
    """Nobody watches."""


def made(site: Site, folder: Path) -> Path:
    back_up(site.system, folder, done=nothing)
    return folder


def objected(site: Site, call: str) -> None:
    said = {"call_id": call, "purposes": ["recording"], "channel": "phone", "at": site.clock.now().isoformat()}
    site.publish(site.envelope("call.objected", said))
    site.drain()


def states(site: Site) -> dict[str, str]:
    with site.system.catalogue.snapshot() as tx:
        return {row.call_id: row.state.value for row in tx.recordings.of_calls([CallId("c-1"), CallId("c-2")])}


def versions(folder: Path) -> int:
    return len([file for file in (folder / "vault").rglob("@*") if not file.name.endswith(".held")])


def put_back(site: Site, folder: Path, *, replace: bool = True) -> None:
    site.system.close()
    restore(site.system.settings, folder, replace=replace, done=nothing)
    site.reopen()


def test_what_was_destroyed_after_a_backup_is_destroyed_again_when_it_is_put_back(site: Site, tmp_path: Path) -> None:
    backup = made(site, tmp_path / "backup")
    objected(site, "c-1")
    put_back(site, backup)
    assert states(site) == {"c-1": "dropped", "c-2": "stored"}


def test_a_backup_that_is_renewed_forgets_what_was_destroyed_since(site: Site, tmp_path: Path) -> None:
    backup = made(site, tmp_path / "backup")
    before = versions(backup)
    objected(site, "c-1")
    assert versions(made(site, backup)) == before - 1


def test_a_lost_machine_is_restored_from_backup_keys_and_journal(site: Site, tmp_path: Path) -> None:
    backup, home = made(site, tmp_path / "backup"), site.home
    site.system.close()
    elsewhere = tmp_path / "elsewhere"
    for name in ("keys", "erasures"):
        shutil.copytree(home / name, elsewhere / name)
    shutil.rmtree(home)
    with pytest.raises(ConfigurationError, match="master key"):
        restore(site.system.settings, backup, replace=False, done=nothing)
    for name in ("keys", "erasures"):
        shutil.copytree(elsewhere / name, home / name)
    put_back(site, backup, replace=False)
    assert states(site) == {"c-1": "stored", "c-2": "stored"}
    assert site.report().breaches == ()


def test_nothing_is_put_in_the_place_of_a_system_unless_that_is_asked_for(site: Site, tmp_path: Path) -> None:
    backup = made(site, tmp_path / "backup")
    with pytest.raises(UsageError, match="--replace"):
        put_back(site, backup, replace=False)


def test_a_backup_with_any_file_changed_is_refused_and_the_file_is_named(site: Site, tmp_path: Path) -> None:
    backup = made(site, tmp_path / "backup")
    for name in BackupFolder(folder=backup).check()["files"]:
        file = backup / name
        before = file.read_bytes()
        file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]) if before else b"x")
        with pytest.raises(UsageError, match=file.name):
            BackupFolder(folder=backup).check()
        file.write_bytes(before)
    assert BackupFolder(folder=backup).check()["files"]


def test_a_backup_goes_into_no_folder_that_holds_anything_else(site: Site, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("kept")
    with pytest.raises(UsageError, match=r"dear\.txt"):
        made(site, tmp_path / "letters")
    with pytest.raises(UsageError, match="in the system itself"):
        made(site, site.home / "vault" / "backup")
