"""The step as the runtime sees it: read through the gate, make, store, and release in one transaction."""

import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from callwarden.custody.disposal import Disposal
from callwarden.custody.gate import Gate
from callwarden.custody.scribe import Scribe
from callwarden.custody.store import RecordingGoneError, Store, measured, scratch_file
from callwarden.errors import RefusedError, RetryableError
from callwarden.messages import RecordingRedacted, TranscriptReady, decode
from callwarden.model.access import Readable
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.outcome import Position
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason
from callwarden.model.transcript import RedactedTranscript
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.catalogue import Catalogue, RecordingFilter, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.speech import TranscriptCodec
from callwarden.ports.step import Aftermath, Begun, Finished, OfOurMessages
from callwarden.rules.call_parts import Neighbours, neighbours
from callwarden.rules.derivation import purpose_of_deriving
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.released import needs_redaction, stands
from callwarden.rules.search_text import searchable_text
from callwarden.steps.redact.beside import spans_digest
from callwarden.steps.redact.make import MadeRedaction, RedactionMaker, TextOnly, WithheldRedaction
from callwarden.steps.redact.plans import Make, Redacted, Skip, Unchanged, Withheld
from callwarden.steps.redact.said import REDACTOR, CallReader

REDACTED_KINDS = (ArtefactKind.REDACTED_TRANSCRIPT, ArtefactKind.BEEPED_AUDIO, ArtefactKind.WAVEFORM)


