"""A catalogue in memory, for the tests of the steps. The contract suite holds it to what the databases promise."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from callwarden.errors import InvariantError, RetryableError, UsageError
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.certificate import Certificate
from callwarden.model.hold import Case, Hold
from callwarden.model.ids import CallId, CaseId, EventId, LineId, RecordingId
from callwarden.model.key import KeyKind, KnownKey
from callwarden.model.log_entry import LogEntry
from callwarden.model.objection import Objection
from callwarden.model.outcome import EventOutcome, Outcome, Position
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.search import Hit
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.model.token import Token, TokenId
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import (
    DESTROYED_MASTER,
    AlteredRow,
    KeyOf,
    ObjectionReference,
    OtherKey,
    OutboxEntry,
    OutcomeFilter,
    RecordingFilter,
    WaitingEvent,
    Waits,
    WrappedKey,
)
from callwarden.rules.search_text import folded, indexable, occurrences, snippet, terms_of

_SWEPT = (RecordingState.STORED, RecordingState.QUARANTINED)
_UNFINISHED = (RecordingState.DISPOSING, RecordingState.DROPPING)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searchable:
    """A redacted transcript as it was indexed."""

    generation: int
    line: LineId
    ended_at: datetime | None
    text: str


@dataclass(slots=True)
class Rows:
    """Everything the fake knows. Values are frozen, so a shallow copy of each container is a snapshot."""

    outcomes: dict[Position, EventOutcome] = field(default_factory=dict)
    waiting: dict[Position, WaitingEvent] = field(default_factory=dict)
    dead_letters: dict[Position, DeadLetter] = field(default_factory=dict)
    act_reasons: dict[str, ActReason] = field(default_factory=dict)
    recordings: dict[RecordingId, Recording] = field(default_factory=dict)
    attempts: dict[RecordingId, int] = field(default_factory=dict)
    artefacts: dict[tuple[RecordingId, ArtefactKind, int], Artefact] = field(default_factory=dict)
    keys: dict[RecordingId, WrappedKey] = field(default_factory=dict)
    known_keys: dict[tuple[KeyKind, str], KnownKey] = field(default_factory=dict)
    redactions: dict[RecordingId, RedactionRecord] = field(default_factory=dict)
    searchable: dict[RecordingId, Searchable] = field(default_factory=dict)
    objections: dict[str, Objection] = field(default_factory=dict)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    holds: dict[tuple[CaseId, RecordingId], Hold] = field(default_factory=dict)
    glasses: dict[GlassId, BreakGlass] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    journal_position: str = ""
    landmarks: dict[str, str] = field(default_factory=dict)
    tokens: dict[TokenId, Token] = field(default_factory=dict)
    log: dict[str, LogEntry] = field(default_factory=dict)
    outbox: dict[int, tuple[float, Message]] = field(default_factory=dict)
    last_outbox_id: int = 0

    def snapshot(self) -> "Rows":
        copied = copy(self)
        for one in fields(self):
            setattr(copied, one.name, copy(getattr(self, one.name)))
        return copied


class FakeTransaction:
    """`callwarden.ports.catalogue.Transaction` on a private copy of the rows."""

    def __init__(self, rows: Rows, wall_clock: Callable[[], float]) -> None:
        self._rows = rows
        self._wall_clock = wall_clock
        self.failure: InvariantError | None = None

    # events
    def outcomes_at(self, positions: Collection[Position]) -> Mapping[Position, EventOutcome]:
        return {one: self._rows.outcomes[one] for one in positions if one in self._rows.outcomes}

    def events_seen(self, event_ids: Collection[EventId]) -> Mapping[EventId, Sequence[EventOutcome]]:
        wanted, seen = set(event_ids), dict[EventId, list[EventOutcome]]()
        for outcome in self._rows.outcomes.values():
            if outcome.event_id in wanted and outcome.outcome is not Outcome.DUPLICATE:
                seen.setdefault(outcome.event_id, []).append(outcome)
        return seen

    def record_outcomes(self, outcomes: Sequence[EventOutcome]) -> None:
        for outcome in outcomes:
            self._rows.outcomes.setdefault(outcome.position, outcome)

    def add_waiting(self, events: Sequence[WaitingEvent]) -> None:
        for event in events:
            self._rows.waiting.setdefault(event.position, event)

    def waiting(
        self,
        *,
        due_before: datetime | None = None,
        recordings: Collection[RecordingId] | None = None,
        but_for: Collection[str] = (),
        limit: int = 100,
    ) -> Sequence[WaitingEvent]:
        found = [
            event
            for event in self._rows.waiting.values()
            if (due_before is None or event.due_at < due_before)
            and (recordings is None or event.recording_id in recordings)
            and event.place not in but_for
        ]
        found.sort(key=lambda one: (one.due_at, _position_order(one.position)))
        return found[:limit]

    def remove_waiting(self, positions: Collection[Position]) -> None:
        for position in positions:
            self._rows.waiting.pop(position, None)

    # what is set aside
    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            self._rows.dead_letters.setdefault(letter.position, letter)

    def dead_letter(self, position: Position, *, lock: bool = False) -> DeadLetter | None:
        return self._rows.dead_letters.get(position)

    def dead_letters(self, *, limit: int | None = None) -> Sequence[DeadLetter]:
        found = sorted(self._rows.dead_letters.values(), key=lambda one: _position_order(one.position))
        found.sort(key=lambda one: one.at, reverse=True)
        return [replace(one, wrapped_key=None, sealed=None) for one in found[:limit]]

    def save_dead_letter(self, letter: DeadLetter) -> None:
        self._rows.dead_letters[letter.position] = letter

    def add_act_reason(self, reason: ActReason) -> None:
        self._rows.act_reasons.setdefault(reason.act_id, reason)

    def act_reasons(self, subject: str) -> Sequence[ActReason]:
        found = [one for one in self._rows.act_reasons.values() if one.subject == subject]
        return sorted(found, key=lambda one: (one.at, one.act_id))

    def remove_set_aside(self, *, before: datetime) -> int:
        letters = [one.position for one in self._rows.dead_letters.values() if one.keep_until < before]
        reasons = [one.act_id for one in self._rows.act_reasons.values() if one.keep_until < before]
        for position in letters:
            del self._rows.dead_letters[position]
        for act_id in reasons:
            del self._rows.act_reasons[act_id]
        return len(letters) + len(reasons)

    # recordings
    def recordings(
        self, recording_ids: Collection[RecordingId], *, lock: bool = False
    ) -> Mapping[RecordingId, Recording]:
        known = self._rows.recordings
        return {one: self._with_holds(known[one]) for one in sorted(set(recording_ids)) if one in known}

    def find_recordings(
        self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None
    ) -> Sequence[Recording]:
        found = [self._with_holds(one) for one in self._rows.recordings.values() if _matches(one, wanted)]
        found.sort(key=lambda one: one.recording_id)
        found.sort(key=lambda one: one.ended_at or _LONG_AGO, reverse=True)
        return found[:limit]

    def insert_recordings(self, recordings: Sequence[Recording]) -> None:
        for recording in recordings:
            self._rows.recordings.setdefault(recording.recording_id, replace(recording, holds=()))

    def save_recordings(self, recordings: Sequence[Recording]) -> None:
        for recording in recordings:
            self._must_exist(recording.recording_id, "saved")
            self._rows.recordings[recording.recording_id] = replace(recording, holds=())

    def begin_attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        for one in set(recording_ids):
            self._must_exist(one, "attempted")
            self._rows.attempts[one] = self._rows.attempts.get(one, 0) + 1
        return self.attempts(recording_ids)

    def attempts(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, int]:
        return {one: self._rows.attempts.get(one, 0) for one in recording_ids}

    def due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        found = [
            one
            for one in map(self._with_holds, self._rows.recordings.values())
            if one.state in _SWEPT and not one.restricted and not one.holds and _due_from(one, now) <= now
        ]
        found.sort(key=lambda one: (_due_from(one, now), one.recording_id))
        return found[:limit]

    def count_due(self, *, now: datetime) -> int:
        return len(self.due(now=now, limit=len(self._rows.recordings)))

    def count_kept(self) -> int:
        return sum(1 for one in self._rows.recordings.values() if one.state in _SWEPT)

    def unfinished(self, *, limit: int) -> Sequence[Recording]:
        found = [self._with_holds(one) for one in self._rows.recordings.values() if one.state in _UNFINISHED]
        return sorted(found, key=lambda one: one.recording_id)[:limit]

    # artefacts and keys
    def artefacts(self, recording_ids: Collection[RecordingId]) -> Sequence[Artefact]:
        wanted = set(recording_ids)
        return [self._rows.artefacts[one] for one in sorted(self._rows.artefacts) if one[0] in wanted]

    def artefact(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        found = [one for one in self.artefacts([recording_id]) if one.kind is kind]
        return found[-1] if found else None

    def add_artefacts(self, artefacts: Sequence[Artefact]) -> None:
        for artefact in artefacts:
            self._must_exist(artefact.recording_id, "given an artefact")
            name = (artefact.recording_id, artefact.kind, artefact.generation)
            if name in self._rows.artefacts:
                self._fail(f"artefact {name} exists already")
            self._rows.artefacts[name] = artefact

    def remove_artefacts(self, recording_ids: Collection[RecordingId]) -> None:
        wanted = set(recording_ids)
        for name in [one for one in self._rows.artefacts if one[0] in wanted]:
            del self._rows.artefacts[name]

    def remove_artefacts_of(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        older = [
            name
            for name in sorted(self._rows.artefacts)
            if name[0] == recording_id and name[1] in kinds and name[2] < before_generation
        ]
        return [self._rows.artefacts.pop(name) for name in older]

    def keys(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, WrappedKey]:
        return {one: self._rows.keys[one] for one in recording_ids if one in self._rows.keys}

    def add_keys(self, keys: Sequence[WrappedKey]) -> None:
        for key in keys:
            self._must_exist(key.recording_id, "given a key")
            self._rows.keys[key.recording_id] = key

    def destroy_keys(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.keys.pop(one, None)
        self.remove_from_index(recording_ids)

    def master_keys(self) -> Mapping[str, int]:
        others = (one.master_key_id for one in self._other_keys() if one.master_key_id not in ("", DESTROYED_MASTER))
        return Counter([*(key.master_key_id for key in self._rows.keys.values()), *others])

    def other_keys(self, *, but_under: str) -> Sequence[OtherKey]:
        return [one for one in self._other_keys() if one.master_key_id not in (but_under, DESTROYED_MASTER)]

    def replace_other_keys(self, replaced: Sequence[tuple[OtherKey, OtherKey]]) -> int:
        there = {(one.of, one.owner, one.wrapped) for one in self._other_keys()}
        still = [(old, new) for old, new in replaced if (old.of, old.owner, old.wrapped) in there]
        for old, new in still:
            rows: dict[Any, Any] = {
                KeyOf.DEAD_LETTER: self._rows.dead_letters,
                KeyOf.ACT_REASON: self._rows.act_reasons,
                KeyOf.WAITING_EVENT: self._rows.waiting,
            }[old.of]
            fresh = {"wrapped_key": new.wrapped, "master_key_id": new.master_key_id}
            rows[old.owner] = replace(rows[old.owner], **fresh)
        return len(still)

    def _other_keys(self) -> Iterator[OtherKey]:
        for letter in self._rows.dead_letters.values():
            if letter.wrapped_key is not None:
                yield _other(KeyOf.DEAD_LETTER, letter.position, letter.wrapped_key, letter.master_key_id)
        for reason in self._rows.act_reasons.values():
            yield _other(KeyOf.ACT_REASON, reason.act_id, reason.wrapped_key, reason.master_key_id)
        for event in self._rows.waiting.values():
            one = _other(KeyOf.WAITING_EVENT, event.position, event.wrapped_key, event.master_key_id)
            yield replace(one, recording_id=event.recording_id)

    def key_under(self, master_key_id: str) -> WrappedKey | None:
        return next((key for key in self._rows.keys.values() if key.master_key_id == master_key_id), None)

    def known_keys(self, *, lock: bool = False) -> Sequence[KnownKey]:
        return sorted(self._rows.known_keys.values(), key=lambda one: (one.first_used_at, one.kind, one.key_id))

    def save_known_keys(self, keys: Sequence[KnownKey]) -> None:
        for one in keys:
            self._rows.known_keys[one.kind, one.key_id] = one

    # search
    def index_transcript(
        self, recording_id: RecordingId, *, generation: int, line: LineId, ended_at: datetime | None, text: str
    ) -> None:
        self._must_exist(recording_id, "found by its words")
        indexed = Searchable(generation=generation, line=line, ended_at=ended_at, text=indexable(text))
        self._rows.searchable[recording_id] = indexed

    def remove_from_index(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.searchable.pop(one, None)

    def search_transcripts(
        self, question: str, *, limit: int, skip: int = 0, lines: Collection[LineId] | None = None
    ) -> Sequence[Hit]:
        terms = terms_of(question)
        found: list[tuple[Hit, datetime]] = []
        for recording_id, one in sorted(self._rows.searchable.items()):
            counts = [occurrences(folded(one.text), term) for term in terms]
            if terms and all(counts) and (lines is None or one.line in lines):
                hit = Hit(
                    recording_id=recording_id,
                    generation=one.generation,
                    snippet=snippet(one.text, terms),
                    rank=float(sum(counts)),
                )
                found.append((hit, one.ended_at or _LONG_AGO))
        found.sort(key=lambda one: one[1], reverse=True)
        found.sort(key=lambda one: one[0].rank, reverse=True)
        return [hit for hit, _ in found][skip : skip + limit]

    # redactions
    def redactions(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, RedactionRecord]:
        return {one: self._rows.redactions[one] for one in recording_ids if one in self._rows.redactions}

    def save_redactions(self, records: Sequence[RedactionRecord]) -> None:
        for record in records:
            self._must_exist(record.recording_id, "redacted")
            self._rows.redactions[record.recording_id] = record

    def redactions_to_redo(
        self,
        *,
        version_below: str | None,
        statuses: frozenset[RedactionStatus],
        limit: int,
        after: RecordingId | None = None,
    ) -> Sequence[RedactionRecord]:
        found = [
            self._rows.redactions[one]
            for one in sorted(self._rows.redactions)
            if (after is None or one > after) and self._rows.recordings[one].state is RecordingState.STORED
        ]
        wanted = [one for one in found if version_below not in (None, one.version) or one.status in statuses]
        return wanted[:limit]

    def remove_redactions(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.redactions.pop(one, None)

    # objections
    def objections(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        wanted = {(one.scope, one.reference) for one in references}
        return [one for one in self._objections() if (one.scope, one.reference) in wanted]

    def objection(self, objection_id: str) -> Objection | None:
        return self._rows.objections.get(objection_id)

    def list_objections(self, *, limit: int | None = None) -> Sequence[Objection]:
        return self._objections()[::-1][:limit]

    def save_objection(self, objection: Objection) -> None:
        self._rows.objections[objection.objection_id] = objection

    # holds
    def case(self, case_id: CaseId, *, lock: bool = False) -> Case | None:
        return self._rows.cases.get(case_id)

    def cases(self) -> Sequence[Case]:
        return sorted(self._rows.cases.values(), key=lambda one: (one.opened_at, one.case_id), reverse=True)

    def save_case(self, case: Case) -> None:
        self._rows.cases[case.case_id] = case

    def holds(self, *, case_id: CaseId | None = None, recording_id: RecordingId | None = None) -> Sequence[Hold]:
        return [
            self._rows.holds[case, recording]
            for case, recording in sorted(self._rows.holds)
            if case_id in (None, case) and recording_id in (None, recording)
        ]

    def save_holds(self, holds: Sequence[Hold]) -> None:
        for hold in holds:
            self._must_exist(hold.recording_id, "held")
            if hold.case_id not in self._rows.cases:
                self._fail(f"case {hold.case_id} does not exist")
            self._rows.holds[hold.case_id, hold.recording_id] = hold

    def remove_holds(self, holds: Sequence[Hold]) -> None:
        for hold in holds:
            self._rows.holds.pop((hold.case_id, hold.recording_id), None)

    # tokens
    def token(self, token_id: TokenId, *, lock: bool = False) -> Token | None:
        return self._rows.tokens.get(token_id)

    def tokens(self) -> Sequence[Token]:
        ordered = sorted(self._rows.tokens.values(), key=lambda one: one.token_id)
        return sorted(ordered, key=lambda one: one.issued_at, reverse=True)

    def spend_token(self, token_id: TokenId, *, at: datetime) -> bool:
        token = self._rows.tokens.get(token_id)
        if token is None or not token.once or token.spent_at is not None:
            return False
        self._rows.tokens[token_id] = replace(token, spent_at=at)
        return True

    def save_token(self, token: Token) -> None:
        self._rows.tokens[token.token_id] = token

    # breaking glass, certificates, the erasure journal's standing
    def break_glass(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None:
        return self._rows.glasses.get(request_id)

    def break_glasses(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        found = [
            one
            for one in self._rows.glasses.values()
            if recording_id in (None, one.recording_id) and not (unended and one.ended_at is not None)
        ]
        return sorted(found, key=lambda one: one.request_id, reverse=True)[:limit]

    def save_break_glass(self, request: BreakGlass) -> None:
        self._must_exist(request.recording_id, "opened in an emergency")
        self._rows.glasses[request.request_id] = request

    def certificates(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        found = [one for one in self._rows.certificates.values() if one.recording_id in recording_ids]
        return sorted(found, key=lambda one: (one.issued_at, one.digest))

    def add_certificates(self, certificates: Sequence[Certificate]) -> None:
        for one in certificates:
            self._rows.certificates.setdefault(one.digest, one)

    def landmark(self, name: str) -> str | None:
        return self._rows.landmarks.get(name)

    def save_landmark(self, name: str, value: str) -> None:
        self._rows.landmarks[name] = value

    def sealed_landmark(self, name: str, *, if_altered: str | None = None) -> str | None:
        return self._rows.landmarks.get(f"sealed:{name}")

    def save_sealed_landmark(self, name: str, value: str) -> None:
        self._rows.landmarks[f"sealed:{name}"] = value

    def journal_position(self) -> str:
        return self._rows.journal_position

    def save_journal_position(self, position: str) -> None:
        self._rows.journal_position = position

    # what follows
    def append_log(self, entries: Sequence[LogEntry]) -> None:
        for entry in entries:
            if entry.entry_id in self._rows.log:
                self._fail(f"log entry {entry.entry_id} exists already")
            self._rows.log[entry.entry_id] = entry

    def append_outbox(self, messages: Sequence[Message]) -> Sequence[OutboxEntry]:
        entries = []
        for message in messages:
            self._rows.last_outbox_id += 1
            self._rows.outbox[self._rows.last_outbox_id] = (self._wall_clock(), message)
            entries.append(OutboxEntry(outbox_id=self._rows.last_outbox_id, message=message))
        return entries

    def _with_holds(self, recording: Recording) -> Recording:
        cases = sorted(case for case, held in self._rows.holds if held == recording.recording_id)
        return replace(recording, holds=tuple(cases)) if cases else recording

    def _objections(self) -> list[Objection]:
        return sorted(self._rows.objections.values(), key=lambda one: (one.objected_at, one.objection_id))

    def _must_exist(self, recording_id: RecordingId, what: str) -> None:
        if recording_id not in self._rows.recordings:
            self._fail(f"a recording that does not exist cannot be {what}: {recording_id}")

    def _fail(self, message: str) -> None:
        self.failure = InvariantError(message)
        raise self.failure


class FakeCatalogue:
    """`callwarden.ports.catalogue.Catalogue`. Transactions run one after another, as on SQLite.

    `rows` is the committed state, for a test to look at. While `out_of_reach` is true every call raises
    RetryableError. `wall_clock` (seconds) ages the outbox.
    """

    def __init__(self, *, wall_clock: Callable[[], float] = time.time) -> None:
        self.rows = Rows()
        self.out_of_reach = False
        self._wall_clock = wall_clock
        self._writing = threading.Lock()
        self._inside = threading.local()

    @property
    def log(self) -> list[LogEntry]:
        """The access-log entries, in the order they were written."""
        return list(self.rows.log.values())

    @contextmanager
    def transaction(self) -> Iterator[FakeTransaction]:
        with self._alone():
            working = FakeTransaction(self.rows.snapshot(), self._wall_clock)
            yield working
            if working.failure is not None:
                raise working.failure
            self._reachable()
            self.rows = working._rows

    @contextmanager
    def snapshot(self) -> Iterator[FakeTransaction]:
        self._reachable()
        reading = FakeTransaction(self.rows.snapshot(), self._wall_clock)
        yield reading
        if reading.failure is not None:
            raise reading.failure

    def is_empty(self) -> bool:
        self._reachable()
        return not self.rows.recordings and not self.rows.known_keys

    def unsent(self, *, older_than_s: float, limit: int) -> Sequence[OutboxEntry]:
        self._reachable()
        newest = self._wall_clock() - older_than_s
        found = sorted(one for one, (written, _) in self.rows.outbox.items() if written <= newest)
        return [OutboxEntry(outbox_id=one, message=self.rows.outbox[one][1]) for one in found[:limit]]

    def mark_sent(self, entries: Sequence[OutboxEntry]) -> None:
        with self._alone():
            for entry in entries:
                self.rows.outbox.pop(entry.outbox_id, None)

    def list_outcomes(
        self,
        *,
        limit: int | None = None,
        call_id: CallId | None = None,
        recording_id: RecordingId | None = None,
        wanted: OutcomeFilter | None = None,
    ) -> Sequence[EventOutcome]:
        self._reachable()
        found = [
            one
            for one in self.rows.outcomes.values()
            if call_id in (None, one.call_id)
            and recording_id in (None, one.recording_id)
            and (wanted is None or self._is_wanted(one, wanted))
        ]
        return found[:limit]

    def _is_wanted(self, one: EventOutcome, wanted: OutcomeFilter) -> bool:
        row = None if one.recording_id is None else self.rows.recordings.get(one.recording_id)
        day = row.ended_at if row is not None and row.ended_at is not None else one.decided_at
        return (
            (not wanted.outcomes or one.outcome in wanted.outcomes)
            and (not wanted.reasons or one.reason in wanted.reasons)
            and wanted.line in (None, one.line)
            and (not wanted.states or (row is not None and row.state in wanted.states))
            and (wanted.ended_from is None or day >= wanted.ended_from)
            and (wanted.ended_before is None or day < wanted.ended_before)
        )

    def count_outcomes(self, topic: str) -> Mapping[Outcome, int]:
        self._reachable()
        here = [one.outcome for one in self.rows.outcomes.values() if one.position.topic == topic]
        return {outcome: here.count(outcome) for outcome in Outcome}

    def outcomes_from(self, topic: str, partition: int, offset: int, *, before: int | None = None) -> int:
        self._reachable()
        here = [one.offset for one in self.rows.outcomes if (one.topic, one.partition) == (topic, partition)]
        return sum(offset <= one and (before is None or one < before) for one in here)

    def count_waiting(self, topic: str, *, partition: int | None = None, before: int | None = None) -> int:
        self._reachable()
        here = [one for one in self.rows.waiting if one.topic == topic and partition in (None, one.partition)]
        return sum(before is None or one.offset < before for one in here)

    def waits(self) -> Sequence[Waits]:
        self._reachable()
        found: dict[tuple[str, str], list[WaitingEvent]] = {}
        for one in self.rows.waiting.values():
            found.setdefault((one.place, one.why), []).append(one)
        return [
            Waits(
                place=place,
                why=why,
                events=len(those),
                since=min((one.since for one in those if one.since is not None), default=None),
            )
            for (place, why), those in sorted(found.items())
        ]

    def all_artefacts(self) -> Iterator[Artefact]:
        self._reachable()
        yield from sorted(self.rows.artefacts.values(), key=lambda one: (one.key, one.recording_id, one.generation))

    def all_recordings(self) -> Iterator[Recording]:
        self._reachable()
        reading = FakeTransaction(self.rows.snapshot(), self._wall_clock)
        yield from reading.recordings(list(self.rows.recordings)).values()

    def altered_rows(self) -> Iterator[AlteredRow]:
        return iter(())

    def seals_are_begun(self) -> bool:
        return True

    def seal_rows(self, entry: Callable[[int], LogEntry]) -> int:
        raise UsageError("nobody writes past a catalogue in memory")

    def close(self) -> None:
        pass

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._reachable()
        if getattr(self._inside, "transaction", False):
            raise InvariantError("a transaction inside a transaction of the same thread")
        with self._writing:
            self._inside.transaction = True
            try:
                yield
            finally:
                self._inside.transaction = False

    def _reachable(self) -> None:
        if self.out_of_reach:
            raise RetryableError("the catalogue is out of reach")


def _due_from(recording: Recording, now: datetime) -> datetime:
    if recording.keep_until is None:
        return datetime.max.replace(tzinfo=UTC)
    return max(recording.keep_until, recording.not_before or recording.keep_until)


def _matches(recording: Recording, wanted: RecordingFilter) -> bool:
    same: list[tuple[Any, Any]] = [
        (wanted.call_id, recording.call_id),
        (wanted.line, recording.line),
        (wanted.caller, recording.caller),
        (wanted.customer, recording.customer),
        (wanted.agent_id, recording.agent_id),
    ]
    ended = recording.ended_at
    return (
        all(asked is None or asked == held for asked, held in same)
        and (not wanted.states or recording.state in wanted.states)
        and (wanted.ended_from is None or (ended is not None and ended >= wanted.ended_from))
        and (wanted.ended_before is None or (ended is not None and ended < wanted.ended_before))
    )


def _position_order(position: Position) -> tuple[str, int, int]:
    return position.topic, position.partition, position.offset


def _other(of: KeyOf, owner: Position | str, wrapped: bytes, master_key_id: str) -> OtherKey:
    return OtherKey(of=of, owner=owner, wrapped=wrapped, master_key_id=master_key_id)
