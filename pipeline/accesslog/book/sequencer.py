"""Builds the tree: moves staged entries to their numbers and signs checkpoints (L2)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select

from callwarden.accesslog.book.anchors import bring, check_places
from callwarden.accesslog.book.beginning import look, own_beginnings, remember
from callwarden.accesslog.book.frontier import check_frontier, load_frontier, save_frontier
from callwarden.accesslog.book.handover import refuse_retired, successor_named
from callwarden.accesslog.book.lease import PATIENCE_S, sequencer_lease
from callwarden.accesslog.book.months import Keep, close_month, expire_month, open_month, sealed_months
from callwarden.accesslog.book.stored import found_by, stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_leaf
from callwarden.accesslog.book.tiles import append_hashes, node_source
from callwarden.accesslog.proof.checkpoint import format_checkpoint
from callwarden.accesslog.proof.note import Signer, TrustedKey, sign_note
from callwarden.accesslog.proof.tree import leaf_hash
from callwarden.accesslog.proof.values import Checkpoint, Hash, JournalMark, LostState, Piece, VerifierKey
from callwarden.adapters.sql.bulk import BulkInsert
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.faults import translated
from callwarden.adapters.sql.schema import log_staged
from callwarden.diagnostics import log
from callwarden.errors import RetryableError
from callwarden.ports.log import CheckpointPlace, LogDamagedError, SetBack

BATCH: Final = 1000
_ADD_LEAVES: Final = BulkInsert(log_leaf, ("idx", "entry_id", "bytes", "subject", "case_ref"))
_STAGED: Final = (
    select(log_staged.c.entry_id, log_staged.c.bytes).order_by(log_staged.c.entry_id).limit(bindparam("portion"))
)
_TAKEN: Final = delete(log_staged).where(among(log_staged.c.entry_id, bindparam("ids", type_=TextSet())))


@dataclass(slots=True, kw_only=True)
class Sequencer:
    """The one writer of the tree, used by one thread within `lease`. ``journal`` is how far the journal reaches, to be
    signed with the log's state."""

    engine: Engine
    signer: Signer
    trusted: Sequence[TrustedKey]
    places: Sequence[CheckpointPlace]
    now: Callable[[], datetime]
    journal: Callable[[], JournalMark | None] = lambda: None
    batch: int = BATCH
    _marked: JournalMark | None = field(default=None, init=False)

    @contextmanager
    def lease(
        self, *, patience_s: float = PATIENCE_S, successor: VerifierKey | None = None, lost: SetBack | None = None
    ) -> Iterator[None]:
        """Be the one writer for as long as the block lasts. Before anything is signed the database is held against its
        own state and against the newest checkpoint of every place. ``successor`` is the key an interrupted handover was
        to, for whoever finishes it; ``lost`` what the database was set back by, for whoever begins anew.

        Raises: `SecondSequencerError` while another runs, after ``patience_s``; `LogDamagedError` when the database was
        set back, replaced or altered where it can be seen; `ConfigurationError`; RetryableError.
        """
        with sequencer_lease(self.engine, patience_s=patience_s):
            with self._transaction() as connection:
                frontier = load_frontier(connection, origin=self.signer.key.name)
                source = node_source(connection)
                check_frontier(frontier, source)
                refuse_retired(connection, self.signer.key, finishing=successor)
                begun = own_beginnings(connection, lambda: self.trusted)
                if lost is None or successor_named(connection) == successor:
                    check_places(self.places, size=frontier.size, source=source, trusted=self.trusted, begun=begun)
                elif look(connection, self.places, trusted=self.trusted).set_back != lost:
                    raise LogDamagedError(
                        "the database is not, or no longer, set back as it was when this was asked for"
                    )
            yield

    def sequence(self) -> int:
        """Give every staged entry its number, in portions that are each one transaction; how many there were.

        Closes a month that is over first. Raises: RetryableError (nothing of the last portion changed),
        `LogDamagedError`, `SecondSequencerError`.
        """
        with self._transaction() as connection:
            closed = close_month(connection, signer=self.signer, now=self._instant())
        if closed:
            self.checkpoint()  # the end of a month is a place where an expired month will be cut
        total = 0
        while True:
            with self._transaction() as connection:
                moved = self._move(connection)
            total += moved
            if moved < self.batch:
                return total

    def checkpoint(self) -> Checkpoint:
        """Sign the present state and bring it, and any that could not be brought before, to every place. A place that
        has lost the newest one gets them all again; until then none counts as anchored.

        The same state is not signed twice. Raises: RetryableError when a place or the database is out of reach;
        the checkpoint is then brought there next time. InvariantError when the journal is damaged: nothing is signed.
        """
        try:
            self._marked = self.journal()
        except RetryableError as error:  # then as far as it was last seen to reach: it only grows
            log.warning("journal_not_anchored", error=str(error))
        with self._transaction() as connection:
            checkpoint = self._sign(connection)
        bring(self.engine, self.places, now=self._instant())
        return checkpoint

    def hand_over(
        self, successor: Signer, *, lost: LostState | None = None, explained_by: Sequence[bytes] = ()
    ) -> None:
        """Number and sign everything once more under the present key, then the same state under both, naming
        ``successor``; bring that to every place. From then on this sequencer must sign nothing more. Finishes a
        handover to the same key that was interrupted.

        Where the database was set back, the present key vouches for nothing new: what waits is left to the successor,
        and the checkpoint names what is ``lost``. ``explained_by`` are older handovers that show whose it was.

        Raises: as `checkpoint`; nothing has been handed over where a place is out of reach before.
        """
        with self._transaction() as connection:
            begun = successor_named(connection) == successor.key
        if not begun:
            if lost is None:
                self.sequence()
                self.checkpoint()
            else:
                self._marked = self.journal()
            with self._transaction() as connection:
                self._sign(connection, successor, lost, explained_by)
        bring(self.engine, self.places, now=self._instant())

    def expire(self, *, due: Callable[[datetime], bool], keep: Keep) -> int:
        """Delete the entries of every month ``due`` (when it was sealed) says is over, save those ``keep`` (subject,
        case) says a hold still needs; how many went. Each month is one transaction. Proofs of the rest stay (L3).

        Raises: `LogDamagedError` when a month does not match its seal: nothing of it is deleted then.
        """
        with self._transaction() as connection:
            months = list(sealed_months(connection, trusted=self.trusted))
        total = 0
        for month in (name for name, sealed_at in months if due(sealed_at)):
            with self._transaction() as connection:
                total += expire_month(connection, month, keep=keep, now=self._instant())
        return total

    def _sign(
        self,
        connection: Connection,
        successor: Signer | None = None,
        lost: LostState | None = None,
        explained_by: Sequence[bytes] = (),
    ) -> Checkpoint:
        """The present state, signed unless it was before; with a successor once more, under both keys."""
        frontier = load_frontier(connection, origin=self.signer.key.name)
        newest = connection.execute(
            select(func.max(log_checkpoint.c.made_at)).where(log_checkpoint.c.size == frontier.size)
        ).scalar()
        if newest is None:
            at = self._instant()
        else:
            at = newest if successor is None else max(self._instant(), newest + timedelta(microseconds=1))
        checkpoint = Checkpoint(
            origin=self.signer.key.name,
            size=frontier.size,
            root=frontier.root(),
            at=at,
            successor=None if successor is None else successor.key,
            journal=self._marked,
            lost=lost,
        )
        if newest is None or successor is not None:
            signers = (self.signer,) if successor is None else (successor, self.signer)
            note = sign_note(format_checkpoint(checkpoint), *signers)
            row = {"size": checkpoint.size, "made_at": at, "note": note, "published_at": None}
            connection.execute(insert(log_checkpoint), row)
            if lost is not None:
                remember(connection, *explained_by, note)
        return checkpoint

    def _move(self, connection: Connection) -> int:
        before = load_frontier(connection, origin=self.signer.key.name)
        staged = connection.execute(_STAGED, {"portion": self.batch}).all()
        if not staged:
            return 0
        open_month(connection, before.size, now=self._instant())
        rows: list[dict[str, Any]] = []
        leaves: list[Hash] = []
        for number, (entry_id, stored) in enumerate(staged, before.size):
            data = stored_bytes(stored)
            rows.append({"idx": number, "entry_id": entry_id, "bytes": data, **_columns_of(entry_id, data)})
            leaves.append(leaf_hash(data))
        completed: dict[Piece, Hash] = {}
        after = before.extended(leaves, completed)
        save_frontier(connection, before, after)
        _ADD_LEAVES.run(connection, rows)
        append_hashes(connection, before.size, leaves, completed)
        connection.execute(_TAKEN, {"ids": [row["entry_id"] for row in rows]})
        return len(rows)

    def _instant(self) -> datetime:
        return self.now().astimezone(UTC)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with translated(), self.engine.begin() as connection:
            yield connection


def _columns_of(entry_id: str, data: bytes) -> dict[str, str | None]:
    """What an entry is found by, taken from its own bytes. Raises: `LogDamagedError`."""
    found = found_by(data)
    if found is None or found.entry_id != entry_id:
        raise LogDamagedError(f"the staged entry {entry_id} is not an entry: somebody wrote past the system")
    return {"subject": found.subject, "case_ref": found.case_ref}
