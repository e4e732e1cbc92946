"""What an export of the log consists of, and what its verification can find. Bytes only: nothing here is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from callwarden.accesslog.proof.succession import Handover
from callwarden.accesslog.proof.values import Hash, Piece, ProvenTime
from callwarden.errors import UsageError


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
    ENTRIES_LOST = "entries_lost"
    """The database was set back, and the log begun anew over it: what was signed in between is gone, and stays so."""
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
class Loss:
    """The log was begun anew at ``there`` entries where ``end`` had been signed. The first ``proven`` are as they were
    signed before; nobody had signed the others that were there. ``name`` is what it is accepted by."""

    name: str
    proven: int
    there: int
    end: int
    checkpoint: str
    accepted: bool = False

    @property
    def message(self) -> str:
        unsigned = (
            "" if self.proven == self.there else f" (the last {self.there - self.proven} of them unsigned until then)"
        )
        return (
            f"{self.end} entries had been signed when the database was set back to {self.there}{unsigned} and the log "
            f"begun anew: the others are lost; to accept it: --accept-loss {self.name}"
        )


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
    ``outside`` counts the checkpoints from an outside place that hold, each once, of ``given``, ``of_lost`` those of
    entries that are lost: with none, a
    rolled-back or wholly replaced log looks like a true one. ``copies`` counts those that came with the log
    and hold; whoever can set the log back can set them back too. ``uncheckable`` names those that fall inside a piece
    of an expired segment. ``handovers`` are from keys that were trusted to keys that are trusted for it, ``losses``
    what was lost where one of them began the log anew: each is a fault until somebody accepts it by its name.
    """

    size: int
    root: Hash
    anchored: int
    expired: int
    outside: int
    faults: tuple[Fault, ...]
    given: int = 0
    of_lost: int = 0
    copies: int = 0
    uncheckable: tuple[str, ...] = ()
    timestamps: Timestamps = Timestamps()
    handovers: tuple[Handover, ...] = ()
    losses: tuple[Loss, ...] = ()

    def accepting(self, *names: str) -> "Report":
        """The same, to somebody who knows of these losses. Raises UsageError for a name that is none of them."""
        if unknown := set(names) - {loss.name for loss in self.losses}:
            raise UsageError(f"this log has no loss {', '.join(sorted(unknown))}: see what log verify names")
        losses = tuple(replace(loss, accepted=loss.accepted or loss.name in names) for loss in self.losses)
        gone = {loss.message for loss in losses if loss.accepted}
        faults = (one for one in self.faults if one.kind is not Kind.ENTRIES_LOST or one.message not in gone)
        return replace(self, losses=losses, faults=tuple(faults))

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
    def only_lost(self) -> bool:
        """All that is wrong is that entries are lost; those that are there stand."""
        return {fault.kind for fault in self.faults} == {Kind.ENTRIES_LOST}

    @property
    def entries_stand(self) -> bool:
        """Nothing is wrong with the entries themselves; what is wrong, if anything, lies beside them."""
        return all(
            fault.kind in _BESIDE or (fault.kind is Kind.MISSING and fault.first is None) for fault in self.faults
        )
