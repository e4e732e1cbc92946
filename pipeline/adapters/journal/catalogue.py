"""A catalogue whose acts are journalled: whoever decides something through it need not think of the journal (I10).

Before a transaction commits, what it has decided is in the journal, durable: an act that is acknowledged survives the
restore of an older backup. A crash in between, or a commit that fails, leaves the act in the journal alone; the next
start carries it out. Readings, and the flow of calls without objections, cost nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from callwarden.model.act import (
    Act,
    AudioEnded,
    CourseRemoved,
    DeadLetterDiscarded,
    EvaluationEnded,
    EvaluationMade,
    HoldReleased,
    NoteRemoved,
    QuarantineCleared,
    Rectified,
    Restriction,
    SessionEnded,
    TokenSpent,
)
from callwarden.model.break_glass import BreakGlass
from callwarden.model.disclosure import Disclosure
from callwarden.model.experiment import Experiment, ExperimentExport, ExperimentItem
from callwarden.model.figure import Closing
from callwarden.model.hold import Case, Hold, Placement
from callwarden.model.ids import RecordingId
from callwarden.model.objection import Objection, Withdrawal
from callwarden.model.permission import Permission
from callwarden.model.person import Person, Session
from callwarden.model.policy_change import PolicyChange
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.recording import GONE, AudioState, Recording, RecordingState
from callwarden.model.rectification import Rectification
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.request import Request, RequestItem
from callwarden.model.review import Course, CourseId, Evaluation, EvaluationId, Note, NoteId
from callwarden.model.set_aside import ActReason, DeadLetter
from callwarden.model.token import Token, TokenId
from callwarden.model.webhook import Webhook
from callwarden.ports.catalogue import Catalogue, RecordingFilter, Transaction
from callwarden.ports.catalogue.closings import Closings
from callwarden.ports.catalogue.decisions import Holds, Tokens
from callwarden.ports.catalogue.experiments import ExperimentItems
from callwarden.ports.catalogue.people import Sessions
from callwarden.ports.catalogue.policy_changes import PolicyChanges
from callwarden.ports.catalogue.recordings import Recordings, Redactions
from callwarden.ports.catalogue.rectifications import Rectifications
from callwarden.ports.catalogue.requests import Requests
from callwarden.ports.catalogue.reviews import Evaluations, Notes
from callwarden.ports.catalogue.set_aside import ActReasons, DeadLetters
from callwarden.ports.clock import Clock
from callwarden.ports.journal import Journal

if TYPE_CHECKING:
    from callwarden.adapters.sql.catalogue import SqlCatalogue

Port = TypeVar("Port")
Decision = TypeVar(
    "Decision",
    Objection,
    Case,
    Placement,
    BreakGlass,
    Disclosure,
    RecipientNotice,
    Person,
    Webhook,
    Experiment,
    ExperimentExport,
    Permission,
    Course,
)


def journalled(catalogue: "SqlCatalogue", journal: Journal, clock: Clock) -> "SqlCatalogue":
    """The catalogue, as itself in everything but that its transactions journal what they decide."""
    return cast("SqlCatalogue", JournalledCatalogue(catalogue, journal, clock))  # it passes on what it does not change


class JournalledCatalogue:
    """`callwarden.ports.catalogue.Catalogue` before another one."""

    def __init__(self, inner: Catalogue, journal: Journal, clock: Clock) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """As the inner one's; raises JournalDamagedError, and what an append raises, with nothing changed."""
        with self._inner.transaction() as tx:
            noting = _Noting(tx)
            yield cast("Transaction", noting)  # it passes on what it does not change
            if noting.acts and getattr(tx, "failure", None) is None:
                self._journal.append_acts(noting.acts, at=self._clock.now())


