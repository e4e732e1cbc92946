"""Files of SQLite databases, which nothing but SQLite itself may open while anybody uses them.

A process that closes *any* descriptor of a file loses every POSIX lock it holds on it, those of its SQLite connections
included (https://sqlite.org/howtocorrupt.html, 2.2). The next process to close its own connection then takes itself for
the last, deletes the write-ahead log, and this one goes on writing into a deleted file.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from pipeline.errors import RetryableError

_MAKING: Final = Lock()
_MOST: Final = 20
"""Findings of a check: whoever reads the first has to act."""


def make_private(path: Path) -> None:
    """Make the file of a database that is not there yet, for its owner alone; SQLite gives its side files the same
    mode. One that is there is not touched. Call it before each connection is opened.

    Raises OSError where it cannot be made.
    """
    with _MAKING:  # no thread may connect between another's making of the file and its closing it
        if path.exists():
            return
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return  # another process has made it; whether it can be opened, SQLite says better
        os.close(descriptor)


def use_wal(connection: sqlite3.Connection) -> None:
    """Put the database into WAL mode, where it stays. Raises `sqlite3.OperationalError` where that cannot be done."""
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"the database stays in journal mode {mode}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteFile:
    """`pipeline.ports.database_file.DatabaseFile`."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def damage(self, *, thorough: bool) -> Sequence[str]:
        if not self.path.exists():
            return ()
        check = "integrity_check" if thorough else "quick_check"
        try:
            with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
                found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}({_MOST})")]
        except sqlite3.OperationalError as error:
            raise RetryableError(f"{self.path} cannot be checked: {error}") from error
        except sqlite3.DatabaseError as error:
            return (str(error),)
        return () if found == ["ok"] else found
