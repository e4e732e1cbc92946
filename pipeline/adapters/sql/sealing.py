"""Seals, once, the rows a version without seals has left, as they are."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Table, bindparam, insert, select, update

from callwarden.adapters.sql.outbox import LogRows
from callwarden.adapters.sql.recordings import SELECT_RECORDINGS, RecordingRows
from callwarden.adapters.sql.rows import Rows, Session
from callwarden.adapters.sql.schema import SEALED, artefact, data_key, landmark, recording
from callwarden.errors import UsageError
from callwarden.model.log_entry import LogEntry

BEGUN: Final = select(landmark.c.name).where(landmark.c.name == "row-seals")
_BEFORE: Final = select(landmark.c.name).where(landmark.c.name == "row-seals-before")


class SealingRows(Rows):
    """`callwarden.ports.catalogue.Catalogue.seal_rows`, inside a transaction."""

    def __init__(self, session: Session, recordings: RecordingRows, log: LogRows) -> None:
        super().__init__(session)
        self._recordings = recordings
        self._log = log

    def seal_rows(self, entry: Callable[[int], LogEntry]) -> int:
        """See the port."""
        if self._session.run(BEGUN).first() is not None:
            raise UsageError("the rows of this catalogue are sealed already: what is altered has to be restored")
        if self._session.run(_BEFORE).first() is not None:
            # The others were sealed then: what is not has been altered since.
            count = sum(self._seal_table(one) for one in (artefact, data_key))
        else:
            count = self._seal_recordings() + sum(self._seal_table(one) for one in SEALED if one is not recording)
        self._session.run(insert(landmark), {"name": "row-seals", "value": f"{count} rows as they were"})
        self._log.append([entry(count)])
        return count

    def _seal_recordings(self) -> int:
        found = self._recordings.read(SELECT_RECORDINGS.where(recording.c.seal.is_(None)), locked=True)
        self._recordings.take_as_genuine(found)
        self._recordings.seal_again([one.recording_id for one in found])
        return len(found)

    def _seal_table(self, table: Table) -> int:
        key = list(table.primary_key.columns)
        rows = self._session.run(select(*table.c).where(table.c.seal.is_(None))).mappings().all()
        sealed = [
            {"new": self._session.seals.of(table, row), **{f"of_{one.name}": row[one.name] for one in key}}
            for row in rows
        ]
        if sealed:
            these = (one == bindparam(f"of_{one.name}", type_=one.type) for one in key)
            self._session.run(
                update(table).where(*these).values(seal=bindparam("new", type_=table.c.seal.type)), sealed
            )
        return len(sealed)
