"""What left for courts and the police."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import words_from_text, words_to_text
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import disclosure
from callwarden.model.disclosure import Disclosure

_DISCLOSURE: Final = Mapped(disclosure, Disclosure, recordings=(words_to_text, words_from_text))
_SELECT: Final = select(*disclosure.c)
_BY_ID: Final = _SELECT.where(disclosure.c.disclosure_id == bindparam("id"))
_SAVE: Final = _DISCLOSURE.insert(key=("disclosure_id",), clash=Clash.REPLACE)
_by_time: Final[Any] = attrgetter("made_at", "disclosure_id")


class DisclosureRows(Rows):
    """`callwarden.ports.catalogue.disclosures.Disclosures`."""

    def get(self, disclosure_id: str) -> Disclosure | None:
        rows = self._session.run(_BY_ID, {"id": disclosure_id})
        return next(iter(self._session.read(_DISCLOSURE, rows)), None)

    def all(self) -> Sequence[Disclosure]:
        return sorted(self._session.read(_DISCLOSURE, self._session.run(_SELECT)), key=_by_time, reverse=True)

    def save(self, disclosure: Disclosure) -> None:
        self._session.save(_SAVE, _DISCLOSURE, [disclosure])
