"""What was decided after the backup is decided again: objections, holds, tokens, restrictions (I10, K3, R3, D4).

Of each thing the journal's last word counts, and it never sets the catalogue back: over one that was not restored
nothing changes. Every act that had been forgotten is an entry of the log, by `service:restore`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from callwarden.custody.scribe import Scribe
from callwarden.messages import HoldsChanged, RecordingStored
from callwarden.model.access import service
from callwarden.model.act import (
    Act,
    AudioEnded,
    DeadLetterDiscarded,
    HoldReleased,
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
from callwarden.model.hold import Case, CaseState, Hold, Placement, PlacementState
from callwarden.model.log_entry import EntryOutcome, LogEntry, Operation
from callwarden.model.objection import Objection, Withdrawal
from callwarden.model.person import Person
from callwarden.model.policy import Policy
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.recording import GONE, AudioState, RecordingState
from callwarden.model.redaction_record import RedactionRecord
from callwarden.model.request import Request, RequestItem
from callwarden.model.set_aside import ActReason
from callwarden.model.token import Token
from callwarden.model.webhook import Webhook
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Catalogue, ObjectionReference, Transaction
from callwarden.ports.journal import ActsRecord
from callwarden.rules.objection import after_release, reference_of, references_of

_BATCH = 100
_RESTORE = service("restore")
_TOO_LATE = GONE | {RecordingState.DISPOSING, RecordingState.DROPPING, RecordingState.REFUSED}


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
                            standing += tx.objections.under(_references_after(act))
                        if not isinstance(act, ActReason | RequestItem):  # belong to an act that has its entry
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
                return _objection(act, tx)
            case Withdrawal():
                return _withdrawal(act, tx)
            case Case():
                return _case(act, tx)
            case Placement():
                return _placement(act, tx)
            case Hold():
                return _hold(act, tx)
            case HoldReleased():
                return self._release(act, at, tx)
            case Token():
                return _token(act, tx)
            case TokenSpent():
                return tx.tokens.spend(act.token_id, at=act.at)
            case Person():
                return _person(act, tx)
            case SessionEnded():
                return _session_ended(act, tx)
            case Webhook():
                return _webhook(act, tx)
            case BreakGlass():
                return _break_glass(act, tx)
            case AudioEnded():
                return _audio(act, at, tx)
            case Restriction() | QuarantineCleared():
                return _recording(act, tx)
            case Rectified():
                return _rectified(act, tx)
            case RecipientNotice():
                return _notice(act, tx)
            case RedactionRecord():
                return _redaction(act, tx)
            case DeadLetterDiscarded():
                return _discard(act, tx)
            case ActReason():
                return _reason(act, tx)
            case Request():
                return _request(act, tx)
            case RequestItem():
                return _request_item(act, tx)
            case Disclosure():
                return _disclosure(act, tx)

    def _release(self, act: HoldReleased, at: datetime, tx: Transaction) -> bool | NotReplayed:
        rows = tx.recordings.get([act.recording_id], lock=True)
        holds = [hold for hold in tx.holds.find(recording_id=act.recording_id) if hold.case_id == act.case_id]
        if not holds:
            return False
        row = rows[act.recording_id]
        if row.altered:
            return _not_upon_an_altered_row(act)
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
)
"""What others refer to comes first."""


def _about(act: Act) -> Hashable:
    """The thing of which an act is a word: a later one takes its place."""
    match act:
        case Hold() | HoldReleased():
            return "hold", act.case_id, act.recording_id
        case Rectified():
            return "rectified", act.rectification.rectification_id
        case _:
            return type(act), subject_of(act)


def _objection(act: Objection, tx: Transaction) -> bool:
    known = tx.objections.get(act.objection_id)
    if known == act or (known is not None and _weight(act) < _weight(known)):
        return False
    tx.objections.save(act)
    return True


def _weight(objection: Objection) -> tuple[bool, bool, bool]:
    """How much is known of it: what was withdrawn, granted or decided never becomes less."""
    return objection.withdrawn_at is not None, bool(objection.granted), objection.decided_at is not None


def _withdrawal(act: Withdrawal, tx: Transaction) -> bool:
    on_file = tx.objections.withdrawals([reference_of(act)])
    if any(each.withdrawal_id == act.withdrawal_id for each in on_file):
        return False
    tx.objections.save_withdrawal(act)
    return True


def _case(act: Case, tx: Transaction) -> bool:
    known = tx.cases.get(act.case_id, lock=True)
    if known is not None and _reached(act) <= _reached(known):
        return False
    tx.cases.save(act)
    return True


def _reached(case: Case) -> int:
    """Grows with every step of a case, every edit and every event."""
    step = 2 if case.state is CaseState.RELEASED else int(case.release_requested_by is not None)
    return step + len(case.history) + len(case.events)


def _placement(act: Placement, tx: Transaction) -> bool | NotReplayed:
    """What it had held is held by acts of its own; what matches besides, by the next sweep at the latest."""
    known, steps = tx.placements.get(act.placement_id, lock=True), list(PlacementState)
    if known is not None and steps.index(act.state) <= steps.index(known.state):
        return False
    if tx.cases.get(act.case_id) is None:
        return NotReplayed(act=name_of(act), subject=act.placement_id, why="case_unknown")
    tx.placements.save(act)
    return True


def _hold(act: Hold, tx: Transaction) -> bool | NotReplayed:
    row = tx.recordings.get([act.recording_id], lock=True).get(act.recording_id)
    if row is not None and act.case_id in row.holds:
        return False
    case = tx.cases.get(act.case_id)
    if row is None or row.state in _TOO_LATE or case is None or case.state is CaseState.RELEASED:
        return NotReplayed(
            act=name_of(act),
            subject=act.recording_id,
            why="recording_unknown" if row is None else "recording_gone",
        )
    tx.holds.save([replace(act, applied_at=None)])
    tx.outbox.append([Message.of(HoldsChanged(recording_id=act.recording_id))])
    return True


def _token(act: Token, tx: Transaction) -> bool:
    known = tx.tokens.get(act.token_id, lock=True)
    if known is not None and (known.revoked_at is not None or act.revoked_at is None):
        return False
    tx.tokens.save(act if known is None else replace(act, spent_at=act.spent_at or known.spent_at))
    return True


def _person(act: Person, tx: Transaction) -> bool:
    known = tx.people.get(act.person_id, lock=True)
    if known is not None and known.version >= act.version:
        return False
    tx.people.save(act)
    return True


def _session_ended(act: SessionEnded, tx: Transaction) -> bool:
    known = tx.sessions.get(act.session_id, lock=True)
    if known is None or known.ended_at is not None:
        return False
    tx.sessions.save(replace(known, ended_at=act.at))
    return True


def _webhook(act: Webhook, tx: Transaction) -> bool:
    known = tx.webhooks.get(act.webhook_id, lock=True)
    if known is not None and _changed(act) <= _changed(known):
        return False
    tx.webhooks.save(act)
    return True


def _changed(webhook: Webhook) -> tuple[bool, datetime]:
    """Grows with every change of a receiver: what has ended never begins again."""
    return webhook.ended is not None, webhook.rotated_at or webhook.added_at


def _break_glass(act: BreakGlass, tx: Transaction) -> bool | NotReplayed:
    known = tx.break_glass.get(act.request_id, lock=True)
    if known is not None and _told(act) <= _told(known):
        return False
    if known is None and act.recording_id not in tx.recordings.get([act.recording_id]):
        return NotReplayed(act=name_of(act), subject=act.recording_id, why="recording_unknown")
    tx.break_glass.save(act)
    return True


def _told(request: BreakGlass) -> int:
    return 2 if request.ended_at is not None else int(request.approved_at is not None)


def _recording(act: Restriction | QuarantineCleared, tx: Transaction) -> bool | NotReplayed:
    recording_id = act.recording_id if isinstance(act, Restriction) else act.recording.recording_id
    row = tx.recordings.get([recording_id], lock=True).get(recording_id)
    if row is None:
        return NotReplayed(act=name_of(act), subject=recording_id, why="recording_unknown")
    if row.state in _TOO_LATE:
        return False
    if row.altered:
        return _not_upon_an_altered_row(act)
    if isinstance(act, Restriction):
        after = replace(row, restricted=act.restricted)
    elif row.state is RecordingState.QUARANTINED:
        after = replace(act.recording, restricted=row.restricted, not_before=row.not_before, holds=row.holds)
        tx.outbox.append([Message.of(RecordingStored.of(after)), Message.of(HoldsChanged(recording_id=recording_id))])
    else:
        return False
    if after == row:
        return False
    tx.recordings.save([after])
    return True


def _rectified(act: Rectified, tx: Transaction) -> bool | NotReplayed:
    made, fixed = act.rectification, act.recording
    row = tx.recordings.get([made.recording_id], lock=True).get(made.recording_id)
    if row is None:
        return NotReplayed(act=name_of(act), subject=made.recording_id, why="recording_unknown")
    known = tx.rectifications.of([made.recording_id])
    if row.state in _TOO_LATE or any(one.rectification_id == made.rectification_id for one in known):
        return False
    if row.altered:
        return _not_upon_an_altered_row(act)
    after = replace(
        row,
        line=fixed.line,
        started_at=fixed.started_at,
        ended_at=fixed.ended_at,
        keep_until=fixed.keep_until,
        audio_until=fixed.audio_until,
        objection_offered=fixed.objection_offered,
        caller=fixed.caller,
        customer=fixed.customer,
        agent_id=fixed.agent_id,
        sealed_event=fixed.sealed_event,
    )
    tx.recordings.save([after])
    tx.labels.remove([made.recording_id])
    tx.labels.add({made.recording_id: act.labels})
    tx.rectifications.add(made)
    tx.outbox.append([Message.of(HoldsChanged(recording_id=made.recording_id))])
    return True


def _references_after(act: Rectified) -> Sequence[ObjectionReference]:
    row = act.recording
    return references_of(row.call_id, caller=row.caller, customer=row.customer)


def _notice(act: RecipientNotice, tx: Transaction) -> bool:
    known = next((one for one in tx.notices.of(act.request_id) if one.disclosure_id == act.disclosure_id), None)
    if known is not None and (known.acknowledged_at is not None or act.acknowledged_at is None):
        return False
    tx.notices.save(act)
    return True


def _audio(act: AudioEnded, at: datetime, tx: Transaction) -> bool | NotReplayed:
    """The key goes again; the next sweep destroys what a restored vault has brought back. Not of what a hold keeps that
    was there before and has not ended, as far as anybody knows (I4)."""
    row = tx.recordings.get([act.recording_id], lock=True).get(act.recording_id)
    if row is None or row.state in _TOO_LATE or row.audio is not AudioState.KEPT:
        return False
    if row.altered:
        return _not_upon_an_altered_row(act)
    if any(hold.placed_at <= at for hold in tx.holds.find(recording_id=act.recording_id)):
        return NotReplayed(act=name_of(act), subject=act.recording_id, why="held")
    tx.recordings.save([replace(row, audio=AudioState.ENDING, sealed_audio_key=None)])
    tx.recordings.begin_attempts([act.recording_id])
    return True


def _discard(act: DeadLetterDiscarded, tx: Transaction) -> bool:
    letter = tx.dead_letters.get(act.position, lock=True)
    if letter is None or letter.discarded_at is not None:
        return False
    tx.dead_letters.save(replace(letter, wrapped_key=None, sealed=None, discarded_at=act.at))
    return True


def _reason(act: ActReason, tx: Transaction) -> bool:
    if any(reason.act_id == act.act_id for reason in tx.act_reasons.about(act.subject)):
        return False
    tx.act_reasons.add(act)
    return True


def _request(act: Request, tx: Transaction) -> bool:
    known = tx.requests.get(act.request_id, lock=True)
    if known is not None and len(act.history) <= len(known.history):
        return False
    tx.requests.save(act)
    return True


def _request_item(act: RequestItem, tx: Transaction) -> bool:
    on_file = tx.requests.about([act.recording_id])
    known = next((item for item in on_file if item.request_id == act.request_id), None)
    if (known is not None and act.revision <= known.revision) or tx.requests.get(act.request_id) is None:
        return False
    tx.requests.save_items([act])
    return True


def _disclosure(act: Disclosure, tx: Transaction) -> bool | NotReplayed:
    known = tx.disclosures.get(act.disclosure_id)
    if known is not None and not known.altered and (known == act or act.manifest is None):
        return False
    if tx.cases.get(act.case_id) is None:
        return NotReplayed(act=name_of(act), subject=act.disclosure_id, why="case_unknown")
    tx.disclosures.save(act)
    return True


def _redaction(act: RedactionRecord, tx: Transaction) -> bool | NotReplayed:
    known = tx.redactions.get([act.recording_id]).get(act.recording_id)
    if known is not None and known.altered:
        return _not_upon_an_altered_row(act)
    if known is None or known.decided_at >= act.decided_at:
        return False
    tx.recordings.begin_attempts([act.recording_id])  # one being made just now does not know of this
    tx.redactions.save(
        [replace(known, status=act.status, reasons=act.reasons, missed=act.missed, decided_at=act.decided_at)]
    )
    tx.search.remove([act.recording_id])
    return True


def _not_upon_an_altered_row(act: Act) -> NotReplayed:
    """To write the row anew would seal what somebody wrote past the system."""
    return NotReplayed(act=name_of(act), subject=subject_of(act), why="row_altered")
