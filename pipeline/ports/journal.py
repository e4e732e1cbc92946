"""The journal: what was destroyed and what was decided, remembered outside the database and its backups (K4, I10).

A restored backup knows recordings that were destroyed after it was taken, and does not know the objections and holds
entered since. Before a restored system serves, the journal is replayed over it.

Records are authenticated under a key of the key store and each carries the code of those before it: who has no key can
neither write one nor change, move or take out one without its being seen. What is cut off the end is seen against a
`JournalMark` from elsewhere: the catalogue's own position, or a signed checkpoint of the access log.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callwarden.accesslog.proof.values import JournalMark
from callwarden.errors import InvariantError
from callwarden.model.act import Act
from callwarden.model.ids import RecordingId


class JournalDamagedError(InvariantError):
    """The journal is not the one that was written: some destroyed recording or some act may be unknown. `damaged`
    counts the records concerned, as far as that is known. Put its newest true copy back before serving."""

    def __init__(self, damaged: int, detail: str) -> None:
        self.damaged = damaged
        self.detail = detail
        super().__init__(f"the journal is damaged ({detail}): put its newest copy back before serving")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRecord:
    """One destruction. Holds no content and no personal data: `reason` is a code, such as ``retention``."""

    recording_id: RecordingId
    destroyed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsRecord:
    """What one transaction decided. `unreadable` names kinds of acts this version does not know or cannot read."""

    at: datetime
    acts: tuple[Act, ...]
    unreadable: tuple[str, ...] = ()


JournalRecord = ErasureRecord | ActsRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class OldJournal:
    """What a journal holds in the format before this one, which anybody could write. `position` is how far it
    reached, as the catalogue remembered it then; `damaged` counts what even its checksums find."""

    records: tuple[ErasureRecord, ...]
    position: int
    damaged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """What an inspection found. `unfinished` counts appends that were cut before they returned; nobody was told of
    them, so they are not damage. `problems` says in words what is damaged."""

    records: int
    unfinished: int
    damaged: int
    problems: tuple[str, ...] = ()


class Journal(Protocol):
    """Append-only. Thread-safe; several processes may share one journal."""

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        """Remember that this recording is being destroyed. Durable when it returns, whatever dies next.

        Appending the same again is fine. `destroyed_at` is aware; `reason` is a code of lower-case letters, digits,
        ``-`` and ``_``. Raises RetryableError, JournalDamagedError.
        """
        ...

    def append_acts(self, acts: Sequence[Act], *, at: datetime) -> None:
        """Remember what was decided together, sealed: nobody without the key store's key can read it. Durable when it
        returns; none is nothing. Raises RetryableError, JournalDamagedError."""
        ...

    def position(self) -> str:
        """How far the journal reaches: it changes with every new record, and with nothing else; empty for an empty
        one. Raises RetryableError; JournalDamagedError where its end is no record."""
        ...

    def iterate(self, *, since: str = "", marks: Sequence[JournalMark] = ()) -> Iterator[JournalRecord]:
        """Every record whose append returned, none invented, in the order of the appends.

        Records from before `since`, a position this journal once had, may be left out. Raises JournalDamagedError,
        after the last record that can be read, when one is altered, missing or out of its place, or when the journal
        does not hold what `since` or one of `marks` says it held; RetryableError when it is out of reach.
        """
        ...

    def mark(self) -> JournalMark | None:
        """How far it reaches, to be signed elsewhere; None for an empty one. Raises as `append`."""
        ...

    def inspect(self) -> JournalState:
        """Look at every record. Raises RetryableError."""
        ...

    def old(self) -> OldJournal | None:
        """What is here in the format before, while the journal itself is still empty. Raises RetryableError."""
        ...

    def adopt(self, old: OldJournal) -> None:
        """Take the records of the format before over as this journal's first: from then on they are believed. Raises
        as `append`."""
        ...


def mark_of(position: str) -> JournalMark | None:
    """What a position says of the journal; None for an empty one, or one of the format before (a plain number)."""
    count, _, rest = position.partition("/")
    return JournalMark(count=int(count), head=rest.partition("/")[0]) if rest else None
