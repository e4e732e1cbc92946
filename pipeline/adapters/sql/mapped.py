"""Between the rows of a table and values whose fields have the names of its columns."""

import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Row as SqlRow
from sqlalchemy import Table

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.model.outcome import Position

AnyRow = SqlRow[*tuple[Any, ...]]
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""What makes a column's value of a field's, and the field's of the column's."""
Value = TypeVar("Value")

PLACE: Final = ("topic", "partition", "offset")
"""The columns of a `Position`."""


def word(kind: type[StrEnum]) -> Codec:
    """A column of words of a closed vocabulary, or NULL."""
    return lambda field: None if field is None else field.value, lambda text: None if text is None else kind(text)


class Mapped(Generic[Value]):
    """`codecs` by column, where a field does not stand in its column as it is. Of the columns `PLACE` there is one
    field, `position`; the seal and what is to be `omitted` are no fields."""

    def __init__(
        self, table: Table, make: Callable[..., Value], /, *, omitted: Sequence[str] = (), **codecs: Codec
    ) -> None:
        self.table: Final = table
        self.names: Final = tuple(each.name for each in table.c if each.name not in ("seal", *omitted))
        self.fields: Final = attrgetter(*(f"position.{name}" if name in PLACE else name for name in self.names))
        """The fields of a value, before their codecs."""
        self._make = make
        self._codecs = tuple((name, *codec) for name, codec in codecs.items())
        self._placed = PLACE[0] in self.names

    def insert(self, *, key: Sequence[str] = (), clash: Clash = Clash.ERROR) -> BulkInsert:
        """The statement that writes its rows."""
        sealed = ("seal",) if "seal" in self.table.c else ()
        return BulkInsert(self.table, (*self.names, *sealed), key=key, clash=clash)

    def row(self, value: Value) -> Row:
        """What is to be written, without a seal."""
        row = dict(zip(self.names, self.fields(value), strict=True))
        for name, encode, _ in self._codecs:
            row[name] = encode(row[name])
        return row

    def value(self, row: AnyRow, **more: Any) -> Value:
        """What a row says that begins with the columns `names`, and `more` fields."""
        fields = dict(zip(self.names, row, strict=False))
        for name, _, decode in self._codecs:
            fields[name] = decode(fields[name])
        if self._placed:
            fields["position"] = Position(**{name: fields.pop(name) for name in PLACE})
        return self._make(**fields, **more)

    def values(self, rows: Iterable[AnyRow]) -> list[Value]:
        """What each of the rows says."""
        return [self.value(row) for row in rows]


by_position: Final = attrgetter(*(f"position.{name}" for name in PLACE))
"""The order to take locks in."""


def positions_text(positions: Iterable[Position]) -> str:
    """As `rows_among` takes them."""
    return json.dumps([(position.topic, position.partition, position.offset) for position in positions])
