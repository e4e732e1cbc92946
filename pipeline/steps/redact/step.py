"""The step as the runtime sees it: read through the gate, make, store, and release in one transaction."""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from callwarden.custody.archivist import Archivist, RecordingGoneError, scratch_file
from callwarden.custody.gate import Gate
from callwarden.custody.references import read_reference, reference_message
from callwarden.custody.scribe import Scribe
from callwarden.errors import InvalidMessageError, RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.outcome import Position
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import RedactedTranscript, TimeRange
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.speech import TranscriptCodec
from callwarden.ports.step import Begun, Finished
from callwarden.rules.derivation import purpose_of_deriving
from callwarden.rules.released import needs_redaction
from callwarden.rules.search_text import searchable_text
from callwarden.steps.redact.make import RedactionMaker, WithheldRedaction

REDACTOR = Actor(role=Role.REDACTOR, name="redact")
READY_TOPIC = "transcripts.ready"
REDACTED_TOPIC = "recordings.redacted"
REDACTED_KINDS = (ArtefactKind.REDACTED_TRANSCRIPT, ArtefactKind.BEEPED_AUDIO, ArtefactKind.WAVEFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactPlan:
    """One recording to redact, as this generation; `purpose` None where there is nothing to do."""

    position: Position
    recording: Recording | None
    attempt: int
    generation: int
    purpose: Purpose | None
    missed: tuple[TimeRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What came of it: artefacts and the text to find it by, or why it is withheld, or neither (not wanted)."""

    plan: RedactPlan
    artefacts: tuple[Artefact, ...] = ()
    transcript: RedactedTranscript | None = None
    withheld: WithheldRedaction | None = None

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactAftermath:
    """Objects that are obsolete: of an earlier generation, or of an attempt that lost its race."""

    position: Position
    obsolete: tuple[Artefact, ...] = ()


class Redact:
    """Consumes `transcripts.ready` for the group ``redact``. Thread-safe."""

    name = "redact"
    group = "redact"
    topics = (READY_TOPIC,)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        gate: Gate,
        archivist: Archivist,
        maker: RedactionMaker,
        codec: TranscriptCodec,
        scribe: Scribe,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._gate = gate
        self._archivist = archivist
        self._maker = maker
        self._codec = codec
        self._scribe = scribe

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[RedactPlan]:
        """Decide which recordings to redact. Raises RetryableError, having changed nothing."""
        wanted = {delivery.position: read_reference(delivery) for delivery in deliveries}
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            rows = tx.recordings.get(wanted.values(), lock=True)
            records = tx.redactions.get(wanted.values())
            purposes = {
                row.recording_id: purpose_of_deriving(row, policy=self._policy, now=now)
                for row in rows.values()
                if needs_redaction(records.get(row.recording_id), version=self._maker.version)
            }
            todo = [recording_id for recording_id, purpose in purposes.items() if purpose is not None]
            attempts = tx.recordings.begin_attempts(todo) if todo else {}
        return Begun(
            plans=[
                RedactPlan(
                    position=position,
                    recording=rows.get(recording_id),
                    attempt=attempts.get(recording_id, 0),
                    generation=_generation(records.get(recording_id)) + 1,
                    purpose=purposes.get(recording_id),
                    missed=records[recording_id].missed if recording_id in records else (),
                )
                for position, recording_id in wanted.items()
            ]
        )

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> None:
        """A message of ours that cannot be read: nothing is recorded of it."""

    def carry_out(self, plan: RedactPlan) -> Redacted:
        """Make and store one redaction. Raises RetryableError; it may then be carried out again."""
        if plan.recording is None or plan.purpose is None:
            return Redacted(plan=plan)
        try:
            return self._redact(plan, plan.recording, plan.purpose)
        except (RefusedError, RecordingGoneError):
            return Redacted(plan=plan)

    def _redact(self, plan: RedactPlan, recording: Recording, purpose: Purpose) -> Redacted:
        recording_id = recording.recording_id
        event = self._gate.details(REDACTOR, purpose, recording_id)
        text = self._gate.read(REDACTOR, purpose, recording_id, Readable.ORIGINAL_TRANSCRIPT)
        transcript = self._codec.decode(text.read_all())
        content = self._gate.read(REDACTOR, purpose, recording_id, Readable.ORIGINAL_AUDIO)
        hint = PurePosixPath(event.audio.uri).suffix or None
        with closing(scratch_file()) as audio:
            content.copy_to(audio)
            made = self._maker.make(transcript, event, audio, hint=hint, missed=plan.missed)
        if isinstance(made, WithheldRedaction):
            return Redacted(plan=plan, withheld=made)
        with closing(made.beeped):
            contents = (
                (ArtefactKind.REDACTED_TRANSCRIPT, io.BytesIO(self._codec.encode_redacted(made.transcript)), "json"),
                (ArtefactKind.WAVEFORM, io.BytesIO(made.waveform), "json"),
                (ArtefactKind.BEEPED_AUDIO, made.beeped, ""),
            )
            artefacts = tuple(
                self._archivist.store(
                    recording,
                    kind,
                    plan.generation,
                    body,
                    media_type="application/json" if form == "json" else made.media_type,
                )
                for kind, body, form in contents
            )
        return Redacted(plan=plan, artefacts=artefacts, transcript=made.transcript)

    def finish(self, done: Sequence[Redacted]) -> Finished[RedactAftermath]:
        """Release or withhold, in one transaction: the record is what lets anybody read the artefacts (I8)."""
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            ids = [one.plan.recording.recording_id for one in done if one.plan.recording is not None]
            rows = tx.recordings.get(ids, lock=True)
            attempts = tx.recordings.attempts(ids)
            aftermaths, messages = [], []
            for one in done:
                row = None if one.plan.recording is None else rows.get(one.plan.recording.recording_id)
                made_nothing = not one.artefacts and one.withheld is None
                overtaken = row is None or row.state is not RecordingState.STORED
                if row is None or made_nothing or overtaken or attempts[row.recording_id] != one.plan.attempt:
                    aftermaths.append(RedactAftermath(position=one.position, obsolete=one.artefacts))
                    continue
                aftermaths.append(RedactAftermath(position=one.position, obsolete=self._record(one, row, tx, now=now)))
                if one.withheld is None:
                    messages.append(
                        reference_message(
                            REDACTED_TOPIC,
                            row.recording_id,
                            generation=one.plan.generation,
                            policy_version=self._policy.version,
                        )
                    )
            outbox = tx.outbox.append(messages)
        return Finished(outbox=outbox, aftermaths=aftermaths)

    def _record(self, one: Redacted, row: Recording, tx: Transaction, *, now: datetime) -> tuple[Artefact, ...]:
        """Write one redaction's rows; returns the artefacts of earlier generations, which go."""
        withheld = one.withheld
        generation = one.plan.generation if withheld is None else one.plan.generation - 1
        tx.artefacts.add(one.artefacts)
        tx.redactions.save(
            [
                RedactionRecord(
                    recording_id=row.recording_id,
                    generation=generation,
                    version=self._maker.version,
                    status=RedactionStatus.RELEASED if withheld is None else RedactionStatus.WITHHELD,
                    reasons=() if withheld is None else (withheld.reason.value,),
                    decided_at=now,
                    missed=one.plan.missed,
                )
            ]
        )
        if one.transcript is not None:
            text = searchable_text(one.transcript)
            tx.search.index(row.recording_id, generation=generation, line=row.line, ended_at=row.ended_at, text=text)
        else:
            tx.search.remove([row.recording_id])
        tx.log.append(
            [
                self._scribe.entry(
                    REDACTOR,
                    Operation.RECORDING_REDACTED,
                    EntryOutcome.DONE if withheld is None else EntryOutcome.REFUSED,
                    subject=row.recording_id,
                    reasons=() if withheld is None else (withheld.reason.value,),
                )
            ]
        )
        return tuple(tx.artefacts.remove_older(row.recording_id, REDACTED_KINDS, before_generation=one.plan.generation))

    def clean_up(self, aftermath: RedactAftermath) -> None:
        """Destroy what is obsolete. Raises RetryableError."""
        for artefact in aftermath.obsolete:
            self._archivist.clear(artefact)

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """No event of this step waits."""
        return ()


def _generation(record: RedactionRecord | None) -> int:
    return 0 if record is None else record.generation
