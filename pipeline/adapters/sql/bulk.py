"""Many rows in one statement. SQLite runs a prepared statement over the rows; PostgreSQL is handed whole columns
as arrays, so that a batch is one round trip and one prepared statement whatever its size."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final

from sqlalchemy import ARRAY, Connection, Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable, FromClause

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
        on_sqlite = sqlite.insert(table).values({name: bindparam(name) for name in columns})
        on_postgresql = postgresql.insert(table).from_select(
            [table.c[name] for name in columns], select(*_columns_given(table, columns).c)
        )
        rest = [name for name in columns if name not in key]
        match clash:
            case Clash.KEEP:
                on_sqlite = on_sqlite.on_conflict_do_nothing(index_elements=list(key))
                on_postgresql = on_postgresql.on_conflict_do_nothing(index_elements=list(key))
            case Clash.REPLACE:
                on_sqlite = on_sqlite.on_conflict_do_update(
                    index_elements=list(key), set_={name: on_sqlite.excluded[name] for name in rest}
                )
                on_postgresql = on_postgresql.on_conflict_do_update(
                    index_elements=list(key), set_={name: on_postgresql.excluded[name] for name in rest}
                )
            case Clash.ERROR:
                pass
        self._statements: Final[dict[str, Executable]] = {"sqlite": on_sqlite, "postgresql": on_postgresql}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, given in the order in which their locks are to be taken."""
        if rows:
            _execute(connection, self._statements, self._columns, rows)


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
        return _execute(connection, self._statements, self._columns, rows)


def _columns_given(table: Table, columns: Sequence[str]) -> FromClause:
    # SQLAlchemy keeps the plain names of columns that are set for itself.
    arrays = [bindparam(f"{name}_given", type_=ARRAY(table.c[name].type)) for name in columns]
    return func.unnest(*arrays).table_valued(*(table.c[name] for name in columns)).render_derived(name="given")


def _execute(
    connection: Connection, statements: Mapping[str, Executable], columns: Sequence[str], rows: Sequence[Row]
) -> int:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        arrays = {f"{name}_given": [row[name] for row in rows] for name in columns}
        return connection.execute(statements[dialect], arrays).rowcount
    return connection.execute(statements[dialect], rows).rowcount
