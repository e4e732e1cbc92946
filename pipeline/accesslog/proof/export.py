"""What an export of the log consists of, and what its verification can find. Bytes only: nothing here is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from callwarden.accesslog.proof.succession import Handover
from callwarden.accesslog.proof.values import Hash, Piece, ProvenTime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSegment:
    """A month whose entries are there, one per line. ``leaves`` are their stored hashes, 32 bytes each.

    ``leaves`` is what lets the verifier say *which* entry is wrong; without it (None) it can only say between
    which two checkpoints. ``seal`` is there once the month is closed.
    """

    name: str
    first: int
    entries: bytes = field(repr=False)
    leaves: bytes | None = field(default=None, repr=False)
    seal: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSegment:
    """A month whose entries are gone (L3). ``pieces`` make up [first, end), left to right.

    ``kept`` are entries a litigation hold keeps, by index; each has a piece of its own.
    """

    name: str
    first: int
    pieces: tuple[tuple[Piece, Hash], ...] = field(repr=False)
    seal: bytes | None = field(repr=False)
    kept: Mapping[int, bytes] = field(default_factory=dict, repr=False)


Segment = LiveSegment | ExpiredSegment


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export that was written consists of."""

    directory: Path
    segments: int
    entries: int
    checkpoints: int
    timestamps: int


class Kind(StrEnum):
    """What was found wrong."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    SWAPPED = "swapped"
    CUT_TAIL = "cut_tail"
    ROLLED_BACK = "rolled_back"
    REWRITTEN = "rewritten"
    """Entries and stored hashes agree with each other and not with a signed checkpoint."""
    HASHES_ALTERED = "hashes_altered"
    """The entries are the signed ones; the hashes stored beside them are not."""
    COPY_ALTERED = "copy_altered"
    """What the database finds an entry, a month or a checkpoint by is not what their bytes say."""
    OTHER_KEY = "other_key"
    """A checkpoint is signed by a key other than the pinned one: one of the two is not of this log."""
    BAD_SIGNATURE = "bad_signature"
    RETIRED_KEY = "retired_key"
    """A checkpoint is signed by a key that had handed over to another before."""
    DAMAGED_CHECKPOINT = "damaged_checkpoint"
    NO_CHECKPOINT = "no_checkpoint"
    BAD_SEAL = "bad_seal"
    MISNAMED_CHECKPOINT = "misnamed_checkpoint"
    """A true checkpoint under a name that is not its own: places go by names to find the newest."""
    MISSING = "missing"
    """A stretch of the log, or its newest checkpoint, is not in the export at all."""
    DAMAGED_SEGMENT = "damaged_segment"
    TIMESTAMP_MALFORMED = "timestamp_malformed"
    TIMESTAMP_MISMATCH = "timestamp_mismatch"
    """A true time-stamp, of other bytes than the checkpoint it lies beside."""
    TIMESTAMP_UNTRUSTED = "timestamp_untrusted"
    TIMESTAMP_ORPHAN = "timestamp_orphan"
    """The checkpoint a time-stamp was made for is not there any more."""


_BESIDE: Final = frozenset(
    {
        Kind.HASHES_ALTERED,
        Kind.COPY_ALTERED,
        Kind.MISNAMED_CHECKPOINT,
        Kind.TIMESTAMP_MALFORMED,
        Kind.TIMESTAMP_MISMATCH,
        Kind.TIMESTAMP_UNTRUSTED,
        Kind.TIMESTAMP_ORPHAN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong. ``first`` is the number of the first wrong entry, or of the first that may be wrong.

    ``end`` bounds a stretch [first, end) of which it is only known that something in it is wrong.
    ``checkpoint`` names the one that proves it.
    """

    kind: Kind
    message: str
    first: int | None = None
    end: int | None = None
    segment: str | None = None
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamps:
    """What the third party's time-stamps prove. ``latest`` is that of the largest checkpoint that agrees with the log.

    Not ``checked``: no authority to believe was given, so they are only counted.
    """

    kept: int = 0
    checked: bool = False
    holding: int = 0
    latest: ProvenTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a verification found. ``faults`` are in the order of the log; none means the log is proven up to
    ``anchored``, the size of the largest checkpoint it was held against.

    ``size`` and ``root`` are of the entries that are there, ``anchored`` of those the ones that are as signed.
    ``outside`` counts the checkpoints from an outside place that hold, each once, of ``given``: with none, a
    rolled-back or wholly replaced log looks like a true one. ``copies`` counts those that came with the log
    and hold; whoever can set the log back can set them back too. ``uncheckable`` names those that fall inside a piece
    of an expired segment. ``handovers`` are from keys that were trusted to keys that are trusted for it.
    """

    size: int
    root: Hash
    anchored: int
    expired: int
    outside: int
    faults: tuple[Fault, ...]
    given: int = 0
    copies: int = 0
    uncheckable: tuple[str, ...] = ()
    timestamps: Timestamps = Timestamps()
    handovers: tuple[Handover, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing is wrong. (Look at ``outside`` too: see above.)"""
        return not self.faults

    @property
    def is_unsigned(self) -> bool:
        """Nothing is there, numbered or signed, here or outside: a log before its first checkpoint, or one that was
        removed as a whole with every checkpoint of it."""
        kinds = {fault.kind for fault in self.faults}
        return kinds == {Kind.NO_CHECKPOINT} and not (self.size or self.given or self.copies)

    @property
    def entries_stand(self) -> bool:
        """Nothing is wrong with the entries themselves; what is wrong, if anything, lies beside them."""
        return all(
            fault.kind in _BESIDE or (fault.kind is Kind.MISSING and fault.first is None) for fault in self.faults
        )
