"""One transaction of the catalogue in memory."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from callwarden.errors import InvariantError
from callwarden.model.break_glass import BreakGlass, GlassId
from callwarden.model.certificate import Certificate
from callwarden.model.criteria import Criteria, Tally
from callwarden.model.disclosure import Disclosure
from callwarden.model.experiment import (
    OVER,
    Experiment,
    ExperimentExport,
    ExperimentId,
    ExperimentItem,
    ExperimentKey,
    ExportId,
    ItemState,
)
from callwarden.model.figure import Closing, Subject, Week
from callwarden.model.given_answer import GivenAnswer
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState, Unapplied
from callwarden.model.ids import CallId, CaseId, EventId, LineId, Pseudonym, RecordingId
from callwarden.model.key import KeyKind, KnownKey
from callwarden.model.log_entry import LogEntry
from callwarden.model.objection import Objection, Withdrawal
from callwarden.model.outcome import EventOutcome, Outcome, Position
from callwarden.model.permission import Permission, PermissionId
from callwarden.model.person import Attempts, Person, PersonId, Session, SessionId
from callwarden.model.policy_change import PolicyChange
from callwarden.model.reach import Reach
from callwarden.model.receipt import Receipt, ReceiptId
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.recording import KEEPABLE, LOST, Artefact, ArtefactKind, AudioState, Recording, RecordingState
from callwarden.model.rectification import Rectification
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.request import Request, RequestId, RequestItem, RequestState
from callwarden.model.review import Course, CourseId, Evaluation, EvaluationId, Note, NoteId
from callwarden.model.search import BANDS, Facet, FoundState, Hit, Place, Wanted
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.model.token import Token, TokenId
from callwarden.model.webhook import DeliveryId, DeliveryState, Webhook, WebhookDelivery, WebhookId
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import (
    DESTROYED_MASTER,
    KeyOf,
    ObjectionReference,
    OtherKey,
    OutboxEntry,
    RecordingFilter,
    WaitingEvent,
    WrappedKey,
)
from callwarden.ports.catalogue.origins import Origin
from callwarden.rules.criteria import matches
from callwarden.rules.reach import covers
from callwarden.rules.requests import is_frozen
from callwarden.rules.search_text import folded, indexable, marks, occurrences, snippet, terms_of

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
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    holds: dict[tuple[CaseId, RecordingId], Hold] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)
    permissions: dict[PermissionId, Permission] = field(default_factory=dict)
    policy_changes: dict[str, PolicyChange] = field(default_factory=dict)
    closings: dict[tuple[Subject, Week], Closing] = field(default_factory=dict)
    labels: dict[RecordingId, Mapping[Pseudonym, str | None]] = field(default_factory=dict)
    requests: dict[RequestId, Request] = field(default_factory=dict)
    request_items: dict[tuple[RequestId, RecordingId], RequestItem] = field(default_factory=dict)
    evidence: dict[RequestId, str] = field(default_factory=dict)
    notices: dict[tuple[RequestId, str], RecipientNotice] = field(default_factory=dict)
    rectifications: dict[str, Rectification] = field(default_factory=dict)
    unapplied: dict[RecordingId, Unapplied] = field(default_factory=dict)
    changes: int = 0
    origins: dict[Pseudonym, Origin] = field(default_factory=dict)
    receipts: dict[ReceiptId, Receipt] = field(default_factory=dict)
    given_answers: dict[Pseudonym, GivenAnswer] = field(default_factory=dict)
    disclosures: dict[str, Disclosure] = field(default_factory=dict)
    notes: dict[NoteId, Note] = field(default_factory=dict)
    evaluations: dict[EvaluationId, Evaluation] = field(default_factory=dict)
    courses: dict[CourseId, Course] = field(default_factory=dict)
    experiments: dict[ExperimentId, Experiment] = field(default_factory=dict)
    experiment_items: dict[tuple[ExperimentId, RecordingId], ExperimentItem] = field(default_factory=dict)
    experiment_exports: dict[ExportId, ExperimentExport] = field(default_factory=dict)
    experiment_keys: dict[ExperimentId, ExperimentKey] = field(default_factory=dict)
    glasses: dict[GlassId, BreakGlass] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    journal_position: str = ""
    landmarks: dict[str, str] = field(default_factory=dict)
    tokens: dict[TokenId, Token] = field(default_factory=dict)
    people: dict[PersonId, Person] = field(default_factory=dict)
    sessions: dict[SessionId, Session] = field(default_factory=dict)
    tried: dict[Pseudonym, Attempts] = field(default_factory=dict)
    webhooks: dict[WebhookId, Webhook] = field(default_factory=dict)
    webhook_deliveries: dict[DeliveryId, WebhookDelivery] = field(default_factory=dict)
    log: dict[str, LogEntry] = field(default_factory=dict)
    outbox: dict[int, tuple[float, Message]] = field(default_factory=dict)
    last_outbox_id: int = 0
    wall_clock: Callable[[], float] = time.time

    def snapshot(self) -> "Rows":
        copied = copy(self)
        for column in fields(self):
            setattr(copied, column.name, copy(getattr(self, column.name)))
        return copied


class Part:
    """Rows of one subject. The first failure of a transaction is kept in `failures`."""

    def __init__(self, rows: Rows, failures: list[InvariantError]) -> None:
        self._rows = rows
        self._failures = failures

    def _unapply(self, recording_id: RecordingId, *, at: datetime | None = None) -> None:
        self._rows.changes += 1
        one = Unapplied(recording_id=recording_id, change=str(self._rows.changes), again_at=at)
        self._rows.unapplied[recording_id] = one

    def _must_exist(self, recording_id: RecordingId, what: str) -> None:
        if recording_id not in self._rows.recordings:
            self._fail(f"a recording that does not exist cannot be {what}: {recording_id}")

    def _fail(self, message: str) -> None:
        self._failures.append(InvariantError(message))
        raise self._failures[-1]


class FakeRecordings(Part):
    """`callwarden.ports.catalogue.recordings.Recordings`."""

    def get(self, recording_ids: Collection[RecordingId], *, lock: bool = False) -> Mapping[RecordingId, Recording]:
        known = self._rows.recordings
        return {one: self._with_holds(known[one]) for one in sorted(set(recording_ids)) if one in known}

    def find(self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None) -> Sequence[Recording]:
        found = [self._with_holds(one) for one in self._rows.recordings.values() if _matches(one, wanted)]
        found.sort(key=lambda one: one.recording_id)
        found.sort(key=lambda one: one.ended_at or _LONG_AGO, reverse=True)
        return found[:limit]

    def of_calls(self, call_ids: Collection[CallId], *, but_for: Collection[RecordingId] = ()) -> Sequence[Recording]:
        known = self._rows.recordings
        found = [one for one in sorted(known) if known[one].call_id in call_ids and one not in but_for]
        return [self._with_holds(known[one]) for one in found]

    def insert(self, recordings: Sequence[Recording]) -> None:
        for recording in recordings:
            self._rows.recordings.setdefault(recording.recording_id, replace(recording, holds=()))

    def save(self, recordings: Sequence[Recording]) -> None:
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
            if one.state in _SWEPT
            and not (one.restricted or one.holds or _freezing(self._rows, one))
            and _due_from(one, now) <= now
        ]
        found.sort(key=lambda one: (_due_from(one, now), one.recording_id))
        return found[:limit]

    def count_due(self, *, now: datetime) -> int:
        return len(self.due(now=now, limit=len(self._rows.recordings)))

    def audio_due(self, *, now: datetime, limit: int) -> Sequence[Recording]:
        found = [
            (one.audio_until, one.recording_id, one)
            for one in map(self._with_holds, self._rows.recordings.values())
            if one.state is RecordingState.STORED
            and one.audio is AudioState.KEPT
            and one.audio_until is not None
            and one.audio_until <= now < _due_from(one, now)
            and (one.not_before is None or one.not_before <= now)
            and not (one.restricted or one.holds or _freezing(self._rows, one))
        ]
        return [one for *_, one in sorted(found, key=lambda one: one[:2])][:limit]

    def count_audio_due(self, *, now: datetime) -> int:
        return len(self.audio_due(now=now, limit=len(self._rows.recordings)))

    def audio_unfinished(self, *, limit: int) -> Sequence[Recording]:
        found = [
            one
            for one in map(self._with_holds, self._rows.recordings.values())
            if one.audio is AudioState.ENDING and one.state is RecordingState.STORED
        ]
        return sorted(found, key=lambda one: one.recording_id)[:limit]

    def count_kept(self) -> int:
        return sum(1 for one in self._rows.recordings.values() if one.state in _SWEPT)

    def unfinished(self, *, limit: int) -> Sequence[Recording]:
        found = [self._with_holds(one) for one in self._rows.recordings.values() if one.state in _UNFINISHED]
        return sorted(found, key=lambda one: one.recording_id)[:limit]

    def _with_holds(self, recording: Recording) -> Recording:
        cases = sorted(case for case, held in self._rows.holds if held == recording.recording_id)
        return replace(recording, holds=tuple(cases)) if cases else recording


class FakeArtefacts(Part):
    """`callwarden.ports.catalogue.recordings.Artefacts`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Artefact]:
        wanted = set(recording_ids)
        return [self._rows.artefacts[one] for one in sorted(self._rows.artefacts) if one[0] in wanted]

    def newest(self, recording_id: RecordingId, kind: ArtefactKind) -> Artefact | None:
        found = [one for one in self.get([recording_id]) if one.kind is kind]
        return found[-1] if found else None

    def add(self, artefacts: Sequence[Artefact]) -> None:
        for artefact in artefacts:
            self._must_exist(artefact.recording_id, "given an artefact")
            name = (artefact.recording_id, artefact.kind, artefact.generation)
            if name in self._rows.artefacts:
                self._fail(f"artefact {name} exists already")
            self._rows.artefacts[name] = artefact
            if any(held == artefact.recording_id for _, held in self._rows.holds):
                self._unapply(artefact.recording_id)

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        wanted = set(recording_ids)
        for name in [one for one in self._rows.artefacts if one[0] in wanted]:
            del self._rows.artefacts[name]

    def remove_kinds(self, recording_id: RecordingId, kinds: Collection[ArtefactKind]) -> None:
        for one in [one for one in self._rows.artefacts if one[0] == recording_id and one[1] in kinds]:
            del self._rows.artefacts[one]

    def remove_older(
        self, recording_id: RecordingId, kinds: Collection[ArtefactKind], before_generation: int
    ) -> Sequence[Artefact]:
        older = [
            name
            for name in sorted(self._rows.artefacts)
            if name[0] == recording_id and name[1] in kinds and name[2] < before_generation
        ]
        return [self._rows.artefacts.pop(name) for name in older]


