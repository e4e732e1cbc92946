"""A backup of an embedded system in a folder: its databases and its vault, encrypted as they lie.

    backup.json          when, of which policy, every file with its length and SHA-256
    catalogue.db bus.db  by SQLite's own backup, whole at one instant, while others write
    vault/               every version, under its own name

Neither keys nor the journal of erasures: with the keys, a backup could read what was destroyed since it was made (K4).
Renewed in place, a backup forgets what has been destroyed meanwhile.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from callwarden.adapters.durable_files import replace_file, sync_folder, translated
from callwarden.errors import InvariantError, UsageError

_MANIFEST: Final = "backup.json"
_VAULT: Final = "vault"
_FORM: Final = 1
_OWN: Final = frozenset({_MANIFEST, _VAULT, "catalogue.db", "bus.db"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFolder:
    """The backup in this folder, or the one to be made there."""

    folder: Path

    def make(
        self,
        *,
        databases: tuple[Path, ...],
        vault: Path,
        now: datetime,
        policy: str,
        done: Callable[[int], None] = lambda _files: None,
    ) -> dict[str, Any]:
        """Copy these, or renew what lies there from an earlier time. The manifest, which makes it whole, is taken away
        first and written last. Returns it. Raises UsageError where the folder holds anything else, RetryableError."""
        self._require_own()
        with translated(f"writing the backup {self.folder}"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / _MANIFEST).unlink(missing_ok=True)
            files: dict[str, dict[str, Any]] = {}
            for database in databases:  # before the vault: whatever a row names is there when it is copied
                target = self.folder / database.name
                _copy_database(database, target)
                files[database.name] = _facts(target)
                done(1)
            files.update(self._copy_vault(vault, done))
            made = {"form": _FORM, "made_at": now.isoformat(), "policy": policy, "files": files}
            replace_file(self.folder / _MANIFEST, json.dumps(made, indent=1).encode(), mode=0o600)
        return made

    def check(self) -> dict[str, Any]:
        """The manifest, once every file is as it says. Raises UsageError naming the first that is not."""
        try:
            made: dict[str, Any] = json.loads((self.folder / _MANIFEST).read_bytes())
            files = made["files"]
        except (OSError, ValueError, KeyError, TypeError):
            raise UsageError(f"{self.folder} holds no whole backup: {_MANIFEST} is missing or damaged") from None
        if made.get("form") != _FORM:
            raise UsageError(f"{self.folder / _MANIFEST} was written by another version of callwarden")
        for name, fact in files.items():
            file = self.folder / name
            if ".." in Path(name).parts or not file.is_file() or _facts(file) != fact:
                raise UsageError(f"{file} is missing or is not what was backed up: take another backup")
        return made

    def put_back(
        self, made: dict[str, Any], *, databases: tuple[Path, ...], vault: Path, done: Callable[[int], None]
    ) -> None:
        """Put a checked backup in the place of what lies there: the vault's versions that are missing, then the
        databases. Nothing may be using them. Raises RetryableError."""
        with translated(f"restoring the backup {self.folder}"):
            for name in made["files"]:
                if not name.startswith(f"{_VAULT}/"):
                    continue
                target = vault / name.removeprefix(f"{_VAULT}/")
                if not target.exists():
                    _copy_file(self.folder / name, target)
                done(1)
            for database in databases:
                for left in (f"{database}-wal", f"{database}-shm"):
                    Path(left).unlink(missing_ok=True)
                if database.name in made["files"]:
                    _copy_file(self.folder / database.name, database)
                    done(1)

    def _require_own(self) -> None:
        with suppress(FileNotFoundError, NotADirectoryError):
            foreign = sorted(file.name for file in self.folder.iterdir() if file.name not in _OWN)
            if foreign:
                raise UsageError(f"{self.folder} holds {foreign[0]}, which is no backup's: name a folder of its own")

    def _copy_vault(self, vault: Path, done: Callable[[int], None]) -> Iterator[tuple[str, dict[str, Any]]]:
        kept: set[Path] = set()
        for source in sorted(vault.rglob("*")):
            relative = source.relative_to(vault)
            if relative.parts[:1] == ("uploads",):
                continue  # on its way: not stored
            target = self.folder / _VAULT / relative
            try:
                if not source.is_file():
                    continue
                if not target.exists() or target.stat().st_size != source.stat().st_size:
                    _copy_file(source, target)  # versions are immutable, so a name is its bytes
            except FileNotFoundError:
                continue  # destroyed while the backup was made
            kept.add(target)
            done(1)
            yield f"{_VAULT}/{relative.as_posix()}", _facts(target)
        for old in sorted((self.folder / _VAULT).rglob("*"), reverse=True):
            if old.is_file() and old not in kept:
                old.unlink()
            elif old.is_dir() and not any(old.iterdir()):
                old.rmdir()


def _copy_database(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=60)) as live,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            unfinished.chmod(0o600)
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").close()
            (sound,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise InvariantError(f"{source} could not be copied whole: {error}") from error
    if sound != "ok":
        raise InvariantError(f"the copy of {source} is damaged: {sound}")
    unfinished.replace(target)
    sync_folder(target.parent)


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(0o600)
    with unfinished.open("rb+") as opened:
        os.fsync(opened.fileno())
    unfinished.replace(target)
    sync_folder(target.parent)


def _facts(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(opened, "sha256").hexdigest()}