class _Noting:
    """A transaction that notes what it decides."""

    def __init__(self, inner: Transaction) -> None:
        self._inner = inner
        self.acts: list[Act] = []
        note = self.acts.extend
        self.recordings = _NotingRecordings(inner.recordings, note)
        self.objections = _NotingObjections(inner.objections, note)
        self.cases = _NotingDecisions[Case](inner.cases, note)
        self.placements = _NotingDecisions[Placement](inner.placements, note)
        self.break_glass = _NotingDecisions[BreakGlass](inner.break_glass, note)
        self.requests = _NotingRequests(inner.requests, note)
        self.notices = _NotingDecisions[RecipientNotice](inner.notices, note)
        self.rectifications = _NotingRectifications(inner, note, self.recordings)
        self.disclosures = _NotingDecisions[Disclosure](inner.disclosures, note)
        self.tokens = _NotingTokens(inner.tokens, note)
        self.people = _NotingDecisions[Person](inner.people, note)
        self.sessions = _NotingSessions(inner.sessions, note)
        self.policy_changes = _NotingPolicyChanges(inner.policy_changes, note)
        self.closings = _NotingClosings(inner.closings, note)
        self.permissions = _NotingDecisions[Permission](inner.permissions, note)
        self.webhooks = _NotingDecisions[Webhook](inner.webhooks, note)
        self.experiments = _NotingDecisions[Experiment](inner.experiments, note)
        self.experiment_items = _NotingItems(inner.experiment_items, note)
        self.experiment_exports = _NotingDecisions[ExperimentExport](inner.experiment_exports, note)
        self.holds = _NotingHolds(inner.holds, note)
        self.redactions = _NotingRedactions(inner.redactions, note)
        self.dead_letters = _NotingDeadLetters(inner.dead_letters, note)
        self.act_reasons = _NotingReasons(inner.act_reasons, note)
        self.notes = _NotingNotes(inner.notes, note)
        self.evaluations = _NotingEvaluations(inner.evaluations, note)
        self.courses = _NotingCourses(inner.courses, note)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Noted(Generic[Port]):
    """The rows of one subject; passes on what it does not note."""

    def __init__(self, inner: Port, note: Callable[[Iterable[Act]], None]) -> None:
        self._inner = inner
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _NotingDecisions(_Noted[Any], Generic[Decision]):
    """Every row of the subject is a decision."""

    def save(self, decision: Decision) -> None:
        self._inner.save(decision)
        self._note([decision])


class _NotingObjections(_NotingDecisions[Objection]):
    def save_withdrawal(self, withdrawal: Withdrawal) -> None:
        self._inner.save_withdrawal(withdrawal)
        self._note([withdrawal])


class _NotingTokens(_Noted[Tokens]):
    def save(self, token: Token) -> None:
        self._inner.save(token)
        self._note([token])

    def spend(self, token_id: TokenId, *, at: datetime) -> bool:
        spent = self._inner.spend(token_id, at=at)
        if spent:
            self._note([TokenSpent(token_id=token_id, at=at)])
        return spent


class _NotingSessions(_Noted[Sessions]):
    def save(self, session: Session) -> None:
        self._inner.save(session)
        if session.ended_at is not None:
            self._note([SessionEnded(session_id=session.session_id, at=session.ended_at)])


class _NotingPolicyChanges(_Noted[PolicyChanges]):
    def save(self, change: PolicyChange) -> None:
        self._inner.save(change)
        if change.reached is None or change.ended_at is not None:  # how far it has come is no act
            self._note([change])


class _NotingClosings(_Noted[Closings]):
    def add(self, closing: Closing) -> bool:
        stands = self._inner.add(closing)
        if stands:
            self._note([closing])
        return stands


class _NotingHolds(_Noted[Holds]):
    def save(self, holds: Sequence[Hold], *, flags_from: datetime | None = None) -> None:
        self._inner.save(holds, flags_from=flags_from)
        self._note(hold for hold in holds if hold.applied_at is None)  # a flag put on is no act

    def remove(self, holds: Sequence[Hold]) -> None:
        self._inner.remove(holds)
        self._note(HoldReleased(case_id=hold.case_id, recording_id=hold.recording_id) for hold in holds)


class _NotingRedactions(_Noted[Redactions]):
    def save(self, records: Sequence[RedactionRecord]) -> None:
        self._inner.save(records)
        self._note(record for record in records if record.status is RedactionStatus.WITHDRAWN)


