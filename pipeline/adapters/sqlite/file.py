"""Files of SQLite databases, which nothing but SQLite itself may open while anybody uses them.

A process that closes *any* descriptor of a file loses every POSIX lock it holds on it, those of its SQLite connections
included (https://sqlite.org/howtocorrupt.html, 2.2). The next process to close its own connection then takes itself for
the last, deletes the write-ahead log, and this one goes on writing into a deleted file.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from callwarden.errors import RetryableError

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


class Patience:
    """How long locks of SQLite's are waited for: so many seconds each, or `altogether`, however many connections and
    files there are. Only waiting counts: a machine may be slow. Thread-safe."""

    def __init__(self, seconds: float, *, altogether: bool = False) -> None:
        self._seconds = seconds
        self._altogether = altogether
        self._spent = 0.0

    @property
    def left(self) -> float:
        """Seconds that the next lock may be waited for."""
        return max(0.0, self._seconds - self._spent)

    @contextmanager
    def waiting(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Around a statement that takes a lock."""
        if not self._altogether:
            yield
            return
        connection.execute(f"PRAGMA busy_timeout={self.left * 1000:.0f}").close()
        began = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - began


class PatientConnection(sqlite3.Connection):
    """A connection that knows how long it may wait."""

    patience: Patience
    file: Path

    def use_wal(self, patience: Patience) -> None:
        """Put the database into WAL mode, where it stays. Raises `sqlite3.OperationalError` where that cannot be."""
        self.patience = patience
        with patience.waiting(self):
            (mode,) = self.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError(f"the database stays in journal mode {mode}")

    def empty_wal(self) -> None:
        """Empty the write-ahead log, where pages live on as they were before their bytes were overwritten. A reader in
        the way is not waited for: the next call, or SQLite's own checkpoint, does it."""
        (wait_ms,) = self.execute("PRAGMA busy_timeout").fetchone()
        self.execute("PRAGMA busy_timeout=0").close()
        try:
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            self.execute(f"PRAGMA busy_timeout={wait_ms}").close()


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteFile:
    """`callwarden.ports.database_file.DatabaseFile`."""

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
