"""Data keys of recordings, and how many keys each master key wraps."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.other_keys import OTHER_MASTERS
from callwarden.adapters.sql.reviews import FORGET
from callwarden.adapters.sql.rows import Rows, Session
from callwarden.adapters.sql.schema import data_key
from callwarden.adapters.sql.search import SearchRows
from callwarden.model.ids import RecordingId
from callwarden.ports.catalogue import WrappedKey

_IDS: Final = bindparam("ids", type_=TextSet())
_KEYS: Final = select(*data_key.c).where(among(data_key.c.recording_id, _IDS))
_ADD_KEYS: Final = BulkInsert(
    data_key, ("recording_id", "wrapped", "master_key_id", "seal"), key=("recording_id",), clash=Clash.REPLACE
)
_DESTROY: Final = delete(data_key).where(among(data_key.c.recording_id, _IDS))
_COUNTS: Final = select(data_key.c.master_key_id, func.count()).group_by(data_key.c.master_key_id)
_ONE: Final = select(*data_key.c).where(data_key.c.master_key_id == bindparam("id")).limit(1)


class KeyRows(Rows):
    """`callwarden.ports.catalogue.keys.Keys`. The words of a recording, and what was written of it, go with its key."""

    def __init__(self, session: Session, search: SearchRows) -> None:
        super().__init__(session)
        self._search = search

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, WrappedKey]:
        if not recording_ids:
            return {}
        return {
            recording_id: WrappedKey(recording_id=recording_id, wrapped=wrapped, master_key_id=master)
            for recording_id, wrapped, master, _ in self._session.run(_KEYS, {"ids": recording_ids})
        }

    def add(self, keys: Sequence[WrappedKey]) -> None:
        lasts = {key.recording_id: key for key in keys}
        rows: list[Row] = [
            {"recording_id": one.recording_id, "wrapped": one.wrapped, "master_key_id": one.master_key_id}
            for _, one in sorted(lasts.items())
        ]
        self._session.insert(_ADD_KEYS, [self._session.sealed(data_key, row, altered=False) for row in rows])

    def destroy(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._session.run(_DESTROY, {"ids": recording_ids})
            self._search.remove(recording_ids)
            self._session.run(FORGET, {"ids": recording_ids})
            self._session.destroyed_keys = True

    def count_by_master(self) -> Mapping[str, int]:
        counts = Counter({row[0]: row[1] for row in self._session.run(_COUNTS)})
        for key_id, count in self._session.run(OTHER_MASTERS):
            counts[key_id] += count
        return counts

    def any_under(self, master_key_id: str) -> WrappedKey | None:
        row = self._session.run(_ONE, {"id": master_key_id}).one_or_none()
        if row is None:
            return None
        return WrappedKey(
            recording_id=RecordingId(row.recording_id), wrapped=row.wrapped, master_key_id=row.master_key_id
        )
