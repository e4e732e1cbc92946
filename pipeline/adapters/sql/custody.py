"""Breaking glass, disposal certificates, and the standing of the erasure journal."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash, Row
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.encrypted import cipher_of
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import break_glass, certificate, landmark
from callwarden.model.access import Readable, Role
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.certificate import Certificate
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose

_GLASS: Final = tuple(column.name for column in break_glass.c)
_SELECT_GLASS: Final = select(*break_glass.c)
_SAVE_GLASS: Final = BulkInsert(break_glass, _GLASS, key=("request_id",), clash=Clash.REPLACE)
_CERTIFICATES: Final = (
    select(*certificate.c)
    .where(among(certificate.c.recording_id, bindparam("ids", type_=TextSet())))
    .order_by(certificate.c.issued_at, certificate.c.digest)
)
_ADD_CERTIFICATES: Final = BulkInsert(
    certificate, [column.name for column in certificate.c], key=("digest",), clash=Clash.KEEP
)
SEALED_NAME: Final = "sealed:"
"""What the names of landmarks begin with that nobody without the key can make."""
_JOURNAL: Final = "erasure-journal"
_LANDMARK: Final = select(landmark.c.value).where(landmark.c.name == bindparam("wanted"))
_SAVE_LANDMARK: Final = BulkInsert(landmark, ("name", "value"), key=("name",), clash=Clash.REPLACE)


class CustodyRows(Rows):
    """`callwarden.ports.catalogue.Transaction`: breaking glass, certificates, the erasure journal's standing."""

    def break_glass(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None:
        wanted = _SELECT_GLASS.where(break_glass.c.request_id == request_id)
        row = self._run(wanted.with_for_update() if lock else wanted).one_or_none()
        return None if row is None else self._glass_of(row)

    def break_glasses(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        wanted = _SELECT_GLASS.order_by(break_glass.c.request_id.desc()).limit(limit)
        if recording_id is not None:
            wanted = wanted.where(break_glass.c.recording_id == recording_id)
        if unended:
            wanted = wanted.where(break_glass.c.ended_at.is_(None))
        return [self._glass_of(row) for row in self._run(wanted)]

    def save_break_glass(self, request: BreakGlass) -> None:
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
        self._insert(_SAVE_GLASS, [self._sealed(break_glass, row, altered=request.altered)])

    def _glass_of(self, row: AnyRow) -> BreakGlass:
        return replace(_glass_of(row), altered=self._altered(break_glass, row))

    def certificates(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        if not recording_ids:
            return []
        return [
            Certificate(digest=digest, recording_id=recording_id, issued_at=issued_at, document=document)
            for digest, recording_id, issued_at, document in self._run(_CERTIFICATES, {"ids": recording_ids})
        ]

    def add_certificates(self, certificates: Sequence[Certificate]) -> None:
        firsts = {one.digest: one for one in certificates}
        rows: list[Row] = [
            {
                "digest": one.digest,
                "recording_id": one.recording_id,
                "issued_at": one.issued_at,
                "document": one.document,
            }
            for _, one in sorted(firsts.items())
        ]
        self._insert(_ADD_CERTIFICATES, rows)

    def landmark(self, name: str) -> str | None:
        found: str | None = self._run(_LANDMARK, {"wanted": name}).scalar_one_or_none()
        return found

    def save_landmark(self, name: str, value: str) -> None:
        self._insert(_SAVE_LANDMARK, [{"name": name, "value": value}])

    def sealed_landmark(self, name: str, *, if_altered: str | None = None) -> str | None:
        value = self.landmark(f"{SEALED_NAME}{name}")
        if value is None:
            return None
        saved = cipher_of(self._connection.dialect).decrypt(f"{SEALED_NAME}{name}", value)
        return if_altered if saved is None else saved

    def save_sealed_landmark(self, name: str, value: str) -> None:
        encrypted = cipher_of(self._connection.dialect).encrypt(f"{SEALED_NAME}{name}", value)
        self.save_landmark(f"{SEALED_NAME}{name}", encrypted)

    def journal_position(self) -> str:
        return self.landmark(_JOURNAL) or ""

    def save_journal_position(self, position: str) -> None:
        self.save_landmark(_JOURNAL, position)


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
