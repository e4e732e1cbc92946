"""Hashes in tiles: 256 of one level to a row, as C2SP tlog-tiles lays them out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, and_, delete, or_, select, tuple_

from callwarden.accesslog.book.stored import stored_bytes
from callwarden.accesslog.book.tables import log_piece, log_segment, log_tile
from callwarden.accesslog.proof.proofs import NodeSource, resolving
from callwarden.accesslog.proof.tree import TILE_HEIGHT
from callwarden.accesslog.proof.values import Hash, Piece
from callwarden.adapters.sql.bulk import BulkInsert, Clash
from callwarden.ports.log import LogDamagedError

WIDTH: Final = 1 << TILE_HEIGHT
_GIVEN_UP: Final = bytes(32)
_SAVE: Final = BulkInsert(log_tile, ("level", "idx", "hashes"), key=("level", "idx"), clash=Clash.REPLACE)
_KEEP: Final = BulkInsert(log_piece, ("level", "idx", "hash"), key=("level", "idx"), clash=Clash.REPLACE)


def append_hashes(connection: Connection, size: int, leaves: Sequence[Hash], nodes: Mapping[Piece, Hash]) -> None:
    """Add the hashes of new leaves, from number ``size`` on, and of the stored-level nodes they completed."""
    added: dict[Piece, bytes] = {}
    for first, run in _runs(size, leaves):
        added[Piece(0, first)] = run
    for piece in sorted(nodes):
        tile = Piece(piece.level, piece.index // WIDTH)
        added[tile] = added.get(tile, b"") + nodes[piece]
    begun = {Piece(0, size // WIDTH)} | {tile for tile in added if tile.level}
    before = _load(connection, begun)
    if len(before.get(Piece(0, size // WIDTH), b"")) != size % WIDTH * 32:
        raise LogDamagedError(f"the stored hashes do not reach to entry {size}", index=size)
    rows = [
        {"level": tile.level, "idx": tile.index, "hashes": before.get(tile, b"") + run}
        for tile, run in sorted(added.items())
    ]
    _SAVE.run(connection, rows)


def leaf_hashes(connection: Connection, first: int, end: int) -> bytes:
    """The stored hashes of the leaves [first, end), 32 bytes each, as far as they are there."""
    wanted = (
        select(log_tile.c.idx, log_tile.c.hashes)
        .where(log_tile.c.level == 0, log_tile.c.idx >= first // WIDTH, log_tile.c.idx * WIDTH < end)
        .order_by(log_tile.c.idx)
    )
    parts: list[bytes] = []
    expected = first // WIDTH
    for index, hashes in connection.execute(wanted):
        if index != expected:
            break  # a tile is gone: what follows would stand at the wrong place
        low, high = max(first - index * WIDTH, 0), min(end - index * WIDTH, WIDTH)
        parts.append(stored_bytes(hashes)[low * 32 : high * 32])
        expected = index + 1
    return b"".join(parts)


def give_up_leaves(connection: Connection, first: int, end: int) -> None:
    """Forget the hashes of the leaves [first, end)."""
    edges = {Piece(0, first // WIDTH), Piece(0, (end - 1) // WIDTH)}
    for tile, hashes in _load(connection, edges).items():
        low = max(first - tile.index * WIDTH, 0) * 32
        high = min(max(end - tile.index * WIDTH, 0) * 32, len(hashes))
        blanked = hashes[:low] + bytes(high - low) + hashes[high:]
        _SAVE.run(connection, [{"level": 0, "idx": tile.index, "hashes": blanked}])
    inside = (log_tile.c.idx * WIDTH >= first, (log_tile.c.idx + 1) * WIDTH <= end)
    connection.execute(delete(log_tile).where(log_tile.c.level == 0, *inside))


def keep_pieces(connection: Connection, pieces: Sequence[tuple[Piece, Hash]]) -> None:
    """Keep these subtree hashes of a segment that expires."""
    _KEEP.run(connection, [{"level": piece.level, "idx": piece.index, "hash": top} for piece, top in pieces])


def kept_pieces(connection: Connection, first: int, end: int) -> Iterator[tuple[Piece, Hash]]:
    """The subtree hashes kept of the expired leaves [first, end), left to right."""
    inside = (
        and_(log_piece.c.level == level, log_piece.c.idx >= -(-first >> level), log_piece.c.idx < end >> level)
        for level in range((end - first).bit_length())
    )
    wanted = select(log_piece.c.level, log_piece.c.idx, log_piece.c.hash).where(or_(*inside))
    found = [(Piece(level, index), Hash(stored_bytes(top))) for level, index, top in connection.execute(wanted)]
    yield from sorted(found, key=lambda one: one[0].first)


def node_source(connection: Connection) -> NodeSource:
    """Every node's hash that is stored or follows from what is stored. Reads each tile once."""
    tiles: dict[Piece, bytes] = {}
    expired = [
        (first, end)
        for first, end in connection.execute(
            select(log_segment.c.first_idx, log_segment.c.end_idx).where(log_segment.c.expired_at.is_not(None))
        )
    ]

    def known(piece: Piece) -> Hash | None:
        if piece.level % TILE_HEIGHT == 0:
            tile = Piece(piece.level, piece.index // WIDTH)
            if tile not in tiles:
                tiles.update({tile: b""} | _load(connection, {tile}))
            place = piece.index % WIDTH * 32
            stored = tiles[tile][place : place + 32]
            if len(stored) == 32 and stored != _GIVEN_UP:
                return Hash(stored)
        if any(first <= piece.first and piece.end <= end for first, end in expired):
            kept = select(log_piece.c.hash).where(log_piece.c.level == piece.level, log_piece.c.idx == piece.index)
            top = connection.execute(kept).scalar_one_or_none()
            return None if top is None else Hash(stored_bytes(top))
        return None

    return resolving(known)


def _load(connection: Connection, tiles: set[Piece]) -> dict[Piece, bytes]:
    wanted = select(log_tile.c.level, log_tile.c.idx, log_tile.c.hashes).where(
        tuple_(log_tile.c.level, log_tile.c.idx).in_([(tile.level, tile.index) for tile in sorted(tiles)])
    )
    return {Piece(level, index): stored_bytes(hashes) for level, index, hashes in connection.execute(wanted)}


def _runs(size: int, leaves: Sequence[Hash]) -> Iterator[tuple[int, bytes]]:
    """The leaves by the tile they belong to."""
    taken = 0
    while taken < len(leaves):
        room = WIDTH - (size + taken) % WIDTH
        yield (size + taken) // WIDTH, b"".join(leaves[taken : taken + room])
        taken += room
