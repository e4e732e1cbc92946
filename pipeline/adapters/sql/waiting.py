"""Events that wait for their outcome."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Text, bindparam, delete, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among, rows_among
from callwarden.adapters.sql.mapped import PLACE, Mapped, by_position, positions_text
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import waiting
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.ports.catalogue import WaitingEvent

_EVENT: Final = Mapped(waiting, WaitingEvent)
_INSERT_WAITING: Final = _EVENT.insert(key=PLACE, clash=Clash.KEEP)
_SELECT_WAITING: Final = select(*waiting.c).order_by(waiting.c.due_at, *(waiting.c[name] for name in PLACE))
_DELETE_WAITING: Final = delete(waiting).where(
    rows_among(*(waiting.c[name] for name in PLACE), bindparam("positions", type_=Text()))
)


class WaitingRows(Rows):
    """`callwarden.ports.catalogue.events.Waiting`."""

    def add(self, events: Sequence[WaitingEvent]) -> None:
        self._session.save(_INSERT_WAITING, _EVENT, sorted(events, key=by_position))

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
        return _EVENT.values(self._session.run(wanted))

    def remove(self, positions: Collection[Position]) -> None:
        if positions:
            self._session.run(_DELETE_WAITING, {"positions": positions_text(positions)})
