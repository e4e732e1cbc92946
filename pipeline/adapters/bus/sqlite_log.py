"""The file of the embedded bus: its tables, its connections, and what SQLite's errors mean here.

A partition is a *slot* (a small integer); a message's row id is `slot * SPAN + offset`, so that the messages
of one partition lie next to each other in the file and reading on from an offset is one range scan.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from callwarden.adapters.durable_files import NOT_WRITABLE
from callwarden.adapters.sqlite.disk import DATABASE_FILE, fault_of_disk
from callwarden.adapters.sqlite.file import Patience, PatientConnection, make_private
from callwarden.errors import InvariantError, NotWritableError, RetryableError

SPAN = 1 << 40
"""Offsets per partition. A million messages a second would take twelve days to use it up."""

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS topics (
        name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, retention_s REAL)""",
    """CREATE TABLE IF NOT EXISTS slots (
        slot INTEGER PRIMARY KEY, topic TEXT NOT NULL REFERENCES topics, partition INTEGER NOT NULL,
        end_offset INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition))""",
    """CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY, slot INTEGER NOT NULL, at REAL NOT NULL,
        key BLOB, headers BLOB, value BLOB NOT NULL)""",
    # By age, and not by offset: clocks jump, and a message must not outlive its period because an earlier
    # one carries a later time.
    "CREATE INDEX IF NOT EXISTS messages_by_age ON messages (slot, at)",
    """CREATE TABLE IF NOT EXISTS groups (
        name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS members (
        joined INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, grp TEXT NOT NULL,
        topics TEXT NOT NULL, timeout_s REAL NOT NULL, seen REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS claims (
        grp TEXT NOT NULL, slot INTEGER NOT NULL, owner TEXT NOT NULL, wanted TEXT NOT NULL,
        PRIMARY KEY (grp, slot)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS offsets (
        grp TEXT NOT NULL, slot INTEGER NOT NULL, next_offset INTEGER NOT NULL,
        PRIMARY KEY (grp, slot)) WITHOUT ROWID""",
)


_OURS = "SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turns SQLite's errors into the three fates: busy, full, out of reach: retry; a damaged file: stop."""
    try:
        yield
    except OSError as error:
        fault = NotWritableError if error.errno in NOT_WRITABLE else RetryableError
        raise fault(f"event bus: {doing}: {error}") from error
    except sqlite3.OperationalError as error:
        on_disk = fault_of_disk(error, part="bus")
        raise on_disk or RetryableError(f"event bus: {doing}: {error}", part="bus") from error
    except sqlite3.DatabaseError as error:
        raise InvariantError(f"event bus: {doing}: {error}") from error


def connect(path: Path, *, patience: Patience, durable: bool) -> PatientConnection:
    """A connection in autocommit mode; transactions are opened by `transaction`.

    `durable` connections wait for the disk at every commit. The others are for leases, which a power cut
    ends anyway: what they write is ordered with the rest and synced by the next durable commit.
    """
    connection = sqlite3.connect(
        path, timeout=patience.left, isolation_level=None, check_same_thread=False, factory=PatientConnection
    )
    connection.file = path
    try:
        connection.use_wal(patience)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA secure_delete = ON")  # what retention removes is overwritten, not only unlinked
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException as error:
        _name_file(error, path)
        connection.close()
        raise
    return connection


def create(path: Path, *, patience: Patience) -> PatientConnection:
    """Makes the file, readable by its owner alone (events carry telephone numbers), and its tables, where they are not
    there yet: no start waits for whoever is writing. Returns a durable connection."""
    path.parent.mkdir(parents=True, exist_ok=True)
    make_private(path)
    connection = connect(path, patience=patience, durable=True)
    try:
        with transaction(connection, "DEFERRED"):
            (there,) = connection.execute(_OURS).fetchone()
        if there < len(_SCHEMA):
            with transaction(connection):
                for statement in _SCHEMA:
                    connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: PatientConnection, mode: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE") -> Iterator[None]:
    """All or nothing. IMMEDIATE takes the write lock at once: what was read still holds when writing."""
    try:
        with connection.patience.waiting(connection):
            connection.execute(f"BEGIN {mode}")
            if mode == "DEFERRED":  # takes no lock until it reads
                connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").close()
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        _name_file(error, connection.file)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _name_file(error: BaseException, file: Path) -> None:
    if isinstance(error, sqlite3.Error):
        error.add_note(f"{DATABASE_FILE}{file}")
