"""The erasure journal: what was destroyed, remembered outside the database and its backups (K4).

A restored backup knows recordings that were destroyed after it was taken. Before a restored system serves, the
journal is replayed, and they are destroyed again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.errors import InvariantError
from pipeline.model.ids import RecordingId


class JournalDamagedError(InvariantError):
    """Entries of the journal are altered or unreadable: some destroyed recording may be unknown. `damaged` counts
    them. Restore the journal from its own copy before serving."""

    def __init__(self, damaged: int) -> None:
        self.damaged = damaged
        super().__init__(f"{damaged} damaged entries in the erasure journal: restore it from its copy before serving")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRecord:
    """One destruction. Holds no content and no personal data: `reason` is a code, such as ``retention``."""

    recording_id: RecordingId
    destroyed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """What an inspection found. `unfinished` counts appends that were cut before they returned; nobody was told of
    them, so they are not damage."""

    records: int
    unfinished: int
    damaged: int


class ErasureJournal(Protocol):
    """Append-only. Thread-safe; several processes may share one journal."""

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        """Remember that this recording is being destroyed. Durable when it returns, whatever dies next.

        Appending the same again is fine. `destroyed_at` is aware; `reason` is a code of lower-case letters, digits,
        ``-`` and ``_``. Raises RetryableError.
        """
        ...

    def position(self) -> str:
        """How far the journal reaches: it changes with every new record, and with nothing else. Raises
        RetryableError."""
        ...

    def iterate(self, *, since: str = "") -> Iterator[ErasureRecord]:
        """Every record whose append returned, none invented, oldest first (by `destroyed_at` or by append).

        Records from before `since`, a position this journal once had, may be left out. Raises InvariantError for a
        position beyond its end: it is not the journal it was.

        Raises JournalDamagedError *after* the last readable record when some are damaged, so that a replay
        destroys what it can and then stops; RetryableError when the journal is out of reach.
        """
        ...

    def inspect(self) -> JournalState:
        """Count what is there. Raises RetryableError."""
        ...
