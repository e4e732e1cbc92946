"""Column types and conditions that read the same on both databases."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

# SQLite numbers rows by itself only where the key is spelt INTEGER.
NUMBERED: Final = BigInteger().with_variant(Integer(), "sqlite")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# What somebody else has written may be no instant; it is not what was sealed, and is recognised by that.
_LEAST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_MOST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


class _Timestamp(TypeDecorator[datetime]):
    """PostgreSQL's own instants. The driver would take a naive datetime for the session's zone: refused here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant carries its zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class _Microseconds(TypeDecorator[datetime]):
    """SQLite has no instants: whole microseconds since 1970, which sort and compare as instants do."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant carries its zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=min(max(value, _LEAST), _MOST))


INSTANT: Final[TypeEngine[datetime]] = _Timestamp().with_variant(_Microseconds(), "sqlite")
"""An aware instant, to the microsecond; read back in UTC."""

KEY_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is ordered by its bytes on every database, as object stores order their keys."""

BYTES: Final = LargeBinary()
WORDS_NONE: Final = "[]"


def words_to_text(words: Collection[str]) -> str:
    """A set of words as one column: a JSON list, sorted."""
    return json.dumps(sorted(words), ensure_ascii=False) if words else WORDS_NONE


def words_from_text(text: str) -> frozenset[str]:
    return frozenset(json.loads(text)) if text != WORDS_NONE else frozenset()


class TextSet(TypeDecorator[Collection[str]]):
    """Any number of texts in one parameter, so that the statement stays the same and stays prepared."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        texts = sorted(value or ())
        return texts if dialect.name == "postgresql" else json.dumps(texts)


class among(FunctionElement[Any]):  # noqa: N801 -- used like an SQL function
    """``among(column, bindparam(..., type_=TextSet()))``: the column's value is one of the set."""

    inherit_cache = True
    type = NullType()  # a Boolean would be compared with 1 on SQLite, and no index used
    name = "among"


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 -- compiled parts, no values


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({texts})"


class rows_among(FunctionElement[Any]):  # noqa: N801 -- used like an SQL function
    """``rows_among(text or whole-number columns..., parameter)``: the row of columns is one of the parameter's
    rows, given as a JSON list of lists."""

    inherit_cache = True
    type = NullType()  # a Boolean would be compared with 1 on SQLite, and no index used
    name = "rows_among"


@compiles(rows_among, "sqlite")
def _rows_among_sqlite(element: rows_among, compiler: SQLCompiler, **options: Any) -> str:
    *columns, rows = (compiler.process(clause, **options) for clause in element.clauses)
    # The casts are for the planner: without them it compares value by value and leaves the index alone.
    kinds = ["TEXT" if _is_text(clause) else "INTEGER" for clause in list(element.clauses)[:-1]]
    fields = ", ".join(f"CAST(json_extract(value, '$[{index}]') AS {kind})" for index, kind in enumerate(kinds))
    return f"({', '.join(columns)}) IN (SELECT {fields} FROM json_each({rows}))"  # noqa: S608 -- compiled parts, no values


@compiles(rows_among, "postgresql")
def _rows_among_postgresql(element: rows_among, compiler: SQLCompiler, **options: Any) -> str:
    *columns, rows = (compiler.process(clause, **options) for clause in element.clauses)
    kinds = ["text" if _is_text(clause) else "bigint" for clause in list(element.clauses)[:-1]]
    fields = ", ".join(f"(value ->> {index})::{kind}" for index, kind in enumerate(kinds))
    listed = f"SELECT {fields} FROM jsonb_array_elements(({rows})::jsonb)"  # noqa: S608 -- compiled parts, no values
    return f"({', '.join(columns)}) IN ({listed})"


def _is_text(column: ColumnElement[Any]) -> bool:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, Text)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """The column holds one of the words."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def index_where(condition: str, name: str, column: Column[Any], *, on_postgresql: str | None = None) -> None:
    """An index that covers some rows; `on_postgresql` where it says the same in other words. Said as an option of the
    index, what PostgreSQL is to have would load its dialect wherever the tables are read."""
    index = Index(name, column, sqlite_where=text(condition)).ddl_if(dialect="sqlite")

    @event.listens_for(column.table, "after_create")
    def make(table: Table, connection: Connection, **_options: Any) -> None:
        if connection.dialect.name == "postgresql":
            chosen = on_postgresql or condition
            connection.exec_driver_sql(f"CREATE INDEX {index.name} ON {table.name} ({column.name}) WHERE {chosen}")
