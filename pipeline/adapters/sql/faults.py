"""Database errors become errors of this system. Their own texts stay out: drivers print the values of rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from callwarden.adapters.sqlite.disk import fault_of_disk
from callwarden.errors import CallwardenError, InvalidMessageError, InvariantError, RetryableError

# Read-only after a fail-over; idle in a transaction for too long; the server asks to try again.
_TRY_AGAIN_STATES: Final = frozenset({"25006", "25P03", "40001", "40P01", "55P03", "57014"})
_TRY_AGAIN_CLASSES: Final = frozenset({"08", "53", "57", "58"})
_SQLITE_TRY_AGAIN: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
    }
)

_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PART: Final = "catalogue"


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
    if isinstance(error, exc.StatementError) and isinstance(error.orig, UnicodeEncodeError):
        return translate(error.orig)
    if isinstance(error, exc.StatementError) and isinstance(error.orig, CallwardenError):
        return error.orig  # raised while a value was sealed
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
        on_disk = fault_of_disk(original, part=_PART)
        if on_disk is not None:
            return on_disk
        if code is not None and (code & 0xFF) in _LOCKED:
            return RetryableError(f"another process has the database locked: {what}", part=_PART)
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
