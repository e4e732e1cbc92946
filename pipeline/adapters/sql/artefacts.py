"""Stored objects."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.bulk import BulkInsert, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import artefact
from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact, ArtefactKind

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


class ArtefactRows(Rows):
    """`callwarden.ports.catalogue.recordings.Artefacts`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Artefact]:
        if not recording_ids:
            return []
        return [artefact_of(row) for row in self._session.run(_OF_RECORDINGS, {"ids": recording_ids})]

    def newest(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        row = self._session.run(_NEWEST, {"id": recording_id, "of_kind": kind.value}).one_or_none()
        return None if row is None else artefact_of(row)

    def add(self, artefacts: Sequence[Artefact]) -> None:
        rows = [_artefact_row(one) for one in sorted(artefacts, key=lambda one: one.recording_id)]
        self._session.insert(_ADD, [self._session.sealed(artefact, row, altered=False) for row in rows])

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._session.run(_REMOVE, {"ids": recording_ids})

    def remove_older(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        older = {"id": recording_id, "kinds": [kind.value for kind in kinds], "before": before_generation}
        found = [artefact_of(row) for row in self._session.run(_SELECT_OLDER, older)]
        if found:
            self._session.run(_REMOVE_OLDER, older)
        return found


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
