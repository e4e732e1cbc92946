"""The catalogue on a database."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Select, delete, func, literal, select, tuple_

from callwarden.adapters.sql.artefacts import ARTEFACTS, SELECT_ARTEFACTS
from callwarden.adapters.sql.columns import INSTANT
from callwarden.adapters.sql.encrypted import ColumnCipher, attach, cipher_of
from callwarden.adapters.sql.engine import READ_ONLY, begin_unsynced, open_engine, overwrite_history
from callwarden.adapters.sql.faults import translated
from callwarden.adapters.sql.landmarks import SEALED_NAME
from callwarden.adapters.sql.outbox import UNSENT, entry_of
from callwarden.adapters.sql.outcomes import OUTCOMES, SELECT_OUTCOMES, narrowed, seq_at
from callwarden.adapters.sql.recordings import SELECT_RECORDINGS
from callwarden.adapters.sql.schema import SEALED, artefact, known_key, landmark, outbox, outcome, recording, waiting
from callwarden.adapters.sql.seals import RowSeals
from callwarden.adapters.sql.transaction import SqlTransaction
from callwarden.adapters.sql.upgrade import upgrade
from callwarden.adapters.sqlite.file import Patience
from callwarden.errors import InvariantError, RetryableError
from callwarden.model.ids import CallId, RecordingId
from callwarden.model.outcome import EventOutcome, Outcome, Position
from callwarden.model.recording import Artefact, Recording
from callwarden.ports.catalogue import AlteredRow, OutboxEntry, OutcomeFilter, Waits

_PORTION: Final = 1000
_WAIT_S: Final = 20.0
_ARTEFACT_ORDER: Final = (
    artefact.c.key,
    artefact.c.recording_id,
    artefact.c.kind,
    artefact.c.generation,
)


def _plainly(connection: Connection, portion: Select[Any]) -> Sequence[Any]:
    return connection.execute(portion).all()


class SqlCatalogue:
    """`callwarden.ports.catalogue.Catalogue` on SQLite or PostgreSQL.

    `engine` comes from `open_engine`, its database from `upgrade`; `open_catalogue` does both. `portion` is how
    many rows the iterators read at a time.
    """

    def __init__(self, engine: Engine, *, seals: RowSeals, wait_s: float = _WAIT_S, portion: int = _PORTION) -> None:
        self._engine = engine
        self._seals = seals
        attach(engine, ColumnCipher(seals.derived))
        self._reader = engine.execution_options(**{READ_ONLY: True})
        self._sqlite = engine.dialect.name == "sqlite"
        self._wait_s = wait_s
        self._portion = portion
        # SQLite's own queue for its one writer is sleeping and trying again; threads of one process can do better.
        self._writing = threading.Lock()
        self._inside = threading.local()

    @property
    def engine(self) -> Engine:
        """The engine, for whoever keeps tables of his own in the same database (the log)."""
        return self._engine

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        with self.alone(), translated(), self._engine.connect() as connection:
            transaction = SqlTransaction(connection, self._seals)
            with connection.begin():
                yield transaction
                if transaction.failure is not None:
                    raise transaction.failure
            if transaction.session.destroyed_keys:
                overwrite_history(connection)

    @contextmanager
    def snapshot(self) -> Iterator[SqlTransaction]:
        with translated(), self._reader.connect() as connection:
            transaction = SqlTransaction(connection, self._seals)
            yield transaction
            connection.rollback()
            if transaction.failure is not None:
                raise transaction.failure

    def is_empty(self) -> bool:
        with self._reading() as connection:
            return all(
                connection.execute(select(column).limit(1)).first() is None
                for column in (recording.c.recording_id, known_key.c.key_id)
            )

    def unsent(self, *, older_than_s: float, limit: int) -> Sequence[OutboxEntry]:
        newest = datetime.now(UTC) - timedelta(seconds=older_than_s)
        with self._reading() as connection:
            return [entry_of(row) for row in connection.execute(UNSENT, {"newest": newest, "limit": limit})]

    def mark_sent(self, entries: Sequence[OutboxEntry]) -> None:
        if not entries:
            return
        numbers = [entry.outbox_id for entry in entries]
        # To forget this after a power cut is to publish once more, which consumers bear: no wait for the disk.
        with self.alone(), translated(), self._engine.connect() as connection, begin_unsynced(connection):
            connection.execute(delete(outbox).where(outbox.c.outbox_id.in_(numbers)))

    def list_outcomes(
        self,
        *,
        limit: int | None = None,
        call_id: CallId | None = None,
        recording_id: RecordingId | None = None,
        wanted: OutcomeFilter | None = None,
        after: Position | None = None,
    ) -> Sequence[EventOutcome]:
        query = SELECT_OUTCOMES.order_by(outcome.c.seq).limit(limit)
        if after is not None:
            query = query.where(outcome.c.seq > seq_at(after))
        if call_id is not None:
            query = query.where(outcome.c.call_id == call_id)
        if recording_id is not None:
            query = query.where(outcome.c.recording_id == recording_id)
        if wanted is not None:
            query = narrowed(query, wanted)
        with self._reading() as connection:
            return OUTCOMES.values(connection.execute(query))

    def count_outcomes(self, topic: str) -> Mapping[Outcome, int]:
        counted = select(outcome.c.outcome, func.count()).where(outcome.c.topic == topic).group_by(outcome.c.outcome)
        with self._reading() as connection:
            counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
        return {word: counts.get(word.value, 0) for word in Outcome}

    def outcomes_from(self, topic: str, partition: int, offset: int, *, before: int | None = None) -> int:
        counted = select(func.count()).where(
            outcome.c.topic == topic, outcome.c.partition == partition, outcome.c.offset >= offset
        )
        if before is not None:
            counted = counted.where(outcome.c.offset < before)
        with self._reading() as connection:
            return connection.execute(counted).scalar_one()

    def count_waiting(self, topic: str, *, partition: int | None = None, before: int | None = None) -> int:
        counted = select(func.count()).select_from(waiting).where(waiting.c.topic == topic)
        if partition is not None:
            counted = counted.where(waiting.c.partition == partition)
        if before is not None:
            counted = counted.where(waiting.c.offset < before)
        with self._reading() as connection:
            return connection.execute(counted).scalar_one()

    def waits(self) -> Sequence[Waits]:
        counted = (
            select(waiting.c.place, waiting.c.why, func.count(), func.min(waiting.c.since, type_=INSTANT))
            .group_by(waiting.c.place, waiting.c.why)
            .order_by(waiting.c.place, waiting.c.why)
        )
        with self._reading() as connection:
            found = connection.execute(counted).all()
        return [Waits(place=place, why=why, events=events, since=since) for place, why, events, since in found]

    def all_artefacts(self) -> Iterator[Artefact]:
        yield from map(ARTEFACTS.value, self._all(SELECT_ARTEFACTS, _ARTEFACT_ORDER))

    def all_recordings(self) -> Iterator[Recording]:
        def read(connection: Connection, portion: Select[Any]) -> Sequence[Recording]:
            return SqlTransaction(connection, self._seals).recordings.read(portion)

        return self._all(SELECT_RECORDINGS, [recording.c.recording_id], read)

    def altered_rows(self) -> Iterator[AlteredRow]:
        for stored in self.all_recordings():
            if stored.altered:
                yield AlteredRow(table=recording.name, key=stored.recording_id)
        for table in SEALED:
            if table is not recording:
                key = list(table.primary_key.columns)
                for row in self._all(select(*table.c), key):
                    if not self._seals.is_genuine(table, row._asdict()):
                        yield AlteredRow(table=table.name, key="/".join(str(getattr(row, each.name)) for each in key))

        with self._reading() as connection:
            marks = connection.execute(select(*landmark.c).where(landmark.c.name.like(f"{SEALED_NAME}%"))).all()
        cipher = cipher_of(self._engine.dialect)
        for name, value in marks:
            if cipher.decrypt(name, value) is None:
                yield AlteredRow(table=landmark.name, key=name)

    def _all(
        self,
        query: Select[Any],
        key: Sequence[Column[Any]],
        read: Callable[[Connection, Select[Any]], Sequence[Any]] = _plainly,
    ) -> Iterator[Any]:
        """Whatever `read` makes of the rows of `query`, in the order of their `key`, which it still has."""
        wanted = query.order_by(*key).limit(self._portion)
        portion = wanted
        while True:
            with self._reading() as connection:
                found = read(connection, portion)
            yield from found
            if len(found) < self._portion:
                return
            last = (literal(getattr(found[-1], each.name), type_=each.type) for each in key)
            portion = wanted.where(tuple_(*key) > tuple_(*last))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The turn of this process's writers on SQLite, which has room for one; nothing to wait for on PostgreSQL.
        Raises RetryableError when the turn does not come in time."""
        if getattr(self._inside, "transaction", False):
            raise InvariantError("a transaction inside a transaction of the same thread")
        if self._sqlite and not self._writing.acquire(timeout=self._wait_s):
            raise RetryableError("the database is busy with another transaction of this process")
        self._inside.transaction = True
        try:
            yield
        finally:
            self._inside.transaction = False
            if self._sqlite:
                self._writing.release()


def open_catalogue(
    url: str, *, seals: RowSeals, wait_s: float = _WAIT_S, patience: Patience | None = None
) -> SqlCatalogue:
    """The catalogue at ``sqlite:///<path>`` or ``postgresql://…``, its tables brought up to date.

    Raises ConfigurationError for a wrong URL or a database newer than this code, RetryableError while the
    database is out of reach.
    """
    engine = open_engine(url, wait_s=wait_s, patience=patience)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlCatalogue(engine, seals=seals, wait_s=wait_s)
