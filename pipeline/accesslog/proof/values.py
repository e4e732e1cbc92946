"""What the log signs, as values: the key it is known by, its checkpoints, the seals of its segments."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

Hash = NewType("Hash", bytes)
"""32 bytes: SHA-256 of a leaf or of a node, as RFC 6962 section 2.1 separates the two."""


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A complete subtree of the log's Merkle tree: the leaves [index * 2**level, (index + 1) * 2**level)."""

    level: int
    index: int

    @property
    def first(self) -> int:
        return self.index << self.level

    @property
    def end(self) -> int:
        return (self.index + 1) << self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """An Ed25519 public key and the name it signs under (C2SP signed-note)."""

    name: str
    key_id: bytes
    """The first four bytes of SHA-256(name, newline, 0x01, public key)."""
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalMark:
    """How far the journal reached: ``count`` records one after the other, and ``head``, the newest one's code, which
    stands for all before it."""

    count: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostState:
    """The largest state that was signed of a log whose database was set back: what its end is known by."""

    size: int
    root: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The log's state at one size (C2SP tlog-checkpoint). ``at`` is an extension line of ours, in UTC; so are
    ``successor``, the key that signs from here on, ``journal``, how far the journal of erasures and acts
    reached, and ``lost``, where the successor begins anew over a database that was set back."""

    origin: str
    size: int
    root: Hash
    at: datetime | None = None
    successor: VerifierKey | None = None
    journal: JournalMark | None = None
    lost: LostState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSeal:
    """A month of the log, closed: its entries are [first, end). ``root`` is the whole tree's at size ``end``.

    ``hashes`` are the subtree hashes of [first, end), left to right; they stay when the entries expire (L3).
    """

    origin: str
    segment: str
    first: int
    end: int
    sealed_at: datetime
    root: Hash
    hashes: tuple[Hash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCheckpoint:
    """A signed checkpoint as an outside place keeps it, under the name it has there."""

    name: str
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTimestamp:
    """An answer of a time-stamping authority (RFC 3161) as an outside place keeps it, beside ``checkpoint``, whose
    bytes it is said to be about. Not yet verified."""

    name: str
    checkpoint: str
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenTime:
    """A checkpoint existed at ``at``: an authority says so, whom neither the log's key nor its clock can make say it.

    ``signed_at`` is what the log's own clock showed when it signed; None where the checkpoint does not tell.
    """

    checkpoint: str
    size: int
    at: datetime
    signed_at: datetime | None
