"""What is remembered of the system as a whole."""

from typing import Final

from sqlalchemy import bindparam, select

from callwarden.adapters.sql.bulk import BulkInsert, Clash
from callwarden.adapters.sql.encrypted import cipher_of
from callwarden.adapters.sql.rows import Rows
from callwarden.adapters.sql.schema import landmark

SEALED_NAME: Final = "sealed:"
"""What the names of landmarks begin with that nobody without the key can make."""
_JOURNAL: Final = "erasure-journal"
_LANDMARK: Final = select(landmark.c.value).where(landmark.c.name == bindparam("wanted"))
_SAVE_LANDMARK: Final = BulkInsert(landmark, ("name", "value"), key=("name",), clash=Clash.REPLACE)


class LandmarkRows(Rows):
    """`callwarden.ports.catalogue.records.Landmarks`."""

    def get(self, name: str) -> str | None:
        found: str | None = self._session.run(_LANDMARK, {"wanted": name}).scalar_one_or_none()
        return found

    def save(self, name: str, value: str) -> None:
        self._session.insert(_SAVE_LANDMARK, [{"name": name, "value": value}])

    def sealed(self, name: str, *, if_altered: str | None = None) -> str | None:
        value = self.get(f"{SEALED_NAME}{name}")
        if value is None:
            return None
        saved = cipher_of(self._session.connection.dialect).decrypt(f"{SEALED_NAME}{name}", value)
        return if_altered if saved is None else saved

    def save_sealed(self, name: str, value: str) -> None:
        encrypted = cipher_of(self._session.connection.dialect).encrypt(f"{SEALED_NAME}{name}", value)
        self.save(f"{SEALED_NAME}{name}", encrypted)

    def journal_position(self) -> str:
        return self.get(_JOURNAL) or ""

    def save_journal_position(self, position: str) -> None:
        self.save(_JOURNAL, position)
