"""What every part of a transaction stands on: a connection, and errors in our own words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import Executable

from callwarden.adapters.sql.bulk import BulkInsert, BulkUpdate, Row
from callwarden.adapters.sql.faults import translate
from callwarden.adapters.sql.mapped import Mapped, Value
from callwarden.adapters.sql.seals import RowSeals
from callwarden.errors import CallwardenError, InvariantError


class Session:
    """Runs statements on one connection. The first failure is kept: after it nothing may be committed, because
    PostgreSQL would answer a commit of a failed transaction with a silent rollback."""

    def __init__(self, connection: Connection, seals: RowSeals) -> None:
        self.connection = connection
        self.seals = seals
        self.failure: CallwardenError | None = None
        self.destroyed_keys = False

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is SQLite; otherwise it is PostgreSQL."""
        return self.connection.dialect.name == "sqlite"

    @property
    def dialect(self) -> Dialect:
        return self.connection.dialect

    def run(
        self, statement: Executable, parameters: dict[str, Any] | list[dict[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """What a statement answers."""
        try:
            return self.connection.execute(statement, parameters)
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self.failed(error) from None

    def insert(self, bulk: BulkInsert, rows: list[Row]) -> None:
        """Insert the rows, in the order given."""
        try:
            bulk.run(self.connection, rows)
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self.failed(error) from None

    def update(self, bulk: BulkUpdate, rows: list[Row]) -> None:
        """Raises InvariantError when one of the rows does not exist."""
        try:
            changed = bulk.run(self.connection, rows)
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self.failed(error) from None
        if changed != len(rows):
            raise self.failed(InvariantError(f"{len(rows) - changed} of {len(rows)} rows do not exist"))

    def sealed(self, table: Table, row: Row, *, altered: bool) -> Row:
        """The row with its seal. One that was read altered stays without: writing it back does not make it genuine."""
        return {**row, "seal": None if altered else self.seals.of(table, row)}

    def save(self, bulk: BulkInsert, mapped: Mapped[Value], values: Iterable[Value]) -> None:
        """Insert values, in the order given: sealed, where the table's rows are."""
        rows = [(mapped.row(value), getattr(value, "altered", False)) for value in values]
        if "seal" in mapped.table.c:
            rows = [(self.sealed(mapped.table, row, altered=altered), altered) for row, altered in rows]
        self.insert(bulk, [row for row, _ in rows])

    def read(self, mapped: Mapped[Value], rows: CursorResult[*tuple[Any, ...]]) -> list[Value]:
        """What sealed rows say, which have every column of their table; a value is marked where somebody without the
        key has written its row."""
        names = tuple(rows.keys())
        found: list[Any] = [
            (mapped.value(row), self.seals.is_genuine(mapped.table, dict(zip(names, row, strict=True)))) for row in rows
        ]
        return [value if genuine else replace(value, altered=True) for value, genuine in found]

    def failed(self, error: Exception) -> CallwardenError:
        """The error to raise, in our own words; from now on nothing is committed."""
        ours = error if isinstance(error, CallwardenError) else translate(error)
        self.failure = self.failure or ours
        return ours


class Rows:
    """The rows of one subject, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
