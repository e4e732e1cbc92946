"""Requests to break glass."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import break_glass
from callwarden.model.access import Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose

_GLASS: Final = tuple(column.name for column in break_glass.c)
_SELECT_GLASS: Final = select(*break_glass.c)
_SAVE_GLASS: Final = BulkInsert(break_glass, _GLASS, key=("request_id",), clash=Clash.REPLACE)


class BreakGlassRows(Rows):
    """`callwarden.ports.catalogue.decisions.BreakGlasses`."""

    def get(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None:
        wanted = _SELECT_GLASS.where(break_glass.c.request_id == request_id)
        row = self._session.run(wanted.with_for_update() if lock else wanted).one_or_none()
        return None if row is None else self._glass_of(row)

    def find(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        wanted = _SELECT_GLASS.order_by(break_glass.c.request_id.desc()).limit(limit)
        if recording_id is not None:
            wanted = wanted.where(break_glass.c.recording_id == recording_id)
        if unended:
            wanted = wanted.where(break_glass.c.ended_at.is_(None))
        return [self._glass_of(row) for row in self._session.run(wanted)]

    def save(self, request: BreakGlass) -> None:
        row: Row = {
            "request_id": request.request_id,
            "recording_id": request.recording_id,
            "what": request.what.value,
            "purpose": request.purpose.value,
            "role": request.role.value,
            "requested_by": request.requested_by,
            "requested_at": request.requested_at,
            "lapses_at": request.lapses_at,
            "sealed_reason": request.sealed_reason,
            "approved_by": request.approved_by,
            "approved_at": request.approved_at,
            "open_until": request.open_until,
            "ended_at": request.ended_at,
        }
        self._session.insert(_SAVE_GLASS, [self._session.sealed(break_glass, row, altered=request.altered)])

    def _glass_of(self, row: AnyRow) -> BreakGlass:
        return replace(_glass_of(row), altered=self._session.altered(break_glass, row))


def _glass_of(row: AnyRow) -> BreakGlass:
    (
        request_id, recording_id, what, purpose, role, requested_by, requested_at, lapses_at, sealed_reason,
        approved_by, approved_at, open_until, ended_at, _,
    ) = row  # fmt: skip
    return BreakGlass(
        request_id=request_id,
        recording_id=recording_id,
        what=Readable(what),
        purpose=Purpose(purpose),
        role=Role(role),
        requested_by=requested_by,
        requested_at=requested_at,
        lapses_at=lapses_at,
        sealed_reason=sealed_reason,
        approved_by=approved_by,
        approved_at=approved_at,
        open_until=open_until,
        ended_at=ended_at,
    )
