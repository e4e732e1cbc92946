"""Which recording a landed file became."""

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Final

from sqlalchemy import bindparam, delete, select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.mapped import Mapped
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import origin as table
from callwarden.model.ids import Pseudonym
from callwarden.ports.catalogue.origins import Origin

_ORIGIN: Final = Mapped(table, Origin)
_TAKE: Final = _ORIGIN.insert(key=("origin",), clash=Clash.KEEP)
_THESE: Final = select(*table.c).where(among(table.c.origin, bindparam("origins", type_=TextSet())))
_FORGET: Final = delete(table).where(table.c.at < bindparam("before"))


class OriginRows(Rows):
    """`callwarden.ports.catalogue.origins.Origins`."""

    def take(self, origins: Collection[Origin]) -> Mapping[Pseudonym, Origin]:
        if not origins:
            return {}
        self._session.save(_TAKE, _ORIGIN, sorted(origins, key=attrgetter("origin")))
        rows = self._session.run(_THESE, {"origins": [one.origin for one in origins]})
        return {one.origin: one for one in self._session.read(_ORIGIN, rows)}

    def forget(self, *, before: datetime) -> None:
        self._session.run(_FORGET, {"before": before})
