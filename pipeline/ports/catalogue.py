"""The catalogue: what is known of every event, recording, objection and hold, and what is still to be told."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.certificate import Certificate
from callwarden.model.hold import Case, Hold
from callwarden.model.ids import CallId, CaseId, EventId, LineId, Pseudonym, RecordingId
from callwarden.model.key import KnownKey
from callwarden.model.log_entry import LogEntry
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.model.token import Token, TokenId
from callwarden.ports.bus import Message
from callwarden.ports.search import SearchIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A recording's data key, wrapped by a master key. Destroying this row makes every copy unreadable."""

    recording_id: RecordingId
    wrapped: bytes = field(repr=False)
    master_key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event that waits: for word of an objection until `due_at`, or for the place of its audio. Its bytes are
    sealed.

    `place` is the bucket or folder it waits for, empty where it waits for an objection; `why` and `since` tell of it.
    """

    position: Position
    event_id: EventId
    recording_id: RecordingId
    due_at: datetime
    wrapped_key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    place: str = ""
    why: str = ""
    since: datetime | None = None
    master_key_id: str = ""
    """What wraps its key; empty where an older version wrote it."""


DESTROYED_MASTER: Final = "destroyed"
"""Stands for the master key of an `OtherKey` that surely opens no more, where its own is not known."""


class KeyOf(StrEnum):
    """What is sealed under a data key of its own and is no recording."""

    DEAD_LETTER = "dead_letter"
    ACT_REASON = "act_reason"
    WAITING_EVENT = "waiting_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherKey:
    """The wrapped data key of such a thing: of the message at a position, or of the act with an id. `recording_id` is
    that of a waiting event; `master_key_id` is empty where an older version wrote it, and nobody knows."""

    of: KeyOf
    owner: Position | str
    recording_id: RecordingId | None = None
    wrapped: bytes = field(repr=False)
    master_key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How many events wait for one place (empty: for word of an objection), why, and the longest of them since when."""

    place: str
    why: str
    events: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A message that is durable with the rows it tells about, and not yet known to be on the bus."""

    outbox_id: int
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionReference:
    """What an objection may be looked up by."""

    scope: ScopeKind
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredRow:
    """A row that is not what was sealed: its table, and its key as text."""

    table: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFilter:
    """Empty fields do not narrow."""

    call_id: CallId | None = None
    line: LineId | None = None
    states: frozenset[RecordingState] = frozenset()
    caller: Pseudonym | None = None
    customer: Pseudonym | None = None
    agent_id: str | None = None
    ended_from: datetime | None = None
    ended_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFilter:
    """Empty fields do not narrow. Days are those of the call's end, or of the decision where no recording tells it."""

    outcomes: frozenset[Outcome] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    line: LineId | None = None
    states: frozenset[RecordingState] = frozenset()
    """Of the recording, as it is now."""
    ended_from: datetime | None = None
    ended_before: datetime | None = None


