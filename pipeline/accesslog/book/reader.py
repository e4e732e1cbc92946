"""Reads the log: its state, its entries, proofs of single entries, and the whole for verification."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, islice
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, select, text

from callwarden.accesslog.book.anchors import refuse_if_set_back
from callwarden.accesslog.book.beginning import own_beginnings
from callwarden.accesslog.book.copies import copies_that_differ
from callwarden.accesslog.book.frontier import read_frontier
from callwarden.accesslog.book.proven import Trusted, proven_entries
from callwarden.accesslog.book.segments import SavedCheckpoint, newest_checkpoint, read_head, read_segments, snapshot
from callwarden.accesslog.book.status import read_status
from callwarden.accesslog.book.stored import found_by, stored_bytes
from callwarden.accesslog.book.tables import log_leaf, log_state
from callwarden.accesslog.book.tiles import node_source
from callwarden.accesslog.book.wanted import member, wanted
from callwarden.accesslog.key.signer import trust
from callwarden.accesslog.proof.checkpoint import parse_checkpoint
from callwarden.accesslog.proof.encoding import decode_entry
from callwarden.accesslog.proof.export import Report, Segment
from callwarden.accesslog.proof.naming import with_misnamed
from callwarden.accesslog.proof.note import NoteError, TrustedKey, parse_note
from callwarden.accesslog.proof.proofs import NodeSource, prove_inclusion, verify_inclusion
from callwarden.accesslog.proof.stamps import CheckStamp
from callwarden.accesslog.proof.status import LogStatus
from callwarden.accesslog.proof.tree import leaf_hash
from callwarden.accesslog.proof.values import KeptTimestamp, PublishedCheckpoint
from callwarden.accesslog.proof.verify import verify_export
from callwarden.adapters.sql.columns import TextSet, among
from callwarden.adapters.sql.schema import log_staged
from callwarden.model.log_entry import EntryId, InvalidEntryError, Operation
from callwarden.ports.log import (
    CheckpointPlace,
    EntryMissingError,
    InclusionProof,
    LogDamagedError,
    LoggedEntry,
)

_REMEMBERED: Final = 10_000
_ABOUT: Final = select(log_leaf.c.subject, log_leaf.c.bytes).where(
    among(log_leaf.c.subject, bindparam("subjects", type_=TextSet())), log_leaf.c.idx > bindparam("after")
)
_STAGED_ABOUT: Final = {
    "sqlite": text("SELECT bytes FROM log_staged WHERE instr(bytes, :member) > 0"),
    "postgresql": text("SELECT bytes FROM log_staged WHERE position(:member IN bytes) > 0"),
}
"""Of the entries that wait, those of a subject: a busy minute has thousands, and every reading asks."""


class SqlLogReader:
    """`callwarden.ports.log.LogReader` on SQLite or PostgreSQL. Thread-safe."""

    def __init__(
        self, engine: Engine, *, trusted: Trusted, places: Callable[[], Sequence[CheckpointPlace]] = tuple
    ) -> None:
        self._engine = engine
        self._trusted = trusted
        self._places = places
        self._in_vain: dict[tuple[str, Operation], int] = {}
        self._known_lost: dict[str, set[str]] = {}

    def status(self, *, outside: bool = False) -> LogStatus:
        """See `LogReader.status`."""
        if not outside:
            return read_status(self._engine)
        found = read_status(self._engine, places=self._places())
        try:
            self._refuse_if_set_back()
        except LogDamagedError as error:
            return replace(found, set_back=str(error))
        return found

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        case: str | None = None,
        operations: Collection[Operation] | None = None,
        limit: int | None = None,
    ) -> Iterator[LoggedEntry]:
        """See `LogReader.entries`. Those that still wait come first; then by number, downwards."""
        asked_for = wanted(subjects=subjects, case=case, operations=operations)
        self._refuse_if_set_back()
        every = chain(self._waiting(), proven_entries(self._engine, trusted=self._trusted))
        yield from islice((_logged(index, data) for index, data in every if asked_for(data)), limit)

    def _refuse_if_set_back(self) -> None:
        with snapshot(self._engine) as connection:
            begun = own_beginnings(connection, self._trusted)
        trusted = self._trusted()
        refuse_if_set_back(self._places(), self._size, trusted=trusted, begun=begun, known=self._known_lost)

    def _size(self) -> int:
        with snapshot(self._engine) as connection:
            return read_frontier(connection)[0].size

    def noted(self, subject: str, operation: Operation, *, waiting: bool = True) -> bool:
        """See `LogReader.noted`. Of entries that have been looked at in vain the number is remembered, so that asking
        again costs no more for what is read every day."""
        asked_for = wanted(subjects=(subject,), case=None, operations=(operation,))
        with snapshot(self._engine) as connection:
            after = self._in_vain.get((subject, operation), -1)
            about = (log_leaf.c.subject == subject) & (log_leaf.c.idx > after)
            for index, data in connection.execute(select(log_leaf.c.idx, log_leaf.c.bytes).where(about)):
                if asked_for(stored_bytes(data)):
                    return True
                after = max(after, index)
            if len(self._in_vain) >= _REMEMBERED:
                self._in_vain.clear()
            self._in_vain[subject, operation] = after
            if not waiting:
                return False
            these = {"member": member("subject", subject)}
            staged = connection.execute(_STAGED_ABOUT[connection.dialect.name], these).scalars()
            return any(asked_for(stored_bytes(data)) for data in staged)

    def noted_among(self, subjects: Collection[str], operation: Operation) -> frozenset[str]:
        """See `LogReader.noted_among`. Remembers as `noted` does."""
        known = {name: self._in_vain[name, operation] for name in subjects if (name, operation) in self._in_vain}
        found: set[str] = set()
        with snapshot(self._engine) as connection:
            last = (connection.execute(select(log_state.c.size)).scalar() or 0) - 1
            for names, after in ((set(subjects) - known.keys(), -1), (known.keys(), min(known.values(), default=-1))):
                for name, data in connection.execute(_ABOUT, {"subjects": names, "after": after}) if names else ():
                    if wanted(subjects=(name,), case=None, operations=(operation,))(stored_bytes(data)):
                        found.add(name)
        if len(self._in_vain) >= _REMEMBERED:
            self._in_vain.clear()
        self._in_vain.update(dict.fromkeys(((name, operation) for name in set(subjects) - found), last))
        return frozenset(found)

    def prove(self, *entry_ids: EntryId) -> Sequence[InclusionProof]:
        """See `LogReader.prove`."""
        with snapshot(self._engine) as connection:
            newest, node = newest_checkpoint(connection), cache(node_source(connection))
            return [self._prove(connection, entry_id, newest, node) for entry_id in entry_ids]

    def _prove(
        self, connection: Connection, entry_id: EntryId, newest: SavedCheckpoint | None, node: NodeSource
    ) -> InclusionProof:
        found = connection.execute(
            select(log_leaf.c.idx, log_leaf.c.bytes).where(log_leaf.c.entry_id == entry_id).limit(1)
        ).one_or_none()
        if found is None:
            raise EntryMissingError(self._why_missing(connection, entry_id))
        index, data = found
        about = found_by(stored_bytes(data))
        if about is None or about.entry_id != entry_id:
            raise LogDamagedError(f"entry {index} is kept under another's name; run: callwarden log verify")
        if newest is None or newest.size <= index:
            raise EntryMissingError(f"no checkpoint covers entry {entry_id} yet; run: callwarden log checkpoint")
        return _proof(index, stored_bytes(data), newest.note, node)

    def verify(
        self,
        *,
        outside: Sequence[PublishedCheckpoint],
        trusted: Sequence[TrustedKey],
        stamps: Sequence[KeptTimestamp] = (),
        check_stamp: CheckStamp | None = None,
        told: Callable[[int], None] | None = None,
    ) -> Report:
        """Verify the whole log as it stands in the database. Raises RetryableError.

        ``outside`` has been read before: a checkpoint made after the look at the database would seem to prove
        that entries are missing.
        """
        with snapshot(self._engine) as connection:
            beside = copies_that_differ(connection, trusted=trusted)
            report = verify_export(
                _telling(read_segments(connection), told),
                head=read_head(connection),
                outside=outside,
                trusted=trusted,
                stamps=stamps,
                check_stamp=check_stamp,
                believe=trust,
            )
        return with_misnamed(replace(report, faults=(*report.faults, *beside)), outside)

    def _waiting(self) -> Iterator[tuple[None, bytes]]:
        with snapshot(self._engine) as connection:
            staged = select(log_staged.c.entry_id, log_staged.c.bytes).order_by(log_staged.c.entry_id.desc())
            rows = [(entry_id, stored_bytes(data)) for entry_id, data in connection.execute(staged)]
        for entry_id, data in rows:
            found = found_by(data)
            if found is None or found.entry_id != entry_id:
                raise LogDamagedError(f"the staged entry {entry_id} is not an entry: somebody wrote past the system")
            yield None, data

    def _why_missing(self, connection: Connection, entry_id: EntryId) -> str:
        staged = select(log_staged.c.entry_id).where(log_staged.c.entry_id == entry_id)
        if connection.execute(staged).first() is not None:
            return f"entry {entry_id} waits for its number; run: callwarden log checkpoint"
        hidden = b'"entry_id":"%s"' % entry_id.encode()
        for index, data in proven_entries(self._engine, trusted=self._trusted):
            if hidden in data:
                message = f"entry {entry_id} is number {index}, kept under another name; run: callwarden log verify"
                raise LogDamagedError(message, index=index)
        return f"there is no entry {entry_id}: there never was one, or its month has expired"


def _telling(segments: Iterable[Segment], told: Callable[[int], None] | None) -> Iterator[Segment]:
    """Each month, and once the next is asked for, how many entries there were before that."""
    for segment in segments:
        if told is not None:
            told(segment.first)
        yield segment


def _proof(index: int, data: bytes, note: bytes, node: NodeSource) -> InclusionProof:
    """A proof that has been checked: one that does not hold is a fault of ours, never an answer."""
    try:
        checkpoint = parse_checkpoint(parse_note(note).text)
    except NoteError as error:
        raise LogDamagedError(f"a stored checkpoint is damaged: {error}") from error
    leaf = leaf_hash(data)
    path = prove_inclusion(index, checkpoint.size, node)
    if not verify_inclusion(leaf=leaf, index=index, size=checkpoint.size, proof=path, root=checkpoint.root):
        message = f"entry {index} is not the one that was signed; run: callwarden log verify"
        raise LogDamagedError(message, index=index)
    return InclusionProof(index=index, entry=data, leaf=leaf, path=path, checkpoint=checkpoint, note=note)


def _logged(index: int | None, data: bytes) -> LoggedEntry:
    try:
        return LoggedEntry(index=index, entry=decode_entry(data))
    except InvalidEntryError as error:
        where = "a waiting entry" if index is None else f"entry {index}"
        raise LogDamagedError(f"{where} cannot be read: {error}", index=index) from error
