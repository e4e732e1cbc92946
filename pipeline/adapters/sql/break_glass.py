"""Requests to break glass."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import break_glass
from callwarden.model.access import Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose

_GLASS: Final = Mapped(break_glass, BreakGlass, what=word(Readable), purpose=word(Purpose), role=word(Role))
_SELECT_GLASS: Final = select(*break_glass.c)
_SAVE_GLASS: Final = _GLASS.insert(key=("request_id",), clash=Clash.REPLACE)


class BreakGlassRows(Rows):
    """`callwarden.ports.catalogue.decisions.BreakGlasses`."""

    def get(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None:
        wanted = _SELECT_GLASS.where(break_glass.c.request_id == request_id)
        rows = self._session.run(wanted.with_for_update() if lock else wanted)
        return next(iter(self._session.read(_GLASS, rows)), None)

    def find(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        wanted = _SELECT_GLASS.order_by(break_glass.c.request_id.desc()).limit(limit)
        if recording_id is not None:
            wanted = wanted.where(break_glass.c.recording_id == recording_id)
        if unended:
            wanted = wanted.where(break_glass.c.ended_at.is_(None))
        return self._session.read(_GLASS, self._session.run(wanted))

    def save(self, request: BreakGlass) -> None:
        self._session.save(_SAVE_GLASS, _GLASS, [request])
