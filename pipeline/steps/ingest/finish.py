"""Phase three: look for an objection again, then make row, log entry, outcome and messages durable together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from callwarden.custody.scribe import Scribe
from callwarden.messages import HoldsChanged, ObjectionRecorded, RecordingStored
from callwarden.model.event import CallRecorded
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import LogEntry, Operation
from callwarden.model.note import Note
from callwarden.model.objection import Objection
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.policy import Policy
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import Artefact, Recording, RecordingState
from callwarden.model.set_aside import DeadLetter
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import ObjectionReference, Transaction, WaitingEvent, WrappedKey
from callwarden.rules.admit import Admit, objected_purposes
from callwarden.rules.identity import call_reference
from callwarden.rules.objection import EVERY_USE_BUT_DISPUTE, references_of, spoken_objection
from callwarden.rules.retention import keep_until
from callwarden.steps.ingest.plan import INGEST, Aftermath, Close, Done, Measured, Parked, Rejected, Taken

_ALL = 1_000_000


@dataclass(slots=True)
class Ledger:
    """Everything one transaction of phase three writes, gathered so that each kind is one statement."""

    outcomes: list[EventOutcome] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    replaced: list[RecordingId] = field(default_factory=list)
    """Recordings of which something may be on record from an earlier attempt."""
    artefacts: list[Artefact] = field(default_factory=list)
    keys: list[WrappedKey] = field(default_factory=list)
    waiting: list[WaitingEvent] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    aftermaths: list[Aftermath] = field(default_factory=list)
    fenced: list[Position] = field(default_factory=list)
    """Positions to be begun again: their attempt was overtaken, or more is known of their audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeper:
    """Writes what was done into the catalogue."""

    policy: Policy
    scribe: Scribe

    def finish(self, done: Sequence[Done], tx: Transaction, *, now: datetime) -> Ledger:
        """Write the rows of `done` and return what was written."""
        ledger = Ledger()
        known = tx.outcomes.at([item.position for item in done])
        taken = [item for item in done if isinstance(item, Taken)]
        rows = tx.recordings.get([item.plan.recording_id for item in taken], lock=True) if taken else {}
        attempts = tx.recordings.attempts(list(rows)) if rows else {}
        objections = _objections(rows, tx)
        for item in done:
            if item.position in known:
                ledger.aftermaths.append(_aftermath_of_known(item))
                continue
            match item:
                case Taken():
                    self._finish_taken(
                        item,
                        rows=rows,
                        attempts=attempts,
                        objections=objections.get(item.plan.recording_id, ()),
                        now=now,
                        ledger=ledger,
                    )
                case Close():
                    self._finish_closed(item, now=now, ledger=ledger)
                case Measured():
                    ledger.fenced.append(item.position)
                case Parked():
                    ledger.waiting.append(item.waiting)
                    ledger.aftermaths.append(Aftermath(position=item.position))
                case Rejected():
                    self._finish_rejected(item, now=now, ledger=ledger)
        self._write(ledger, tx)
        return ledger

    def _finish_taken(
        self,
        item: Taken,
        *,
        rows: Mapping[RecordingId, Recording],
        attempts: Mapping[RecordingId, int],
        objections: Sequence[Objection],
        now: datetime,
        ledger: Ledger,
    ) -> None:
        plan, event = item.plan, item.plan.event
        row = rows.get(plan.recording_id)
        overtaken = row is None or attempts[plan.recording_id] != plan.attempt
        if row is None or overtaken or row.state not in _ON_ITS_WAY:
            ledger.fenced.append(plan.position)
            ledger.aftermaths.append(Aftermath(position=plan.position, obsolete=item.artefact))
            return
        objected = objected_purposes(event, objections)
        to_recording = RECORDING in objected and self._honours(event)
        if row.state is RecordingState.DROPPING or (to_recording and not row.holds):
            self._refuse_late(item, row, now=now, ledger=ledger)
            return
        closed_to = EVERY_USE_BUT_DISPUTE if to_recording else frozenset[str]()  # held meanwhile: kept for that case
        stored = item.reason is None and isinstance(plan.verdict, Admit)
        if isinstance(plan.verdict, Admit) and stored:
            keep = plan.verdict.keep_until
        else:
            keep = keep_until(now, self.policy.quarantine, self.policy.time_zone)
        saved = replace(
            row,
            state=RecordingState.STORED if stored else RecordingState.QUARANTINED,
            keep_until=keep,
            objected=row.objected | closed_to | objected - {RECORDING},
            policy_version=self.policy.version,
        )
        if item.artefact is not None or row.source_sha256 is None:
            saved = replace(
                saved,
                quarantine_reason=None if item.reason is None else item.reason.value,
                source_sha256=item.sha256,
                sealed_event=item.sealed_event,
            )
            ledger.replaced += [plan.recording_id] if plan.attempt > 1 else []
            ledger.artefacts += [] if item.artefact is None else [item.artefact]
            ledger.keys += [] if item.key is None else [item.key]
        ledger.recordings.append(saved)
        outcome = Outcome.STORED if stored else Outcome.QUARANTINED
        self._close(
            event,
            plan.position,
            outcome,
            item.reason,
            plan.recording_id,
            field_path=item.field_path,
            notes=item.notes,
            now=now,
            ledger=ledger,
        )
        if stored:
            ledger.messages.append(Message.of(RecordingStored.of(saved)))
        elif row.holds:
            ledger.messages.append(Message.of(HoldsChanged(recording_id=saved.recording_id)))
        drop = None if item.artefact is None else event.audio.uri
        ledger.aftermaths.append(Aftermath(position=plan.position, drop_landing=drop))

    def _refuse_late(self, item: Taken, row: Recording, *, now: datetime, ledger: Ledger) -> None:
        """An objection arrived while the audio was on its way: everything of it goes again (I3)."""
        plan = item.plan
        ledger.recordings.append(replace(row, state=RecordingState.DROPPING, sealed_event=None))
        self._close(
            plan.event,
            plan.position,
            Outcome.REFUSED,
            Reason.OBJECTION,
            plan.recording_id,
            now=now,
            ledger=ledger,
        )
        ledger.aftermaths.append(
            Aftermath(position=plan.position, drop_landing=plan.event.audio.uri, erase=plan.recording_id)
        )

    def _finish_closed(self, item: Close, *, now: datetime, ledger: Ledger) -> None:
        if item.outcome is not None and item.event is not None:
            self._close(
                item.event,
                item.position,
                item.outcome,
                item.reason,
                item.recording_id,
                field_path=item.field_path,
                now=now,
                ledger=ledger,
            )
        ledger.aftermaths.append(_aftermath_of_closed(item))

    def _finish_rejected(self, item: Rejected, *, now: datetime, ledger: Ledger) -> None:
        ledger.outcomes.append(
            EventOutcome(
                position=item.position,
                event_id=item.plan.names.event_id,
                type="",
                call_id=item.plan.names.call_id,
                leg=None,
                segment=None,
                line=None,
                outcome=Outcome.DEAD_LETTERED,
                reason=item.plan.reason,
                field=item.plan.field_path,
                recording_id=None,
                policy_version=self.policy.version,
                decided_at=now,
            )
        )
        ledger.letters.append(item.letter.row)
        ledger.messages.append(item.letter.message)
        ledger.aftermaths.append(Aftermath(position=item.position, drop_landing=item.drop_landing))

    def _close(
        self,
        event: CallRecorded,
        position: Position,
        outcome: Outcome,
        reason: Reason | None,
        recording_id: RecordingId | None,
        *,
        field_path: str = "",
        notes: Sequence[Note] = (),
        now: datetime,
        ledger: Ledger,
    ) -> None:
        ledger.outcomes.append(
            EventOutcome(
                position=position,
                event_id=event.event_id,
                type=event.TYPE,
                call_id=event.call_id,
                leg=event.leg,
                segment=event.segment,
                line=event.line,
                outcome=outcome,
                reason=reason,
                field=field_path,
                recording_id=recording_id,
                policy_version=self.policy.version,
                decided_at=now,
                notes=tuple([replace(note, was="") for note in (*event.notes, *notes)]),
            )
        )
        operation = _OPERATIONS.get(outcome)
        if operation is not None:
            reasons = () if reason is None else (reason.value,)
            ledger.log.append(self.scribe.entry(INGEST, operation, subject=recording_id, reasons=reasons))
        if event.objections and outcome is not Outcome.DUPLICATE:
            objection = spoken_objection(event, now=now)
            ledger.objections.append(objection)
            ledger.messages.append(self._objection_message(objection, event))

    def _objection_message(self, objection: Objection, event: CallRecorded) -> Message:
        """It is looked up by its id; the call stands beside it as a pseudonym, as a call's own id may hold a number."""
        return Message.of(
            ObjectionRecorded(
                objection_id=objection.objection_id,
                scope=objection.scope,
                reference=call_reference(self.scribe.keys.pseudonym("call", event.call_id)),
                recorded_at=objection.recorded_at,
            )
        )

    def _honours(self, event: CallRecorded) -> bool:
        line = self.policy.lines.get(event.line)
        return line is None or line.objection_honoured

    def _write(self, ledger: Ledger, tx: Transaction) -> None:
        tx.recordings.save(ledger.recordings)
        if ledger.replaced:
            tx.artefacts.remove(ledger.replaced)
            tx.keys.destroy(ledger.replaced)
        tx.keys.add(ledger.keys)
        tx.artefacts.add(ledger.artefacts)
        for objection in ledger.objections:
            tx.objections.save(objection)
        waiting = _as_long_as_before(ledger.waiting, tx)
        tx.waiting.remove([one.position for one in waiting])  # a wait begun again may have become longer
        tx.waiting.add(waiting)
        tx.waiting.remove([outcome.position for outcome in ledger.outcomes])
        tx.dead_letters.add(ledger.letters)
        tx.outcomes.record(ledger.outcomes)
        tx.log.append(ledger.log)


