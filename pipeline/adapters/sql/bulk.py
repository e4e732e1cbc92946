"""Many rows in one statement. SQLite runs a prepared statement over the rows; PostgreSQL is handed whole columns
as arrays, so that a batch is one round trip and one prepared statement whatever its size."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, Connection, Table, bindparam, func, select, update
from sqlalchemy.sql import Executable, FromClause

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

Row = Mapping[str, Any]


class Clash(Enum):
    """What to do with a row whose key is there already."""

    ERROR = auto()
    KEEP = auto()
    REPLACE = auto()


class BulkInsert:
    """INSERT of many rows. `columns` are the columns given; `key` those a clash is about."""

    def __init__(
        self, table: Table, columns: Sequence[str], *, key: Sequence[str] = (), clash: Clash = Clash.ERROR
    ) -> None:
        self._columns: Final = tuple(columns)
        self._table: Final = table
        self._key: Final = tuple(key)
        self._clash: Final = clash
        self._statements: Final[dict[str, Executable]] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, given in the order in which their locks are to be taken."""
        if not rows:
            return
        dialect = connection.dialect.name
        if dialect not in self._statements:  # made for the database in use: the other's dialect is not loaded
            self._statements[dialect] = self._on_postgresql() if dialect == "postgresql" else self._on_sqlite()
        _execute(connection, self._statements[dialect], self._columns, rows)

    def _on_sqlite(self) -> Executable:
        from sqlalchemy.dialects.sqlite import insert

        return self._with_clash(insert(self._table).values({name: bindparam(name) for name in self._columns}))

    def _on_postgresql(self) -> Executable:
        from sqlalchemy.dialects.postgresql import insert

        given = select(*_columns_given(self._table, self._columns).c)
        return self._with_clash(insert(self._table).from_select([self._table.c[name] for name in self._columns], given))

    def _with_clash(self, statement: "SqliteInsert | PostgresqlInsert") -> Executable:
        match self._clash:
            case Clash.KEEP:
                return statement.on_conflict_do_nothing(index_elements=self._key)
            case Clash.REPLACE:
                rest = {name: statement.excluded[name] for name in self._columns if name not in self._key}
                return statement.on_conflict_do_update(index_elements=self._key, set_=rest)
            case Clash.ERROR:
                return statement


class BulkUpdate:
    """UPDATE of many rows, each by its own key."""

    def __init__(self, table: Table, columns: Sequence[str], *, key: str) -> None:
        self._columns: Final = (key, *columns)
        given = _columns_given(table, self._columns)
        self._statements: Final[dict[str, Executable]] = {
            "sqlite": update(table)
            .where(table.c[key] == bindparam(f"{key}_given", type_=table.c[key].type))
            .values({name: bindparam(name) for name in columns}),
            "postgresql": update(table)
            .where(table.c[key] == given.c[key])
            .values({name: given.c[name] for name in columns}),
        }
        self._key: Final = key

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Update the rows; how many there were."""
        if not rows:
            return 0
        if connection.dialect.name == "sqlite":
            # Exactly these columns: SQLAlchemy would set every other one it is handed, too.
            names = [(name, f"{name}_given" if name == self._key else name) for name in self._columns]
            rows = [{given: row[name] for name, given in names} for row in rows]
        return _execute(connection, self._statements[connection.dialect.name], self._columns, rows)


def _columns_given(table: Table, columns: Sequence[str]) -> FromClause:
    # SQLAlchemy keeps the plain names of columns that are set for itself.
    arrays = [bindparam(f"{name}_given", type_=ARRAY(table.c[name].type)) for name in columns]
    return func.unnest(*arrays).table_valued(*(table.c[name] for name in columns)).render_derived(name="given")


def _execute(connection: Connection, statement: Executable, columns: Sequence[str], rows: Sequence[Row]) -> int:
    if connection.dialect.name == "postgresql":
        arrays = {f"{name}_given": [row[name] for row in rows] for name in columns}
        return connection.execute(statement, arrays).rowcount
    return connection.execute(statement, rows).rowcount
