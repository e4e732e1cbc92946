"""Recordings: found, locked, saved, numbered, due."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, not_, or_, select, update

from callwarden.adapters.sql.bulk import BulkUpdate, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among, words_from_text, words_to_text
from callwarden.adapters.sql.encrypted import EncryptedSet
from callwarden.adapters.sql.findable_copies import COPIED, COPY
from callwarden.adapters.sql.mapped import AnyRow, Mapped, word
from callwarden.adapters.sql.requests import NOT_FROZEN
from callwarden.adapters.sql.rows import Rows, Session
from callwarden.adapters.sql.schema import AUDIO_SWEPT, AUDIO_UNFINISHED, SWEPT, UNFINISHED, hold, recording
from callwarden.errors import InvariantError
from callwarden.model.event import Notice
from callwarden.model.form_reading import object_reader
from callwarden.model.form_writing import as_json, written
from callwarden.model.ids import CallId, CaseId, RecordingId
from callwarden.model.recording import AudioState, Measured, Recording, RecordingState
from callwarden.ports.catalogue import RecordingFilter


def _notice_to_text(notice: Notice | None) -> str | None:
    return None if notice is None else as_json(written(notice)).decode()


def _notice_from_text(text: str | None) -> Notice | None:
    try:
        return None if text is None else Notice(**object_reader(Notice).read(json.loads(text), []))
    except (ValueError, AttributeError):
        return None  # somebody else has written it: the row's seal does not fit


def _measured_to_text(measured: Measured | None) -> str | None:
    return None if measured is None else json.dumps({k: v for k, v in asdict(measured).items() if v is not None})


def _measured_from_text(text: str | None) -> Measured | None:
    try:
        return None if text is None else Measured(**json.loads(text))
    except (ValueError, TypeError):
        return None  # somebody else has written it: the row's seal does not fit


_RECORDING: Final = Mapped(
    recording,
    Recording,
    omitted=("attempts", "held", "due_from"),
    state=word(RecordingState),
    objected=(words_to_text, words_from_text),
    notice=(_notice_to_text, _notice_from_text),
    measured=(_measured_to_text, _measured_from_text),
    audio=(
        lambda state: None if state is AudioState.KEPT else state.value,
        lambda text: AudioState.KEPT if text is None else AudioState(text),
    ),
)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

SELECT_RECORDINGS: Final = select(*(recording.c[name] for name in _RECORDING.names), recording.c.held, recording.c.seal)
_READ: Final = (*_RECORDING.names, "held", "seal")
_INSERT: Final = _RECORDING.insert(key=("recording_id",), clash=Clash.KEEP)
_THESE: Final = among(recording.c.recording_id, bindparam("ids", type_=TextSet()))
_BY_ID: Final = SELECT_RECORDINGS.where(_THESE).order_by(recording.c.recording_id)
_BY_ID_LOCKED: Final = _BY_ID.with_for_update(of=recording)
_LOCK_IDS: Final = select(recording.c.recording_id).where(_THESE).order_by(recording.c.recording_id).with_for_update()
_BEGIN_ATTEMPTS: Final = (
    update(recording)
    .where(_THESE)
    .values(attempts=recording.c.attempts + 1)
    .returning(recording.c.recording_id, recording.c.attempts)
)
_ATTEMPTS: Final = select(recording.c.recording_id, recording.c.attempts).where(_THESE)
_DUE: Final = (
    SELECT_RECORDINGS.where(literal_column(SWEPT), recording.c.due_from <= bindparam("now"), NOT_FROZEN)
    .order_by(recording.c.due_from)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=recording)
)
_COUNT_DUE: Final = (
    select(func.count())
    .select_from(recording)
    .where(literal_column(SWEPT), recording.c.due_from <= bindparam("now"), NOT_FROZEN)
)
_COUNT_KEPT: Final = (
    select(func.count())
    .select_from(recording)
    .where(recording.c.state.in_([RecordingState.STORED.value, RecordingState.QUARANTINED.value]))
)
_UNFINISHED: Final = (
    SELECT_RECORDINGS.where(literal_column(UNFINISHED))
    .order_by(recording.c.recording_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_IS_AUDIO_DUE: Final[tuple[ColumnElement[bool], ...]] = (
    literal_column(AUDIO_SWEPT),
    recording.c.audio_until <= bindparam("now"),
    recording.c.due_from > bindparam("now"),
    or_(recording.c.not_before.is_(None), recording.c.not_before <= bindparam("now")),
    NOT_FROZEN,
)
_AUDIO_DUE: Final = (
    SELECT_RECORDINGS.where(*_IS_AUDIO_DUE)
    .order_by(recording.c.audio_until)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=recording)
)
_COUNT_AUDIO_DUE: Final = select(func.count()).select_from(recording).where(*_IS_AUDIO_DUE)
_AUDIO_UNFINISHED: Final = (
    SELECT_RECORDINGS.where(literal_column(AUDIO_UNFINISHED))
    .order_by(recording.c.recording_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=recording)
)
_OF_CALLS: Final = SELECT_RECORDINGS.where(
    among(recording.c.call_id, bindparam("calls", type_=EncryptedSet("call"))), not_(_THESE)
).order_by(recording.c.recording_id)
_HOLDS_OF: Final = select(hold.c.recording_id, hold.c.case_id).where(
    among(hold.c.recording_id, bindparam("ids", type_=TextSet()))
)


@cache
def _update_of(columns: tuple[str, ...]) -> BulkUpdate:
    return BulkUpdate(recording, columns, key="recording_id")


class RecordingRows(Rows):
    """`callwarden.ports.catalogue.recordings.Recordings`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        # As they are in the database: nobody else can change them until this transaction ends.
        self._locked: dict[RecordingId, Recording] = {}

    def get(self, recording_ids: Collection[RecordingId], *, lock: bool = False) -> Mapping[RecordingId, Recording]:
        if not recording_ids:
            return {}
        found = self.read(_BY_ID_LOCKED if lock else _BY_ID, {"ids": recording_ids}, locked=lock)
        return {row.recording_id: row for row in found}

    def find(self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None) -> Sequence[Recording]:
        newest_first = (recording.c.ended_at.desc().nulls_last(), recording.c.recording_id)
        if not lock:
            return self.read(_narrowed(SELECT_RECORDINGS, wanted).order_by(*newest_first).limit(limit))
        # Locks are taken by id whatever the order asked for. What was locked is matched again: it may have
        # changed while this transaction waited for it.
        ids = _narrowed(select(recording.c.recording_id), wanted).order_by(*newest_first).limit(limit)
        chosen = [row.recording_id for row in self._session.run(ids)]
        found = self.read(_narrowed(_BY_ID_LOCKED, wanted), {"ids": chosen}, locked=True) if chosen else []
        return sorted(found, key=lambda one: one.ended_at or _LONG_AGO, reverse=True)

    def of_calls(self, call_ids: Collection[CallId], *, but_for: Collection[RecordingId] = ()) -> Sequence[Recording]:
        return self.read(_OF_CALLS, {"calls": call_ids, "ids": but_for}) if call_ids else []

    def insert(self, recordings: Sequence[Recording]) -> None:
        firsts = {row.recording_id: row for row in reversed(recordings)}
        self._session.insert(_INSERT, [self._sealed_row(firsts[first], ()) for first in sorted(firsts)])

    def save(self, recordings: Sequence[Recording]) -> None:
        lasts = {row.recording_id: row for row in recordings}
        self.get(lasts.keys() - self._locked.keys(), lock=True)
        missing = len(lasts.keys() - self._locked.keys())
        if missing:
            raise self._session.failed(InvariantError(f"{missing} of {len(lasts)} rows do not exist"))
        by_changes: dict[tuple[str, ...], list[Row]] = {}
        for recording_id in sorted(lasts):
            old = self._locked[recording_id]
            new = replace(lasts[recording_id], holds=old.holds, altered=old.altered)
            self._locked[recording_id] = new
            columns = _changed(old, new)
            if columns:
                by_changes.setdefault((*columns, "seal"), []).append(self._sealed_row(new, old.holds))
        for columns, changed in by_changes.items():
            self._session.update(_update_of(columns), changed)
            if COPIED.intersection(columns):
                self._session.run(COPY, {"ids": [row["recording_id"] for row in changed]})

    def lock(self, recording_ids: Collection[RecordingId]) -> None:
        """Read and lock those of these that this transaction has not locked yet."""
        self.get(set(recording_ids) - self._locked.keys(), lock=True)

    def seal_again(self, recording_ids: Collection[RecordingId]) -> None:
        """Seal locked recordings with the cases that hold them now, and note whether any does. One that was altered
        before stays so."""
        cases = self._cases_of(recording_ids)
        rows: list[Row] = []
        for recording_id in sorted(set(recording_ids) & self._locked.keys()):
            new = self._locked[recording_id] = replace(self._locked[recording_id], holds=cases[recording_id])
            rows.append({**self._sealed_row(new, new.holds), "held": bool(new.holds)})
        self._session.update(_update_of(("held", "seal")), rows)
        self._session.run(COPY, {"ids": [row["recording_id"] for row in rows]})

    def begin_attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        if not recording_ids:
            return {}
        self._lock(recording_ids)
        numbers = {row[0]: row[1] for row in self._session.run(_BEGIN_ATTEMPTS, {"ids": recording_ids})}
        if len(numbers) != len(set(recording_ids)):
            raise self._session.failed(InvariantError("a recording that does not exist cannot be attempted"))
        return numbers

    def attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        if not recording_ids:
            return {}
        numbers = {row[0]: row[1] for row in self._session.run(_ATTEMPTS, {"ids": recording_ids})}
        return {recording_id: numbers.get(recording_id, 0) for recording_id in recording_ids}

    def due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        return self._genuine(_DUE, {"now": now}, limit=limit)

    def count_due(self, *, now: datetime) -> int:
        found: int = self._session.run(_COUNT_DUE, {"now": now}).scalar_one()
        return found

    def count_kept(self) -> int:
        found: int = self._session.run(_COUNT_KEPT).scalar_one()
        return found

    def audio_due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        return self._genuine(_AUDIO_DUE, {"now": now}, limit=limit)

    def count_audio_due(self, *, now: datetime) -> int:
        found: int = self._session.run(_COUNT_AUDIO_DUE, {"now": now}).scalar_one()
        return found

    def audio_unfinished(self, *, limit: int) -> Sequence[Recording]:
        return self._genuine(_AUDIO_UNFINISHED, {}, limit=limit)

    def unfinished(self, *, limit: int) -> Sequence[Recording]:
        return self._genuine(_UNFINISHED, {}, limit=limit)

    def _genuine(
        self, statement: Select[*tuple[Any, ...]], parameters: dict[str, Any], *, limit: int
    ) -> Sequence[Recording]:
        """The first of these that nobody has altered: rows in the way do not keep a sweep from the others."""
        asked = limit
        while True:
            found = self.read(statement, {**parameters, "limit": asked}, locked=True)
            genuine = [row for row in found if not row.altered]
            if len(genuine) >= limit or len(found) < asked:
                return genuine[:limit]
            asked *= 2

    def _lock(self, recording_ids: Collection[RecordingId]) -> None:
        """Lock in the order of ids, for a statement that would lock in an order of its own. On SQLite the whole
        transaction holds the one write lock already."""
        if not self._session.on_sqlite:
            self._session.run(_LOCK_IDS, {"ids": recording_ids})

    def read(
        self,
        statement: Select[*tuple[Any, ...]],
        parameters: dict[str, Any] | None = None,
        *,
        locked: bool = False,
    ) -> list[Recording]:
        """The recordings a statement over `SELECT_RECORDINGS` finds, with the cases that hold them."""
        found = self._with_holds(statement, parameters)
        if locked:
            self._locked.update((row.recording_id, row) for row in found)
        return found

    def _with_holds(self, statement: Select[*tuple[Any, ...]], parameters: dict[str, Any] | None) -> list[Recording]:
        rows = self._session.run(statement, parameters).all()
        # A second statement, on purpose: one that waited for a lock sees the holds of before it waited.
        cases = self._cases_of([row.recording_id for row in rows if row.held])
        return [self._recording_of(row, cases.get(row.recording_id, ())) for row in rows]

    def _cases_of(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, tuple[CaseId, ...]]:
        if not recording_ids:
            return {}
        cases: dict[RecordingId, list[CaseId]] = {held: [] for held in recording_ids}
        for recording_id, case_id in self._session.run(_HOLDS_OF, {"ids": recording_ids}):
            cases[recording_id].append(case_id)
        return {held: tuple(sorted(found)) for held, found in cases.items()}

    def _recording_of(self, row: AnyRow, holds: tuple[CaseId, ...]) -> Recording:
        found = _RECORDING.value(row, holds=holds)
        said: dict[str, Any] = dict(zip(_READ, row, strict=True))
        genuine = self._session.seals.is_genuine(recording, _with_cases(said, holds))
        return found if genuine else replace(found, altered=True)

    def _sealed_row(self, one: Recording, holds: tuple[CaseId, ...]) -> Row:
        row = _RECORDING.row(one)
        return {**row, "seal": None if one.altered else self._session.seals.of(recording, _with_cases(row, holds))}


def _changed(old: Recording, new: Recording) -> tuple[str, ...]:
    """The columns to write. A column that is set costs every index it is in, whether it changes or not, and those
    pages lie all over a large table."""
    pairs = zip(_RECORDING.names, _RECORDING.fields(old), _RECORDING.fields(new), strict=True)
    return tuple(name for name, before, after in pairs if before is not after and before != after)


def _with_cases(row: Row, holds: tuple[CaseId, ...]) -> Row:
    """What a recording's seal covers: its row, and the cases that hold it, so that no hold comes or goes unseen."""
    return {**row, "cases": json.dumps(holds)} if holds else row


def _narrowed(statement: Select[*tuple[Any, ...]], wanted: RecordingFilter) -> Select[*tuple[Any, ...]]:
    for name in ("call_id", "line", "caller", "customer", "agent_id"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(recording.c[name] == value)
    if wanted.states:
        states = sorted(state.value for state in wanted.states)
        statement = statement.where(recording.c.state.in_(states))
    if wanted.ended_from is not None:
        statement = statement.where(recording.c.ended_at >= wanted.ended_from)
    if wanted.ended_before is not None:
        statement = statement.where(recording.c.ended_at < wanted.ended_before)
    return statement