def _as_long_as_before(waiting: Sequence[WaitingEvent], tx: Transaction) -> list[WaitingEvent]:
    """Those that still wait for their place have done so since they began to."""
    away = [one.recording_id for one in waiting if one.place]
    known = tx.waiting.find(recordings=away, limit=_ALL) if away else []
    before = {(one.position, one.place): one.since for one in known}
    return [replace(one, since=before.get((one.position, one.place)) or one.since) for one in waiting]


def _aftermath_of_closed(item: Close) -> Aftermath:
    return Aftermath(
        position=item.position,
        drop_landing=item.event.audio.uri if item.event is not None and item.drop_landing else None,
        erase=item.recording_id if item.erase else None,
    )


def _aftermath_of_known(item: Done) -> Aftermath:
    """The outcome is on record already, by a worker that died or overtook this one: finish what it may have left, and
    take away what this one stored in vain."""
    match item:
        case Close():
            return _aftermath_of_closed(item)
        case Taken():
            return Aftermath(position=item.position, obsolete=item.artefact)
        case Rejected():
            return Aftermath(position=item.position, drop_landing=item.drop_landing)
        case Parked() | Measured():
            return Aftermath(position=item.position)


_ON_ITS_WAY = frozenset({RecordingState.PENDING, RecordingState.DROPPING})

_OPERATIONS = {
    Outcome.STORED: Operation.RECORDING_STORED,
    Outcome.REFUSED: Operation.RECORDING_REFUSED,
    Outcome.QUARANTINED: Operation.RECORDING_QUARANTINED,
}


def _objections(rows: Mapping[RecordingId, Recording], tx: Transaction) -> Mapping[RecordingId, Sequence[Objection]]:
    """The objections on file for each of these recordings, read after their rows were locked."""
    wanted = {
        row.recording_id: references_of(row.call_id, caller=row.caller, customer=row.customer) for row in rows.values()
    }
    on_file = tx.objections.under([one for references in wanted.values() for one in references]) if wanted else ()
    return {
        recording: [one for one in on_file if ObjectionReference(scope=one.scope, reference=one.reference) in refs]
        for recording, refs in wanted.items()
    }