class Redact(OfOurMessages):
    """Consumes `transcripts.ready` for the group ``redact``. Thread-safe."""

    name = "redact"
    group = "redact"
    topics = (TranscriptReady.topic,)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        gate: Gate,
        store: Store,
        disposal: Disposal,
        maker: RedactionMaker,
        codec: TranscriptCodec,
        scribe: Scribe,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._gate = gate
        self._store = store
        self._disposal = disposal
        self._maker = maker
        self._codec = codec
        self._reader = CallReader(gate=gate, codec=codec)
        self._scribe = scribe

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Make | Skip]:
        """Decide which recordings to redact. Raises RetryableError, having changed nothing."""
        wanted = {delivery.position: decode(TranscriptReady, delivery.value).recording_id for delivery in deliveries}
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            rows = tx.recordings.get(wanted.values(), lock=True)
            records = tx.redactions.get(wanted.values())
            beside = {name: _neighbours(row, tx) for name, row in rows.items()}
            decided = {
                name: purpose_of_deriving(row, policy=self._policy, now=now)
                for name, row in rows.items()
                if needs_redaction(records.get(name), version=self._maker.version, beside=beside[name].ids)
            }
            purposes = {name: purpose for name, purpose in decided.items() if isinstance(purpose, Purpose)}
            attempts = tx.recordings.begin_attempts(purposes)
            seen = _seen([records[name] for name in purposes if name in records], tx)
        plans: list[Make | Skip] = []
        for position, name in wanted.items():
            if name not in purposes:
                plans.append(Skip(position=position))
                continue
            plans.append(
                Make(
                    position=position,
                    recording=rows[name],
                    attempt=attempts[name],
                    purpose=purposes[name],
                    before=records.get(name),
                    neighbours=beside[name],
                    seen_sha256=seen.get(name),
                )
            )
        return Begun(plans=plans)

    def carry_out(self, plan: Make | Skip) -> Redacted | Withheld | Unchanged | Skip:
        """Make and store one redaction. Raises RetryableError; it may then be carried out again."""
        if isinstance(plan, Skip):
            return plan
        try:
            return self._redact(plan)
        except RecordingGoneError:
            return Skip(position=plan.position)
        except RefusedError as error:
            if ReadRefusal.LOG_UNAVAILABLE in error.reasons:
                raise RetryableError("the access log cannot take the entry of a reading") from error
            return Skip(position=plan.position)

    def _redact(self, plan: Make) -> Redacted | Withheld | Unchanged:
        recording, purpose, recording_id = plan.recording, plan.purpose, plan.recording.recording_id
        said = self._reader.read(recording, plan.neighbours, purpose)
        found = self._maker.find(said.transcript, said.known, said.beside)
        if isinstance(found, WithheldRedaction):
            return Withheld(plan=plan, reason=found.reason)
        digest = spans_digest(found)
        if plan.before is not None and stands(plan.before, version=self._maker.version, spans_sha256=digest):
            return Unchanged(plan=plan, record=replace(plan.before, read_with=plan.neighbours.ids))
        content = self._gate.read(REDACTOR, purpose, recording_id, Readable.ORIGINAL_AUDIO)
        with closing(scratch_file()) as audio:
            content.copy_to(audio)
            made = self._maker.make_found(said.transcript, found, audio, hint=said.event.audio_hint, missed=plan.missed)
        if isinstance(made, WithheldRedaction):
            return Withheld(plan=plan, reason=made.reason, nowhere=made.nowhere)
        text: BinaryIO = io.BytesIO(self._codec.encode_redacted(made.transcript))
        if plan.seen_sha256 in (measured(text).sha256, self._without_times(made.transcript)):
            if isinstance(made, MadeRedaction):
                made.beeped.close()
            return Withheld(plan=plan, reason=WithheldReason.PLACE_CHANGED_NOTHING)
        contents = [(ArtefactKind.REDACTED_TRANSCRIPT, text, "application/json")]
        with ExitStack() as open_files:
            if isinstance(made, MadeRedaction):
                beeped = open_files.enter_context(closing(made.beeped))
                contents += [
                    (ArtefactKind.WAVEFORM, io.BytesIO(made.waveform), "application/json"),
                    (ArtefactKind.BEEPED_AUDIO, beeped, made.media_type),
                ]
            artefacts = tuple(
                self._store.derived(
                    recording,
                    kind,
                    plan.generation,
                    body,
                    attempt=plan.attempt,
                    media_type=media_type,
                    actor=REDACTOR,
                )
                for kind, body, media_type in contents
            )
        reasons = (made.reason.value,) if isinstance(made, TextOnly) else ()
        return Redacted(
            plan=plan, artefacts=artefacts, transcript=made.transcript, spans_sha256=digest, reasons=reasons
        )

    def _without_times(self, transcript: RedactedTranscript) -> str:
        """Digest of the transcript as versions stored it that gave no times to words."""
        plain = replace(transcript, turns=tuple(replace(turn, words=()) for turn in transcript.turns))
        return measured(io.BytesIO(self._codec.encode_redacted(plain))).sha256

    def finish(self, done: Sequence[Redacted | Withheld | Unchanged | Skip]) -> Finished[Aftermath]:
        """Release or withhold, in one transaction: the record is what lets anybody read the artefacts (I8)."""
        now = self._clock.now()
        tried = [each for each in done if not isinstance(each, Skip)]
        obsolete: dict[Position, Sequence[Artefact]] = {each.position: () for each in done}
        messages, settled = list[Message](), list[Make]()
        with self._catalogue.transaction() as tx:
            ids = [each.plan.recording.recording_id for each in tried]
            rows = tx.recordings.get(ids, lock=True)
            attempts = tx.recordings.attempts(ids)
            for each in tried:
                row = rows[each.plan.recording.recording_id]
                overtaken = row.state is not RecordingState.STORED or attempts[row.recording_id] != each.plan.attempt
                match each:
                    case Redacted() if overtaken:
                        obsolete[each.position] = each.artefacts
                        continue
                    case Withheld() | Unchanged() if overtaken:
                        continue
                    case Redacted():
                        obsolete[each.position] = self._release(each, row, tx, now=now)
                        messages.append(self._released_message(each.plan))
                    case Withheld():
                        obsolete[each.position] = self._withhold(each, row, tx, now=now)
                    case Unchanged(record=record):
                        tx.redactions.save([record])
                settled.append(each.plan)
            messages += [message for plan in settled for message in self._asked_again(plan, tx)]
            outbox = tx.outbox.append(messages)
        aftermaths = [Aftermath(position=position, obsolete=tuple(gone)) for position, gone in obsolete.items()]
        return Finished(outbox=outbox, aftermaths=aftermaths)

    def _asked_again(self, plan: Make, tx: Transaction) -> list[Message]:
        """Asks for each neighbour whose redaction did not know of this part. One that did asks nobody back."""
        records = tx.redactions.get(plan.neighbours.ids)
        this = plan.recording.recording_id
        unaware = [one for one in plan.neighbours.ids if one not in records or this not in records[one].read_with]
        return [Message.of(each) for each in TranscriptReady.again(tx.artefacts.get(unaware), self._policy.version)]

    def _released_message(self, plan: Make) -> Message:
        return Message.of(
            RecordingRedacted(
                recording_id=plan.recording.recording_id,
                generation=plan.generation,
                policy_version=self._policy.version,
            )
        )

    def _release(self, made: Redacted, row: Recording, tx: Transaction, *, now: datetime) -> Sequence[Artefact]:
        """Write one redaction's rows; returns the artefacts of earlier generations, which go."""
        plan, text = made.plan, searchable_text(made.transcript)
        tx.artefacts.add(made.artefacts)
        tx.search.index(row.recording_id, generation=plan.generation, line=row.line, ended_at=row.ended_at, text=text)
        return self._record(made, row, RedactionStatus.RELEASED, plan.generation, made.reasons, tx, now=now)

    def _withhold(self, made: Withheld, row: Recording, tx: Transaction, *, now: datetime) -> Sequence[Artefact]:
        """A report that changes nothing is one without a place: a person looks before anything is released."""
        tx.search.remove([row.recording_id])
        status, reasons = RedactionStatus.WITHHELD, [made.reason.value]
        if made.reason is WithheldReason.PLACE_CHANGED_NOTHING:
            status, reasons = RedactionStatus.WITHDRAWN, [WithheldReason.REPORTED_MISSED.value, made.reason.value]
        return self._record(made, row, status, made.plan.generation - 1, tuple(reasons), tx, now=now)

    def _record(
        self,
        made: Redacted | Withheld,
        row: Recording,
        status: RedactionStatus,
        generation: int,
        reasons: tuple[str, ...],
        tx: Transaction,
        *,
        now: datetime,
    ) -> Sequence[Artefact]:
        plan, recording_id = made.plan, row.recording_id
        nowhere = made.nowhere if isinstance(made, Withheld) else ()
        record = RedactionRecord(
            recording_id=recording_id,
            generation=generation,
            version=self._maker.version,
            status=status,
            reasons=reasons,
            decided_at=now,
            missed=tuple(place for place in plan.missed if place not in nowhere),
            read_with=plan.neighbours.ids,
            spans_sha256=made.spans_sha256 if isinstance(made, Redacted) else None,
        )
        outcome = EntryOutcome.DONE if status is RedactionStatus.RELEASED else EntryOutcome.REFUSED
        tx.redactions.save([record])
        tx.log.append(
            [self._scribe.entry(REDACTOR, Operation.RECORDING_REDACTED, outcome, subject=recording_id, reasons=reasons)]
        )
        if row.holds:
            return ()  # nothing of what is held is destroyed (I4): nobody reads it, and it goes with the recording
        return tx.artefacts.remove_older(recording_id, REDACTED_KINDS, before_generation=plan.generation)

    def clean_up(self, aftermath: Aftermath) -> None:
        """Destroy what is obsolete. Raises RetryableError."""
        self._disposal.clear(aftermath.obsolete, actor=REDACTOR)


def _seen(records: Sequence[RedactionRecord], tx: Transaction) -> Mapping[RecordingId, str]:
    """Digest of the transcript in which a place was reported, of each of which one was."""
    reported = {one.recording_id: one for one in records if WithheldReason.PLACE_REPORTED.value in one.reasons}
    return {
        one.recording_id: one.sha256
        for one in (tx.artefacts.get(reported) if reported else ())
        if one.kind is ArtefactKind.REDACTED_TRANSCRIPT and one.generation == reported[one.recording_id].generation
    }


def _neighbours(row: Recording, tx: Transaction) -> Neighbours:
    others = [
        one for one in tx.recordings.find(RecordingFilter(call_id=row.call_id)) if one.recording_id != row.recording_id
    ]
    stored = tx.artefacts.get([one.recording_id for one in others])
    transcribed = {one.recording_id for one in stored if one.kind is ArtefactKind.ORIGINAL_TRANSCRIPT}
    return neighbours(row, others, transcribed=transcribed)