class _NotingDeadLetters(_Noted[DeadLetters]):
    def save(self, letter: DeadLetter) -> None:
        self._inner.save(letter)
        if letter.discarded_at is not None:
            self._note([DeadLetterDiscarded(position=letter.position, at=letter.discarded_at)])


class _NotingRequests(_Noted[Requests]):
    def save(self, request: Request) -> None:
        self._inner.save(request)
        self._note([request])

    def save_items(self, items: Sequence[RequestItem]) -> None:
        self._inner.save_items(items)
        self._note(items)


class _NotingItems(_Noted[ExperimentItems]):
    def save(self, items: Sequence[ExperimentItem]) -> None:
        self._inner.save(items)
        self._note(items)


class _NotingNotes(_Noted[Notes]):
    def save(self, note: Note) -> None:
        self._inner.save(note)
        self._note([note])

    def remove(self, note_ids: Collection[NoteId]) -> None:
        self._inner.remove(note_ids)
        self._note(NoteRemoved(note_id=one) for one in note_ids)


class _NotingEvaluations(_Noted[Evaluations]):
    def save(self, evaluation: Evaluation) -> None:
        self._inner.save(evaluation)
        name, recording_id, sealed = evaluation.evaluation_id, evaluation.recording_id, evaluation.sealed
        self._note([EvaluationMade(evaluation_id=name, recording_id=recording_id, sealed=sealed)])

    def remove(self, evaluation_ids: Collection[EvaluationId]) -> None:
        self._inner.remove(evaluation_ids)
        self._note(EvaluationEnded(evaluation_id=one) for one in evaluation_ids)


class _NotingCourses(_NotingDecisions[Course]):
    def remove(self, course_id: CourseId) -> None:
        self._inner.remove(course_id)
        self._note([CourseRemoved(course_id=course_id)])


class _NotingReasons(_Noted[ActReasons]):
    def add(self, reason: ActReason) -> None:
        self._inner.add(reason)
        self._note([reason])


class _NotingRectifications(_Noted[Rectifications]):
    def __init__(
        self, inner: Transaction, note: Callable[[Iterable[Act]], None], recordings: "_NotingRecordings"
    ) -> None:
        super().__init__(inner.rectifications, note)
        self._recordings, self._labels = recordings, inner.labels

    def add(self, rectification: Rectification) -> None:
        self._inner.add(rectification)
        saved = self._recordings.saved.get(rectification.recording_id)
        if saved is not None:  # what was put right is written first
            labels = self._labels.of([saved.recording_id]).get(saved.recording_id, frozenset())
            self._note([Rectified(rectification=rectification, recording=saved, labels=labels)])


class _NotingRecordings(_Noted[Recordings]):
    def __init__(self, inner: Recordings, note: Callable[[Iterable[Act]], None]) -> None:
        super().__init__(inner, note)
        self._before: dict[RecordingId, Recording] = {}
        self.saved: dict[RecordingId, Recording] = {}

    def get(self, recording_ids: Collection[RecordingId], *, lock: bool = False) -> Mapping[RecordingId, Recording]:
        found = self._inner.get(recording_ids, lock=lock)
        if lock:
            self._before.update(found)
        return found

    def find(self, wanted: RecordingFilter, *, lock: bool = False, limit: int | None = None) -> Sequence[Recording]:
        found = self._inner.find(wanted, lock=lock, limit=limit)
        if lock:
            self._before.update({row.recording_id: row for row in found})
        return found

    def save(self, recordings: Sequence[Recording]) -> None:
        self._inner.save(recordings)
        self.saved.update({row.recording_id: row for row in recordings})
        for after in recordings:
            before = self._before.get(after.recording_id)
            if before is None or after.state in GONE:
                continue
            if (before.audio, after.audio) == (AudioState.KEPT, AudioState.ENDING):
                self._note([AudioEnded(recording_id=after.recording_id)])
            if after.restricted != before.restricted:
                self._note([Restriction(recording_id=after.recording_id, restricted=after.restricted)])
            if (before.state, after.state) == (RecordingState.QUARANTINED, RecordingState.STORED):
                self._note([QuarantineCleared(recording=after)])