class Transaction(SearchIndex, Protocol):
    """Reads and writes that become durable together, or not at all. Reads see this transaction's writes.

    Rows read with ``lock=True`` stay as they are for everybody else until the transaction ends; locks are taken
    in the order of ids, so two transactions cannot wait for each other.
    """

    # events
    def outcomes_at(self, positions: Collection[Position]) -> Mapping[Position, EventOutcome]:
        """The outcomes already recorded at these positions."""
        ...

    def events_seen(self, event_ids: Collection[EventId]) -> Mapping[EventId, Sequence[EventOutcome]]:
        """For each id that has any, its outcomes other than ``duplicate``, in the order they were recorded."""
        ...

    def record_outcomes(self, outcomes: Sequence[EventOutcome]) -> None:
        """Write them. A position that has an outcome keeps the one it has (I1, I11)."""
        ...

    def add_waiting(self, events: Sequence[WaitingEvent]) -> None:
        """Remember these until their outcome is recorded. A position already there keeps its row."""
        ...

    def waiting(
        self,
        *,
        due_before: datetime | None = None,
        recordings: Collection[RecordingId] | None = None,
        but_for: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[WaitingEvent]:
        """Waiting events due before an instant, or of these recordings, but none that waits for one of the places
        `but_for`; the longest due first."""
        ...

    def remove_waiting(self, positions: Collection[Position]) -> None:
        """Forget these."""
        ...

    # what is set aside
    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Keep them. A position that has one keeps the one it has (I11)."""
        ...

    def dead_letter(self, position: Position, *, lock: bool = False) -> DeadLetter | None: ...

    def dead_letters(self, *, limit: int | None = None) -> Sequence[DeadLetter]:
        """Newest first; without their sealed bytes and keys (None)."""
        ...

    def save_dead_letter(self, letter: DeadLetter) -> None:
        """Replace the one of this position (read with ``lock=True`` before); a key or bytes that are None now are
        destroyed like a recording's key."""
        ...

    def add_act_reason(self, reason: ActReason) -> None: ...

    def act_reasons(self, subject: str) -> Sequence[ActReason]:
        """Those of acts about this, oldest first."""
        ...

    def remove_set_aside(self, *, before: datetime) -> int:
        """Forget dead letters and reasons of acts whose `keep_until` lies before this instant; how many there were."""
        ...

    # recordings
    def recordings(
        self, recording_ids: Collection[RecordingId], *, lock: bool = False
    ) -> Mapping[RecordingId, Recording]:
        """Those that exist, with the cases that hold them."""
        ...

    def find_recordings(
        self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None
    ) -> Sequence[Recording]:
        """Those that match, newest call first."""
        ...

    def insert_recordings(self, recordings: Sequence[Recording]) -> None:
        """Insert those whose id is new; leave the others as they are."""
        ...

    def save_recordings(self, recordings: Sequence[Recording]) -> None:
        """Replace the rows of these recordings (read with ``lock=True`` before). `holds` is not written here."""
        ...

    def begin_attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        """Number the attempt to store each of these, from 1: whoever holds an older number has been fenced off."""
        ...

    def attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        """The newest attempt of each; 0 before the first."""
        ...

    def due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        """Recordings whose period is over, not held, not restricted, past any delay; longest due first. Locked,
        skipping those somebody else has locked and those whose row was altered. Costs the same however many are not
        due."""
        ...

    def count_due(self, *, now: datetime) -> int:
        """How many recordings `due` would find, locked or not."""
        ...

    def count_kept(self) -> int:
        """How many recordings are stored or quarantined. Costs a pass over them."""
        ...

    def unfinished(self, *, limit: int) -> Sequence[Recording]:
        """Recordings in the states disposing or dropping, locked, skipping those somebody else has locked and those
        whose row was altered."""
        ...

    # artefacts and keys
    def artefacts(self, recording_ids: Collection[RecordingId]) -> Sequence[Artefact]:
        """Everything stored of these recordings, by recording and kind."""
        ...

    def artefact(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        """The newest generation of this kind."""
        ...

    def add_artefacts(self, artefacts: Sequence[Artefact]) -> None:
        """Record stored objects. One (recording, kind, generation) exists once; a second is an InvariantError."""
        ...

    def remove_artefacts(self, recording_ids: Collection[RecordingId]) -> None:
        """Forget every stored object of these recordings."""
        ...

    def remove_artefacts_of(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        """Forget the artefacts of these kinds whose generation is smaller; those forgotten, by kind and generation."""
        ...

    def keys(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, WrappedKey]:
        """The wrapped data keys that still exist."""
        ...

    def add_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Record data keys; replaces the wrapping of a key that is there (rotation)."""
        ...

    def destroy_keys(self, recording_ids: Collection[RecordingId]) -> None:
        """Delete the wrapped keys of these recordings (and overwrite their bytes where the store can), and whatever
        of them can be found by searching."""
        ...

    def master_keys(self) -> Mapping[str, int]:
        """How many wrapped data keys, of recordings and of all else, there are under each master key that wraps any, as
        far as it is known."""
        ...

    def other_keys(self, *, but_under: str) -> Sequence[OtherKey]:
        """The data keys of what is no recording that are not known to be under this master key, but for those that are
        known to open no more."""
        ...

    def replace_other_keys(self, replaced: Sequence[tuple[OtherKey, OtherKey]]) -> int:
        """Write the second of each pair in the place of the first, where that is still as it was: what was destroyed
        meanwhile stays destroyed. How many were."""
        ...

    def key_under(self, master_key_id: str) -> WrappedKey | None:
        """Any one recording's data key under this master key."""
        ...

    def known_keys(self, *, lock: bool = False) -> Sequence[KnownKey]:
        """Every key the system remembers to have used, the first one used first."""
        ...

    def save_known_keys(self, keys: Sequence[KnownKey]) -> None:
        """Insert, or replace those of the same kind and id."""
        ...

    # redactions
    def redactions(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, RedactionRecord]:
        """What became of the redaction of those of these recordings that were ever redacted."""
        ...

    def save_redactions(self, records: Sequence[RedactionRecord]) -> None:
        """Insert, or replace the one of the same recording; of several for one recording the last counts."""
        ...

    def redactions_to_redo(
        self,
        *,
        version_below: str | None,
        statuses: frozenset[RedactionStatus],
        limit: int,
        after: RecordingId | None = None,
    ) -> Sequence[RedactionRecord]:
        """Records of another version than this one (None: any version is good enough), or of one of these statuses.

        Only of recordings that are stored; by recording id, those after `after`, so that a long list is read in
        portions while it changes.
        """
        ...

    def remove_redactions(self, recording_ids: Collection[RecordingId]) -> None:
        """Forget what became of these."""
        ...

    # objections
    def objections(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        """All objections on file under any of these references, withdrawn ones included, oldest first."""
        ...

    def objection(self, objection_id: str) -> Objection | None: ...

    def list_objections(self, *, limit: int | None = None) -> Sequence[Objection]:
        """All objections on file, newest first."""
        ...

    def save_objection(self, objection: Objection) -> None:
        """Insert, or replace the one of the same id."""
        ...

    # holds
    def case(self, case_id: CaseId, *, lock: bool = False) -> Case | None: ...

    def cases(self) -> Sequence[Case]:
        """All cases, newest first."""
        ...

    def save_case(self, case: Case) -> None: ...

    def holds(self, *, case_id: CaseId | None = None, recording_id: RecordingId | None = None) -> Sequence[Hold]:
        """Holds in force of a case, of a recording, or all."""
        ...

    def save_holds(self, holds: Sequence[Hold]) -> None:
        """Insert, or replace those of the same case and recording."""
        ...

    def remove_holds(self, holds: Sequence[Hold]) -> None: ...

    # breaking glass
    def break_glass(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None: ...

    def break_glasses(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        """Requests to break glass, newest first: of one recording, or those whose end is not in the log yet, or all."""
        ...

    def save_break_glass(self, request: BreakGlass) -> None:
        """Insert, or replace the one of the same id."""
        ...

    # tokens
    def token(self, token_id: TokenId, *, lock: bool = False) -> Token | None: ...

    def tokens(self) -> Sequence[Token]:
        """Every token ever issued, newest first."""
        ...

    def spend_token(self, token_id: TokenId, *, at: datetime) -> bool:
        """Compare and set: mark a token that is good once as spent. True for exactly one caller, ever; False when it is
        spent already, good more than once, or not there."""
        ...

    def save_token(self, token: Token) -> None:
        """Insert, or replace the one of the same id."""
        ...

    # certificates
    def certificates(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        """The disposal certificates of these recordings, oldest first."""
        ...

    def add_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Keep them; one with the same digest is kept once."""
        ...

    # the erasure journal's standing
    def journal_position(self) -> str:
        """How far the erasure journal has been replayed over these rows; empty before the first time."""
        ...

    def save_journal_position(self, position: str) -> None: ...

    # what is remembered of the system as a whole
    def landmark(self, name: str) -> str | None:
        """What was saved under this name; None before the first time."""
        ...

    def save_landmark(self, name: str, value: str) -> None: ...

    def sealed_landmark(self, name: str, *, if_altered: str | None = None) -> str | None:
        """What was saved under this name, for what decides something; None before the first time. What anybody else has
        put there is never told: then it is `if_altered`."""
        ...

    def save_sealed_landmark(self, name: str, value: str) -> None:
        """Encrypt it, so that nobody without the key reads it or makes another."""
        ...

    # what follows
    def append_log(self, entries: Sequence[LogEntry]) -> None:
        """Write access-log entries, durable with this transaction."""
        ...

    def append_outbox(self, messages: Sequence[Message]) -> Sequence[OutboxEntry]:
        """Write messages to be published after this transaction."""
        ...


class Catalogue(Protocol):
    """Durable, transactional store of rows. Thread-safe; one transaction belongs to one thread.

    Rows that decide something are sealed: what comes back ``altered`` was written past the system. Saving such a value
    does not make it genuine.
    """

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Durable when the block ends without an error; rolled back when it raises. Raises RetryableError when
        the database is out of reach, locked for too long, or asks to try again (nothing changed then)."""
        ...

    def snapshot(self) -> AbstractContextManager[Transaction]:
        """A transaction to read in: waits for no writer, locks nothing, and its writes are refused or lost. Raises
        RetryableError."""
        ...

    def is_empty(self) -> bool:
        """Whether no recording is on record, present or past, and no key was ever used."""
        ...

    def unsent(self, *, older_than_s: float, limit: int) -> Sequence[OutboxEntry]:
        """Outbox entries nobody has marked as sent within this many seconds, oldest first."""
        ...

    def mark_sent(self, entries: Sequence[OutboxEntry]) -> None:
        """The bus has them."""
        ...

    def list_outcomes(
        self,
        *,
        limit: int | None = None,
        call_id: CallId | None = None,
        recording_id: RecordingId | None = None,
        wanted: OutcomeFilter | None = None,
    ) -> Sequence[EventOutcome]:
        """Outcomes in the order they were decided."""
        ...

    def count_outcomes(self, topic: str) -> Mapping[Outcome, int]:
        """How many events of a topic ended each way; every outcome is a key."""
        ...

    def outcomes_from(self, topic: str, partition: int, offset: int, *, before: int | None = None) -> int:
        """How many positions of this partition at or after `offset`, and below `before`, have an outcome already."""
        ...

    def count_waiting(self, topic: str, *, partition: int | None = None, before: int | None = None) -> int:
        """How many events of this topic wait, for word of an objection or for a place; only those of this partition, or
        at offsets below `before`, where asked."""
        ...

    def waits(self) -> Sequence[Waits]:
        """What events wait for, by place and reason."""
        ...

    def all_artefacts(self) -> Iterator[Artefact]:
        """Every stored object, by key, read in portions (I2)."""
        ...

    def all_recordings(self) -> Iterator[Recording]:
        """Every recording, by id, read in portions."""
        ...

    def altered_rows(self) -> Iterator[AlteredRow]:
        """Every sealed row that is not what was sealed, read in portions. Costs a pass over the rows."""
        ...

    def seals_are_begun(self) -> bool:
        """Whether every row here was to be sealed; False where a version without seals has left some."""
        ...

    def seal_rows(self, entry: Callable[[int], LogEntry]) -> int:
        """Once: seal the rows a version without seals has left, as they are, in one transaction with the log entry
        made of their number. Raises UsageError when `seals_are_begun`."""
        ...

    def close(self) -> None: ...
