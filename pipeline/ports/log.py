"""The access log: what writes it, reads it, signs it, and the place its checkpoints go to (L1-L4)."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from callwarden.accesslog.proof.export import Exported, Report
from callwarden.accesslog.proof.status import LogStatus
from callwarden.accesslog.proof.values import (
    Checkpoint,
    Hash,
    KeptTimestamp,
    LostState,
    PublishedCheckpoint,
    VerifierKey,
)
from callwarden.errors import CallwardenError, RetryableError
from callwarden.model.log_entry import EntryId, LogEntry, Operation


class LogUnavailableError(RetryableError):
    """The entry is not known to be durable: log down, full, read-only or too slow. Nothing may be released.

    The entry may still turn up in the log: then it tells of a reading that did not happen.
    """


class SecondSequencerError(CallwardenError):
    """Another process is building the log's tree. Only one may; this one has changed nothing."""


class LogDamagedError(CallwardenError):
    """The stored log contradicts itself. Names the first entry concerned. Nothing is written until a person has
    looked: going on would sign the damage."""

    def __init__(self, message: str, *, index: int | None = None) -> None:
        self.index = index
        super().__init__(message)


class LogWriter(Protocol):
    """Writes entries for those who hold no transaction of their own: the gate. Thread-safe."""

    def append(self, entry: LogEntry) -> EntryId:
        """Durable when it returns (I6). Concurrent appends share one commit.

        Raises: `LogUnavailableError` within the time-out the writer was built with, whatever the store does.
        """
        ...

    def append_all(self, entries: Sequence[LogEntry]) -> None:
        """As `append`, for entries that stand or fall together (an export's, a search's): all or none of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """An entry as it was stored. ``index`` is its number in the tree, from zero; None while it still waits for
    the sequencer, when nothing yet proves it."""

    index: int | None
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """Shows that ``entry`` is number ``index`` of the tree a signed checkpoint speaks of (RFC 9162, 2.1.3)."""

    index: int
    entry: bytes
    leaf: Hash
    path: tuple[Hash, ...]
    checkpoint: Checkpoint
    note: bytes


class LogReader(Protocol):
    """Reads entries and proofs. Whoever reads entries writes a ``log.read`` entry first (U3). Thread-safe."""

    def status(self, *, outside: bool = False) -> LogStatus:
        """How the log stands, in figures; with `outside`, whether its newest checkpoint is really in its places too:
        where one has lost it, nothing counts as anchored. Costs the same however long the log is. Raises
        RetryableError; `LogDamagedError` where it contradicts itself."""
        ...

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        case: str | None = None,
        operations: Collection[Operation] | None = None,
        limit: int | None = None,
    ) -> Iterator[LoggedEntry]:
        """Entries newest first, of these subjects, one case or these operations if asked; expired ones are gone.

        Decided from the entries' own bytes, each of them held against the newest signed checkpoint: none is left out
        because of what an index or a column beside it says. So it costs a pass over the log, however few are wanted,
        until `limit` are found.

        Raises RetryableError; `LogDamagedError` when stored bytes are not an entry, not the signed ones, or missing,
        and when a place of checkpoints proves that there were more.
        """
        ...

    def noted(self, subject: str, operation: Operation, *, waiting: bool = True) -> bool:
        """Whether an entry of this operation about this subject can be found, at once and unproven: for a second look
        that may only close something; without `waiting` only among entries that have a number. Costs the same however
        long the log is. Raises RetryableError."""
        ...

    def noted_among(self, subjects: Collection[str], operation: Operation) -> frozenset[str]:
        """Those of these subjects of which `noted` says so, without `waiting`. Costs little more than asking of one."""
        ...

    def prove(self, *entry_ids: EntryId) -> Sequence[InclusionProof]:
        """The proof of each entry, all under the newest checkpoint there is.

        Raises: `EntryMissingError` when there is no such entry, it has expired, or no
        checkpoint covers it yet; RetryableError.
        """
        ...


class EntryMissingError(CallwardenError):
    """There is surely no such entry, or nothing to prove it by yet. The message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBack:
    """The database holds the first ``there`` entries of a log of which ``lost`` was signed, as ``checkpoint`` in
    ``place`` proves. Of those that are there the first ``proven`` were signed before."""

    there: int
    proven: int
    lost: LostState
    place: str
    checkpoint: str


