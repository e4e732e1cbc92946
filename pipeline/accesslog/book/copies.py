"""Whether what stands beside the signed bytes, to find them by or to show, says what they say (I7, L2)."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from callwarden.accesslog.book.segments import read_head
from callwarden.accesslog.book.stored import FoundBy, found_by, stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_leaf, log_segment, log_timestamp
from callwarden.accesslog.proof.checkpoint import open_seal, parse_checkpoint
from callwarden.accesslog.proof.encoding import decode_entry
from callwarden.accesslog.proof.export import Fault, Kind
from callwarden.accesslog.proof.naming import checkpoint_name
from callwarden.accesslog.proof.note import NoteError, TrustedKey, parse_note
from callwarden.adapters.sql.schema import log_staged
from callwarden.model.log_entry import InvalidEntryError, LogEntry, Operation

_SAME_ACT: Final = timedelta(minutes=1)
"""A month's deletion and the entry that tells of it are one transaction."""


def copies_that_differ(connection: Connection, *, trusted: Sequence[TrustedKey]) -> tuple[Fault, ...]:
    """Every column that says another thing than the bytes it was taken from. What is wrong with the bytes themselves is
    the verifier's to say, and is passed over here."""
    return (
        *_entries(connection),
        *_staged(connection),
        *_months(connection, trusted),
        *_kept(connection),
        *_checkpoints(connection),
        *_timestamps(connection),
    )


def _entries(connection: Connection) -> Iterator[Fault]:
    rows = connection.execution_options(yield_per=1000).execute(
        select(log_leaf.c.idx, log_leaf.c.entry_id, log_leaf.c.subject, log_leaf.c.case_ref, log_leaf.c.bytes).order_by(
            log_leaf.c.idx
        )
    )
    for index, entry_id, subject, case_ref, data in rows:
        true = found_by(stored_bytes(data))
        if true is not None and true != FoundBy(entry_id=entry_id, subject=subject, case_ref=case_ref):
            message = f"entry {index} is not kept under what its bytes say it is about: somebody wrote past the system"
            yield Fault(kind=Kind.COPY_ALTERED, message=message, first=index)


def _staged(connection: Connection) -> Iterator[Fault]:
    for entry_id, data in connection.execute(select(log_staged.c.entry_id, log_staged.c.bytes)):
        true = found_by(stored_bytes(data))
        if true is None or true.entry_id != entry_id:
            message = f"the waiting entry {entry_id} is not an entry: somebody wrote past the system"
            yield Fault(kind=Kind.COPY_ALTERED, message=message)


def _months(connection: Connection, trusted: Sequence[TrustedKey]) -> Iterator[Fault]:
    wanted = select(
        log_segment.c.name,
        log_segment.c.first_idx,
        log_segment.c.end_idx,
        log_segment.c.sealed_at,
        log_segment.c.seal,
    ).where(log_segment.c.seal.is_not(None))
    for name, first, end, sealed_at, note in connection.execute(wanted.order_by(log_segment.c.first_idx)):
        try:
            seal = open_seal(stored_bytes(note), trusted=trusted)
        except NoteError:
            continue
        if (name, first, end, sealed_at) != (seal.segment, seal.first, seal.end, seal.sealed_at):
            message = f"segment {name} is kept with other numbers or times than its seal has"
            yield Fault(kind=Kind.COPY_ALTERED, message=message, first=first, segment=name)


def _kept(connection: Connection) -> Iterator[Fault]:
    """Of an expired month a hold keeps as many entries as its deletions, which are entries, have left."""
    wanted = select(log_segment.c.name, log_segment.c.first_idx, log_segment.c.end_idx, log_segment.c.expired_at)
    months = connection.execute(wanted.where(log_segment.c.expired_at.is_not(None))).all()
    for name, first, end, expired_at in months:
        deletions = sorted(_deletions(connection, name), key=lambda one: one.at)
        if not deletions or deletions[0].at - expired_at > _SAME_ACT:
            continue  # the first of them has itself expired: nobody can tell any more
        left = end - first - sum(deletion.count or 0 for deletion in deletions)
        there = select(func.count()).select_from(log_leaf).where(log_leaf.c.idx.between(first, end - 1))
        if connection.execute(there).scalar_one() != left:
            message = f"of expired segment {name} a hold kept {left} entries, and not all of them are there"
            yield Fault(kind=Kind.DELETED, message=message, first=first, end=end, segment=name)


def _deletions(connection: Connection, month: str) -> Iterator[LogEntry]:
    subject = f"segment-{month}"
    numbered = select(log_leaf.c.bytes).where(log_leaf.c.subject == subject)
    for data in (*connection.execute(numbered).scalars(), *connection.execute(select(log_staged.c.bytes)).scalars()):
        with suppress(InvalidEntryError):
            entry = decode_entry(stored_bytes(data))
            if (entry.operation, entry.subject) == (Operation.LOG_SEGMENT_EXPIRED, subject):
                yield entry


def _checkpoints(connection: Connection) -> Iterator[Fault]:
    wanted = select(log_checkpoint.c.size, log_checkpoint.c.made_at, log_checkpoint.c.note)
    rows = connection.execution_options(yield_per=1000).execute(wanted.order_by(log_checkpoint.c.size))
    head = read_head(connection)
    for size, made_at, data in rows:
        note = stored_bytes(data)
        try:
            true = parse_checkpoint(parse_note(note).text)
        except NoteError as error:
            if note != head:
                message = f"a checkpoint kept with size {size} is damaged: {error}"
                yield Fault(kind=Kind.COPY_ALTERED, message=message)
            continue
        if (size, made_at) != (true.size, true.at):
            name = checkpoint_name(note, size=true.size)
            message = f"checkpoint {name} is kept with another size or time than was signed"
            yield Fault(kind=Kind.COPY_ALTERED, message=message, checkpoint=name)


def _timestamps(connection: Connection) -> Iterator[Fault]:
    wanted = select(log_timestamp.c.name, log_timestamp.c.checkpoint, log_timestamp.c.size)
    for name, checkpoint, size in connection.execute(wanted.order_by(log_timestamp.c.name)):
        if not checkpoint.startswith(f"{size:020d}-") or not name.startswith(checkpoint.partition(".")[0]):
            message = f"time-stamp {name} is kept with another checkpoint or size than its own"
            yield Fault(kind=Kind.COPY_ALTERED, message=message, checkpoint=checkpoint)
