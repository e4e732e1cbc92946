"""recordings.stored → original transcript → transcripts.ready: its own consumer group, so that ingest never waits.

A job may outlast the poll interval: it runs in a thread while the loop keeps the membership alive. A replay, a kill
or a rebalance in mid-job ends in one transcript: whoever began last finishes, the other's object is cleared.
"""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from callwarden.custody.disposal import Disposal
from callwarden.custody.gate import Gate
from callwarden.custody.scribe import Scribe
from callwarden.custody.store import RecordingGoneError, Store, scratch_file
from callwarden.errors import RefusedError, RetryableError
from callwarden.messages import RecordingStored, TranscriptReady, decode
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.outcome import Position
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState, Untranscribed
from callwarden.model.transcript import TimeRange, Transcript
from callwarden.ports.audio import BadAudioError
from callwarden.ports.bus import Delivery, Message
from callwarden.ports.catalogue import Catalogue, Transaction
from callwarden.ports.clock import Clock
from callwarden.ports.speech import LanguageNotSupportedError, SpeechRecogniser, TranscriptCodec
from callwarden.ports.step import Aftermath, Begun, Finished, OfOurMessages
from callwarden.rules.derivation import purpose_of_deriving
from callwarden.rules.measured import with_speech
from callwarden.rules.reading import ReadRefusal

