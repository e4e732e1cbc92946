"""Goes over the entries from the newest to the oldest, each portion held against what was signed (L2, U3).

Nothing an index or another column says of an entry is believed: what is handed out are the leaves' own bytes, and none
between two of them is left out unseen. Entries after the newest checkpoint are signed by nobody yet; they are held
against the tree's own state.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, select

from callwarden.accesslog.book.frontier import read_frontier
from callwarden.accesslog.book.segments import read_head, snapshot
from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_leaf, log_segment
from callwarden.accesslog.book.tiles import WIDTH, kept_pieces, node_source
from callwarden.accesslog.proof.checkpoint import open_checkpoint
from callwarden.accesslog.proof.note import NoteError, TrustedKey
from callwarden.accesslog.proof.proofs import MissingHashError, NodeSource
from callwarden.accesslog.proof.tree import Frontier, cover, leaf_hash
from callwarden.accesslog.proof.values import Hash
from callwarden.ports.log import LogDamagedError

Trusted = Callable[[], Sequence[TrustedKey]]
"""The public keys this system itself believes; asked for when they are needed."""

_FIRST: Final = WIDTH
_LARGEST: Final = 16 * WIDTH
"""Entries read at a time: few for whoever wants the newest, many for whoever wants all."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Entries that lie in one month, expired or not."""

    first: int
    end: int
    expired: bool


def proven_entries(engine: Engine, *, trusted: Trusted) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every entry there is, the newest first. Reads a portion at a time; what is added meanwhile is
    not seen.

    Raises: `LogDamagedError` naming the first entry of the portion that is not as it was signed, before any of that
    portion is handed out; RetryableError.
    """
    with snapshot(engine) as connection:
        frontier, _ = read_frontier(connection)
        signed = _signed_state(connection, frontier, trusted) if frontier.size else frontier
    if frontier.size == signed.size and frontier != signed:
        raise _not_as_signed(0, signed.size)
    portion, upper = _FIRST, frontier
    while upper.size:
        with snapshot(engine) as connection:
            least = signed.size if upper.size > signed.size else 0
            stretch = _stretch_below(connection, upper.size, portion=portion, least=least)
            rows, upper = _read(connection, stretch, upper, signed)
        yield from reversed(rows)
        portion = min(portion * 2, _LARGEST)


def _signed_state(connection: Connection, newest: Frontier, trusted: Trusted) -> Frontier:
    """The state the newest checkpoint speaks of; the empty log's where nothing is signed yet."""
    head = read_head(connection)
    if head is None:
        return Frontier()
    try:
        checkpoint = open_checkpoint(head, trusted=trusted())
    except NoteError as error:
        raise LogDamagedError(f"the newest checkpoint is not to be believed: {error}") from error
    if checkpoint.size > newest.size:
        raise LogDamagedError(
            f"{newest.size} entries are there, the newest checkpoint proves {checkpoint.size}: the end is cut off",
            index=newest.size,
        )
    signed = _frontier_at(checkpoint.size, node_source(connection))
    if signed.root() != checkpoint.root:
        raise _not_as_signed(0, checkpoint.size)
    return signed


def _stretch_below(connection: Connection, end: int, *, portion: int, least: int) -> _Stretch:
    """The next entries downwards: at most a portion of a live month, the whole of an expired one."""
    newest_first = (
        select(log_segment.c.first_idx, log_segment.c.end_idx, log_segment.c.expired_at)
        .where(log_segment.c.first_idx < end)
        .order_by(log_segment.c.first_idx.desc())
        .limit(1)
    )
    row = connection.execute(newest_first).one_or_none()
    if row is not None and row.expired_at is not None and row.end_idx == end:
        return _Stretch(row.first_idx, end, expired=True)
    month = 0 if row is None else row.first_idx
    return _Stretch(max((end - 1) // portion * portion, month, least), end, expired=False)


def _read(
    connection: Connection, stretch: _Stretch, upper: Frontier, signed: Frontier
) -> tuple[list[tuple[int, bytes]], Frontier]:
    """The entries of a stretch, which are those that make `upper` out of the state before them; and that state."""
    wanted = select(log_leaf.c.idx, log_leaf.c.bytes).where(log_leaf.c.idx.between(stretch.first, stretch.end - 1))
    rows = [(index, stored_bytes(data)) for index, data in connection.execute(wanted.order_by(log_leaf.c.idx))]
    try:
        at_signed = stretch.first == signed.size
        before = signed if at_signed else _frontier_at(stretch.first, node_source(connection))
        grown = _through_pieces(connection, stretch, before, rows) if stretch.expired else _grown(stretch, before, rows)
    except ValueError as error:  # the pieces of an expired month do not follow one another
        raise _not_as_signed(stretch.first, stretch.end) from error
    if grown != upper:
        raise _not_as_signed(stretch.first, stretch.end)
    return rows, before


def _grown(stretch: _Stretch, before: Frontier, rows: Sequence[tuple[int, bytes]]) -> Frontier:
    there = {index for index, _ in rows}
    missing = next((place for place in range(stretch.first, stretch.end) if place not in there), None)
    if missing is not None:
        raise LogDamagedError(f"entry {missing} is missing; run: callwarden log verify", index=missing)
    return before.extended([leaf_hash(data) for _, data in rows])


def _through_pieces(
    connection: Connection, stretch: _Stretch, before: Frontier, rows: Sequence[tuple[int, bytes]]
) -> Frontier:
    """Over a month that has expired; what a hold kept of it is the piece that stands for it alone."""
    alone: dict[int, Hash] = {}
    for piece, top in kept_pieces(connection, stretch.first, stretch.end):
        before = before.joined(piece, top)
        if piece.level == 0:
            alone[piece.first] = top
    for index, data in rows:
        if alone.get(index) != leaf_hash(data):
            raise _not_as_signed(index, index + 1)
    return before


def _frontier_at(size: int, source: NodeSource) -> Frontier:
    try:
        return Frontier(size, tuple(source(piece) for piece in cover(0, size)))
    except MissingHashError as error:
        raise LogDamagedError(
            f"hashes of the entries {error.piece.first} to {error.piece.end - 1} are missing; "
            "run: callwarden log verify",
            index=error.piece.first,
        ) from error


def _not_as_signed(first: int, end: int) -> LogDamagedError:
    message = f"among the entries {first} to {end - 1} is one that is not as it was signed; run: callwarden log verify"
    return LogDamagedError(message, index=first)
