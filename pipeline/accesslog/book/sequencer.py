"""Builds the tree: moves staged entries to their numbers, signs checkpoints, closes months (L2, L3)."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from callwarden.accesslog.book.anchors import check_places, look_outside
from callwarden.accesslog.book.expiry import Keep, expire_segment
from callwarden.accesslog.book.frontier import check_frontier, load_frontier, save_frontier
from callwarden.accesslog.book.handover import refuse_retired, successor_named
from callwarden.accesslog.book.lease import PATIENCE_S, sequencer_lease
from callwarden.accesslog.book.stored import found_by, stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_leaf, log_segment
from callwarden.accesslog.book.tiles import append_hashes, node_source
from callwarden.accesslog.proof.checkpoint import format_checkpoint, format_seal, open_seal
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.accesslog.proof.note import NoteError, TrustedKey, sign_note, sign_note_together
from callwarden.accesslog.proof.tree import cover, leaf_hash
from callwarden.accesslog.proof.values import Checkpoint, Hash, JournalMark, Piece, SegmentSeal, VerifierKey
from callwarden.adapters.sql.bulk import BulkInsert
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.faults import translated
from callwarden.adapters.sql.schema import log_staged
from callwarden.diagnostics import log
from callwarden.errors import RetryableError
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.ports.log import CheckpointPlace, LogDamagedError, Signer

BATCH: Final = 1000
_BROUGHT_AT_ONCE: Final = 1000
"""Checkpoints brought to their places in one go; where more wait, the next go takes the next."""
_ADD_LEAVES: Final = BulkInsert(log_leaf, ("idx", "entry_id", "bytes", "subject", "case_ref"))
_STAGED: Final = (
    select(log_staged.c.entry_id, log_staged.c.bytes).order_by(log_staged.c.entry_id).limit(bindparam("portion"))
)
_TAKEN: Final = delete(log_staged).where(among(log_staged.c.entry_id, bindparam("ids", type_=TextSet())))


class Sequencer:
    """The one writer of the tree. Made by `open_sequencer`, used by one thread."""

    def __init__(
        self,
        engine: Engine,
        *,
        signer: Signer,
        trusted: Sequence[TrustedKey],
        places: Sequence[CheckpointPlace],
        now: Callable[[], datetime],
        journal: Callable[[], JournalMark | None] = lambda: None,
        batch: int = BATCH,
    ) -> None:
        self._engine = engine
        self._signer = signer
        self._trusted = tuple(trusted)
        self._places = tuple(places)
        self._now = now
        self._journal = journal
        self._marked: JournalMark | None = None
        self._batch = batch

    def sequence(self) -> int:
        """Give every staged entry its number, in portions that are each one transaction; how many there were.

        Closes a month that is over first. Raises: RetryableError (nothing of the last portion changed),
        `LogDamagedError`, `SecondSequencerError`.
        """
        self._close_month()
        total = 0
        while True:
            with self._transaction() as connection:
                moved = self._move(connection)
            total += moved
            if moved < self._batch:
                return total

    def checkpoint(self) -> Checkpoint:
        """Sign the present state and bring it, and any that could not be brought before, to every place. A place that
        has lost the newest one gets them all again; until then none counts as anchored.

        The same state is not signed twice. Raises: RetryableError when a place or the database is out of reach;
        the checkpoint is then brought there next time. InvariantError when the journal is damaged: nothing is signed.
        """
        mark = self._journal_mark()
        with self._transaction() as connection:
            frontier = load_frontier(connection, origin=self._signer.key.name)
            newest = connection.execute(
                select(log_checkpoint.c.made_at)
                .where(log_checkpoint.c.size == frontier.size)
                .order_by(log_checkpoint.c.made_at.desc())
                .limit(1)
            ).scalar_one_or_none()
            checkpoint = Checkpoint(
                origin=self._signer.key.name,
                size=frontier.size,
                root=frontier.root(),
                at=newest if newest is not None else self._now().astimezone(UTC),
                journal=mark,
            )
            if newest is None:
                note = sign_note(format_checkpoint(checkpoint), key=self._signer.key, sign=self._signer.sign)
                row = {"size": checkpoint.size, "made_at": checkpoint.at, "note": note, "published_at": None}
                connection.execute(insert(log_checkpoint), row)
        self._publish()
        return checkpoint

    def hand_over(self, successor: Signer) -> None:
        """Number and sign everything once more under the present key, then the same state under both, naming
        ``successor``; bring that to every place. From then on this sequencer must sign nothing more. Finishes a
        handover to the same key that was interrupted.

        Raises: as `checkpoint`; nothing has been handed over where a place is out of reach before.
        """
        with self._transaction() as connection:
            begun = successor_named(connection) == successor.key
        if not begun:
            self.sequence()
            self.checkpoint()
            with self._transaction() as connection:
                self._sign_handover(connection, successor)
        self._publish()

    def _journal_mark(self) -> JournalMark | None:
        """How far the journal reaches. While it is out of reach, how far it was last seen to: it only grows."""
        try:
            self._marked = self._journal()
        except RetryableError as error:
            log.warning("journal_not_anchored", error=str(error))
        return self._marked

    def _sign_handover(self, connection: Connection, successor: Signer) -> None:
        frontier = load_frontier(connection, origin=self._signer.key.name)
        newest = connection.execute(
            select(func.max(log_checkpoint.c.made_at)).where(log_checkpoint.c.size == frontier.size)
        ).scalar_one()
        checkpoint = Checkpoint(
            origin=self._signer.key.name,
            size=frontier.size,
            root=frontier.root(),
            at=max(self._now().astimezone(UTC), newest + timedelta(microseconds=1)),
            successor=successor.key,
            journal=self._marked,
        )
        signers = ((successor.key, successor.sign), (self._signer.key, self._signer.sign))
        note = sign_note_together(format_checkpoint(checkpoint), signers)
        row = {"size": checkpoint.size, "made_at": checkpoint.at, "note": note, "published_at": None}
        connection.execute(insert(log_checkpoint), row)

    def expire(self, *, due: Callable[[datetime], bool], keep: Keep) -> int:
        """Delete the entries of every month ``due`` (when it was sealed) says is over, save those ``keep`` (subject,
        case) says a hold still needs; how many went. Each month is one transaction. Proofs of the rest stay (L3).

        Raises: `LogDamagedError` when a month does not match its seal: nothing of it is deleted then.
        """
        with self._transaction() as connection:
            sealed = connection.execute(
                select(log_segment.c.name, log_segment.c.seal)
                .where(log_segment.c.seal.is_not(None))
                .order_by(log_segment.c.first_idx)
            ).all()
        total = 0
        for name in [name for name, seal in sealed if due(self._sealed_at(name, stored_bytes(seal)))]:
            with self._transaction() as connection:
                gone = expire_segment(connection, name, keep=keep, now=self._now().astimezone(UTC))
                if gone:
                    self._stage(connection, Operation.LOG_SEGMENT_EXPIRED, name, count=gone)
            total += gone
        return total

    def _sealed_at(self, name: str, seal: bytes) -> datetime:
        """As the signed seal has it: the column beside it, set back, would have a month go too early."""
        try:
            return open_seal(seal, trusted=self._trusted).sealed_at
        except NoteError as error:
            raise LogDamagedError(f"segment {name} is not deleted: its seal is not to be believed: {error}") from error

    def _move(self, connection: Connection) -> int:
        before = load_frontier(connection, origin=self._signer.key.name)
        staged = connection.execute(_STAGED, {"portion": self._batch}).all()
        if not staged:
            return 0
        self._open_month(connection, before.size)
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

    def _open_month(self, connection: Connection, size: int) -> None:
        """The month the next entries belong to. A clock that goes back stays in the open month."""
        still_open = select(log_segment.c.name).where(log_segment.c.end_idx.is_(None))
        if connection.execute(still_open).first() is None:
            newest = connection.execute(select(log_segment.c.name).order_by(log_segment.c.name.desc())).scalars()
            name = max(self._month(), _next_month(newest.first()))
            row = {"name": name, "first_idx": size, "end_idx": None, "sealed_at": None, "seal": None}
            connection.execute(insert(log_segment), {**row, "expired_at": None})

    def _close_month(self) -> None:
        with self._transaction() as connection:
            frontier = load_frontier(connection, origin=self._signer.key.name)
            wanted = select(log_segment.c.name, log_segment.c.first_idx).where(
                log_segment.c.end_idx.is_(None), log_segment.c.name < self._month()
            )
            row = connection.execute(wanted).one_or_none()
            if row is None:
                return
            name, first = row
            source = node_source(connection)
            now = self._now().astimezone(UTC)
            seal = SegmentSeal(
                origin=self._signer.key.name,
                segment=name,
                first=first,
                end=frontier.size,
                sealed_at=now,
                root=frontier.root(),
                hashes=tuple(source(piece) for piece in cover(first, frontier.size)),
            )
            note = sign_note(format_seal(seal), key=self._signer.key, sign=self._signer.sign)
            connection.execute(
                update(log_segment)
                .where(log_segment.c.name == name)
                .values(end_idx=frontier.size, sealed_at=now, seal=note)
            )
            digest = sha256(note).hexdigest()
            self._stage(connection, Operation.LOG_SEGMENT_SEALED, name, count=frontier.size - first, digest=digest)
        # The end of a month is a place where an expired month will be cut: it deserves a checkpoint.
        self.checkpoint()

    def _publish(self) -> None:
        """Bring every signed checkpoint to every place, the newest first: it proves what the others prove. One place's
        outage does not keep it from the others."""
        outages = self._look_outside()
        waiting = select(log_checkpoint.c.size, log_checkpoint.c.made_at, log_checkpoint.c.note).where(
            log_checkpoint.c.published_at.is_(None)
        )
        waiting = waiting.order_by(log_checkpoint.c.size.desc(), log_checkpoint.c.made_at.desc()).limit(
            _BROUGHT_AT_ONCE
        )
        with translated(), self._engine.connect() as connection:
            rows = connection.execute(waiting).all() if self._places else []
        for size, made_at, note in rows:
            before = len(outages)
            for place in self._places:
                try:
                    place.publish(stored_bytes(note), size=size)
                except RetryableError as error:
                    outages.append(error)
            if len(outages) > before:
                break  # the next ones would meet the same outage, and wait as long for it
            with self._transaction() as connection:
                connection.execute(
                    update(log_checkpoint)
                    .where(log_checkpoint.c.size == size, log_checkpoint.c.made_at == made_at)
                    .values(published_at=self._now().astimezone(UTC))
                )
        if outages:
            raise outages[0]

    def _look_outside(self) -> list[RetryableError]:
        """What was brought to a place may be gone from it: then nothing is anchored, and all is brought anew."""
        with translated(), self._engine.connect() as connection:
            look = look_outside(connection, self._places)
        if look.missing:
            log.warning("checkpoint_missing_outside", places=list(look.missing))
            with self._transaction() as connection:
                known = update(log_checkpoint).where(log_checkpoint.c.published_at.is_not(None))
                connection.execute(known.values(published_at=None))
        return list(look.outages)

    def _stage(
        self, connection: Connection, operation: Operation, segment: str, *, count: int, digest: str | None = None
    ) -> None:
        now = self._now().astimezone(UTC)
        entry = LogEntry(
            entry_id=make_entry_id(now, os.urandom(10)),
            at=now,
            actor="service:sequencer",
            operation=operation,
            outcome=EntryOutcome.DONE,
            subject=f"segment-{segment}",
            count=count,
            digest=digest,
        )
        connection.execute(insert(log_staged), {"entry_id": entry.entry_id, "bytes": encode_entry(entry)})

    def _month(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with translated(), self._engine.begin() as connection:
            yield connection


@contextmanager
def open_sequencer(
    engine: Engine,
    *,
    signer: Signer,
    trusted: Sequence[TrustedKey],
    places: Sequence[CheckpointPlace],
    now: Callable[[], datetime],
    journal: Callable[[], JournalMark | None] = lambda: None,
    batch: int = BATCH,
    patience_s: float = PATIENCE_S,
    successor: VerifierKey | None = None,
) -> Iterator[Sequencer]:
    """The sequencer, for as long as the block lasts. Before it signs anything it holds the database against its
    own state and against the newest checkpoint of every place. ``successor`` is the key an interrupted handover was to,
    for whoever finishes it.

    Raises: `SecondSequencerError` while another runs, after ``patience_s``; `LogDamagedError` when the database was
    set back, replaced or altered where it can be seen; `ConfigurationError`; RetryableError.
    """
    with sequencer_lease(engine, patience_s=patience_s):
        sequencer = Sequencer(
            engine, signer=signer, trusted=trusted, places=places, now=now, journal=journal, batch=batch
        )
        with translated(), engine.begin() as connection:
            frontier = load_frontier(connection, origin=signer.key.name)
            source = node_source(connection)
            check_frontier(frontier, source)
            refuse_retired(connection, signer.key, finishing=successor)
            check_places(places, size=frontier.size, source=source, trusted=trusted)
        yield sequencer


def _columns_of(entry_id: str, data: bytes) -> dict[str, str | None]:
    """What an entry is found by, taken from its own bytes. Raises: `LogDamagedError`."""
    found = found_by(data)
    if found is None or found.entry_id != entry_id:
        raise LogDamagedError(f"the staged entry {entry_id} is not an entry: somebody wrote past the system")
    return {"subject": found.subject, "case_ref": found.case_ref}


def _next_month(name: str | None) -> str:
    """The month after this one, as text; nothing before the first."""
    if name is None:
        return ""
    year, month = divmod(int(name[:4]) * 12 + int(name[5:]), 12)
    return f"{year:04d}-{month + 1:02d}"
