"""RFC 6962 section 2.1 and RFC 9162 section 2.1: the tree and its proofs (L2)."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.accesslog.proof.proofs import (
    MissingHashError,
    prove_inclusion,
    resolving,
    verify_inclusion,
)
from callwarden.accesslog.proof.tree import (
    EMPTY_ROOT,
    Frontier,
    cover,
    leaf_hash,
    leaf_hashes_of_lines,
    root_of,
)
from callwarden.accesslog.proof.values import Hash, Piece
from tests.support.log_builder import leaf_source

# The eight inputs and the roots that implementations of RFC 6962 are commonly checked with.
KNOWN_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(entries: list[bytes]) -> bytes:
    """MTH as RFC 6962 writes it down, recursively."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    half = 1
    while half * 2 < len(entries):
        half *= 2
    return sha256(b"\x01" + naive_root(entries[:half]) + naive_root(entries[half:])).digest()


def some_leaves(count: int) -> list[Hash]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots_of_the_field_come_out(size: int) -> None:
    assert root_of([leaf_hash(entry) for entry in KNOWN_INPUTS[:size]]).hex() == KNOWN_ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


def test_a_known_inclusion_proof_comes_out() -> None:
    leaves = [leaf_hash(entry) for entry in KNOWN_INPUTS]
    assert [one.hex() for one in prove_inclusion(5, 8, leaf_source(leaves))] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.lists(st.binary(max_size=12), max_size=70))
def test_the_root_is_the_one_the_rfc_writes_down(entries: list[bytes]) -> None:
    assert root_of([leaf_hash(entry) for entry in entries]) == naive_root(entries)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_growing_in_any_portions_gives_the_same_frontier(portions: list[int]) -> None:
    leaves = some_leaves(sum(portions))
    grown, taken = Frontier(), 0
    for portion in portions:
        grown = grown.extended(leaves[taken : taken + portion])
        taken += portion
    assert grown == Frontier().extended(leaves)
    assert len(grown.peaks) <= 9


@given(st.integers(0, 600), st.integers(0, 600))
def test_the_nodes_completed_on_the_way_are_the_tree_s_nodes(size: int, more: int) -> None:
    leaves = some_leaves(size + more)
    kept: dict[Piece, Hash] = {}
    Frontier().extended(leaves[:size], kept).extended(leaves[size:], kept)
    source = leaf_source(leaves)
    assert set(kept) == {Piece(8, index) for index in range((size + more) // 256)}
    assert all(kept[piece] == source(piece) for piece in kept)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_cover_is_made_of_adjacent_complete_subtrees(first: int, length: int) -> None:
    pieces = list(cover(first, first + length))
    assert [piece.first for piece in pieces] == [first, *(piece.end for piece in pieces)][: len(pieces)]
    assert (pieces[-1].end if pieces else first) == first + length
    assert len(pieces) <= 2 * max(length, 1).bit_length()


@given(st.lists(st.binary(max_size=400).map(lambda entry: entry.replace(b"\n", b"")), max_size=400))
def test_hashing_lines_in_bulk_is_hashing_each_entry(entries: list[bytes]) -> None:
    text = b"".join(entry + b"\n" for entry in entries)
    assert leaf_hashes_of_lines(text) == [leaf_hash(entry) for entry in entries]


def test_lines_longer_than_a_stretch_and_a_missing_last_newline_are_hashed_whole() -> None:
    entries = [b"a" * 70_000, b"b" * 10, b"c" * 200_000, b"d"]
    assert leaf_hashes_of_lines(b"\n".join(entries)) == [leaf_hash(entry) for entry in entries]


@given(st.integers(1, 200), st.data())
def test_every_entry_is_proven_in_every_tree_that_holds_it(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, leaf_source(leaves))
    root = root_of(leaves)
    assert verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=root)
    assert len(proof) <= (size - 1).bit_length()


@given(st.integers(1, 100), st.data())
def test_an_inclusion_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(prove_inclusion(index, size, leaf_source(leaves)))
    root, other = root_of(leaves), leaf_hash(b"other")
    assert not verify_inclusion(leaf=other, index=index, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaf=leaves[index], index=index, size=size, proof=[*proof, other], root=root)
    assert not verify_inclusion(leaf=leaves[index], index=size, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaf=leaves[index], index=-1, size=size, proof=proof, root=root)
    if proof:
        assert not verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof[:-1], root=root)
        wrong = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
        assert not verify_inclusion(leaf=leaves[index], index=wrong, size=size, proof=proof, root=root)


def test_a_proof_outside_the_tree_is_not_made() -> None:
    source = leaf_source(some_leaves(4))
    with pytest.raises(ValueError, match="not in a tree"):
        prove_inclusion(4, 4, source)


def test_a_hash_that_is_not_kept_is_named_and_never_guessed() -> None:
    """L3: an expired segment gives only the hashes it kept."""
    source = resolving(lambda piece: EMPTY_ROOT if piece == Piece(1, 0) else None)
    assert source(Piece(1, 0)) == EMPTY_ROOT
    with pytest.raises(MissingHashError) as caught:
        source(Piece(2, 0))
    assert caught.value.piece == Piece(0, 2)


def test_a_frontier_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one peak"):
        Frontier(3, (EMPTY_ROOT,))
    with pytest.raises(ValueError, match="cannot follow"):
        Frontier(4, (EMPTY_ROOT,)).joined(Piece(1, 1), EMPTY_ROOT)
