"""A log on a real database, with a clock that stands where a test puts it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from callwarden.accesslog.book.book import SqlLogBook
from callwarden.accesslog.book.group_writer import GroupLogWriter
from callwarden.accesslog.book.reader import SqlLogReader
from callwarden.accesslog.book.sequencer import Sequencer
from callwarden.accesslog.book.staging import open_log_writer
from callwarden.accesslog.book.upgrade import upgrade_log
from callwarden.accesslog.key.file import LogKey
from callwarden.accesslog.key.signer import Ed25519Signer
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.export import Report
from callwarden.accesslog.proof.note import TrustedKey
from callwarden.accesslog.proof.status import SegmentState
from callwarden.adapters.sql.catalogue import SqlCatalogue, open_catalogue
from callwarden.model.log_entry import LogEntry, make_entry_id
from callwarden.ports.log import CheckpointPlace
from tests.support.log_builder import an_entry, signer
from tests.support.seals import SEALS


@dataclass
class HandClock:
    """Stands still until it is moved."""

    instant: datetime = datetime(2026, 9, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def move(self, **by: float) -> None:
        self.instant += timedelta(**by)


class HeldKey(LogKey):
    """A key that lies in no file."""

    _held: tuple[Ed25519Signer, ...]

    def __init__(self, *, signer: Ed25519Signer, before: Sequence[Ed25519Signer] = ()) -> None:
        super().__init__(path=Path("/nowhere/log.pem"), origin=signer.key.name)
        object.__setattr__(self, "_held", (signer, *before))

    def signer(self) -> Ed25519Signer:
        return self._held[0]

    def earlier(self) -> tuple[TrustedKey, ...]:
        return tuple(one.trusted for one in self._held[1:])


@dataclass
class SqlLog:
    catalogue: SqlCatalogue
    places: Sequence[CheckpointPlace]
    clock: HandClock = field(default_factory=HandClock)
    key: Ed25519Signer = field(default_factory=signer)
    written: int = 0

    @property
    def engine(self) -> Engine:
        return self.catalogue.engine

    @property
    def reader(self) -> SqlLogReader:
        return SqlLogReader(self.engine, trusted=lambda: [self.key.trusted], places=lambda: self.places)

    def stage(self, count: int, **changes: object) -> list[LogEntry]:
        """Entries of the clock's present, written in one transaction."""
        entries = []
        for _ in range(count):
            entry_id = make_entry_id(self.clock.now(), self.written.to_bytes(10))
            entries.append(an_entry(self.written, at=self.clock.now(), entry_id=entry_id, **changes))
            self.written += 1
        with self.catalogue.transaction() as transaction:
            transaction.log.append(entries)
        return entries

    @contextmanager
    def sequencer(self, *, batch: int = 100) -> Iterator[Sequencer]:
        with self.book(batch=batch).sequencer() as opened:
            yield opened

    def book(self, key: Ed25519Signer | None = None, *earlier: Ed25519Signer, **more: Any) -> SqlLogBook:
        """The log in the hand of whoever holds this key, and believes those before it."""
        held = HeldKey(signer=key or self.key, before=earlier)
        return SqlLogBook(engine=self.engine, key=held, places=self.places, now=self.clock.now, **more)

    def number_and_sign(self) -> None:
        with self.sequencer() as opened:
            opened.sequence()
            opened.checkpoint()

    def months(self, *, expired: bool = False) -> list[str]:
        return [one.name for one in self.reader.status().segments if not expired or one.state is SegmentState.EXPIRED]

    def verify(self) -> Report:
        outside = [one for place in self.places for one in place.iterate()]
        return self.reader.verify(outside=outside, trusted=[self.key.trusted])

    def writer(self, *, timeout_s: float = 2.0) -> GroupLogWriter:
        return open_log_writer(self.engine, timeout_s=timeout_s)


@contextmanager
def opened_log(url: str, outside: Path) -> Iterator[SqlLog]:
    catalogue = open_catalogue(url, wait_s=5, seals=SEALS)
    try:
        upgrade_log(catalogue.engine)
        yield SqlLog(catalogue=catalogue, places=[CheckpointDirectory(outside)])
    finally:
        catalogue.close()


@contextmanager
def dying_at(engine: Engine, statement: int) -> Iterator[list[str]]:
    """The ``statement``-th statement from now on, counted from zero, is never run: the process "dies" there."""
    seen: list[str] = []

    def count(connection: object, cursor: object, text: str, *rest: object) -> None:
        seen.append(text)
        if len(seen) == statement + 1:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)