class LogBook(Protocol):
    """Keeps the log up: one process at a time builds its tree."""

    def checkpoint(self, *, wait_s: float) -> LogStatus:
        """Number every entry there is and anchor it. Where another process builds the tree, wait for it to do so.
        Without a time-stamp, too: that it failed is logged, and tried again with the next checkpoint.

        Raises: RetryableError when that takes longer than ``wait_s``, or a place is out of reach; `LogDamagedError`.
        """
        ...

    def verify(self, *, told: Callable[[int], None] | None = None) -> Report:
        """Hold every entry against the signed checkpoints, here and outside, with this system's own keys. `told` is
        given how many entries the months that have been gone over have. Raises: RetryableError."""
        ...

    def export(self, directory: Path) -> Exported:
        """Write everything an auditor needs into a new directory. Raises: UsageError when something is in it,
        RetryableError."""
        ...

    def expire(self, *, due: Callable[[datetime], bool], keep: Callable[[str | None, str | None], bool]) -> int:
        """Delete the entries of every month that ``due`` (when it was sealed) says is over, save those that ``keep``
        (subject, case) says a hold still needs, and anchor the rest; how many went. Proofs of the rest stay (L3).

        Raises: `SecondSequencerError`, `LogDamagedError`, RetryableError.
        """
        ...

    def set_back(self) -> SetBack | None:
        """What the places prove to be lost, where the database is an earlier state of this log, and nothing else; None
        where nothing is. Costs a look at every checkpoint.

        Raises: `LogDamagedError` where it is more than that, RetryableError (also for one place of several).
        """
        ...

    def begin_anew(self, lost: SetBack, tell: Callable[[VerifierKey], None]) -> VerifierKey:
        """Go on over a database that was set back so: the present key hands over to a new one in a checkpoint both
        sign, which names what is lost; nothing but the new key signs what comes then. ``tell`` writes the entry of it.
        What was interrupted is finished by the next.

        Raises: as `rotate_key`; `LogDamagedError` also where it is not, or no longer, set back so.
        """
        ...

    def rotate_key(self, tell: Callable[[VerifierKey], None]) -> VerifierKey:
        """Make a new key, have the present one hand over to it in a checkpoint both sign, and put it in its place. The
        old private key is gone then. An interrupted rotation is finished by the next. ``tell`` writes the entry of it.

        Raises: `SecondSequencerError` while a sequencer runs, RetryableError (a place is out of reach: the old key
        signs nothing more if it had handed over; try again), `LogDamagedError`, `ConfigurationError`.
        """
        ...


class CheckpointPlace(Protocol):
    """Keeps signed checkpoints where the writer of the log can add but neither change nor remove (L2)."""

    @property
    def name(self) -> str:
        """How the place is called in reports."""
        ...

    def publish(self, note: bytes, *, size: int) -> PublishedCheckpoint:
        """Keep this signed checkpoint of a log of ``size`` entries. Durable when it returns; the same note
        twice is kept once.

        Raises: RetryableError; InvariantError when other bytes stand under this note's name.
        """
        ...

    def check(self) -> None:
        """Make sure that it can be written, as far as that can be found out without leaving anything there.

        Raises: `ConfigurationError` when it is not fit for checkpoints, RetryableError.
        """
        ...

    def holds(self, note: bytes, *, size: int) -> bool:
        """Whether this very checkpoint is kept here. One look, however many there are. Raises RetryableError."""
        ...

    def largest_first(self, *, beyond: int = -1, but: Collection[str] = ()) -> Iterator[PublishedCheckpoint]:
        """Those of more than `beyond` entries, as they are, each read when it is asked for; that there are none is told
        without a look at the smaller ones. Not those named in `but`. Raises RetryableError."""
        ...

    def iterate(self) -> Iterator[PublishedCheckpoint]:
        """Every checkpoint ever kept, smallest first; damaged files too, as they are. Raises RetryableError."""
        ...

    def keep_timestamp(self, token: bytes, *, checkpoint: str) -> KeptTimestamp:
        """Keep an authority's answer beside the checkpoint of this name. As `publish` otherwise."""
        ...

    def timestamps(self) -> Iterator[KeptTimestamp]:
        """Every time-stamp ever kept, that of the smallest checkpoint first; damaged ones as they are. Raises
        RetryableError."""
        ...
