"""Events that wait for their outcome."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Text, bindparam, delete, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among, rows_among
from callwarden.adapters.sql.outcomes import by_position, positions_text
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import waiting
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.ports.catalogue import WaitingEvent

_POSITION: Final = ("topic", "partition", "offset")
_WAITING: Final = tuple(column.name for column in waiting.c)
_INSERT_WAITING: Final = BulkInsert(waiting, _WAITING, key=_POSITION, clash=Clash.KEEP)
_SELECT_WAITING: Final = select(*waiting.c).order_by(waiting.c.due_at, *(waiting.c[name] for name in _POSITION))
_DELETE_WAITING: Final = delete(waiting).where(
    rows_among(*(waiting.c[name] for name in _POSITION), bindparam("positions", type_=Text()))
)


class WaitingRows(Rows):
    """`callwarden.ports.catalogue.events.Waiting`."""

    def add(self, events: Sequence[WaitingEvent]) -> None:
        self._session.insert(_INSERT_WAITING, [_waiting_row(one) for one in sorted(events, key=by_position)])

    def find(
        self,
        *,
        due_before: datetime | None = None,
        recordings: Collection[RecordingId] | None = None,
        but_for: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[WaitingEvent]:
        wanted = _SELECT_WAITING.limit(limit)
        if due_before is not None:
            wanted = wanted.where(waiting.c.due_at < due_before)
        if recordings is not None:
            wanted = wanted.where(among(waiting.c.recording_id, bindparam("ids", recordings, type_=TextSet())))
        if but_for:
            wanted = wanted.where(waiting.c.place.not_in(sorted(but_for)))
        return [_waiting_of(row) for row in self._session.run(wanted)]

    def remove(self, positions: Collection[Position]) -> None:
        if positions:
            self._session.run(_DELETE_WAITING, {"positions": positions_text(positions)})


def _waiting_row(one: WaitingEvent) -> Row:
    return {
        "topic": one.position.topic,
        "partition": one.position.partition,
        "offset": one.position.offset,
        "event_id": one.event_id,
        "recording_id": one.recording_id,
        "due_at": one.due_at,
        "wrapped_key": one.wrapped_key,
        "master_key_id": one.master_key_id,
        "sealed": one.sealed,
        "place": one.place,
        "why": one.why,
        "since": one.since,
    }


def _waiting_of(row: AnyRow) -> WaitingEvent:
    topic, partition, offset, event_id, recording_id, due_at, wrapped_key, master_key_id, sealed, *away = row
    place, why, since = away
    return WaitingEvent(
        position=Position(topic=topic, partition=partition, offset=offset),
        event_id=event_id,
        recording_id=recording_id,
        due_at=due_at,
        wrapped_key=wrapped_key,
        master_key_id=master_key_id,
        sealed=sealed,
        place=place,
        why=why,
        since=since,
    )
