"""The keys the system has used."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import known_key as table
from callwarden.model.key import KeyKind, KnownKey

_KNOWN: Final = select(*table.c).order_by(table.c.first_used_at, table.c.kind, table.c.key_id)
_SAVE: Final = BulkInsert(table, [column.name for column in table.c], key=("kind", "key_id"), clash=Clash.REPLACE)


class KnownKeyRows(Rows):
    """`callwarden.ports.catalogue.keys.KnownKeys`."""

    def all(self, *, lock: bool = False) -> Sequence[KnownKey]:
        rows = self._session.run(_KNOWN.with_for_update() if lock else _KNOWN)
        return [
            KnownKey(
                kind=KeyKind(row.kind),
                key_id=row.key_id,
                fingerprint=row.fingerprint,
                first_used_at=row.first_used_at,
                rewrapped_at=row.rewrapped_at,
                retired_at=row.retired_at,
                destroyed_at=row.destroyed_at,
            )
            for row in rows
        ]

    def save(self, keys: Sequence[KnownKey]) -> None:
        rows: list[Row] = [
            {
                "kind": one.kind.value,
                "key_id": one.key_id,
                "fingerprint": one.fingerprint,
                "first_used_at": one.first_used_at,
                "rewrapped_at": one.rewrapped_at,
                "retired_at": one.retired_at,
                "destroyed_at": one.destroyed_at,
            }
            for one in sorted(keys, key=lambda one: (one.kind, one.key_id))
        ]
        self._session.insert(_SAVE, rows)
