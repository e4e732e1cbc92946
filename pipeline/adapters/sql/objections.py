"""Objections on file."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Text, bindparam, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash
from callwarden.adapters.sql.columns import rows_among, words_from_text, words_to_text
from callwarden.adapters.sql.encrypted import encrypted_json
from callwarden.adapters.sql.rows import AnyRow, Rows
from callwarden.adapters.sql.schema import objection as table
from callwarden.model.objection import Objection, ScopeKind
from callwarden.ports.catalogue import ObjectionReference
from callwarden.rules.objection import doubtful

_SELECT: Final = select(*table.c)
_UNDER: Final = _SELECT.where(
    rows_among(table.c.reference, table.c.scope, bindparam("references", type_=Text()))
).order_by(table.c.objected_at, table.c.objection_id)
_NEWEST_FIRST: Final = _SELECT.order_by(table.c.objected_at.desc(), table.c.objection_id.desc())
_SAVE: Final = BulkInsert(table, [column.name for column in table.c], key=("objection_id",), clash=Clash.REPLACE)


class ObjectionRows(Rows):
    """`callwarden.ports.catalogue.decisions.Objections`."""

    def under(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        if not references:
            return []
        rows = [(one.reference, one.scope.value) for one in references]
        wanted = encrypted_json(self._session.connection.dialect, rows, "reference", None)
        return [self._objection_of(row) for row in self._session.run(_UNDER, {"references": wanted})]

    def get(self, objection_id: str) -> Objection | None:
        row = self._session.run(_SELECT.where(table.c.objection_id == objection_id)).one_or_none()
        return None if row is None else self._objection_of(row)

    def all(self, *, limit: int | None = None) -> Sequence[Objection]:
        return [self._objection_of(row) for row in self._session.run(_NEWEST_FIRST.limit(limit))]

    def save(self, objection: Objection) -> None:
        row = {
            "objection_id": objection.objection_id,
            "scope": objection.scope.value,
            "reference": objection.reference,
            "purposes": words_to_text(objection.purposes),
            "channel": objection.channel,
            "objected_at": objection.objected_at,
            "recorded_at": objection.recorded_at,
            "withdrawn_at": objection.withdrawn_at,
        }
        self._session.insert(_SAVE, [self._session.sealed(table, row, altered=objection.altered)])

    def _objection_of(self, row: AnyRow) -> Objection:
        found = _objection_of(row)
        return doubtful(found) if self._session.altered(table, row) else found


def _objection_of(row: AnyRow) -> Objection:
    objection_id, scope, reference, purposes, channel, objected_at, recorded_at, withdrawn_at, _ = row
    return Objection(
        objection_id=objection_id,
        scope=ScopeKind(scope),
        reference=reference,
        purposes=words_from_text(purposes),
        channel=channel,
        objected_at=objected_at,
        recorded_at=recorded_at,
        withdrawn_at=withdrawn_at,
    )
