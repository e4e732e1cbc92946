"""What was decided after the backup is decided again: objections, holds, tokens, restrictions (I10, K3, R3, D4).

Of each thing the journal's last word counts, and it never sets the catalogue back: over one that was not restored
nothing changes. Every act that had been forgotten is an entry of the log, by `service:restore`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from callwarden.custody.recording_texts import RecordingTexts
from callwarden.custody.scribe import Scribe
from callwarden.messages import HoldsChanged
from callwarden.model.access import service
from callwarden.model.act import (
    Act,
    AudioEnded,
    CourseRemoved,
    DeadLetterDiscarded,
    EvaluationEnded,
    EvaluationMade,
    HoldReleased,
    NoteRemoved,
    NotReplayed,
    QuarantineCleared,
    Rectified,
    Restriction,
    SessionEnded,
    TokenSpent,
    name_of,
    subject_of,
)
from callwarden.model.break_glass import BreakGlass
from callwarden.model.disclosure import Disclosure
from callwarden.model.experiment import Experiment, ExperimentExport, ExperimentItem
from callwarden.model.figure import Closing
from callwarden.model.hold import Case, Hold, Placement
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.objection import Objection, Withdrawal
from callwarden.model.permission import Permission
from callwarden.model.person import Person
from callwarden.model.policy import Policy
from callwarden.model.policy_change import PolicyChange
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.redaction_record import RedactionRecord
from callwarden.model.request import Request, RequestItem
from callwarden.model.review import Course, Note
from callwarden.model.set_aside import ActReason
from callwarden.model.token import Token
from callwarden.model.webhook import Webhook
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.journal import ActsRecord
from callwarden.rules.objection import after_release, references_of
from callwarden.steps.replay import (
    access,
    experiments,
    litigation,
    objections,
    permissions,
    policy_changes,
    recordings,
    requests,
    reviews,
    set_aside,
)
from callwarden.steps.replay.altered import not_upon_an_altered_row

_BATCH = 100
_RESTORE = service("restore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What came of the acts of a journal. `objections` are still to be applied to recordings."""

    changed: int
    objections: tuple[Objection, ...]
    not_replayed: tuple[NotReplayed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActReplay:
    """Brings a catalogue to know what a journal's acts decided. Repeatable; several may run at once."""

    policy: Policy
    catalogue: Catalogue
    scribe: Callable[[], Scribe]
    apply: Callable[[Objection], object]
    """Does to recordings what an objection on file asks."""
    texts: Callable[[], RecordingTexts]

    def run(self, records: Sequence[ActsRecord]) -> Decided:
        """Bring the rows in line with the last word on each thing. Raises RetryableError."""
        last: dict[Hashable, tuple[Act, datetime]] = {}
        for record in records:
            for act in record.acts:
                last[_about(act)] = (act, record.at)
        missed = [
            NotReplayed(act=name, subject=record.at.isoformat(), why="unreadable")
            for record in records
            for name in record.unreadable
        ]
        changed, standing = 0, list[Objection]()
        in_order = iter(sorted(last.values(), key=lambda one: _ORDER.index(type(one[0]))))
        while batch := list(islice(in_order, _BATCH)):
            with self.catalogue.transaction() as tx:
                for act, at in batch:
                    done = self._replay(act, at, tx)
                    if isinstance(done, NotReplayed):
                        missed.append(done)
                    elif done:
                        changed += 1
                        if isinstance(act, Rectified):
                            standing += tx.objections.under(recordings.references_after(act))
                        if not isinstance(
                            act, ActReason | RequestItem | ExperimentItem
                        ):  # belong to an act that has its entry
                            tx.log.append([self._entry(act)])
        objections = (*(act for act, _ in last.values() if isinstance(act, Objection)), *standing)
        return Decided(changed=changed, objections=objections, not_replayed=tuple(missed))

    def apply_objections(self, objections: Sequence[Objection]) -> None:
        """Do what they ask, to whatever they concern. Raises RetryableError."""
        for objection in objections:
            self.apply(objection)

    def _replay(self, act: Act, at: datetime, tx: Transaction) -> bool | NotReplayed:
        """Whether it changed anything."""
        match act:
            case Objection():
                return objections.objection(act, tx)
            case Withdrawal():
                return objections.withdrawal(act, tx)
            case Case():
                return litigation.case(act, tx)
            case Placement():
                return litigation.placement(act, tx)
            case Hold():
                return litigation.hold(act, tx)
            case HoldReleased():
                return self._release(act, at, tx)
            case Token():
                return access.token(act, tx)
            case TokenSpent():
                return tx.tokens.spend(act.token_id, at=act.at)
            case Person():
                return access.person(act, tx)
            case SessionEnded():
                return access.session_ended(act, tx)
            case Webhook():
                return access.webhook(act, tx)
            case PolicyChange():
                return policy_changes.change(act, tx)
            case Closing():
                return _figures(act, tx)
            case Permission():
                return permissions.permission(act, tx)
            case BreakGlass():
                return access.break_glass(act, tx)
            case AudioEnded():
                return recordings.audio(act, at, tx)
            case Restriction() | QuarantineCleared():
                return recordings.recording(act, tx)
            case Rectified():
                return recordings.rectified(act, tx)
            case RecipientNotice():
                return requests.notice(act, tx)
            case RedactionRecord():
                return recordings.redaction(act, tx)
            case DeadLetterDiscarded():
                return set_aside.discard(act, tx)
            case ActReason():
                return set_aside.reason(act, tx)
            case Request():
                return requests.request(act, tx)
            case RequestItem():
                return requests.request_item(act, tx)
            case Disclosure():
                return litigation.disclosure(act, tx)
            case Experiment():
                return experiments.experiment(act, tx)
            case ExperimentItem():
                return experiments.item(act, tx)
            case ExperimentExport():
                return experiments.export(act, tx)
            case Note():
                return reviews.note(act, tx)
            case NoteRemoved():
                return reviews.note_removed(act, tx)
            case EvaluationMade():
                return reviews.evaluation(act, tx, self.texts())
            case EvaluationEnded():
                return reviews.evaluation_ended(act, tx)
            case Course() | CourseRemoved():
                return reviews.course(act, tx)

    def _release(self, act: HoldReleased, at: datetime, tx: Transaction) -> bool | NotReplayed:
        rows = tx.recordings.get([act.recording_id], lock=True)
        holds = [hold for hold in tx.holds.find(recording_id=act.recording_id) if hold.case_id == act.case_id]
        if not holds:
            return False
        row = rows[act.recording_id]
        if row.altered:
            return not_upon_an_altered_row(act)
        tx.holds.remove(holds)
        left = replace(row, holds=tuple(hold for hold in row.holds if hold != act.case_id))
        objections = tx.objections.under(references_of(row.call_id, caller=row.caller, customer=row.customer))
        line = self.policy.lines.get(row.line)
        tx.recordings.save([after_release(left, objections, line=line, now=at, delay=self.policy.release_delay)])
        tx.outbox.append([Message.of(HoldsChanged(recording_id=act.recording_id))])
        return True

    def _entry(self, act: Act) -> LogEntry:
        reasons = ("restored_backup",)
        if isinstance(act, RedactionRecord):
            operation, outcome = Operation.RECORDING_REDACTED, EntryOutcome.REFUSED
            return self.scribe().entry(_RESTORE, operation, outcome, subject=act.recording_id, reasons=reasons)
        if isinstance(act, BreakGlass):
            return self.scribe().entry(
                _RESTORE,
                Operation(name_of(act)),
                subject=act.recording_id,
                purpose=act.purpose.value,
                artefact=act.what.value,
                reasons=reasons,
                correlation=act.request_id,
            )
        subject = None if isinstance(act, Case) else subject_of(act)
        case = act.case_id if isinstance(act, Case | Hold | HoldReleased | Placement) else None
        return self.scribe().entry(_RESTORE, Operation(name_of(act)), subject=subject, case=case, reasons=reasons)


_ORDER = (
    Case,
    Placement,
    Hold,
    HoldReleased,
    AudioEnded,
    Objection,
    Withdrawal,
    Token,
    TokenSpent,
    Person,
    SessionEnded,
    Webhook,
    QuarantineCleared,
    Rectified,
    Restriction,
    RecipientNotice,
    BreakGlass,
    RedactionRecord,
    DeadLetterDiscarded,
    ActReason,
    Request,
    RequestItem,
    Disclosure,
    Experiment,
    ExperimentItem,
    ExperimentExport,
    PolicyChange,
    Permission,
    Note,
    NoteRemoved,
    EvaluationMade,
    EvaluationEnded,
    Course,
    CourseRemoved,
    Closing,
)
"""What others refer to comes first."""


def _figures(act: Closing, tx: Transaction) -> bool | NotReplayed:
    """What was told once is told again, whatever a restored catalogue would count (U6)."""
    for known in tx.closings.of(act.subject):
        if known.week == act.week:
            return not_upon_an_altered_row(act) if known.altered else False
    return tx.closings.add(act)


def _about(act: Act) -> Hashable:
    """The thing of which an act is a word: a later one takes its place."""
    match act:
        case Hold() | HoldReleased():
            return "hold", act.case_id, act.recording_id
        case Rectified():
            return "rectified", act.rectification.rectification_id
        case Note() | NoteRemoved():
            return "note", act.note_id
        case EvaluationMade() | EvaluationEnded():
            return "evaluation", act.evaluation_id
        case Course() | CourseRemoved():
            return "course", act.course_id
        case _:
            return type(act), subject_of(act)