TRANSCRIBER = Actor(role=Role.TRANSCRIBER, name="transcribe")
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """One recording to listen to; `attempt` fences off whoever began earlier."""

    position: Position
    recording: Recording
    attempt: int
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Nothing to listen to: transcribed already, set aside, gone, or not to be transcribed, which its row says."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """A transcript that is stored, and not yet known."""

    plan: Listen
    artefact: Artefact
    transcript: Transcript

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTranscribed:
    """Why there is none: a code."""

    plan: Listen
    reason: str

    @property
    def position(self) -> Position:
        return self.plan.position


class Transcribe(OfOurMessages):
    """Consumes `recordings.stored` for the group ``transcribe``. Thread-safe."""

    name = "transcribe"
    group = "transcribe"
    topics = (RecordingStored.topic,)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        gate: Gate,
        store: Store,
        disposal: Disposal,
        recogniser: SpeechRecogniser,
        codec: TranscriptCodec,
        scribe: Scribe,
        language: str | None,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._gate = gate
        self._store = store
        self._disposal = disposal
        self._recogniser = recogniser
        self._codec = codec
        self._scribe = scribe
        self._language = language

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Listen | Skip]:
        """Decide which recordings to listen to, and write down why not to the others. Raises RetryableError, having
        changed nothing."""
        wanted = {delivery.position: decode(RecordingStored, delivery.value).recording_id for delivery in deliveries}
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            rows = dict(tx.recordings.get(wanted.values(), lock=True))
            for artefact in tx.artefacts.get(rows):
                if artefact.kind is ArtefactKind.ORIGINAL_TRANSCRIPT:
                    rows.pop(artefact.recording_id, None)
            decided = {name: purpose_of_deriving(row, policy=self._policy, now=now) for name, row in rows.items()}
            purposes = {name: purpose for name, purpose in decided.items() if isinstance(purpose, Purpose)}
            attempts = tx.recordings.begin_attempts(purposes)
            tx.recordings.save(
                [
                    replace(rows[name], untranscribed=reason.value)
                    for name, reason in decided.items()
                    if isinstance(reason, Untranscribed)
                ]
            )
        return Begun(
            plans=[
                Listen(position=position, recording=rows[name], attempt=attempts[name], purpose=purposes[name])
                if name in purposes
                else Skip(position=position)
                for position, name in wanted.items()
            ]
        )

    def carry_out(self, plan: Listen | Skip) -> Transcribed | NotTranscribed | Skip:
        """Listen and store the transcript. Raises RetryableError; it may then be carried out again."""
        if isinstance(plan, Skip):
            return plan
        try:
            return self._transcribe(plan)
        except RecordingGoneError:
            return Skip(position=plan.position)
        except RefusedError as error:
            if ReadRefusal.LOG_UNAVAILABLE in error.reasons:
                raise RetryableError("the access log cannot take the entry of a reading") from error
            return NotTranscribed(plan=plan, reason=error.reasons[0])
        except LanguageNotSupportedError:
            return NotTranscribed(plan=plan, reason=Untranscribed.LANGUAGE_UNSUPPORTED.value)
        except BadAudioError as error:
            return NotTranscribed(plan=plan, reason=error.fault.value)

    def _transcribe(self, plan: Listen) -> Transcribed:
        recording, purpose = plan.recording, plan.purpose
        event = self._gate.details(TRANSCRIBER, purpose, recording.recording_id)
        content = self._gate.read(TRANSCRIBER, purpose, recording.recording_id, Readable.ORIGINAL_AUDIO)
        with closing(scratch_file()) as audio:
            content.copy_to(audio)
            transcript = self._recogniser.transcribe(
                audio,
                recording_id=recording.recording_id,
                roles=event.channels,
                language=self._language,
                pauses=[TimeRange(start_s=pause.from_s, end_s=pause.to_s) for pause in event.pauses],
                hint=event.audio_hint,
            )
        body = io.BytesIO(self._codec.encode(transcript))
        artefact = self._store.derived(
            recording,
            ArtefactKind.ORIGINAL_TRANSCRIPT,
            1,
            body,
            attempt=plan.attempt,
            media_type=MEDIA_TYPE,
            actor=TRANSCRIBER,
        )
        return Transcribed(plan=plan, artefact=artefact, transcript=transcript)

    def finish(self, done: Sequence[Transcribed | NotTranscribed | Skip]) -> Finished[Aftermath]:
        """Make the transcripts known, and why there is none, in one transaction with messages and log entries."""
        listened = [each for each in done if not isinstance(each, Skip)]
        aftermaths = {each.position: Aftermath(position=each.position) for each in done}
        messages: list[Message] = []
        with self._catalogue.transaction() as tx:
            ids = [each.plan.recording.recording_id for each in listened]
            rows = tx.recordings.get(ids, lock=True)
            attempts = tx.recordings.attempts(ids)
            for each in listened:
                row = rows[each.plan.recording.recording_id]
                overtaken = row.state is not RecordingState.STORED or attempts[row.recording_id] != each.plan.attempt
                match each:
                    case Transcribed(artefact=artefact) if overtaken:
                        aftermaths[each.position] = Aftermath(position=each.position, obsolete=(artefact,))
                    case Transcribed(artefact=artefact, transcript=transcript):
                        messages.append(self._made_known(row, artefact, transcript, tx))
                    case NotTranscribed(reason=reason) if not overtaken:
                        self._record(row, reason, tx)
                    case NotTranscribed():
                        pass
            outbox = tx.outbox.append(messages)
        return Finished(outbox=outbox, aftermaths=list(aftermaths.values()))

    def _made_known(self, row: Recording, artefact: Artefact, transcript: Transcript, tx: Transaction) -> Message:
        tx.artefacts.add([artefact])
        tx.recordings.save([replace(row, untranscribed=None, measured=with_speech(row.measured, transcript))])
        tx.log.append([self._scribe.entry(TRANSCRIBER, Operation.RECORDING_TRANSCRIBED, subject=row.recording_id)])
        ready = TranscriptReady(
            recording_id=row.recording_id, generation=artefact.generation, policy_version=self._policy.version
        )
        return Message.of(ready)

    def _record(self, row: Recording, reason: str, tx: Transaction) -> None:
        tx.recordings.save([replace(row, untranscribed=reason)])
        entry = self._scribe.entry(
            TRANSCRIBER,
            Operation.RECORDING_TRANSCRIBED,
            EntryOutcome.REFUSED,
            subject=row.recording_id,
            reasons=(reason,),
        )
        tx.log.append([entry])

    def clean_up(self, aftermath: Aftermath) -> None:
        """Clear an object that lost its race. Raises RetryableError."""
        self._disposal.clear(aftermath.obsolete, actor=TRANSCRIBER)
