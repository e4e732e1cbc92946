"""Recordings whose flags in the vault are still to be brought in line with their holds."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlalchemy import and_, bindparam, delete, func, insert, literal, select, update

from callwarden.adapters.sql.columns import WORDS_NONE, TextSet, among
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows, Session
from callwarden.adapters.sql.schema import hold, recording, unapplied
from callwarden.model.hold import FlagFault, Unapplied
from callwarden.model.ids import CaseId, RecordingId

_IDS: Final = bindparam("ids", type_=TextSet())
_UNAPPLIED: Final = Mapped(
    unapplied,
    Unapplied,
    faults=(
        lambda faults: json.dumps([(each.key, each.version_id, each.error) for each in faults]),
        lambda text: tuple(FlagFault(key=key, version_id=one, error=error) for key, one, error in json.loads(text)),
    ),
)
_FORGET: Final = delete(unapplied).where(among(unapplied.c.recording_id, _IDS))
# By a SELECT, so that of thousands nothing but the ids is handed over.
_ADD: Final = insert(unapplied).from_select(
    ["recording_id", "change", "tries", "again_at", "faults"],
    select(
        recording.c.recording_id,
        bindparam("change", type_=unapplied.c.change.type),
        literal(0),
        bindparam("again_at", type_=unapplied.c.again_at.type),
        literal(WORDS_NONE),
    ).where(among(recording.c.recording_id, _IDS)),
)
_SELECT: Final = select(*unapplied.c)
_OF_RECORDINGS: Final = _SELECT.where(among(unapplied.c.recording_id, _IDS))
_COUNT: Final = (
    select(hold.c.case_id, func.count())
    .join(unapplied, unapplied.c.recording_id == hold.c.recording_id)
    .group_by(hold.c.case_id)
)
_FRESH: Final = _SELECT.where(unapplied.c.again_at.is_(None)).limit(bindparam("limit"))
_DUE: Final = (
    _SELECT.where(unapplied.c.again_at <= bindparam("now")).order_by(unapplied.c.again_at).limit(bindparam("limit"))
)
_UNCHANGED: Final = and_(
    unapplied.c.recording_id == bindparam("unchanged_id"), unapplied.c.change == bindparam("unchanged")
)
_SAVE: Final = (
    update(unapplied)
    .where(_UNCHANGED)
    .values(tries=bindparam("tries"), again_at=bindparam("again_at"), faults=bindparam("faults"))
)
_REMOVE: Final = delete(unapplied).where(_UNCHANGED)
_HELD: Final = select(recording.c.recording_id).where(among(recording.c.recording_id, _IDS), recording.c.held)


def unapply(session: Session, recording_ids: Collection[RecordingId], *, at: datetime | None = None) -> None:
    """The flags of these are to be brought in line, again where that was under way; by a worker from this instant on,
    where no message asks for it."""
    if recording_ids:
        session.run(_FORGET, {"ids": recording_ids})
        session.run(_ADD, {"ids": recording_ids, "change": token_hex(8), "again_at": at})


def unapply_held(session: Session, recording_ids: Collection[RecordingId]) -> None:
    """As `unapply`, of those that are held."""
    if recording_ids:
        unapply(session, [row.recording_id for row in session.run(_HELD, {"ids": recording_ids})])


class UnappliedRows(Rows):
    """`callwarden.ports.catalogue.decisions.UnappliedHolds`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, Unapplied]:
        if not recording_ids:
            return {}
        found = _UNAPPLIED.values(self._session.run(_OF_RECORDINGS, {"ids": recording_ids}))
        return {each.recording_id: each for each in found}

    def add(self, recording_ids: Collection[RecordingId]) -> None:
        unapply(self._session, recording_ids)

    def find(
        self, *, case_id: CaseId | None = None, faulty: bool = False, limit: int | None = None
    ) -> Sequence[Unapplied]:
        wanted = _SELECT.order_by(unapplied.c.recording_id).limit(limit)
        if case_id is not None:
            wanted = wanted.join(hold, hold.c.recording_id == unapplied.c.recording_id).where(hold.c.case_id == case_id)
        if faulty:
            wanted = wanted.where(unapplied.c.faults != WORDS_NONE)
        return _UNAPPLIED.values(self._session.run(wanted))

    def count(self) -> Mapping[CaseId, int]:
        return {row[0]: row[1] for row in self._session.run(_COUNT)}

    def fresh(self, *, limit: int, lock: bool = False) -> Sequence[Unapplied]:
        wanted = _FRESH.with_for_update(skip_locked=True) if lock else _FRESH
        return _UNAPPLIED.values(self._session.run(wanted, {"limit": limit}))

    def due(self, *, now: datetime, limit: int, lock: bool = False) -> Sequence[Unapplied]:
        wanted = _DUE.with_for_update(skip_locked=True) if lock else _DUE
        return _UNAPPLIED.values(self._session.run(wanted, {"now": now, "limit": limit}))

    def save(self, unapplied: Sequence[Unapplied]) -> None:
        if unapplied:
            rows = [_UNAPPLIED.row(each) for each in unapplied]
            self._session.run(_SAVE, [{**row, **_unchanged(each)} for row, each in zip(rows, unapplied, strict=True)])

    def remove(self, unapplied: Sequence[Unapplied]) -> None:
        if unapplied:
            self._session.run(_REMOVE, [_unchanged(each) for each in unapplied])


def _unchanged(read: Unapplied) -> dict[str, str]:
    return {"unchanged_id": read.recording_id, "unchanged": read.change}
