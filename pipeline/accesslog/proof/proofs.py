"""Inclusion proofs: made as RFC 6962 section 2.1 defines them, verified as RFC 9162 does.

Making and verifying share no code but the node hash, so that one checks the other.
"""

from collections.abc import Callable, Sequence

from callwarden.accesslog.proof.tree import cover, fold, node_hash
from callwarden.accesslog.proof.values import Hash, Piece

NodeSource = Callable[[Piece], Hash]
"""Gives the hash of a complete subtree of the log. Raises `MissingHashError` when it is not kept any more."""


class MissingHashError(LookupError):
    """A proof needs a hash inside an expired segment; nothing live depends on it."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        super().__init__(f"no hash is kept of leaves {piece.first} to {piece.end - 1}")


def resolving(known: Callable[[Piece], Hash | None]) -> NodeSource:
    """A source that computes what ``known`` lacks from the subtrees below it."""

    def node(piece: Piece) -> Hash:
        found = known(piece)
        if found is not None:
            return found
        if piece.level == 0:
            raise MissingHashError(piece)
        below = piece.level - 1
        return node_hash(node(Piece(below, 2 * piece.index)), node(Piece(below, 2 * piece.index + 1)))

    return node


def root_at(size: int, node: NodeSource) -> Hash:
    """The tree's root when it had ``size`` leaves."""
    return _root(0, size, node)


def prove_inclusion(index: int, size: int, node: NodeSource) -> tuple[Hash, ...]:
    """PATH(index, D[size]): the hashes that lead from leaf ``index`` to the root at ``size``, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[Hash] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(_root(middle, end, node))
            end = middle
        else:
            path.append(_root(first, middle, node))
            first = middle
    return tuple(reversed(path))


def verify_inclusion(*, leaf: Hash, index: int, size: int, proof: Sequence[Hash], root: Hash) -> bool:
    """Whether ``proof`` shows ``leaf`` to be number ``index`` of the tree ``(size, root)`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            computed = node_hash(sibling, computed)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and computed == root


def _split(count: int) -> int:
    """The largest power of two below ``count``, which is at least two."""
    return 1 << ((count - 1).bit_length() - 1)


def _root(first: int, end: int, node: NodeSource) -> Hash:
    return fold([node(piece) for piece in cover(first, end)])
