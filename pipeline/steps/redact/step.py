"""The step as the runtime sees it: read through the gate, make, store, and release in one transaction."""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from callwarden.custody.disposal import Disposal
from callwarden.custody.gate import Gate
from callwarden.custody.scribe import Scribe
from callwarden.custody.store import RecordingGoneError, Store, scratch_file
from callwarden.errors import RefusedError, RetryableError
from callwarden.messages import RecordingRedacted, TranscriptReady, decode
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.outcome import Position
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus, WithheldReason
from callwarden.model.transcript import RedactedTranscript, TimeRange
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.speech import TranscriptCodec
from callwarden.ports.step import Aftermath, Begun, Finished, OfOurMessages
from callwarden.rules.derivation import purpose_of_deriving
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.released import needs_redaction
from callwarden.rules.search_text import searchable_text
from callwarden.steps.redact.make import RedactionMaker, WithheldRedaction

REDACTOR = Actor(role=Role.REDACTOR, name="redact")
REDACTED_KINDS = (ArtefactKind.REDACTED_TRANSCRIPT, ArtefactKind.BEEPED_AUDIO, ArtefactKind.WAVEFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """One recording to redact, as this generation; `missed` are places that go whatever is found there. `attempt`
    fences off whoever began earlier."""

    position: Position
    recording: Recording
    attempt: int
    generation: int
    purpose: Purpose
    missed: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Nothing to redact: done already, not wanted for anything, or gone."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What is stored, and not yet released, and the text to find it by."""

    plan: Make
    artefacts: tuple[Artefact, ...]
    transcript: RedactedTranscript

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why nothing may be released."""

    plan: Make
    reason: WithheldReason

    @property
    def position(self) -> Position:
        return self.plan.position


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
        self._scribe = scribe

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Make | Skip]:
        """Decide which recordings to redact. Raises RetryableError, having changed nothing."""
        wanted = {delivery.position: decode(TranscriptReady, delivery.value).recording_id for delivery in deliveries}
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            rows = tx.recordings.get(wanted.values(), lock=True)
            records = tx.redactions.get(wanted.values())
            decided = {
                name: purpose_of_deriving(row, policy=self._policy, now=now)
                for name, row in rows.items()
                if needs_redaction(records.get(name), version=self._maker.version)
            }
            purposes = {name: purpose for name, purpose in decided.items() if isinstance(purpose, Purpose)}
            attempts = tx.recordings.begin_attempts(purposes)
        plans: list[Make | Skip] = []
        for position, name in wanted.items():
            if name not in purposes:
                plans.append(Skip(position=position))
                continue
            before = records.get(name)
            plans.append(
                Make(
                    position=position,
                    recording=rows[name],
                    attempt=attempts[name],
                    generation=1 if before is None else before.generation + 1,
                    purpose=purposes[name],
                    missed=() if before is None else before.missed,
                )
            )
        return Begun(plans=plans)

    def carry_out(self, plan: Make | Skip) -> Redacted | Withheld | Skip:
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

    def _redact(self, plan: Make) -> Redacted | Withheld:
        recording, purpose, recording_id = plan.recording, plan.purpose, plan.recording.recording_id
        event = self._gate.details(REDACTOR, purpose, recording_id)
        original = self._gate.read(REDACTOR, purpose, recording_id, Readable.ORIGINAL_TRANSCRIPT)
        transcript = self._codec.decode(original.read_all())
        content = self._gate.read(REDACTOR, purpose, recording_id, Readable.ORIGINAL_AUDIO)
        with closing(scratch_file()) as audio:
            content.copy_to(audio)
            made = self._maker.make(transcript, event, audio, hint=event.audio_hint, missed=plan.missed)
        if isinstance(made, WithheldRedaction):
            return Withheld(plan=plan, reason=made.reason)
        with closing(made.beeped):
            text = io.BytesIO(self._codec.encode_redacted(made.transcript))
            contents = (
                (ArtefactKind.REDACTED_TRANSCRIPT, text, "application/json"),
                (ArtefactKind.WAVEFORM, io.BytesIO(made.waveform), "application/json"),
                (ArtefactKind.BEEPED_AUDIO, made.beeped, made.media_type),
            )
            artefacts = tuple(
                self._store.derived(recording, kind, plan.generation, body, media_type=media_type, actor=REDACTOR)
                for kind, body, media_type in contents
            )
        return Redacted(plan=plan, artefacts=artefacts, transcript=made.transcript)

    def finish(self, done: Sequence[Redacted | Withheld | Skip]) -> Finished[Aftermath]:
        """Release or withhold, in one transaction: the record is what lets anybody read the artefacts (I8)."""
        now = self._clock.now()
        tried = [each for each in done if not isinstance(each, Skip)]
        obsolete: dict[Position, Sequence[Artefact]] = {each.position: () for each in done}
        messages = []
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
                    case Redacted():
                        obsolete[each.position] = self._release(each, row, tx, now=now)
                        messages.append(self._released_message(each.plan))
                    case Withheld() if not overtaken:
                        obsolete[each.position] = self._withhold(each, row, tx, now=now)
                    case Withheld():
                        pass
            outbox = tx.outbox.append(messages)
        aftermaths = [Aftermath(position=position, obsolete=tuple(gone)) for position, gone in obsolete.items()]
        return Finished(outbox=outbox, aftermaths=aftermaths)

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
        return self._record(plan, RedactionStatus.RELEASED, plan.generation, (), tx, now=now)

    def _withhold(self, made: Withheld, row: Recording, tx: Transaction, *, now: datetime) -> Sequence[Artefact]:
        plan = made.plan
        tx.search.remove([row.recording_id])
        return self._record(plan, RedactionStatus.WITHHELD, plan.generation - 1, (made.reason.value,), tx, now=now)

    def _record(
        self,
        plan: Make,
        status: RedactionStatus,
        generation: int,
        reasons: tuple[str, ...],
        tx: Transaction,
        *,
        now: datetime,
    ) -> Sequence[Artefact]:
        recording_id = plan.recording.recording_id
        record = RedactionRecord(
            recording_id=recording_id,
            generation=generation,
            version=self._maker.version,
            status=status,
            reasons=reasons,
            decided_at=now,
            missed=plan.missed,
        )
        outcome = EntryOutcome.DONE if status is RedactionStatus.RELEASED else EntryOutcome.REFUSED
        tx.redactions.save([record])
        tx.log.append(
            [self._scribe.entry(REDACTOR, Operation.RECORDING_REDACTED, outcome, subject=recording_id, reasons=reasons)]
        )
        return tx.artefacts.remove_older(recording_id, REDACTED_KINDS, before_generation=plan.generation)

    def clean_up(self, aftermath: Aftermath) -> None:
        """Destroy what is obsolete. Raises RetryableError."""
        self._disposal.clear(aftermath.obsolete, actor=REDACTOR)
