"""Stored objects and data keys."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.rows import AnyRow
from callwarden.adapters.sql.schema import artefact, data_key
from callwarden.adapters.sql.search import SearchRows
from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.ports.catalogue import WrappedKey

_IDS: Final = bindparam("ids", type_=TextSet())
SELECT_ARTEFACTS: Final = select(*artefact.c)
_ADD: Final = BulkInsert(artefact, [column.name for column in artefact.c])
_OF_RECORDINGS: Final = SELECT_ARTEFACTS.where(among(artefact.c.recording_id, _IDS)).order_by(
    artefact.c.recording_id, artefact.c.kind, artefact.c.generation
)
_NEWEST: Final = (
    SELECT_ARTEFACTS.where(artefact.c.recording_id == bindparam("id"), artefact.c.kind == bindparam("of_kind"))
    .order_by(artefact.c.generation.desc())
    .limit(1)
)
_REMOVE: Final = delete(artefact).where(among(artefact.c.recording_id, _IDS))
_OLDER: Final = (
    artefact.c.recording_id == bindparam("id"),
    among(artefact.c.kind, bindparam("kinds", type_=TextSet())),
    artefact.c.generation < bindparam("before"),
)
_SELECT_OLDER: Final = SELECT_ARTEFACTS.where(*_OLDER).order_by(artefact.c.kind, artefact.c.generation)
_REMOVE_OLDER: Final = delete(artefact).where(*_OLDER)

_KEYS: Final = select(*data_key.c).where(among(data_key.c.recording_id, _IDS))
_ADD_KEYS: Final = BulkInsert(
    data_key, ("recording_id", "wrapped", "master_key_id", "seal"), key=("recording_id",), clash=Clash.REPLACE
)
_DESTROY: Final = delete(data_key).where(among(data_key.c.recording_id, _IDS))


class ArtefactRows(SearchRows):
    """`callwarden.ports.catalogue.Transaction`: artefacts and keys, and the words that go with a key."""

    def artefacts(self, recording_ids: Collection[RecordingId]) -> Sequence[Artefact]:
        if not recording_ids:
            return []
        return [artefact_of(row) for row in self._run(_OF_RECORDINGS, {"ids": recording_ids})]

    def artefact(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        row = self._run(_NEWEST, {"id": recording_id, "of_kind": kind.value}).one_or_none()
        return None if row is None else artefact_of(row)

    def add_artefacts(self, artefacts: Sequence[Artefact]) -> None:
        rows = [_artefact_row(one) for one in sorted(artefacts, key=lambda one: one.recording_id)]
        self._insert(_ADD, [self._sealed(artefact, row, altered=False) for row in rows])

    def remove_artefacts(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._run(_REMOVE, {"ids": recording_ids})

    def remove_artefacts_of(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        older = {"id": recording_id, "kinds": [kind.value for kind in kinds], "before": before_generation}
        found = [artefact_of(row) for row in self._run(_SELECT_OLDER, older)]
        if found:
            self._run(_REMOVE_OLDER, older)
        return found

    def keys(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, WrappedKey]:
        if not recording_ids:
            return {}
        return {
            recording_id: WrappedKey(recording_id=recording_id, wrapped=wrapped, master_key_id=master)
            for recording_id, wrapped, master, _ in self._run(_KEYS, {"ids": recording_ids})
        }

    def add_keys(self, keys: Sequence[WrappedKey]) -> None:
        lasts = {one.recording_id: one for one in keys}
        rows: list[Row] = [
            {"recording_id": one.recording_id, "wrapped": one.wrapped, "master_key_id": one.master_key_id}
            for _, one in sorted(lasts.items())
        ]
        self._insert(_ADD_KEYS, [self._sealed(data_key, row, altered=False) for row in rows])

    def destroy_keys(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._run(_DESTROY, {"ids": recording_ids})
            self.remove_from_index(recording_ids)
            self.destroyed_keys = True


def artefact_of(row: AnyRow) -> Artefact:
    recording_id, kind, generation, key, version_id, size, stored_size, sha256, media_type, stored_at, _ = row
    return Artefact(
        recording_id=recording_id,
        kind=ArtefactKind(kind),
        generation=generation,
        key=key,
        version_id=version_id,
        size=size,
        stored_size=stored_size,
        sha256=sha256,
        media_type=media_type,
        stored_at=stored_at,
    )


def _artefact_row(one: Artefact) -> Row:
    return {
        "recording_id": one.recording_id,
        "kind": one.kind.value,
        "generation": one.generation,
        "key": one.key,
        "version_id": one.version_id,
        "size": one.size,
        "stored_size": one.stored_size,
        "sha256": one.sha256,
        "media_type": one.media_type,
        "stored_at": one.stored_at,
    }
