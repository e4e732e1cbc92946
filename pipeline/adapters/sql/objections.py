"""Objections on file."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import CursorResult, Text, bindparam, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import rows_among, words_from_text, words_to_text
from callwarden.adapters.sql.encrypted import encrypted_json
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import objection as table
from callwarden.adapters.sql.schema import withdrawal
from callwarden.model.objection import Ground, Objection, ScopeKind, Withdrawal
from callwarden.ports.catalogue import ObjectionReference
from callwarden.rules.objection import doubtful

_SELECT: Final = select(*table.c)
_UNDER: Final = _SELECT.where(
    rows_among(table.c.reference, table.c.scope, bindparam("references", type_=Text()))
).order_by(table.c.objected_at, table.c.objection_id)
_NEWEST_FIRST: Final = _SELECT.order_by(table.c.objected_at.desc(), table.c.objection_id.desc())
_PURPOSES: Final = (words_to_text, words_from_text)
_BY: Final = (lambda name: name or None, lambda name: name or "")
"""NULL in the rows there were before anybody was named, so that their seals stay."""
_LINES: Final = (
    lambda lines: None if lines is None else words_to_text(lines),
    lambda text: None if text is None else words_from_text(text),
)
_OBJECTION: Final = Mapped(
    table, Objection, scope=word(ScopeKind), purposes=_PURPOSES, ground=word(Ground), entered_by=_BY, lines=_LINES
)
_SAVE: Final = _OBJECTION.insert(key=("objection_id",), clash=Clash.REPLACE)
_WITHDRAWN: Final = (
    select(*withdrawal.c)
    .where(rows_among(withdrawal.c.reference, withdrawal.c.scope, bindparam("references", type_=Text())))
    .order_by(withdrawal.c.withdrawn_at, withdrawal.c.withdrawal_id)
)
_WITHDRAWAL: Final = Mapped(withdrawal, Withdrawal, scope=word(ScopeKind), purposes=_PURPOSES)
_SAVE_WITHDRAWAL: Final = _WITHDRAWAL.insert(key=("withdrawal_id",), clash=Clash.KEEP)


class ObjectionRows(Rows):
    """`callwarden.ports.catalogue.decisions.Objections`."""

    def under(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        if not references:
            return []
        return self._read(self._session.run(_UNDER, {"references": self._wanted(references)}))

    def get(self, objection_id: str) -> Objection | None:
        rows = self._session.run(_SELECT.where(table.c.objection_id == objection_id))
        return next(iter(self._read(rows)), None)

    def all(self, *, limit: int | None = None) -> Sequence[Objection]:
        return self._read(self._session.run(_NEWEST_FIRST.limit(limit)))

    def save(self, objection: Objection) -> None:
        self._session.save(_SAVE, _OBJECTION, [objection])

    def withdrawals(self, references: Collection[ObjectionReference]) -> Sequence[Withdrawal]:
        if not references:
            return []
        return self._session.read(_WITHDRAWAL, self._session.run(_WITHDRAWN, {"references": self._wanted(references)}))

    def save_withdrawal(self, withdrawal: Withdrawal) -> None:
        self._session.save(_SAVE_WITHDRAWAL, _WITHDRAWAL, [withdrawal])

    def _wanted(self, references: Collection[ObjectionReference]) -> str:
        rows = [(reference.reference, reference.scope.value) for reference in references]
        return encrypted_json(self._session.connection.dialect, rows, "reference", None)

    def _read(self, rows: CursorResult[*tuple[Any, ...]]) -> list[Objection]:
        return [doubtful(found) if found.altered else found for found in self._session.read(_OBJECTION, rows)]
