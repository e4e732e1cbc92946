"""What the disk has to do with an error of SQLite's, as far as it can be seen.

SQLite says "disk I/O error" of a full one, too, and never names a file.
"""

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from callwarden.errors import NotWritableError, RetryableError

_OF_THE_DISK: Final = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
_LEAST_FREE: Final = 65_536
"""Bytes; SQLite's shared memory file grows by half of it."""
DATABASE_FILE: Final = "database file: "
"""Begins the note that whoever connects puts on an error of SQLite's, followed by the path."""


def fault_of_disk(error: sqlite3.Error, *, part: str) -> RetryableError | None:
    """What to say of an error that carries the note; None where the disk has nothing to do with it."""
    notes = [note for note in getattr(error, "__notes__", ()) if note.startswith(DATABASE_FILE)]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if not notes or code not in _OF_THE_DISK:
        return None
    file = Path(notes[0].removeprefix(DATABASE_FILE)).absolute()
    if not file.parent.is_dir():
        return RetryableError(
            f"the database is out of reach: unable to open database file {file}: no such folder", part=part
        )
    if code == sqlite3.SQLITE_READONLY or not (os.access(file.parent, os.W_OK) and _is_writable(file)):
        return NotWritableError(
            f"the database {file} is read-only here: its folder or its file may not be written", part=part
        )
    with suppress(OSError):
        if code == sqlite3.SQLITE_FULL or shutil.disk_usage(file.parent).free < _LEAST_FREE:
            return RetryableError(f"no space left on the disk of the database {file}", part=part)
    name = getattr(error, "sqlite_errorname", "")
    return RetryableError(f"the database {file} is out of reach: {type(error).__name__} {name}", part=part)


def _is_writable(file: Path) -> bool:
    return not file.exists() or os.access(file, os.W_OK)
