"""Database errors become errors of this system. Their own texts stay out: drivers print the values of rows."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import exc

from pipeline.errors import CallwardenError, InvalidMessageError, InvariantError, NotWritableError, RetryableError

# Read-only after a fail-over; idle in a transaction for too long; the server asks to try again.
_TRY_AGAIN_STATES: Final = frozenset({"25006", "25P03", "40001", "40P01", "55P03", "57014"})
_TRY_AGAIN_CLASSES: Final = frozenset({"08", "53", "57", "58"})
_SQLITE_TRY_AGAIN: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
    }
)

_OF_THE_DISK: Final = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
_LEAST_FREE: Final = 65_536
"""Bytes; SQLite's shared memory file grows by half of it."""
_PART: Final = "catalogue"
DATABASE_FILE: Final = "database file: "
"""Begins the note that an engine puts on an error of SQLite's, followed by the path."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of the database's."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise translate(error) from None


def translate(error: Exception) -> CallwardenError:
    """The fate of a database error: retry, dead-letter or stop. Names its code and constraint, no values."""
    if isinstance(error, UnicodeEncodeError):
        return InvalidMessageError("invalid_field", detail="text that is not Unicode")
    if isinstance(error, exc.TimeoutError):
        return RetryableError("no free connection to the database in time", part=_PART)
    if not isinstance(error, exc.DBAPIError):
        return InvariantError(f"the database layer refused: {type(error).__name__}")
    original, what = error.orig, _name(error.orig)
    if error.statement is None and isinstance(error, exc.OperationalError):
        what = str(original).strip().splitlines()[0]  # no statement, so no values: host, port, file, the reason
    if isinstance(error, exc.IntegrityError):
        return InvariantError(f"the database refused a row: {what}")
    if isinstance(error, exc.DataError):
        return InvalidMessageError("invalid_field", detail=f"the database cannot hold a value: {what}")
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)
        on_disk = None if code is None else _fault_of_disk(original, code & 0xFF)
        if on_disk is not None:
            return on_disk
        again = code is not None and (code & 0xFF) in _SQLITE_TRY_AGAIN
    else:
        state: str | None = getattr(original, "sqlstate", None)
        again = error.connection_invalidated or (
            state in _TRY_AGAIN_STATES or state[:2] in _TRY_AGAIN_CLASSES
            if state
            else isinstance(error, exc.OperationalError | exc.InterfaceError)
        )
    if again:
        return RetryableError(f"the database is out of reach, or asks to try again: {what}", part=_PART)
    return InvariantError(f"the database failed: {what}")


def _fault_of_disk(original: sqlite3.Error, code: int) -> RetryableError | None:
    """What the disk has to do with it, as far as it can be seen; SQLite says "disk I/O error" of a full one, too."""
    notes = [note for note in getattr(original, "__notes__", ()) if note.startswith(DATABASE_FILE)]
    if not notes or code not in _OF_THE_DISK:
        return None
    file = Path(notes[0].removeprefix(DATABASE_FILE)).absolute()
    if not file.parent.is_dir():
        return RetryableError(
            f"the database is out of reach: unable to open database file {file}: no such folder", part=_PART
        )
    if code == sqlite3.SQLITE_READONLY or not (os.access(file.parent, os.W_OK) and _is_writable(file)):
        return NotWritableError(
            f"the database {file} is read-only here: its folder or its file may not be written", part=_PART
        )
    with suppress(OSError):
        if code == sqlite3.SQLITE_FULL or shutil.disk_usage(file.parent).free < _LEAST_FREE:
            return RetryableError(f"no space left on the disk of the database {file}", part=_PART)
    return RetryableError(f"the database {file} is out of reach: {_name(original)}", part=_PART)


def _is_writable(file: Path) -> bool:
    return not file.exists() or os.access(file, os.W_OK)


def _name(original: BaseException | None) -> str:
    """The error's class, code and constraint; nothing of its message, which may quote values."""
    parts = [type(original).__name__]
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    if code:
        parts.append(str(code))
    constraint = getattr(getattr(original, "diag", None), "constraint_name", None)
    if constraint:
        parts.append(str(constraint))
    return " ".join(parts)
