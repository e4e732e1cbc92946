"""Receipts of pushed calls."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import receipt as table
from callwarden.model.ids import Pseudonym
from callwarden.model.receipt import Receipt, ReceiptId

_RECEIPT: Final = Mapped(table, Receipt)
_SELECT: Final = select(*table.c)
_BY_ID: Final = _SELECT.where(table.c.receipt_id == bindparam("id"))
_LOCKED: Final = _BY_ID.with_for_update()
_BY_KEY: Final = _SELECT.where(table.c.key == bindparam("key_given"))
_UPLOADS: Final = select(table.c.upload).where(among(table.c.upload, bindparam("names", type_=TextSet())))
_FORGET: Final = delete(table).where(table.c.received_at < bindparam("before"))
_ADD: Final = _RECEIPT.insert(key=("receipt_id",), clash=Clash.KEEP)
_SAVE: Final = _RECEIPT.insert(key=("receipt_id",), clash=Clash.REPLACE)


class ReceiptRows(Rows):
    """`callwarden.ports.catalogue.receipts.Receipts`."""

    def get(self, receipt_id: ReceiptId) -> Receipt | None:
        return self._first(_BY_ID, id=receipt_id)

    def of_key(self, key: Pseudonym) -> Receipt | None:
        return self._first(_BY_KEY, key_given=key)

    def add(self, receipt: Receipt) -> Receipt:
        self._session.save(_ADD, _RECEIPT, [receipt])
        found = self._first(_LOCKED, id=receipt.receipt_id)
        assert found is not None  # it is there now, whoever added it
        return found

    def save(self, receipt: Receipt) -> None:
        self._session.save(_SAVE, _RECEIPT, [receipt])

    def forget(self, *, before: datetime) -> None:
        self._session.run(_FORGET, {"before": before})

    def uploads(self, names: Collection[str]) -> frozenset[str]:
        return frozenset(row.upload for row in self._session.run(_UPLOADS, {"names": names})) if names else frozenset()

    def _first(self, wanted: Select[Any], **given: str) -> Receipt | None:
        return next(iter(self._session.read(_RECEIPT, self._session.run(wanted, given))), None)
