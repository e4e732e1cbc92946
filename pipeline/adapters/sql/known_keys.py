"""The keys the system has used."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from sqlalchemy import select

from callwarden.adapters.sql.bulk import Clash
from callwarden.adapters.sql.mapped import Mapped, word
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import known_key as table
from callwarden.model.key import KeyKind, KnownKey

_KNOWN: Final = select(*table.c).order_by(table.c.first_used_at, table.c.kind, table.c.key_id)
_KEY: Final = Mapped(table, KnownKey, kind=word(KeyKind))
_SAVE: Final = _KEY.insert(key=("kind", "key_id"), clash=Clash.REPLACE)


class KnownKeyRows(Rows):
    """`callwarden.ports.catalogue.keys.KnownKeys`."""

    def all(self, *, lock: bool = False) -> Sequence[KnownKey]:
        return _KEY.values(self._session.run(_KNOWN.with_for_update() if lock else _KNOWN))

    def save(self, keys: Sequence[KnownKey]) -> None:
        self._session.save(_SAVE, _KEY, sorted(keys, key=attrgetter("kind", "key_id")))
