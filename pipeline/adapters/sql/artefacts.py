"""Stored objects."""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import artefact
from callwarden.adapters.sql.unapplied import unapply_held
from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact, ArtefactKind

_IDS: Final = bindparam("ids", type_=TextSet())
ARTEFACTS: Final = Mapped(artefact, Artefact, kind=word(ArtefactKind))
SELECT_ARTEFACTS: Final = select(*artefact.c)
_ADD: Final = ARTEFACTS.insert()
_OF_RECORDINGS: Final = SELECT_ARTEFACTS.where(among(artefact.c.recording_id, _IDS)).order_by(
    artefact.c.recording_id, artefact.c.kind, artefact.c.generation
)
_NEWEST: Final = (
    SELECT_ARTEFACTS.where(artefact.c.recording_id == bindparam("id"), artefact.c.kind == bindparam("of_kind"))
    .order_by(artefact.c.generation.desc())
    .limit(1)
)
_REMOVE: Final = delete(artefact).where(among(artefact.c.recording_id, _IDS))
_REMOVE_KINDS: Final = delete(artefact).where(
    artefact.c.recording_id == bindparam("id"), among(artefact.c.kind, bindparam("kinds", type_=TextSet()))
)
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
        return ARTEFACTS.values(self._session.run(_OF_RECORDINGS, {"ids": recording_ids}))

    def newest(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        row = self._session.run(_NEWEST, {"id": recording_id, "of_kind": kind.value}).one_or_none()
        return None if row is None else ARTEFACTS.value(row)

    def add(self, artefacts: Sequence[Artefact]) -> None:
        self._session.save(_ADD, ARTEFACTS, sorted(artefacts, key=attrgetter("recording_id")))
        unapply_held(self._session, {each.recording_id for each in artefacts})

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        if recording_ids:
            self._session.run(_REMOVE, {"ids": recording_ids})

    def remove_kinds(self, recording_id: RecordingId, kinds: Collection[ArtefactKind]) -> None:
        self._session.run(_REMOVE_KINDS, {"id": recording_id, "kinds": [kind.value for kind in kinds]})

    def remove_older(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        older = {"id": recording_id, "kinds": [kind.value for kind in kinds], "before": before_generation}
        found = ARTEFACTS.values(self._session.run(_SELECT_OLDER, older))
        if found:
            self._session.run(_REMOVE_OLDER, older)
        return found
