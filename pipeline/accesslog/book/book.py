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

from callwarden.accesslog.book.anchors import look_outside
from callwarden.accesslog.book.export_files import Exported, write_export
from callwarden.accesslog.book.lease import PATIENCE_S
from callwarden.accesslog.book.reader import SqlLogReader
from callwarden.accesslog.book.segments import snapshot
from callwarden.accesslog.book.sequencer import Sequencer, open_sequencer
from callwarden.accesslog.book.stamping import Stamper
from callwarden.accesslog.key.signer import Ed25519Signer
from callwarden.accesslog.proof.export import Report
from callwarden.accesslog.proof.note import TrustedKey, format_key
from callwarden.accesslog.proof.stamps import CheckStamp
from callwarden.accesslog.proof.values import JournalMark, KeptTimestamp, PublishedCheckpoint, VerifierKey
from callwarden.errors import RetryableError
from callwarden.ports.log import CheckpointPlace, LogState, SecondSequencerError

_LOOK_S: Final = 0.1
_SERVICE_PATIENCE_S: Final = 30.0
"""A service that starts while somebody makes a checkpoint by hand waits for that to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBook:
    """Made once per system. ``earlier`` are public keys the log signed with before its present one. ``stamper`` has
    checkpoints time-stamped, where that is set up; ``check_stamp`` believes the same authorities."""

    engine: Engine
    signer: Ed25519Signer
    places: Sequence[CheckpointPlace]
    now: Callable[[], datetime]
    earlier: Sequence[TrustedKey] = ()
    journal: Callable[[], JournalMark | None] = lambda: None
    """How far the journal reaches, to be signed with the log's state."""
    stamper: Stamper | None = None
    check_stamp: CheckStamp | None = None

    @property
    def trusted(self) -> tuple[TrustedKey, ...]:
        """The keys this system itself believes."""
        return (self.signer.trusted, *self.earlier)

    @property
    def reader(self) -> SqlLogReader:
        """Reads it; decides nothing and logs nothing (see `callwarden.desks.access_log`)."""
        return SqlLogReader(self.engine, trusted=lambda: self.trusted, places=lambda: self.places)

    @contextmanager
    def sequencer(self, *, patience_s: float = PATIENCE_S, successor: VerifierKey | None = None) -> Iterator[Sequencer]:
        """See `open_sequencer`."""
        with open_sequencer(
            self.engine,
            signer=self.signer,
            trusted=self.trusted,
            places=self.places,
            now=self.now,
            journal=self.journal,
            patience_s=patience_s,
            successor=successor,
        ) as sequencer:
            yield sequencer

    def checkpoint(self, *, wait_s: float) -> LogState:
        """Number every entry there is and anchor it. Where another process builds the tree, wait for it to do so.
        Without a time-stamp, too: that it failed is logged, and tried again with the next checkpoint.

        Raises: RetryableError when that takes longer than ``wait_s``, or a place is out of reach; `LogDamagedError`.
        """
        try:
            with self.sequencer() as sequencer:
                sequencer.sequence()
                sequencer.checkpoint()
        except SecondSequencerError:
            self._wait_for_other(wait_s)
        else:
            if self.stamper is not None:
                with suppress(RetryableError):
                    self.stamper.stamp()
        return self.reader.state()

    def _wait_for_other(self, wait_s: float) -> None:
        before = self.reader.state()
        wanted, end = before.size + before.staged, time.monotonic() + wait_s
        while self.reader.state().anchored < wanted or self._missing_outside():
            if time.monotonic() > end:
                raise RetryableError(f"the sequencer that runs has not anchored {wanted} entries within {wait_s:g} s")
            time.sleep(_LOOK_S)

    def _missing_outside(self) -> bool:
        """The other sequencer looks at the places with each checkpoint; before that it does not know."""
        with snapshot(self.engine) as connection:
            return bool(look_outside(connection, self.places).missing)

    def run(
        self,
        stop: Event,
        *,
        checkpoint_every_s: float,
        sequence_every_s: float = 1.0,
        outage: Callable[[RetryableError | None], None] = lambda _error: None,
    ) -> None:
        """Be the sequencer until told to stop; sign every ``checkpoint_every_s`` and once more at the end.

        An outage of the database or of a place is tried again; ``outage`` hears of each attempt that failed, and None
        when one has not. Raises: `SecondSequencerError`, `LogDamagedError`.
        """
        beside = nullcontext(_nothing) if self.stamper is None else self.stamper.beside()
        with self.sequencer(patience_s=_SERVICE_PATIENCE_S) as sequencer, beside as stamp:
            signed_at = float("-inf")
            while not stop.is_set():
                try:
                    sequencer.sequence()
                    if time.monotonic() - signed_at >= checkpoint_every_s:
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
        return tuple(one for place in self.places for one in place.iterate())

    def stamps(self) -> tuple[KeptTimestamp, ...]:
        """Every time-stamp of every place. Raises RetryableError."""
        return tuple(one for place in self.places for one in place.timestamps())

    def verify(self, *, trusted: Sequence[TrustedKey] = (), check_stamp: CheckStamp | None = None) -> Report:
        """Verify the log as it stands in the database, against every place. ``trusted`` and ``check_stamp``: keys and
        authorities from elsewhere, which are then believed instead of the system's own."""
        stamps = self.stamps()  # before the checkpoints: one made meanwhile is stamped by none of these
        outside = self.outside()
        return self.reader.verify(
            outside=outside,
            trusted=trusted or self.trusted,
            stamps=stamps,
            check_stamp=check_stamp or self.check_stamp,
        )

    def export(self, directory: Path) -> Exported:
        """Write everything an auditor needs. Raises as `write_export`."""
        stamps, outside = self.stamps(), self.outside()
        public = "\n".join(format_key(one.key) for one in self.trusted)
        return write_export(
            self.engine,
            directory,
            origin=self.signer.key.name,
            public_key=public,
            outside=outside,
            stamps=stamps,
        )


def _nothing() -> None:
    """Where nothing is set up to stamp."""
