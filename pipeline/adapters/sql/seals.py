"""Seals of rows: a keyed digest over what a row says, so that a row changed by anybody without the key is seen (I7).

A seal covers every column of its row by name, but those the schema takes out and those that are NULL: a column a later
version adds, NULL in the rows there are, leaves their seals as they are. It proves nothing against who holds the key,
and an older row put back with its older seal is genuine: that is for the comparison with the access log to see.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Column, Table

from callwarden.adapters.sql.columns import BYTES
from callwarden.errors import InvariantError

UNSEALED: Final = "callwarden_unsealed"
"""In a column's `info`: follows from other rows, or only fences."""

_SEAL: Final = "seal"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_quoted: Final = json.encoder.encode_basestring_ascii


def seal_column() -> Column[bytes]:
    """Where a row's seal stands; NULL in rows a version without seals has written."""
    return Column(_SEAL, BYTES)


class RowSeals:
    """`key` gives the secret when it is first needed; it may raise what a key store raises. Thread-safe."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._ask = key
        self._key: bytes | None = None

    def derived(self, purpose: str) -> bytes:
        """64 bytes for another use of the same secret, which no seal is made with."""
        return hmac.digest(self._secret(), purpose.encode(), "sha512")

    def of(self, table: Table, row: Mapping[Any, Any]) -> bytes:
        """The seal of a row of this table, given every value by its column's name; names that are no column's count as
        well."""
        opening, columns = _layout(table.name, tuple(row), _unsealed(table))
        said = [
            f"{before}{_quoted(value) if type(value) is str else _plain(value)}]"
            for name, before in columns
            if (value := row[name]) is not None
        ]
        return hmac.digest(self._secret(), f"{opening}{','.join(said)}]]".encode(), "sha256")

    def is_genuine(self, table: Table, row: Mapping[Any, Any]) -> bool:
        """Whether the row says what was sealed. `row` has its seal beside its values."""
        seal = row.get(_SEAL)
        return isinstance(seal, bytes) and hmac.compare_digest(seal, self.of(table, row))

    def _secret(self) -> bytes:
        if self._key is None:
            self._key = self._ask()
        return self._key


def _plain(value: Any) -> str:
    """As JSON, in one form whichever database it comes from."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvariantError("an instant carries its zone")
        return str((value - _EPOCH) // _MICROSECOND)
    if isinstance(value, bytes):
        return f'"{sha256(value).hexdigest()}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise InvariantError(f"a {type(value).__name__} cannot be sealed")


@lru_cache(256)
def _layout(table: str, names: tuple[Any, ...], unsealed: frozenset[str]) -> tuple[str, tuple[tuple[Any, str], ...]]:
    """What a seal's message opens with, and of a row's names those that count, in their order, each with what stands
    before its value: JSON of [table, [[name, value], …]]. Rows of one table come again and again."""
    counting = sorted(name for name in names if name not in unsealed)
    return f"[{_quoted(table)},[", tuple((name, f"[{_quoted(name)},") for name in counting)


_KNOWN: Final[dict[str, frozenset[str]]] = {}


def _unsealed(table: Table) -> frozenset[str]:
    if table.name not in _KNOWN:
        _KNOWN[table.name] = frozenset({_SEAL, *(column.name for column in table.c if column.info.get(UNSEALED))})
    return _KNOWN[table.name]
