"""Phase three: look for an objection again, then make row, log entry, outcome and messages durable together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.custody.on_file import objections_about
from callwarden.custody.placing import Placing
from callwarden.custody.scribe import Scribe
from callwarden.messages import HoldsChanged, ObjectionRecorded, RecordingNotStored, RecordingStored
from callwarden.model.event import CallRecorded
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.note import Note
from callwarden.model.objection import Objection
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.policy import Policy
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import Recording, RecordingState
from callwarden.ports.bus import Message
from callwarden.ports.catalogue import Transaction
from callwarden.ports.catalogue.origins import Origin
from callwarden.rules.admit import Admit, Quarantine, objected_purposes, objects_to_recording
from callwarden.rules.identity import call_reference
from callwarden.rules.objection import EVERY_USE_BUT_DISPUTE, is_offered, spoken_objection
from callwarden.rules.retention import keep_until
from callwarden.steps.ingest.ledger import Ledger
from callwarden.steps.ingest.plan import INGEST, Aftermath, Close, Done, Leave, Measured, Parked, Rejected, Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeper:
    """Writes what was done into the catalogue."""

    policy: Policy
    scribe: Scribe
    placing: Placing

    def finish(self, done: Sequence[Done], tx: Transaction, *, now: datetime) -> Ledger:
        """Write the rows of `done` and return what was written."""
        ledger = Ledger(now=now)
        known = tx.outcomes.at([item.position for item in done])
        taken = [item for item in done if isinstance(item, Taken)]
        rows = tx.recordings.get([item.plan.recording_id for item in taken], lock=True)
        attempts = tx.recordings.attempts(list(rows))
        objections = objections_about(rows.values(), tx)
        rows = {**rows, **self._held(taken, rows, attempts, known, tx)}
        owners = self._owners(taken, tx, now=now)
        for item in done:
            if item.position in known:
                ledger.aftermaths.append(_aftermath_of_known(item))
                continue
            match item:
                case Taken(plan=plan):
                    row = rows.get(plan.recording_id)
                    if row is None or attempts[plan.recording_id] != plan.attempt or row.state not in _ON_ITS_WAY:
                        ledger.fenced.append(plan.position)
                        ledger.aftermaths.append(Aftermath(position=plan.position, obsolete=item.artefact))
                    elif owners.get(item.origin or "", plan.recording_id) == plan.recording_id:
                        self._finish_taken(item, row, objections[plan.recording_id], ledger)
                    else:
                        self._finish_taken(_too_late(item), row, objections[plan.recording_id], ledger)
                        ledger.aftermaths[-1] = replace(ledger.aftermaths[-1], obsolete=item.artefact)
                case Close():
                    self._close(item, item.event, item.outcome, item.reason, item.recording_id, ledger)
                    ledger.aftermaths.append(item.aftermath)
                case Leave():
                    ledger.aftermaths.append(item.aftermath)
                case Measured():
                    ledger.fenced.append(item.position)
                case Parked():
                    ledger.waiting.append(item.waiting)
                    ledger.aftermaths.append(Aftermath(position=item.position))
                case Rejected():
                    self._finish_rejected(item, ledger)
        ledger.write(tx)
        return ledger

    def _held(
        self,
        taken: Sequence[Taken],
        rows: Mapping[RecordingId, Recording],
        attempts: Mapping[RecordingId, int],
        known: Collection[Position],
        tx: Transaction,
    ) -> Mapping[RecordingId, Recording]:
        """Those of them that the criteria of a case catch, held from now on (K3). Whatever is placed after this was
        read finds the row itself: it was there before."""
        stored = [item.plan for item in taken if item.position not in known]
        fresh = [
            rows[plan.recording_id]
            for plan in stored
            if plan.recording_id in rows and attempts[plan.recording_id] == plan.attempt
        ]
        caught = self.placing.catch(tx, fresh)
        return {name: replace(rows[name], holds=(*rows[name].holds, *cases)) for name, cases in caught.items()}

    def _owners(self, taken: Sequence[Taken], tx: Transaction, *, now: datetime) -> Mapping[str, RecordingId]:
        """Whose each file is that was fetched: of several events that name it, and of several workers that fetched it
        in the same moment, the first that comes here."""
        wanted = [
            Origin(origin=item.origin, recording_id=item.plan.recording_id, at=now)
            for item in taken
            if item.origin is not None
        ]
        return {name: one.recording_id for name, one in tx.origins.take(wanted).items() if not one.altered}

    def _finish_taken(self, item: Taken, row: Recording, objections: Sequence[Objection], ledger: Ledger) -> None:
        plan, event = item.plan, item.plan.event
        objected = objected_purposes(event, objections)
        offered = is_offered(row, self.policy.lines.get(event.line))
        to_recording = objects_to_recording(event, objections, offered=offered)
        if row.state is RecordingState.DROPPING or (to_recording and not row.holds):
            self._refuse_late(item, row, ledger)
            return
        closed_to = EVERY_USE_BUT_DISPUTE if to_recording else frozenset[str]()  # held meanwhile: kept for that case
        reason: Reason | None = None
        field_path = ""
        audio_until: datetime | None = None
        match item.verdict:
            case Admit(keep_until=until, audio_until=audio_until):
                state, outcome = RecordingState.STORED, Outcome.STORED
            case Quarantine() as aside:
                state, outcome = RecordingState.QUARANTINED, Outcome.QUARANTINED
                reason, field_path = aside.reason, aside.field
                until = keep_until(ledger.now, self.policy.quarantine, self.policy.time_zone)
        saved = replace(
            row,
            state=state,
            keep_until=until,
            audio_until=audio_until,
            objected=row.objected | closed_to | objected - {RECORDING},
            policy_version=self.policy.version,
        )
        if item.artefact is not None or row.source_sha256 is None:
            saved = replace(
                saved,
                quarantine_reason=None if reason is None else reason.value,
                source_sha256=None if item.artefact is None else item.artefact.sha256,
                sealed_event=item.sealed_event,
                sealed_audio_key=item.sealed_audio_key,
            )
            ledger.replaced += [plan.recording_id] if plan.attempt > 1 else []
            ledger.artefacts += [] if item.artefact is None else [item.artefact]
            ledger.keys.append(item.key)
        ledger.recordings.append(saved)
        self._close(item, event, outcome, reason, plan.recording_id, ledger, field_path=field_path, notes=item.notes)
        if state is RecordingState.STORED:
            ledger.messages.append(Message.of(RecordingStored.of(saved)))
        elif row.holds:
            ledger.messages.append(Message.of(HoldsChanged(recording_id=saved.recording_id)))
        drop = None if item.artefact is None else event.audio.uri
        replaced = plan.recording_id if plan.attempt > 1 else None
        ledger.aftermaths.append(Aftermath(position=plan.position, drop_landing=drop, replaced=replaced))

    def _refuse_late(self, item: Taken, row: Recording, ledger: Ledger) -> None:
        """An objection arrived while the audio was on its way: everything of it goes again (I3)."""
        plan = item.plan
        ledger.recordings.append(replace(row, state=RecordingState.DROPPING, sealed_event=None))
        self._close(item, plan.event, Outcome.REFUSED, Reason.OBJECTION, plan.recording_id, ledger)
        ledger.aftermaths.append(
            Aftermath(position=plan.position, drop_landing=plan.event.audio.uri, erase=plan.recording_id)
        )

    def _finish_rejected(self, item: Rejected, ledger: Ledger) -> None:
        ledger.outcomes.append(
            EventOutcome(
                position=item.position,
                event_id=item.plan.names.event_id,
                type="",
                call_id=item.plan.names.call_id,
                outcome=Outcome.DEAD_LETTERED,
                reason=item.plan.reason,
                field=item.plan.field_path,
                policy_version=self.policy.version,
                decided_at=ledger.now,
            )
        )
        ledger.letters.append(item.letter.row)
        ledger.messages.append(item.letter.message)
        ledger.aftermaths.append(item.aftermath)

    def _close(
        self,
        item: Close | Taken,
        event: CallRecorded,
        outcome: Outcome,
        reason: Reason | None,
        recording_id: RecordingId | None,
        ledger: Ledger,
        *,
        field_path: str = "",
        notes: Sequence[Note] = (),
    ) -> None:
        ledger.outcomes.append(
            EventOutcome(
                position=item.position,
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
                decided_at=ledger.now,
                notes=tuple([replace(note, was="") for note in (*event.notes, *notes)]),
            )
        )
        operation = _OPERATIONS.get(outcome)
        if operation is not None:
            reasons = () if reason is None else (reason.value,)
            ledger.log.append(self.scribe.entry(INGEST, operation, subject=recording_id, reasons=reasons))
        if outcome in _NOT_STORED:
            place = item.position
            ledger.messages.append(
                Message.of(
                    RecordingNotStored(
                        of_topic=place.topic, partition=place.partition, offset=place.offset, outcome=outcome
                    )
                )
            )
        if event.objections and outcome is not Outcome.DUPLICATE:
            by = INGEST.account if event.pushed is None else event.pushed.by
            objection = spoken_objection(event, now=ledger.now, entered_by=by)
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


def _too_late(item: Taken) -> Taken:
    """What was fetched is another's by now, as if it had been gone when this worker came."""
    missing = Quarantine(reason=Reason.MISSING_AUDIO, field="data.audio.uri")
    verdict = item.verdict if isinstance(item.plan.verdict, Quarantine) else missing
    return replace(item, verdict=verdict, artefact=None, sealed_audio_key=None)


def _aftermath_of_known(item: Done) -> Aftermath:
    """The outcome is on record already, by a worker that died or overtook this one: finish what it may have left, and
    take away what this one stored in vain."""
    match item:
        case Close() | Leave() | Rejected():
            return item.aftermath
        case Taken():
            return Aftermath(position=item.position, obsolete=item.artefact)
        case Parked() | Measured():
            return Aftermath(position=item.position)


_ON_ITS_WAY = frozenset({RecordingState.PENDING, RecordingState.DROPPING})

_NOT_STORED = frozenset({Outcome.REFUSED, Outcome.QUARANTINED})

_OPERATIONS = {
    Outcome.STORED: Operation.RECORDING_STORED,
    Outcome.REFUSED: Operation.RECORDING_REFUSED,
    Outcome.QUARANTINED: Operation.RECORDING_QUARANTINED,
}
