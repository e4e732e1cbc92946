"""Cases, and the recordings they hold."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from sqlalchemy import Text, bindparam, delete, exists, select, update

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among, rows_among
from callwarden.adapters.sql.encrypted import encrypted_json
from callwarden.adapters.sql.recordings import RecordingRows
from callwarden.adapters.sql.rows import AnyRow, Rows, Session
from callwarden.adapters.sql.schema import hold, litigation_case, recording
from callwarden.model.hold import Case, CaseState, Hold
from callwarden.model.ids import CaseId, RecordingId

_CASES: Final = select(*litigation_case.c)
_ONE_CASE: Final = _CASES.where(litigation_case.c.case_id == bindparam("id"))
_ONE_CASE_LOCKED: Final = _ONE_CASE.with_for_update()
_SAVE_CASE: Final = BulkInsert(
    litigation_case, [column.name for column in litigation_case.c], key=("case_id",), clash=Clash.REPLACE
)
_HOLDS: Final = select(*hold.c)
_SAVE_HOLDS: Final = BulkInsert(
    hold, [column.name for column in hold.c], key=("case_id", "recording_id"), clash=Clash.REPLACE
)
_REMOVE_HOLDS: Final = delete(hold).where(
    rows_among(hold.c.case_id, hold.c.recording_id, bindparam("holds", type_=Text()))
)
_NOTE_HELD: Final = (
    update(recording)
    .where(among(recording.c.recording_id, bindparam("ids", type_=TextSet())))
    .values(held=exists().where(hold.c.recording_id == recording.c.recording_id))
)


class CaseRows(Rows):
    """`callwarden.ports.catalogue.decisions.Cases`."""

    def get(self, case_id: CaseId, *, lock: bool = False) -> Case | None:
        row = self._session.run(_ONE_CASE_LOCKED if lock else _ONE_CASE, {"id": case_id}).one_or_none()
        return None if row is None else self._case_of(row)

    def all(self) -> Sequence[Case]:
        found = [self._case_of(row) for row in self._session.run(_CASES)]
        return sorted(found, key=lambda one: (one.opened_at, one.case_id), reverse=True)

    def save(self, case: Case) -> None:
        row = {
            "case_id": case.case_id,
            "reason": case.reason,
            "opened_by": case.opened_by,
            "opened_at": case.opened_at,
            "state": case.state.value,
            "release_requested_by": case.release_requested_by,
            "released_by": case.released_by,
            "released_at": case.released_at,
        }
        self._session.insert(_SAVE_CASE, [self._session.sealed(litigation_case, row, altered=case.altered)])

    def _case_of(self, row: AnyRow) -> Case:
        return replace(_case_of(row), altered=self._session.altered(litigation_case, row))


class HoldRows(Rows):
    """`callwarden.ports.catalogue.decisions.Holds`."""

    def __init__(self, session: Session, recordings: RecordingRows) -> None:
        super().__init__(session)
        self._recordings = recordings

    def find(self, *, case_id: CaseId | None = None, recording_id: RecordingId | None = None) -> Sequence[Hold]:
        wanted = _HOLDS
        if case_id is not None:
            wanted = wanted.where(hold.c.case_id == case_id)
        if recording_id is not None:
            wanted = wanted.where(hold.c.recording_id == recording_id)
        found = [replace(_hold_of(row), altered=self._session.altered(hold, row)) for row in self._session.run(wanted)]
        return sorted(found, key=lambda one: (one.case_id, one.recording_id))

    def save(self, holds: Sequence[Hold]) -> None:
        lasts = {(one.case_id, one.recording_id): one for one in holds}
        rows = [self._session.sealed(hold, _hold_row(one), altered=one.altered) for _, one in sorted(lasts.items())]
        with self._holding({one.recording_id for one in holds}):
            self._session.insert(_SAVE_HOLDS, rows)

    def remove(self, holds: Sequence[Hold]) -> None:
        with self._holding({one.recording_id for one in holds}):
            if holds:
                ids = [(one.case_id, one.recording_id) for one in holds]
                rows = encrypted_json(self._session.connection.dialect, ids, "case", None)
                self._session.run(_REMOVE_HOLDS, {"holds": rows})

    @contextmanager
    def _holding(self, recording_ids: Collection[RecordingId]) -> Iterator[None]:
        """Around every change of a hold: the recordings are locked first, so that the count of holds is the newest
        there is, and sealed anew with the cases that hold them then."""
        self._recordings.get(recording_ids, lock=True)
        yield
        if recording_ids:
            self._session.run(_NOTE_HELD, {"ids": recording_ids})
            self._recordings.seal_again(recording_ids)


def _hold_row(one: Hold) -> Row:
    return {
        "case_id": one.case_id,
        "recording_id": one.recording_id,
        "placed_by": one.placed_by,
        "placed_at": one.placed_at,
        "applied_at": one.applied_at,
    }


def _case_of(row: AnyRow) -> Case:
    case_id, reason, opened_by, opened_at, state, release_requested_by, released_by, released_at, _ = row
    return Case(
        case_id=case_id,
        reason=reason,
        opened_by=opened_by,
        opened_at=opened_at,
        state=CaseState(state),
        release_requested_by=release_requested_by,
        released_by=released_by,
        released_at=released_at,
    )


def _hold_of(row: AnyRow) -> Hold:
    case_id, recording_id, placed_by, placed_at, applied_at, _ = row
    return Hold(
        case_id=case_id,
        recording_id=recording_id,
        placed_by=placed_by,
        placed_at=placed_at,
        applied_at=applied_at,
    )
