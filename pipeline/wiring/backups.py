"""Backing up an embedded system and restoring it: what is copied, and what has to be there (K4)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from callwarden.adapters.backup_folder import BackupFolder
from callwarden.errors import ConfigurationError, UsageError
from callwarden.settings import Settings
from callwarden.wiring.system import System


def back_up(system: System, folder: Path, *, done: Callable[[int], None]) -> dict[str, Any]:
    """The manifest of the backup made there. Raises ConfigurationError on servers, UsageError, RetryableError."""
    settings = system.settings
    require_embedded(settings)
    home = settings.home.absolute()
    if folder.absolute().is_relative_to(home / "vault") or home.is_relative_to(folder.absolute()):
        raise UsageError(f"{folder} lies in the system itself: name a folder on another disk")
    return BackupFolder(folder=folder).make(
        databases=_databases(settings),
        vault=home / "vault",
        now=system.clock.now(),
        policy=system.policy.version,
        done=done,
    )


def restore(settings: Settings, folder: Path, *, replace: bool, done: Callable[[int], None]) -> dict[str, Any]:
    """Put a backup back, once it is found whole and the keys and the journal, which are newer, are in place; its
    manifest. No process may be using the system. Raises ConfigurationError, UsageError, RetryableError."""
    require_embedded(settings)
    home, databases = settings.home.absolute(), _databases(settings)
    made = BackupFolder(folder=folder).check()
    for what, file in (("master key", home / "keys" / "keys.json"), ("journal", home / "erasures" / "journal.log")):
        if not file.exists():
            raise ConfigurationError(
                f"the {what} is not there: put the newest copy of {file} in its place first; it is in no backup of "
                "this kind, and without it nothing could be read, or what was destroyed would be back"
            )
    there = next((file for file in databases if file.exists()), None)
    if there is not None and not replace:
        raise UsageError(f"{there} is there: --replace puts the backup in its place, and what came since is lost")
    BackupFolder(folder=folder).put_back(made, databases=databases, vault=home / "vault", done=done)
    return made


def require_embedded(settings: Settings) -> None:
    """Raises ConfigurationError where servers keep the state: they have better means of their own."""
    if not settings.is_embedded or settings.database is not None:
        raise ConfigurationError(
            "this backs up embedded systems; PostgreSQL and S3 have means of their own: docs/operators.md, Backups"
        )


def _databases(settings: Settings) -> tuple[Path, ...]:
    home = settings.home.absolute()
    return tuple(home / name for name in ("catalogue.db", "bus.db"))
