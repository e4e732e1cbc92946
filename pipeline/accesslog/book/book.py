"""The whole log of one system in one hand: its key, its places, its reader and, when asked, its sequencer."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Final

from sqlalchemy import Engine

from callwarden.accesslog.book.beginning import look, unfinished
from callwarden.accesslog.book.handover import successor_named
from callwarden.accesslog.book.lease import PATIENCE_S, checkpoint_wish, checkpoint_wished
from callwarden.accesslog.book.months import Keep
from callwarden.accesslog.book.reader import SqlLogReader
from callwarden.accesslog.book.segments import read_head, read_segments, snapshot
from callwarden.accesslog.book.sequencer import BATCH, Sequencer
from callwarden.accesslog.book.stamping import Stamper
from callwarden.accesslog.export import write_export
from callwarden.accesslog.key.file import LogKey
from callwarden.accesslog.proof.export import Exported, Report
from callwarden.accesslog.proof.note import TrustedKey
from callwarden.accesslog.proof.stamps import CheckStamp
from callwarden.accesslog.proof.status import LogStatus
from callwarden.accesslog.proof.values import JournalMark, KeptTimestamp, PublishedCheckpoint, VerifierKey
from callwarden.errors import RetryableError
from callwarden.ports.log import CheckpointPlace, LogDamagedError, SecondSequencerError, SetBack

_LOOK_S: Final = 0.1
_SERVICE_PATIENCE_S: Final = 30.0
"""A service that starts while somebody makes a checkpoint by hand waits for that to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlLogBook:
    """`callwarden.ports.log.LogBook` on SQLite or PostgreSQL. Made once per system. ``stamper`` has checkpoints
    time-stamped, where that is set up; ``check_stamp`` believes the same authorities."""

    engine: Engine
    key: LogKey
    places: Sequence[CheckpointPlace]
    now: Callable[[], datetime]
    journal: Callable[[], JournalMark | None] = lambda: None
    """How far the journal reaches, to be signed with the log's state."""
    stamper: Stamper | None = None
    check_stamp: CheckStamp | None = None
    batch: int = BATCH

    @property
    def reader(self) -> SqlLogReader:
        """Reads it; decides nothing and logs nothing (see `callwarden.desks.access_log`)."""
        return SqlLogReader(self.engine, trusted=self.key.trusted, places=lambda: self.places)

    @contextmanager
    def sequencer(
        self, *, patience_s: float = PATIENCE_S, successor: VerifierKey | None = None, lost: SetBack | None = None
    ) -> Iterator[Sequencer]:
        """The sequencer, for as long as the block lasts. Raises: as `Sequencer.lease`."""
        sequencer = Sequencer(
            engine=self.engine,
            signer=self.key.signer(),
            trusted=self.key.trusted(),
            places=self.places,
            now=self.now,
            journal=self.journal,
            batch=self.batch,
        )
        with sequencer.lease(patience_s=patience_s, successor=successor, lost=lost):
            yield sequencer

    def checkpoint(self, *, wait_s: float) -> LogStatus:
        """See `LogBook.checkpoint`."""
        try:
            with self.sequencer() as sequencer:
                sequencer.sequence()
                sequencer.checkpoint()
        except SecondSequencerError:
            with checkpoint_wish(self.engine):
                self._wait_for_other(wait_s)
        else:
            if self.stamper is not None:
                with suppress(RetryableError):
                    self.stamper.stamp()
        return self.reader.status()

    def _wait_for_other(self, wait_s: float) -> None:
        """The other sequencer looks at the places with each checkpoint; before that it does not know."""
        before = self.reader.status()
        wanted, end = before.size + before.staged, time.monotonic() + wait_s
        while (there := self.reader.status(outside=True)).anchored < wanted or there.missing_outside:
            if time.monotonic() > end:
                raise RetryableError(f"the sequencer that runs has not anchored {wanted} entries within {wait_s:g} s")
            time.sleep(_LOOK_S)

    def expire(self, *, due: Callable[[datetime], bool], keep: Keep) -> int:
        """See `LogBook.expire`."""
        with self.sequencer() as sequencer:
            gone = sequencer.expire(due=due, keep=keep)
            sequencer.sequence()
            sequencer.checkpoint()
        return gone

    def rotate_key(self, tell: Callable[[VerifierKey], None]) -> VerifierKey:
        """See `LogBook.rotate_key`."""
        retired, successor = self.key.signer(), self.key.successor()
        with self.sequencer(successor=successor.key) as sequencer:
            tell(successor.key)
            sequencer.hand_over(successor)
            self.key.install_successor(retired=retired.key)
        return successor.key

    def set_back(self) -> SetBack | None:
        """See `LogBook.set_back`. Also what one that was interrupted is about."""
        next_key = self.key.following()
        with snapshot(self.engine) as connection:
            if next_key is not None and (
                begun := unfinished(connection, next_key, self.places, trusted=self.key.trusted())
            ):
                return begun
            return look(connection, self.places, trusted=self.key.trusted()).set_back

    def begin_anew(self, lost: SetBack, tell: Callable[[VerifierKey], None]) -> VerifierKey:
        """See `LogBook.begin_anew`."""
        with snapshot(self.engine) as connection:
            found = look(connection, self.places, trusted=self.key.trusted())
            begun = successor_named(connection)
        reached = self.journal()
        if found.journal is not None and (reached is None or reached.count < found.journal.count):
            raise LogDamagedError("the journal was set back as well: put its newest copy back first (docs/keys.md)")
        retired, next_key = self.key.signer(), self.key.following()
        if next_key in found.named and next_key != begun:
            self.key.forget_successor()  # of a rotation that is lost: what it has signed is not the new log's
        successor = self.key.successor()
        with self.sequencer(successor=successor.key, lost=lost) as sequencer:
            tell(successor.key)
            sequencer.hand_over(successor, lost=lost.lost, explained_by=found.notes)
            self.key.install_successor(retired=retired.key)
        return successor.key

    def run(
        self,
        stop: Event,
        *,
        checkpoint_every_s: float,
        sequence_every_s: float = 1.0,
        outage: Callable[[RetryableError | None], None] = lambda _error: None,
    ) -> None:
        """Be the sequencer until asked to stop; sign every ``checkpoint_every_s``, when somebody waits for it, and once
        more at the end.

        An outage of the database or of a place is tried again; ``outage`` hears of each attempt that failed, and None
        when one has not. Raises: `SecondSequencerError`, `LogDamagedError`.
        """
        beside = nullcontext(_nothing) if self.stamper is None else self.stamper.beside()
        with self.sequencer(patience_s=_SERVICE_PATIENCE_S) as sequencer, beside as stamp:
            signed_at = float("-inf")
            while not stop.is_set():
                try:
                    sequencer.sequence()
                    if time.monotonic() - signed_at >= checkpoint_every_s or checkpoint_wished(self.engine):
                        sequencer.checkpoint()
                        signed_at = time.monotonic()
                        outage(None)
                        stamp()
                except RetryableError as error:
                    outage(error)
                    signed_at = float("-inf")  # the next checkpoint shows that it is over
                stop.wait(sequence_every_s)
            with suppress(RetryableError):  # the next sequencer does it
                sequencer.sequence()
                sequencer.checkpoint()

    def outside(self) -> tuple[PublishedCheckpoint, ...]:
        """Every checkpoint of every place. Raises RetryableError."""
        return tuple(copy for place in self.places for copy in place.iterate())

    def stamps(self) -> tuple[KeptTimestamp, ...]:
        """Every time-stamp of every place. Raises RetryableError."""
        return tuple(timestamp for place in self.places for timestamp in place.timestamps())

    def verify(
        self,
        *,
        trusted: Sequence[TrustedKey] = (),
        check_stamp: CheckStamp | None = None,
        told: Callable[[int], None] | None = None,
    ) -> Report:
        """Verify the log as it stands in the database, against every place. ``trusted`` and ``check_stamp``: keys and
        authorities from elsewhere, which are then believed instead of the system's own."""
        stamps = self.stamps()  # before the checkpoints: one made meanwhile is stamped by none of these
        outside = self.outside()
        return self.reader.verify(
            outside=outside,
            trusted=trusted or self.key.trusted(),
            stamps=stamps,
            check_stamp=check_stamp or self.check_stamp,
            told=told,
        )

    def export(self, directory: Path) -> Exported:
        """See `LogBook.export`."""
        stamps, outside = self.stamps(), self.outside()
        with snapshot(self.engine) as connection:
            return write_export(
                directory,
                read_segments(connection),
                head=read_head(connection),
                trusted=self.key.trusted(),
                outside=outside,
                stamps=stamps,
            )


def _nothing() -> None:
    """Where nothing is set up to stamp."""
