"""What every part of a transaction stands on: a connection, and errors in our own words."""

from typing import Any

from sqlalchemy import Connection, CursorResult, Table
from sqlalchemy import Row as SqlRow
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import Executable

from callwarden.adapters.sql.bulk import BulkInsert, BulkUpdate, Row
from callwarden.adapters.sql.faults import translate
from callwarden.adapters.sql.seals import RowSeals
from callwarden.errors import CallwardenError, InvariantError

AnyRow = SqlRow[*tuple[Any, ...]]


class Rows:
    """Runs statements on one connection. The first failure is kept: after it nothing may be committed, because
    PostgreSQL would answer a commit of a failed transaction with a silent rollback."""

    def __init__(self, connection: Connection, seals: RowSeals) -> None:
        self._connection = connection
        self._seals = seals
        self.failure: CallwardenError | None = None
        self.destroyed_keys = False

    def _run(
        self, statement: Executable, parameters: dict[str, Any] | list[dict[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, parameters)
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self._failed(error) from None

    def _insert(self, bulk: BulkInsert, rows: list[Row]) -> None:
        try:
            bulk.run(self._connection, rows)
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self._failed(error) from None

    def _update(self, bulk: BulkUpdate, rows: list[Row]) -> None:
        """Raises InvariantError when one of the rows does not exist."""
        try:
            changed = bulk.run(self._connection, rows)
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self._failed(error) from None
        if changed != len(rows):
            raise self._failed(InvariantError(f"{len(rows) - changed} of {len(rows)} rows do not exist"))

    def _sealed(self, table: Table, row: Row, *, altered: bool) -> Row:
        """The row with its seal. One that was read altered stays without: writing it back does not make it genuine."""
        return {**row, "seal": None if altered else self._seals.of(table, row)}

    def _altered(self, table: Table, row: AnyRow) -> bool:
        """Whether somebody without the key has written this row, which has every column of its table."""
        return not self._seals.is_genuine(table, row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name

    def _failed(self, error: Exception) -> CallwardenError:
        ours = error if isinstance(error, CallwardenError) else translate(error)
        self.failure = self.failure or ours
        return ours
