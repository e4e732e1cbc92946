"""Writes entries where the sequencer finds them, in a transaction that holds nothing else.

Goes past SQLAlchemy's statements to the driver: every reading waits for this, and what remains is the disk.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from callwarden.accesslog.book.group_writer import TIMEOUT_S, GroupLogWriter
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.adapters.sql.faults import translate
from callwarden.errors import InvariantError
from callwarden.model.log_entry import LogEntry
from callwarden.ports.log import LogUnavailableError

_INSERT: Final = {
    "sqlite": "INSERT INTO log_staged (entry_id, bytes) VALUES (?, ?)",
    "postgresql": "INSERT INTO log_staged (entry_id, bytes) VALUES (%s, %s)",
}


def open_log_writer(
    engine: Engine,
    *,
    timeout_s: float = TIMEOUT_S,
    alone: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> GroupLogWriter:
    """The gate's log writer on this database (the catalogue's). Close it at the end; see `Stager` for ``alone``."""
    stager = Stager(engine, alone=alone)
    return GroupLogWriter(stager.stage, on_close=stager.close, timeout_s=timeout_s)


class Stager:
    """One connection of its own, kept open. Used by one thread at a time.

    ``alone`` is entered around each transaction: on SQLite the turn of this process's writers, where it has one.
    """

    def __init__(self, engine: Engine, *, alone: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self._engine = engine
        self._alone = alone
        self._insert = _INSERT[engine.dialect.name]
        self._begin = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else None
        self._connection: Any = None
        self._closing = threading.Lock()

    def stage(self, entries: Sequence[LogEntry]) -> None:
        """Durable when it returns; all or none.

        Raises: `LogUnavailableError`; `InvariantError` when the database refuses one of the rows for good.
        """
        rows = [(entry.entry_id, encode_entry(entry)) for entry in entries]
        with self._alone():
            try:
                connection = self._open()
                cursor = connection.cursor()
                try:
                    if self._begin is not None:
                        driver = connection.driver_connection
                        with driver.patience.waiting(driver):
                            cursor.execute(self._begin)
                    cursor.executemany(self._insert, rows)
                    connection.commit()
                finally:
                    cursor.close()
            except SQLAlchemyError as error:
                self._drop()
                raise LogUnavailableError(str(translate(error))) from None
            except self._engine.dialect.loaded_dbapi.IntegrityError as error:
                self._drop()
                raise InvariantError(f"the log refused a row: {type(error).__name__}") from None
            except self._engine.dialect.loaded_dbapi.Error as error:
                self._drop()
                code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""
                raise LogUnavailableError(f"the log's database failed: {type(error).__name__} {code}") from None

    def close(self) -> None:
        """Give the connection back."""
        self._drop()

    def _open(self) -> Any:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        return self._connection

    def _drop(self) -> None:
        """The next transaction begins on a connection that is known to be sound."""
        with self._closing:
            connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # it is given up because it fails
                connection.rollback()
            with suppress(Exception):
                connection.invalidate()
            with suppress(Exception):
                connection.close()
