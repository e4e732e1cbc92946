"""Deletes a sealed month's entries and keeps what the proofs of all others need (L3)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, select, update

from callwarden.accesslog.book.stored import found_by, stored_bytes
from callwarden.accesslog.book.tables import log_checkpoint, log_leaf, log_segment
from callwarden.accesslog.book.tiles import give_up_leaves, keep_pieces, leaf_hashes, node_source
from callwarden.accesslog.proof.checkpoint import parse_seal
from callwarden.accesslog.proof.note import parse_note
from callwarden.accesslog.proof.tree import cover, leaf_hash
from callwarden.accesslog.proof.values import Hash, Piece
from callwarden.ports.log import LogDamagedError

Keep = Callable[[str | None, str | None], bool]
"""``keep(subject, case)``: whether a litigation hold still needs entries about these."""

_PORTION: Final = 5000


def expire_segment(connection: Connection, name: str, *, keep: Keep, now: datetime) -> int:
    """Delete the entries of this sealed month that no hold needs; how many went, 0 when none were left to go.

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
