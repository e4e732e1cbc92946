"""Objections on file."""

import json
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Text, bindparam, select

from pipeline.adapters.sql.bulk import BulkInsert, Clash
from pipeline.adapters.sql.columns import rows_among, words_from_text, words_to_text
from pipeline.adapters.sql.rows import AnyRow, Rows
from pipeline.adapters.sql.schema import objection
from pipeline.model.objection import Objection, ScopeKind
from pipeline.ports.catalogue import ObjectionReference

_SELECT: Final = select(*objection.c)
_UNDER: Final = _SELECT.where(
    rows_among(objection.c.reference, objection.c.scope, bindparam("references", type_=Text()))
).order_by(objection.c.objected_at, objection.c.objection_id)
_NEWEST_FIRST: Final = _SELECT.order_by(objection.c.objected_at.desc(), objection.c.objection_id.desc())
_SAVE: Final = BulkInsert(
    objection, [column.name for column in objection.c], key=("objection_id",), clash=Clash.REPLACE
)


class ObjectionRows(Rows):
    """`pipeline.ports.catalogue.Transaction`: objections."""

    def objections(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        if not references:
            return []
        wanted = json.dumps([(one.reference, one.scope.value) for one in references])
        return [_objection_of(row) for row in self._run(_UNDER, {"references": wanted})]

    def list_objections(self, *, limit: int | None = None) -> Sequence[Objection]:
        return [_objection_of(row) for row in self._run(_NEWEST_FIRST.limit(limit))]

    def save_objection(self, objection: Objection) -> None:
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
        self._insert(_SAVE, [row])


def _objection_of(row: AnyRow) -> Objection:
    objection_id, scope, reference, purposes, channel, objected_at, recorded_at, withdrawn_at = row
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