class FakeRedactions(Part):
    """`callwarden.ports.catalogue.recordings.Redactions`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, RedactionRecord]:
        return {one: self._rows.redactions[one] for one in recording_ids if one in self._rows.redactions}

    def save(self, records: Sequence[RedactionRecord]) -> None:
        for record in records:
            self._must_exist(record.recording_id, "redacted")
            self._rows.redactions[record.recording_id] = record

    def to_redo(
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

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.redactions.pop(one, None)


class FakeSearch(Part):
    """`callwarden.ports.search.SearchIndex`."""

    def index(
        self, recording_id: RecordingId, *, generation: int, line: LineId, ended_at: datetime | None, text: str
    ) -> None:
        self._must_exist(recording_id, "found by its words")
        indexed = Searchable(generation=generation, line=line, ended_at=ended_at, text=indexable(text))
        self._rows.searchable[recording_id] = indexed

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.searchable.pop(one, None)

    def find(
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
                    snippet=(line := snippet(one.text, terms)),
                    marks=marks(line, terms),
                    rank=float(sum(counts)),
                )
                found.append((hit, one.ended_at or _LONG_AGO))
        found.sort(key=lambda one: one[1], reverse=True)
        found.sort(key=lambda one: one[0].rank, reverse=True)
        return [hit for hit, _ in found][skip : skip + limit]


class FakeFindable(Part):
    """`callwarden.ports.search.Findable`."""

    def page(
        self, wanted: Wanted, reach: Reach, *, limit: int, after: Place | None = None, before: Place | None = None
    ) -> Sequence[Hit]:
        rows = sorted(self._asked(wanted, reach), key=_place, reverse=True)
        if after is not None:
            rows = [row for row in rows if _place(row) < (after.ended_at, after.recording_id)]
        if before is not None:
            rows = [row for row in rows if _place(row) > (before.ended_at, before.recording_id)][-limit:]
        terms = terms_of(wanted.words)
        hits: list[Hit] = []
        for row in rows[:limit]:
            indexed = self._rows.searchable[row.recording_id]
            line = snippet(indexed.text, terms)
            hits.append(
                Hit(
                    recording_id=row.recording_id,
                    generation=indexed.generation,
                    snippet=line,
                    marks=marks(line, terms),
                    ended_at=row.ended_at,
                )
            )
        return hits

    def count(
        self, facets: Collection[Facet], wanted: Wanted, reach: Reach, *, limit: int
    ) -> tuple[int, Mapping[Facet, Mapping[str, int]]]:
        newest = sorted(self._asked(wanted, reach), key=_place, reverse=True)[:limit]
        counts: dict[Facet, Mapping[str, int]] = {
            facet: Counter(value for row in newest for value in self._values(facet, row)) for facet in facets
        }
        return len(newest), counts

    def _values(self, facet: Facet, row: Recording) -> list[str]:
        match facet:
            case Facet.LINE:
                return [row.line]
            case Facet.AGENT:
                return [] if row.agent_id is None else [row.agent_id]
            case Facet.DAY:
                return [str(int(_place(row)[0].timestamp()) // 3600 * 3600)]
            case Facet.DURATION:
                lasts = _lasts(row)
                return [] if lasts is None else [str(first) for first, _ in BANDS if lasts >= first][-1:]
            case Facet.LABEL:
                return [named for named in self._rows.labels.get(row.recording_id, {}).values() if named is not None]
            case Facet.STATE:
                return [state.value for state in FoundState if self._is(row, state)]

    def _is(self, row: Recording, state: FoundState) -> bool:
        match state:
            case FoundState.HELD:
                return bool(row.holds)
            case FoundState.EVALUATED:
                return any(one.recording_id == row.recording_id for one in self._rows.evaluations.values())
            case FoundState.NOTED:
                notes = [one for one in self._rows.notes.values() if one.shared and one.about is None]
                return any(one.recording_id == row.recording_id for one in notes)

    def _asked(self, wanted: Wanted, reach: Reach) -> Iterator[Recording]:
        terms = terms_of(wanted.words)
        if wanted.words.strip() and not terms:
            return
        for recording_id, indexed in self._rows.searchable.items():
            holds = tuple(case for case, held in self._rows.holds if held == recording_id)
            row = replace(self._rows.recordings[recording_id], holds=holds)
            lasts = _lasts(row)
            asked = (
                covers(reach, row),
                all(occurrences(folded(indexed.text), term) for term in terms),
                wanted.line is None or row.line == wanted.line,
                wanted.agent_id is None or row.agent_id == wanted.agent_id,
                wanted.since is None or _place(row)[0] >= wanted.since,
                wanted.until is None or _place(row)[0] < wanted.until,
                wanted.shortest_s is None or (lasts is not None and lasts >= wanted.shortest_s),
                wanted.longest_s is None or (lasts is not None and lasts < wanted.longest_s),
                wanted.label is None or wanted.label in self._rows.labels.get(recording_id, {}),
                wanted.state is None or self._is(row, wanted.state),
            )
            if all(asked):
                yield row


def _place(row: Recording) -> tuple[datetime, RecordingId]:
    return row.ended_at or _LONG_AGO, row.recording_id


def _lasts(row: Recording) -> int | None:
    """Whole seconds, each end cut to one."""
    if row.started_at is None or row.ended_at is None:
        return None
    return int(row.ended_at.timestamp() // 1) - int(row.started_at.timestamp() // 1)


class FakeKeys(Part):
    """`callwarden.ports.catalogue.keys.Keys`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, WrappedKey]:
        return {one: self._rows.keys[one] for one in recording_ids if one in self._rows.keys}

    def add(self, keys: Sequence[WrappedKey]) -> None:
        for key in keys:
            self._must_exist(key.recording_id, "given a key")
            self._rows.keys[key.recording_id] = key

    def destroy(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.keys.pop(one, None)
        for one in recording_ids:
            self._rows.searchable.pop(one, None)
        for note in [note for note in self._rows.notes.values() if note.recording_id in recording_ids]:
            del self._rows.notes[note.note_id]

    def count_by_master(self) -> Mapping[str, int]:
        masters = [key.master_key_id for key in self._rows.keys.values()]
        masters += [key.master_key_id for key in _other_keys(self._rows)]
        return Counter(master for master in masters if master not in ("", DESTROYED_MASTER))

    def any_under(self, master_key_id: str) -> WrappedKey | None:
        return next((key for key in self._rows.keys.values() if key.master_key_id == master_key_id), None)


class FakeOtherKeys(Part):
    """`callwarden.ports.catalogue.keys.OtherKeys`."""

    def find(self, *, but_under: str) -> Sequence[OtherKey]:
        return [one for one in _other_keys(self._rows) if one.master_key_id not in (but_under, DESTROYED_MASTER)]

    def replace(self, replaced: Sequence[tuple[OtherKey, OtherKey]]) -> int:
        there = {(one.of, one.owner, one.wrapped) for one in _other_keys(self._rows)}
        still = [(old, new) for old, new in replaced if (old.of, old.owner, old.wrapped) in there]
        for old, new in still:
            sealed: dict[KeyOf, dict[Any, Any]] = {
                KeyOf.DEAD_LETTER: self._rows.dead_letters,
                KeyOf.ACT_REASON: self._rows.act_reasons,
                KeyOf.WAITING_EVENT: self._rows.waiting,
                KeyOf.EXPERIMENT: self._rows.experiment_keys,
            }
            rows = sealed[old.of]
            fresh = {"wrapped_key": new.wrapped, "master_key_id": new.master_key_id}
            rows[old.owner] = replace(rows[old.owner], **fresh)
        return len(still)


class FakeKnownKeys(Part):
    """`callwarden.ports.catalogue.keys.KnownKeys`."""

    def all(self, *, lock: bool = False) -> Sequence[KnownKey]:
        return sorted(self._rows.known_keys.values(), key=lambda one: (one.first_used_at, one.kind, one.key_id))

    def save(self, keys: Sequence[KnownKey]) -> None:
        for one in keys:
            self._rows.known_keys[one.kind, one.key_id] = one


class FakeOutcomes(Part):
    """`callwarden.ports.catalogue.events.Outcomes`."""

    def at(self, positions: Collection[Position]) -> Mapping[Position, EventOutcome]:
        return {one: self._rows.outcomes[one] for one in positions if one in self._rows.outcomes}

    def of_events(self, event_ids: Collection[EventId]) -> Mapping[EventId, Sequence[EventOutcome]]:
        wanted, seen = set(event_ids), dict[EventId, list[EventOutcome]]()
        for outcome in self._rows.outcomes.values():
            if outcome.event_id in wanted and outcome.outcome is not Outcome.DUPLICATE:
                seen.setdefault(outcome.event_id, []).append(outcome)
        return seen

    def record(self, outcomes: Sequence[EventOutcome]) -> None:
        for outcome in outcomes:
            self._rows.outcomes.setdefault(outcome.position, outcome)


class FakeWaiting(Part):
    """`callwarden.ports.catalogue.events.Waiting`."""

    def add(self, events: Sequence[WaitingEvent]) -> None:
        for event in events:
            self._rows.waiting.setdefault(event.position, event)

    def find(
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

    def remove(self, positions: Collection[Position]) -> None:
        for position in positions:
            self._rows.waiting.pop(position, None)


class FakeDeadLetters(Part):
    """`callwarden.ports.catalogue.set_aside.DeadLetters`."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            self._rows.dead_letters.setdefault(letter.position, letter)

    def get(self, position: Position, *, lock: bool = False) -> DeadLetter | None:
        return self._rows.dead_letters.get(position)

    def all(self, *, limit: int | None = None) -> Sequence[DeadLetter]:
        found = sorted(self._rows.dead_letters.values(), key=lambda one: _position_order(one.position))
        found.sort(key=lambda one: one.at, reverse=True)
        return [replace(one, wrapped_key=None, sealed=None) for one in found[:limit]]

    def save(self, letter: DeadLetter) -> None:
        self._rows.dead_letters[letter.position] = letter

    def remove(self, *, before: datetime) -> int:
        return _remove_before(self._rows.dead_letters, before)


class FakeActReasons(Part):
    """`callwarden.ports.catalogue.set_aside.ActReasons`."""

    def add(self, reason: ActReason) -> None:
        self._rows.act_reasons.setdefault(reason.act_id, reason)

    def about(self, subject: str) -> Sequence[ActReason]:
        found = [one for one in self._rows.act_reasons.values() if one.subject == subject]
        return sorted(found, key=lambda one: (one.at, one.act_id))

    def remove(self, *, before: datetime) -> int:
        return _remove_before(self._rows.act_reasons, before)


class FakeObjections(Part):
    """`callwarden.ports.catalogue.decisions.Objections`."""

    def under(self, references: Collection[ObjectionReference]) -> Sequence[Objection]:
        wanted = {(one.scope, one.reference) for one in references}
        return [one for one in self._objections() if (one.scope, one.reference) in wanted]

    def get(self, objection_id: str) -> Objection | None:
        return self._rows.objections.get(objection_id)

    def all(self, *, limit: int | None = None) -> Sequence[Objection]:
        return self._objections()[::-1][:limit]

    def save(self, objection: Objection) -> None:
        self._rows.objections[objection.objection_id] = objection

    def withdrawals(self, references: Collection[ObjectionReference]) -> Sequence[Withdrawal]:
        wanted = {(one.scope, one.reference) for one in references}
        found = [one for one in self._rows.withdrawals.values() if (one.scope, one.reference) in wanted]
        return sorted(found, key=lambda one: (one.withdrawn_at, one.withdrawal_id))

    def save_withdrawal(self, withdrawal: Withdrawal) -> None:
        self._rows.withdrawals.setdefault(withdrawal.withdrawal_id, withdrawal)

    def _objections(self) -> list[Objection]:
        return sorted(self._rows.objections.values(), key=lambda one: (one.objected_at, one.objection_id))


class FakeCases(Part):
    """`callwarden.ports.catalogue.decisions.Cases`."""

    def get(self, case_id: CaseId, *, lock: bool = False) -> Case | None:
        return self._rows.cases.get(case_id)

    def all(self) -> Sequence[Case]:
        return sorted(self._rows.cases.values(), key=lambda one: (one.opened_at, one.case_id), reverse=True)

    def save(self, case: Case) -> None:
        self._rows.cases[case.case_id] = case


class FakeHolds(Part):
    """`callwarden.ports.catalogue.decisions.Holds`."""

    def find(
        self, *, case_id: CaseId | None = None, recording_id: RecordingId | None = None, limit: int | None = None
    ) -> Sequence[Hold]:
        return [
            self._rows.holds[case, recording]
            for case, recording in sorted(self._rows.holds)
            if case_id in (None, case) and recording_id in (None, recording)
        ][:limit]

    def of_released(self) -> Sequence[CaseId]:
        held = {case for case, _ in self._rows.holds}
        return sorted(case for case in held if self._rows.cases[case].state is CaseState.RELEASED)

    def save(self, holds: Sequence[Hold], *, flags_from: datetime | None = None) -> None:
        for hold in holds:
            self._must_exist(hold.recording_id, "held")
            if hold.case_id not in self._rows.cases:
                self._fail(f"case {hold.case_id} does not exist")
            self._rows.holds[hold.case_id, hold.recording_id] = hold
            if hold.applied_at is None:
                self._unapply(hold.recording_id, at=flags_from)

    def remove(self, holds: Sequence[Hold]) -> None:
        for hold in holds:
            self._rows.holds.pop((hold.case_id, hold.recording_id), None)
            self._unapply(hold.recording_id)


class FakeUnappliedHolds(Part):
    """`callwarden.ports.catalogue.decisions.UnappliedHolds`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, Unapplied]:
        return {one: self._rows.unapplied[one] for one in recording_ids if one in self._rows.unapplied}

    def add(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._must_exist(one, "applied")
            self._unapply(one)

    def find(
        self, *, case_id: CaseId | None = None, faulty: bool = False, limit: int | None = None
    ) -> Sequence[Unapplied]:
        found = [
            one
            for name, one in sorted(self._rows.unapplied.items())
            if (one.faults or not faulty) and (case_id is None or (case_id, name) in self._rows.holds)
        ]
        return found[:limit]

    def count(self) -> Mapping[CaseId, int]:
        return Counter(case for case, recording in self._rows.holds if recording in self._rows.unapplied)

    def fresh(self, *, limit: int, lock: bool = False) -> Sequence[Unapplied]:
        return [one for one in self._rows.unapplied.values() if one.again_at is None][:limit]

    def due(self, *, now: datetime, limit: int, lock: bool = False) -> Sequence[Unapplied]:
        waiting = self._rows.unapplied.values()
        due = sorted((one.again_at, one.recording_id) for one in waiting if one.again_at and one.again_at <= now)
        return [self._rows.unapplied[one] for _, one in due[:limit]]

    def save(self, unapplied: Sequence[Unapplied]) -> None:
        self._rows.unapplied |= {one.recording_id: one for one in unapplied if self._is_as_read(one)}

    def remove(self, unapplied: Sequence[Unapplied]) -> None:
        for one in filter(self._is_as_read, unapplied):
            del self._rows.unapplied[one.recording_id]

    def _is_as_read(self, read: Unapplied) -> bool:
        known = self._rows.unapplied.get(read.recording_id)
        return known is not None and known.change == read.change


class FakePlacements(Part):
    """`callwarden.ports.catalogue.placements.Placements`."""

    def get(self, placement_id: str, *, lock: bool = False) -> Placement | None:
        return self._rows.placements.get(placement_id)

    def of_case(self, case_id: CaseId) -> Sequence[Placement]:
        found = [one for one in self._rows.placements.values() if one.case_id == case_id]
        return sorted(found, key=lambda one: (one.placed_at, one.placement_id))

    def standing(self) -> Sequence[Placement]:
        return [
            one
            for _, one in sorted(self._rows.placements.items())
            if self._rows.cases[one.case_id].state is CaseState.OPEN
            and one.state is not PlacementState.WAITING
            and not (one.once and one.state is PlacementState.DONE)
        ]

    def save(self, placement: Placement) -> None:
        if placement.case_id not in self._rows.cases:
            self._fail(f"case {placement.case_id} does not exist")
        self._rows.placements[placement.placement_id] = placement

    def matching(
        self, criteria: Criteria, *, gone: bool = False, after: RecordingId | None = None, limit: int
    ) -> Sequence[RecordingId]:
        found = [one.recording_id for one in self._matching(criteria, LOST if gone else KEEPABLE)]
        return [one for one in sorted(found) if after is None or one > after][:limit]

    def tally(self, criteria: Criteria) -> Tally:
        found = self._matching(criteria, KEEPABLE)
        ids = {one.recording_id for one in found}
        times = [when for one in found if (when := one.ended_at or one.started_at) is not None]
        return Tally(
            count=len(found),
            kept=len(self._matching(Criteria(), KEEPABLE)),
            gone=len(self._matching(criteria, LOST)),
            oldest=min(times, default=None),
            newest=max(times, default=None),
            size=sum(one.stored_size for one in self._rows.artefacts.values() if one.recording_id in ids),
        )

    def _matching(self, criteria: Criteria, states: Collection[RecordingState]) -> list[Recording]:
        labels = self._rows.labels
        known = [one for one in self._rows.recordings.values() if one.state in states]
        return [one for one in known if matches(criteria, one, labels.get(one.recording_id, ()))]


class FakeLabels(Part):
    """`callwarden.ports.catalogue.placements.Labels`."""

    def add(self, labels: Mapping[RecordingId, Mapping[Pseudonym, str | None]]) -> None:
        for name, added in labels.items():
            self._must_exist(name, "labelled")
            self._rows.labels[name] = {**added, **self._rows.labels.get(name, {})}

    def of(self, recording_ids: Collection[RecordingId]) -> Mapping[RecordingId, frozenset[Pseudonym]]:
        return {one: frozenset(self._rows.labels[one]) for one in recording_ids if self._rows.labels.get(one)}

    def remove(self, recording_ids: Collection[RecordingId]) -> None:
        for one in recording_ids:
            self._rows.labels.pop(one, None)


class FakeRequests(Part):
    """`callwarden.ports.catalogue.requests.Requests`."""

    def get(self, request_id: RequestId, *, lock: bool = False) -> Request | None:
        return self._rows.requests.get(request_id)

    def all(self) -> Sequence[Request]:
        return self._requests()[::-1]

    def under(self, reference: Pseudonym) -> Sequence[Request]:
        return [one for one in self._requests() if one.reference == reference]

    def unanswered(self) -> Sequence[Request]:
        found = [one for one in self._rows.requests.values() if one.answered_at is None]
        return sorted(found, key=lambda one: (one.due_on, one.request_id))

    def save(self, request: Request) -> None:
        self._rows.requests[request.request_id] = request

    def items(self, request_id: RequestId) -> Sequence[RequestItem]:
        return [one for _, one in sorted(self._rows.request_items.items()) if one.request_id == request_id]

    def about(self, recording_ids: Collection[RecordingId]) -> Sequence[RequestItem]:
        found = [one for one in self._rows.request_items.values() if one.recording_id in recording_ids]
        return sorted(found, key=lambda one: (one.recording_id, one.request_id))

    def asking(self, recording_ids: Collection[RecordingId]) -> Sequence[RequestId]:
        return sorted({one.request_id for one in self.about(recording_ids)})

    def save_items(self, items: Sequence[RequestItem]) -> None:
        for one in items:
            if one.request_id not in self._rows.requests:
                self._fail(f"request {one.request_id} does not exist")
            self._rows.request_items[one.request_id, one.recording_id] = one

    def unfinished(self) -> Sequence[RequestId]:
        return sorted(
            one.request_id
            for one in self._rows.requests.values()
            if one.state is not RequestState.CLOSED
            and (
                one.answered_at is not None
                or any(item.approved_at and item.done_at is None for item in self.items(one.request_id))
            )
        )

    def freezing(
        self, recording_ids: Collection[RecordingId], *, but_for: RequestId | None = None
    ) -> Mapping[RecordingId, RequestId]:
        known = [self._rows.recordings[one] for one in recording_ids if one in self._rows.recordings]
        found = {one.recording_id: _freezing(self._rows, one, but_for=but_for) for one in known}
        return {recording_id: names[0] for recording_id, names in found.items() if names}

    def keep_evidence(self, request_id: RequestId, how: str) -> None:
        self._rows.evidence[request_id] = how

    def evidence(self, request_id: RequestId) -> str | None:
        return self._rows.evidence.get(request_id)

    def destroy_evidence(self, request_ids: Collection[RequestId]) -> None:
        for one in request_ids:
            self._rows.evidence.pop(one, None)

    def _requests(self) -> list[Request]:
        return sorted(self._rows.requests.values(), key=lambda one: (one.received_at, one.request_id))


class FakeOrigins(Part):
    """`callwarden.ports.catalogue.origins.Origins`."""

    def take(self, origins: Collection[Origin]) -> Mapping[Pseudonym, Origin]:
        return {one.origin: self._rows.origins.setdefault(one.origin, one) for one in origins}

    def forget(self, *, before: datetime) -> None:
        self._rows.origins = {name: one for name, one in self._rows.origins.items() if one.at >= before}


class FakeReceipts(Part):
    """`callwarden.ports.catalogue.receipts.Receipts`."""

    def get(self, receipt_id: ReceiptId) -> Receipt | None:
        return self._rows.receipts.get(receipt_id)

    def of_key(self, key: Pseudonym) -> Receipt | None:
        return next((one for one in self._rows.receipts.values() if one.key == key), None)

    def add(self, receipt: Receipt) -> Receipt:
        if receipt.receipt_id not in self._rows.receipts:
            self.save(receipt)
        return self._rows.receipts[receipt.receipt_id]

    def save(self, receipt: Receipt) -> None:
        self._rows.receipts[receipt.receipt_id] = receipt

    def forget(self, *, before: datetime) -> None:
        self._rows.receipts = {name: one for name, one in self._rows.receipts.items() if one.received_at >= before}

    def uploads(self, names: Collection[str]) -> frozenset[str]:
        return frozenset(one.upload for one in self._rows.receipts.values()) & frozenset(names)


class FakeDisclosures(Part):
    """`callwarden.ports.catalogue.disclosures.Disclosures`."""

    def get(self, disclosure_id: str) -> Disclosure | None:
        return self._rows.disclosures.get(disclosure_id)

    def all(self) -> Sequence[Disclosure]:
        return sorted(self._rows.disclosures.values(), key=lambda one: (one.made_at, one.disclosure_id), reverse=True)

    def save(self, disclosure: Disclosure) -> None:
        if disclosure.case_id not in self._rows.cases:
            self._fail(f"case {disclosure.case_id} does not exist")
        self._rows.disclosures[disclosure.disclosure_id] = disclosure


class FakeNotes(Part):
    """`callwarden.ports.catalogue.reviews.Notes`."""

    def get(self, note_ids: Collection[NoteId]) -> Sequence[Note]:
        return sorted((one for one in self._rows.notes.values() if one.note_id in note_ids), key=_by_moment)

    def of(self, recording_id: RecordingId) -> Sequence[Note]:
        return sorted((one for one in self._rows.notes.values() if one.recording_id == recording_id), key=_by_moment)

    def save(self, one: Note) -> None:
        self._rows.notes[one.note_id] = one

    def remove(self, note_ids: Collection[NoteId]) -> None:
        for note_id in note_ids:
            self._rows.notes.pop(note_id, None)


def _by_moment(note: Note) -> tuple[str, bool, float, str]:
    return note.recording_id, note.from_s is not None, note.from_s or 0.0, note.note_id


class FakeEvaluations(Part):
    """`callwarden.ports.catalogue.reviews.Evaluations`."""

    def get(self, evaluation_id: EvaluationId, *, lock: bool = False) -> Evaluation | None:
        return self._rows.evaluations.get(evaluation_id)

    def find(
        self,
        *,
        recording_id: RecordingId | None = None,
        lines: Collection[LineId] | None = None,
        agents: Collection[str] | None = None,
        made_by: str | None = None,
        made_from: datetime | None = None,
        made_before: datetime | None = None,
        limit: int | None,
    ) -> Sequence[Evaluation]:
        found = [
            one
            for one in self._rows.evaluations.values()
            if (recording_id is None or one.recording_id == recording_id)
            and (lines is None or one.line in lines)
            and (agents is None or one.agent_id in agents)
            and (made_by is None or one.made_by == made_by)
            and (made_from is None or one.made_at >= made_from)
            and (made_before is None or one.made_at < made_before)
        ]
        found.sort(key=lambda one: one.evaluation_id)
        found.sort(key=lambda one: one.made_at, reverse=True)
        return found[:limit]

    def save(self, one: Evaluation) -> None:
        self._rows.evaluations[one.evaluation_id] = replace(one, sealed=b"")

    def due(self, *, now: datetime, limit: int) -> Sequence[Evaluation]:
        due = [one for one in self._rows.evaluations.values() if one.keep_until <= now]
        return sorted(due, key=lambda one: one.keep_until)[:limit]

    def remove(self, evaluation_ids: Collection[EvaluationId]) -> None:
        for evaluation_id in evaluation_ids:
            self._rows.evaluations.pop(evaluation_id, None)


class FakeCourses(Part):
    """`callwarden.ports.catalogue.reviews.Courses`."""

    def get(self, course_id: CourseId, *, lock: bool = False) -> Course | None:
        return self._rows.courses.get(course_id)

    def all(self) -> Sequence[Course]:
        found = sorted(self._rows.courses.values(), key=lambda one: one.course_id)
        return sorted(found, key=lambda one: one.made_at, reverse=True)

    def save(self, one: Course) -> None:
        self._rows.courses[one.course_id] = one

    def remove(self, course_id: CourseId) -> None:
        self._rows.courses.pop(course_id, None)


class FakeNotices(Part):
    """`callwarden.ports.catalogue.rectifications.RecipientNotices`."""

    def of(self, request_id: RequestId) -> Sequence[RecipientNotice]:
        found = [one for one in self._rows.notices.values() if one.request_id == request_id]
        return sorted(found, key=lambda one: one.disclosure_id)

    def save(self, notice: RecipientNotice) -> None:
        self._rows.notices[notice.request_id, notice.disclosure_id] = notice


class FakeRectifications(Part):
    """`callwarden.ports.catalogue.rectifications.Rectifications`."""

    def add(self, rectification: Rectification) -> None:
        self._rows.rectifications.setdefault(rectification.rectification_id, rectification)

    def of(self, recording_ids: Collection[RecordingId]) -> Sequence[Rectification]:
        found = [one for one in self._rows.rectifications.values() if one.recording_id in recording_ids]
        return sorted(found, key=lambda one: (one.at, one.rectification_id))


class FakeBreakGlasses(Part):
    """`callwarden.ports.catalogue.decisions.BreakGlasses`."""

    def get(self, request_id: GlassId, *, lock: bool = False) -> BreakGlass | None:
        return self._rows.glasses.get(request_id)

    def find(
        self, *, recording_id: RecordingId | None = None, unended: bool = False, limit: int | None = None
    ) -> Sequence[BreakGlass]:
        found = [
            one
            for one in self._rows.glasses.values()
            if recording_id in (None, one.recording_id) and not (unended and one.ended_at is not None)
        ]
        return sorted(found, key=lambda one: one.request_id, reverse=True)[:limit]

    def save(self, request: BreakGlass) -> None:
        self._must_exist(request.recording_id, "opened in an emergency")
        self._rows.glasses[request.request_id] = request


class FakeTokens(Part):
    """`callwarden.ports.catalogue.decisions.Tokens`."""

    def get(self, token_id: TokenId, *, lock: bool = False) -> Token | None:
        return self._rows.tokens.get(token_id)

    def all(self) -> Sequence[Token]:
        ordered = sorted(self._rows.tokens.values(), key=lambda one: one.token_id)
        return sorted(ordered, key=lambda one: one.issued_at, reverse=True)

    def spend(self, token_id: TokenId, *, at: datetime) -> bool:
        token = self._rows.tokens.get(token_id)
        if token is None or not token.once or token.spent_at is not None:
            return False
        self._rows.tokens[token_id] = replace(token, spent_at=at)
        return True

    def save(self, token: Token) -> None:
        self._rows.tokens[token.token_id] = token


class FakePeople(Part):
    """`callwarden.ports.catalogue.people.People`."""

    def get(self, person_id: PersonId, *, lock: bool = False) -> Person | None:
        return self._rows.people.get(person_id)

    def all(self) -> Sequence[Person]:
        return sorted(self._rows.people.values(), key=lambda one: (one.added_at, one.person_id))

    def any_with_password(self) -> bool:
        return any(one.password is not None for one in self._rows.people.values())

    def save(self, person: Person) -> None:
        self._rows.people[person.person_id] = person


class FakeSessions(Part):
    """`callwarden.ports.catalogue.people.Sessions`."""

    def get(self, session_id: SessionId, *, lock: bool = False) -> Session | None:
        return self._rows.sessions.get(session_id)

    def of(self, person_id: PersonId) -> Sequence[Session]:
        ordered = sorted(self._rows.sessions.values(), key=lambda one: one.session_id)
        newest_first = sorted(ordered, key=lambda one: one.began_at, reverse=True)
        return [one for one in newest_first if one.person_id == person_id]

    def save(self, session: Session) -> None:
        self._rows.sessions[session.session_id] = session

    def forget(self, *, before: datetime) -> None:
        for name in [name for name, one in self._rows.sessions.items() if one.ends_at < before]:
            del self._rows.sessions[name]


class FakeGivenAnswers(Part):
    """`callwarden.ports.catalogue.given_answers.GivenAnswers`."""

    def begin(self, wanted: GivenAnswer) -> GivenAnswer:
        return self._rows.given_answers.setdefault(wanted.key, wanted)

    def save(self, given: GivenAnswer) -> None:
        self._rows.given_answers[given.key] = given

    def remove(self, key: Pseudonym) -> None:
        self._rows.given_answers.pop(key, None)

    def forget(self, *, before: datetime) -> None:
        for one in [each for each in self._rows.given_answers.values() if each.begun_at < before]:
            self.remove(one.key)


class FakeAttempts(Part):
    """`callwarden.ports.catalogue.people.Tries`."""

    def get(self, keys: Sequence[Pseudonym], *, lock: bool = False) -> Sequence[Attempts]:
        return [self._rows.tried[key] for key in sorted(keys) if key in self._rows.tried]

    def save(self, attempts: Sequence[Attempts]) -> None:
        self._rows.tried.update({one.key: one for one in attempts})

    def forget(self, *, before: datetime) -> None:
        for key in [key for key, one in self._rows.tried.items() if one.free_at < before]:
            del self._rows.tried[key]


class FakeExperiments(Part):
    """`callwarden.ports.catalogue.experiments.Experiments`."""

    def get(self, experiment_id: ExperimentId, *, lock: bool = False) -> Experiment | None:
        return self._rows.experiments.get(experiment_id)

    def named(self, name: str, *, lock: bool = False) -> Experiment | None:
        return next((one for one in self._rows.experiments.values() if one.name == name), None)

    def all(self) -> Sequence[Experiment]:
        ordered = sorted(self._rows.experiments.values(), key=lambda one: one.experiment_id)
        return sorted(ordered, key=lambda one: one.opened_at, reverse=True)

    def save(self, experiment: Experiment) -> None:
        known = self.named(experiment.name)
        if known is not None and known.experiment_id != experiment.experiment_id:
            self._fail(f"another experiment is called {experiment.name}")
        self._rows.experiments[experiment.experiment_id] = experiment

    def due(self, *, now: datetime, limit: int) -> Sequence[Experiment]:
        found = [one for one in self._rows.experiments.values() if one.state not in OVER and one.ends_at <= now]
        return sorted(found, key=lambda one: (one.ends_at, one.experiment_id))[:limit]

    def uncleared(self) -> Sequence[Experiment]:
        found = [one for one in self._rows.experiments.values() if one.state in OVER and one.cleared_at is None]
        return sorted(found, key=lambda one: (one.over_at or _LONG_AGO, one.experiment_id))


class FakeExperimentItems(Part):
    """`callwarden.ports.catalogue.experiments.ExperimentItems`."""

    def get(self, experiment_id: ExperimentId, recording_ids: Collection[RecordingId]) -> Sequence[ExperimentItem]:
        return [one for one in self.about(recording_ids) if one.experiment_id == experiment_id]

    def of(
        self,
        experiment_id: ExperimentId,
        *,
        states: Collection[ItemState] = (),
        after: RecordingId | None = None,
        limit: int,
    ) -> Sequence[ExperimentItem]:
        known = self._rows.experiment_items
        found = [known[key] for key in sorted(known) if key[0] == experiment_id and (after is None or key[1] > after)]
        return [one for one in found if not states or one.state in states][:limit]

    def about(self, recording_ids: Collection[RecordingId]) -> Sequence[ExperimentItem]:
        known = self._rows.experiment_items
        return [known[key] for key in sorted(known) if key[1] in recording_ids]

    def count(self, experiment_id: ExperimentId) -> Mapping[tuple[ItemState, str | None], int]:
        items = self._rows.experiment_items.values()
        return Counter((one.state, one.reason) for one in items if one.experiment_id == experiment_id)

    def renewed(self, experiment_id: ExperimentId) -> Sequence[ExperimentItem]:
        included = self.of(experiment_id, states={ItemState.INCLUDED}, limit=1_000_000)
        return [one for one in included if one.changed_at > one.included_at]

    def save(self, items: Sequence[ExperimentItem]) -> None:
        for one in items:
            if one.experiment_id not in self._rows.experiments:
                self._fail(f"experiment {one.experiment_id} does not exist")
            self._rows.experiment_items[one.experiment_id, one.recording_id] = one


class FakeExperimentExports(Part):
    """`callwarden.ports.catalogue.experiments.ExperimentExports`."""

    def get(self, export_id: ExportId, *, lock: bool = False) -> ExperimentExport | None:
        return self._rows.experiment_exports.get(export_id)

    def of(self, experiment_id: ExperimentId) -> Sequence[ExperimentExport]:
        known = self._rows.experiment_exports
        found = [known[name] for name in sorted(known) if known[name].experiment_id == experiment_id]
        return sorted(found, key=lambda one: one.made_at, reverse=True)

    def save(self, export: ExperimentExport) -> None:
        if export.experiment_id not in self._rows.experiments:
            self._fail(f"experiment {export.experiment_id} does not exist")
        self._rows.experiment_exports[export.export_id] = export


class FakeExperimentKeys(Part):
    """`callwarden.ports.catalogue.experiments.ExperimentKeys`."""

    def get(self, experiment_id: ExperimentId) -> ExperimentKey | None:
        return self._rows.experiment_keys.get(experiment_id)

    def add(self, key: ExperimentKey) -> None:
        self._rows.experiment_keys.setdefault(key.experiment_id, key)

    def destroy(self, experiment_id: ExperimentId) -> None:
        self._rows.experiment_keys.pop(experiment_id, None)


class FakeWebhooks(Part):
    """`callwarden.ports.catalogue.webhooks.Webhooks`."""

    def get(self, webhook_id: WebhookId, *, lock: bool = False) -> Webhook | None:
        return self._rows.webhooks.get(webhook_id)

    def all(self) -> Sequence[Webhook]:
        ordered = sorted(self._rows.webhooks.values(), key=lambda one: one.webhook_id)
        return sorted(ordered, key=lambda one: one.added_at, reverse=True)

    def save(self, webhook: Webhook) -> None:
        self._rows.webhooks[webhook.webhook_id] = webhook


class FakePermissions(Part):
    """`callwarden.ports.catalogue.permissions.Permissions`."""

    def get(self, permission_id: PermissionId, *, lock: bool = False) -> Permission | None:
        return self._rows.permissions.get(permission_id)

    def find(self, *, unended: bool = False) -> Sequence[Permission]:
        found = [one for one in self._rows.permissions.values() if not (unended and one.ended_at is not None)]
        return sorted(found, key=lambda one: one.permission_id, reverse=True)

    def save(self, permission: Permission) -> None:
        self._rows.permissions[permission.permission_id] = permission


class FakePolicyChanges(Part):
    """`callwarden.ports.catalogue.policy_changes.PolicyChanges`."""

    def get(self, change_id: str, *, lock: bool = False) -> PolicyChange | None:
        return self._rows.policy_changes.get(change_id)

    def all(self) -> Sequence[PolicyChange]:
        ordered = sorted(self._rows.policy_changes.values(), key=lambda one: one.change_id)
        return sorted(ordered, key=lambda one: one.proposed_at, reverse=True)

    def save(self, change: PolicyChange) -> None:
        self._rows.policy_changes[change.change_id] = change


class FakeClosings(Part):
    """`callwarden.ports.catalogue.closings.Closings`."""

    def of(self, subject: Subject) -> Sequence[Closing]:
        return [self._rows.closings[key] for key in sorted(self._rows.closings) if key[0] is subject]

    def newest(self, subject: Subject) -> Closing | None:
        return next(reversed(self.of(subject)), None)

    def add(self, closing: Closing) -> bool:
        return self._rows.closings.setdefault((closing.subject, closing.week), closing) == closing


class FakeWebhookDeliveries(Part):
    """`callwarden.ports.catalogue.webhooks.WebhookDeliveries`."""

    def get(self, delivery_id: DeliveryId, *, lock: bool = False) -> WebhookDelivery | None:
        return self._rows.webhook_deliveries.get(delivery_id)

    def add(self, deliveries: Sequence[WebhookDelivery]) -> None:
        for one in deliveries:
            self._rows.webhook_deliveries.setdefault(one.delivery_id, one)

    def save(self, deliveries: Sequence[WebhookDelivery]) -> None:
        for one in deliveries:
            if one.webhook_id not in self._rows.webhooks:
                self._fail(f"webhook {one.webhook_id} does not exist")
            self._rows.webhook_deliveries[one.delivery_id] = one

    def due(self, webhook_id: WebhookId, *, now: datetime, limit: int, lock: bool = False) -> Sequence[WebhookDelivery]:
        found = [one for one in self._due(now) if one.webhook_id == webhook_id]
        return sorted(found, key=lambda one: (one.again_at, one.delivery_id))[:limit]

    def receivers(self, *, now: datetime) -> Sequence[WebhookId]:
        return sorted({one.webhook_id for one in self._due(now)})

    def find(
        self, *, webhook_id: WebhookId | None = None, state: DeliveryState | None = None, limit: int | None = None
    ) -> Sequence[WebhookDelivery]:
        found = [
            one
            for _, one in sorted(self._rows.webhook_deliveries.items())
            if webhook_id in (None, one.webhook_id) and state in (None, one.state)
        ]
        return sorted(found, key=lambda one: one.due_since, reverse=True)[:limit]

    def count(self) -> dict[tuple[WebhookId, DeliveryState], int]:
        return Counter((one.webhook_id, one.state) for one in self._rows.webhook_deliveries.values())

    def remove(self, state: DeliveryState, *, before: datetime) -> int:
        rows = self._rows.webhook_deliveries
        gone = [name for name, one in rows.items() if one.state is state and one.ended_at and one.ended_at < before]
        for name in gone:
            del rows[name]
        return len(gone)

    def _due(self, now: datetime) -> list[WebhookDelivery]:
        waiting = self._rows.webhook_deliveries.values()
        return [one for one in waiting if one.state is DeliveryState.WAITING and one.again_at <= now]


class FakeCertificates(Part):
    """`callwarden.ports.catalogue.records.Certificates`."""

    def get(self, recording_ids: Collection[RecordingId]) -> Sequence[Certificate]:
        found = [one for one in self._rows.certificates.values() if one.recording_id in recording_ids]
        return sorted(found, key=lambda one: (one.issued_at, one.digest))

    def add(self, certificates: Sequence[Certificate]) -> None:
        for one in certificates:
            self._rows.certificates.setdefault(one.digest, one)


class FakeLandmarks(Part):
    """`callwarden.ports.catalogue.records.Landmarks`."""

    def get(self, name: str) -> str | None:
        return self._rows.landmarks.get(name)

    def save(self, name: str, value: str) -> None:
        self._rows.landmarks[name] = value

    def sealed(self, name: str, *, if_altered: str | None = None) -> str | None:
        return self._rows.landmarks.get(f"sealed:{name}")

    def save_sealed(self, name: str, value: str) -> None:
        self._rows.landmarks[f"sealed:{name}"] = value

    def journal_position(self) -> str:
        return self._rows.journal_position

    def save_journal_position(self, position: str) -> None:
        self._rows.journal_position = position


class FakeLog(Part):
    """`callwarden.ports.catalogue.records.Log`."""

    def append(self, entries: Sequence[LogEntry]) -> None:
        for entry in entries:
            if entry.entry_id in self._rows.log:
                self._fail(f"log entry {entry.entry_id} exists already")
            self._rows.log[entry.entry_id] = entry


class FakeOutbox(Part):
    """`callwarden.ports.catalogue.records.Outbox`."""

    def append(self, messages: Sequence[Message]) -> Sequence[OutboxEntry]:
        entries = []
        for message in messages:
            self._rows.last_outbox_id += 1
            self._rows.outbox[self._rows.last_outbox_id] = (self._rows.wall_clock(), message)
            entries.append(OutboxEntry(outbox_id=self._rows.last_outbox_id, message=message))
        return entries


class FakeTransaction:
    """`callwarden.ports.catalogue.Transaction` on a private copy of the rows."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.failures: list[InvariantError] = []
        self.recordings = FakeRecordings(rows, self.failures)
        self.artefacts = FakeArtefacts(rows, self.failures)
        self.redactions = FakeRedactions(rows, self.failures)
        self.search = FakeSearch(rows, self.failures)
        self.findable = FakeFindable(rows, self.failures)
        self.keys = FakeKeys(rows, self.failures)
        self.other_keys = FakeOtherKeys(rows, self.failures)
        self.known_keys = FakeKnownKeys(rows, self.failures)
        self.outcomes = FakeOutcomes(rows, self.failures)
        self.waiting = FakeWaiting(rows, self.failures)
        self.dead_letters = FakeDeadLetters(rows, self.failures)
        self.act_reasons = FakeActReasons(rows, self.failures)
        self.objections = FakeObjections(rows, self.failures)
        self.cases = FakeCases(rows, self.failures)
        self.holds = FakeHolds(rows, self.failures)
        self.placements = FakePlacements(rows, self.failures)
        self.labels = FakeLabels(rows, self.failures)
        self.requests = FakeRequests(rows, self.failures)
        self.notices = FakeNotices(rows, self.failures)
        self.rectifications = FakeRectifications(rows, self.failures)
        self.origins = FakeOrigins(rows, self.failures)
        self.receipts = FakeReceipts(rows, self.failures)
        self.given_answers = FakeGivenAnswers(rows, self.failures)
        self.disclosures = FakeDisclosures(rows, self.failures)
        self.notes = FakeNotes(rows, self.failures)
        self.evaluations = FakeEvaluations(rows, self.failures)
        self.courses = FakeCourses(rows, self.failures)
        self.unapplied = FakeUnappliedHolds(rows, self.failures)
        self.break_glass = FakeBreakGlasses(rows, self.failures)
        self.tokens = FakeTokens(rows, self.failures)
        self.people = FakePeople(rows, self.failures)
        self.sessions = FakeSessions(rows, self.failures)
        self.attempts = FakeAttempts(rows, self.failures)
        self.experiments = FakeExperiments(rows, self.failures)
        self.experiment_items = FakeExperimentItems(rows, self.failures)
        self.experiment_exports = FakeExperimentExports(rows, self.failures)
        self.experiment_keys = FakeExperimentKeys(rows, self.failures)
        self.webhooks = FakeWebhooks(rows, self.failures)
        self.permissions = FakePermissions(rows, self.failures)
        self.policy_changes = FakePolicyChanges(rows, self.failures)
        self.closings = FakeClosings(rows, self.failures)
        self.webhook_deliveries = FakeWebhookDeliveries(rows, self.failures)
        self.certificates = FakeCertificates(rows, self.failures)
        self.landmarks = FakeLandmarks(rows, self.failures)
        self.log = FakeLog(rows, self.failures)
        self.outbox = FakeOutbox(rows, self.failures)

    @property
    def failure(self) -> InvariantError | None:
        """What went wrong first: nothing of this transaction may be committed any more."""
        return self.failures[0] if self.failures else None


def _other_keys(rows: Rows) -> Iterator[OtherKey]:
    for letter in rows.dead_letters.values():
        if letter.wrapped_key is not None:
            yield _other(KeyOf.DEAD_LETTER, letter.position, letter.wrapped_key, letter.master_key_id)
    for reason in rows.act_reasons.values():
        yield _other(KeyOf.ACT_REASON, reason.act_id, reason.wrapped_key, reason.master_key_id)
    for event in rows.waiting.values():
        one = _other(KeyOf.WAITING_EVENT, event.position, event.wrapped_key, event.master_key_id)
        yield replace(one, recording_id=event.recording_id)
    for key in rows.experiment_keys.values():
        yield _other(KeyOf.EXPERIMENT, key.experiment_id, key.wrapped_key, key.master_key_id)


def _remove_before(letters: dict[Any, Any], before: datetime) -> int:
    gone = [name for name, kept in letters.items() if kept.keep_until < before]
    for name in gone:
        del letters[name]
    return len(gone)


def _due_from(recording: Recording, now: datetime) -> datetime:
    if recording.keep_until is None:
        return datetime.max.replace(tzinfo=UTC)
    return max(recording.keep_until, recording.not_before or recording.keep_until)


def _freezing(rows: Rows, recording: Recording, *, but_for: RequestId | None = None) -> list[RequestId]:
    return sorted(
        one.request_id
        for one in rows.requests.values()
        if one.request_id != but_for
        and is_frozen(recording, one, found=(one.request_id, recording.recording_id) in rows.request_items)
    )


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
