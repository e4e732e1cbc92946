"""Objections on file."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import Text, bindparam, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import rows_among, words_from_text, words_to_text
from callwarden.adapters.sql.encrypted import encrypted_json
from callwarden.adapters.sql.mapped import AnyRow, Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import objection as table
from callwarden.model.objection import Objection, ScopeKind
from callwarden.ports.catalogue import ObjectionReference
from callwarden.rules.objection import doubtful

_SELECT: Final = select(*table.c)
_UNDER: Final = _SELECT.where(
    rows_among(table.c.reference, table.c.scope, bindparam("references", type_=Text()))
).order_by(table.c.objected_at, table.c.objection_id)
_NEWEST_FIRST: Final = _SELECT.order_by(table.c.objected_at.desc(), table.c.objection_id.desc())
_OBJECTION: Final = Mapped(table, Objection, scope=word(ScopeKind), purposes=(words_to_text, words_from_text))
_SAVE: Final = _OBJECTION.insert(key=("objection_id",), clash=Clash.REPLACE)


class ObjectionRows(Rows):
    """`callwarden.ports.catalogue.decisions.Objections`."""

    def under(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        if not references:
            return []
        rows = [(reference.reference, reference.scope.value) for reference in references]
        wanted = encrypted_json(self._session.connection.dialect, rows, "reference", None)
        return self._read(self._session.run(_UNDER, {"references": wanted}))

    def get(self, objection_id: str) -> Objection | None:
        rows = self._session.run(_SELECT.where(table.c.objection_id == objection_id))
        return next(iter(self._read(rows)), None)

    def all(self, *, limit: int | None = None) -> Sequence[Objection]:
        return self._read(self._session.run(_NEWEST_FIRST.limit(limit)))

    def save(self, objection: Objection) -> None:
        self._session.save(_SAVE, _OBJECTION, [objection])

    def _read(self, rows: Iterable[AnyRow]) -> list[Objection]:
        return [doubtful(found) if found.altered else found for found in self._session.read(_OBJECTION, rows)]
