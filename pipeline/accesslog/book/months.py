"""The log's months: opened, sealed when they are over, and deleted after their period, with what the proofs of the rest
need kept (L3)."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from callwarden.accesslog.book.frontier import load_frontier
from callwarden.accesslog.book.stored import found_by, stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_leaf, log_segment
from callwarden.accesslog.book.tiles import give_up_leaves, keep_pieces, leaf_hashes, node_source
from callwarden.accesslog.proof.checkpoint import format_seal, open_seal, parse_seal
from callwarden.accesslog.proof.encoding import encode_entry
from callwarden.accesslog.proof.note import NoteError, Signer, TrustedKey, parse_note, sign_note
from callwarden.accesslog.proof.tree import cover, leaf_hash
from callwarden.accesslog.proof.values import Hash, Piece, SegmentSeal
from callwarden.adapters.sql.schema import log_staged
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation, make_entry_id
from callwarden.ports.log import LogDamagedError

Keep = Callable[[str | None, str | None], bool]
"""``keep(subject, case)``: whether a litigation hold still needs entries about these."""

_PORTION: Final = 5000


def open_month(connection: Connection, size: int, *, now: datetime) -> None:
    """The month that entries from number ``size`` on belong to. A clock that goes back stays in the open month."""
    still_open = select(log_segment.c.name).where(log_segment.c.end_idx.is_(None))
    if connection.execute(still_open).first() is None:
        newest = connection.execute(select(log_segment.c.name).order_by(log_segment.c.name.desc())).scalars()
        name = max(_month(now), _next_month(newest.first()))
        row = {"name": name, "first_idx": size, "end_idx": None, "sealed_at": None, "seal": None, "expired_at": None}
        connection.execute(insert(log_segment), row)


def close_month(connection: Connection, *, signer: Signer, now: datetime) -> bool:
    """Seal the open month if it is over; whether it was. An entry tells of it."""
    frontier = load_frontier(connection, origin=signer.key.name)
    wanted = select(log_segment.c.name, log_segment.c.first_idx).where(
        log_segment.c.end_idx.is_(None), log_segment.c.name < _month(now)
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return False
    name, first = row
    source = node_source(connection)
    seal = SegmentSeal(
        origin=signer.key.name,
        segment=name,
        first=first,
        end=frontier.size,
        sealed_at=now,
        root=frontier.root(),
        hashes=tuple(source(piece) for piece in cover(first, frontier.size)),
    )
    note = sign_note(format_seal(seal), signer)
    sealed = {"end_idx": frontier.size, "sealed_at": now, "seal": note}
    connection.execute(update(log_segment).where(log_segment.c.name == name).values(sealed))
    count, digest = frontier.size - first, sha256(note).hexdigest()
    _tell(connection, Operation.LOG_SEGMENT_SEALED, name, now=now, count=count, digest=digest)
    return True


def sealed_months(connection: Connection, *, trusted: Sequence[TrustedKey]) -> Iterator[tuple[str, datetime]]:
    """Every month that is closed, and when, as the signed seal has it: the column beside it, set back, would have a
    month go too early. Raises: `LogDamagedError`."""
    wanted = select(log_segment.c.name, log_segment.c.seal).where(log_segment.c.seal.is_not(None))
    for name, seal in connection.execute(wanted.order_by(log_segment.c.first_idx)):
        try:
            yield name, open_seal(stored_bytes(seal), trusted=trusted).sealed_at
        except NoteError as error:
            raise LogDamagedError(f"segment {name} is not deleted: its seal is not to be believed: {error}") from error


def expire_month(connection: Connection, name: str, *, keep: Keep, now: datetime) -> int:
    """Delete the entries of this sealed month that no hold needs; how many went, which an entry tells; 0 when
    none were left to go.

    A month that has expired before gives up what was kept for a hold that is over. Raises: `LogDamagedError`.
    """
    first, end, seal, expired_at = connection.execute(
        select(log_segment.c.first_idx, log_segment.c.end_idx, log_segment.c.seal, log_segment.c.expired_at).where(
            log_segment.c.name == name
        )
    ).one()
    rows = connection.execute(
        select(log_leaf.c.idx, log_leaf.c.bytes).where(_inside(first, end)).order_by(log_leaf.c.idx)
    )
    kept: list[int] = []
    going: list[int] = []
    for index, data in rows:
        about = found_by(stored_bytes(data))  # never by the columns beside it: who alters them could have a hold's go
        spared = about is None or keep(about.subject, about.case_ref)
        (kept if spared else going).append(index)
    if expired_at is None:
        _must_match_its_seal(connection, name, first, end, stored_bytes(seal))
        keep_pieces(connection, _pieces(connection, first, end, kept))
        connection.execute(update(log_segment).where(log_segment.c.name == name).values(expired_at=now))
        give_up_leaves(connection, first, end)
    for start in range(0, len(going), _PORTION):
        portion = going[start : start + _PORTION]
        gone = log_leaf.c.idx.in_(portion) if kept else log_leaf.c.idx.between(portion[0], portion[-1])
        connection.execute(delete(log_leaf).where(gone))
    if going:
        _tell(connection, Operation.LOG_SEGMENT_EXPIRED, name, now=now, count=len(going))
    return len(going)


def _pieces(connection: Connection, first: int, end: int, kept: Iterable[int]) -> list[tuple[Piece, Hash]]:
    """The fewest subtrees that still show every checkpoint of this month, and every kept entry by itself."""
    sizes = select(log_checkpoint.c.size).where(log_checkpoint.c.size.between(first, end)).distinct()
    edges = {first, end, *connection.execute(sizes).scalars()}
    edges.update(edge for index in kept for edge in (index, index + 1))
    source = node_source(connection)
    return [(piece, source(piece)) for low, high in pairwise(sorted(edges)) for piece in cover(low, high)]


def _must_match_its_seal(connection: Connection, name: str, first: int, end: int, seal: bytes) -> None:
    """What is about to go is what was sealed: afterwards nobody could tell."""
    hashes = leaf_hashes(connection, first, end)
    rows = connection.execute(
        select(log_leaf.c.idx, log_leaf.c.bytes).where(_inside(first, end)).order_by(log_leaf.c.idx)
    )
    expected = first
    for index, data in rows:
        place = (index - first) * 32
        if index != expected or leaf_hash(stored_bytes(data)) != hashes[place : place + 32]:
            raise LogDamagedError(
                f"segment {name} is not deleted: entry {expected} is not the one that was sealed", index=expected
            )
        expected += 1
    source = node_source(connection)
    tops = tuple(source(piece) for piece in cover(first, end))
    if expected != end or tops != parse_seal(parse_note(seal).text).hashes:
        raise LogDamagedError(f"segment {name} is not deleted: it does not match its seal", index=expected)


def _inside(first: int, end: int) -> ColumnElement[bool]:
    return log_leaf.c.idx.between(first, end - 1)


def _tell(
    connection: Connection, operation: Operation, month: str, *, now: datetime, count: int, digest: str | None = None
) -> None:
    entry = LogEntry(
        entry_id=make_entry_id(now, os.urandom(10)),
        at=now,
        actor="service:sequencer",
        operation=operation,
        outcome=EntryOutcome.DONE,
        subject=f"segment-{month}",
        count=count,
        digest=digest,
    )
    connection.execute(insert(log_staged), {"entry_id": entry.entry_id, "bytes": encode_entry(entry)})


def _month(now: datetime) -> str:
    return now.strftime("%Y-%m")


def _next_month(name: str | None) -> str:
    """The month after this one, as text; nothing before the first."""
    if name is None:
        return ""
    year, month = divmod(int(name[:4]) * 12 + int(name[5:]), 12)
    return f"{year:04d}-{month + 1:02d}"
