"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1.1), hashed in bulk and grown in O(log n) state."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, cast

from callwarden.accesslog.proof.values import Hash, Piece

TILE_HEIGHT: Final = 8
"""Every eighth level of complete nodes is stored, so that a proof reads a few runs of at most 256 hashes."""

_STRETCH: Final = 1 << 16

EMPTY_ROOT: Final = Hash(sha256(b"").digest())


def leaf_hash(entry: bytes) -> Hash:
    """SHA-256(0x00, entry)."""
    return Hash(sha256(b"\x00" + entry).digest())


def node_hash(left: bytes, right: bytes) -> Hash:
    """SHA-256(0x01, left, right)."""
    return Hash(sha256(b"\x01" + left + right).digest())


def leaf_hashes_of_lines(lines: bytes) -> list[Hash]:
    """The leaf hashes of entries written one per line, each line ended by a newline; an entry holds none.

    This is the verifier's hot loop: it puts the prefix byte before every line of a stretch in one pass, and
    takes stretches short enough to stay in the processor's cache.
    """
    if not lines:
        return []
    hashes: list[bytes] = []
    position, last = 0, len(lines) - lines.endswith(b"\n")
    while position <= last:
        cut = lines.find(b"\n", min(position + _STRETCH, last), last)
        cut = last if cut < 0 else cut
        prefixed = b"\x00" + lines[position:cut].replace(b"\n", b"\n\x00")
        hashes += [sha256(leaf).digest() for leaf in prefixed.split(b"\n")]
        position = cut + 1
    return cast(list[Hash], hashes)


def cover(first: int, end: int) -> Iterator[Piece]:
    """The fewest complete subtrees that make up the leaves [first, end), left to right."""
    while first < end:
        level = (end - first).bit_length() - 1
        if first:
            level = min(level, (first & -first).bit_length() - 1)
        yield Piece(level, first >> level)
        first += 1 << level


def fold(hashes: Sequence[Hash]) -> Hash:
    """The root over complete subtrees in the order of `cover`, whose first leaf is aligned to all of them."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to go on growing the tree: its size and the hashes of ``cover(0, size)``."""

    size: int = 0
    peaks: tuple[Hash, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.peaks):
            raise ValueError("a frontier has one peak for each bit set in its size")

    def root(self) -> Hash:
        """The tree's root at this size."""
        return fold(self.peaks)

    def extended(self, leaves: Sequence[Hash], completed: dict[Piece, Hash] | None = None) -> "Frontier":
        """The frontier after ``leaves`` (leaf hashes). Stored-level nodes it completes go into ``completed``."""
        frontier, taken = self, 0
        for piece in cover(self.size, self.size + len(leaves)):
            count = 1 << piece.level
            top = _subtree(leaves[taken : taken + count], piece, completed)
            frontier = frontier.joined(piece, top, completed)
            taken += count
        return frontier

    def joined(self, piece: Piece, top: Hash, completed: dict[Piece, Hash] | None = None) -> "Frontier":
        """The frontier after one complete subtree that begins where this one ends.

        Raises: `ValueError` when it begins elsewhere.
        """
        if piece.first != self.size:
            raise ValueError(f"a piece of leaf {piece.first} cannot follow {self.size} leaves")
        peaks = list(self.peaks)
        level, index = piece.level, piece.index
        while index & 1:
            top = node_hash(peaks.pop(), top)
            level, index = level + 1, index >> 1
            if completed is not None and level % TILE_HEIGHT == 0:
                completed[Piece(level, index)] = top
        return Frontier(piece.end, (*peaks, top))


def _subtree(leaves: Sequence[Hash], piece: Piece, completed: dict[Piece, Hash] | None) -> Hash:
    row = list(leaves)
    for level in range(1, piece.level + 1):
        pairs = iter(row)
        row = [Hash(sha256(b"\x01" + left + right).digest()) for left, right in zip(pairs, pairs, strict=True)]
        if completed is not None and level % TILE_HEIGHT == 0:
            base = piece.first >> level
            completed.update((Piece(level, base + offset), node) for offset, node in enumerate(row))
    return row[0]


def root_of(leaves: Iterable[Hash]) -> Hash:
    """The root over these leaf hashes."""
    return Frontier().extended(list(leaves)).root()
