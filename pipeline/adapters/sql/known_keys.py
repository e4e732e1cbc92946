"""The keys the system has used, and what is wrapped by which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, func, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.other_keys import OTHER_MASTERS, OtherKeyRows
from callwarden.adapters.sql.schema import data_key
from callwarden.adapters.sql.schema import known_key as table
from callwarden.model.ids import RecordingId
from callwarden.model.key import KeyKind, KnownKey
from callwarden.ports.catalogue import WrappedKey

_KNOWN: Final = select(*table.c).order_by(table.c.first_used_at, table.c.kind, table.c.key_id)
_SAVE: Final = BulkInsert(table, [column.name for column in table.c], key=("kind", "key_id"), clash=Clash.REPLACE)
_COUNTS: Final = select(data_key.c.master_key_id, func.count()).group_by(data_key.c.master_key_id)
_ONE: Final = select(*data_key.c).where(data_key.c.master_key_id == bindparam("id")).limit(1)


class KnownKeyRows(OtherKeyRows):
    """`callwarden.ports.catalogue.Transaction`: known keys."""

    def known_keys(self, *, lock: bool = False) -> Sequence[KnownKey]:
        rows = self._run(_KNOWN.with_for_update() if lock else _KNOWN)
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

    def save_known_keys(self, keys: Sequence[KnownKey]) -> None:
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
        self._insert(_SAVE, rows)

    def master_keys(self) -> Mapping[str, int]:
        counts = Counter({row[0]: row[1] for row in self._run(_COUNTS)})
        for key_id, count in self._run(OTHER_MASTERS):
            counts[key_id] += count
        return counts

    def key_under(self, master_key_id: str) -> WrappedKey | None:
        row = self._run(_ONE, {"id": master_key_id}).one_or_none()
        if row is None:
            return None
        return WrappedKey(
            recording_id=RecordingId(row.recording_id), wrapped=row.wrapped, master_key_id=row.master_key_id
        )
