"""recordings.stored → original transcript → transcripts.ready: its own consumer group, so that ingest never waits.

A job may outlast the poll interval: it runs in a thread while the loop keeps the membership alive. A replay, a kill
or a rebalance in mid-job ends in one transcript: whoever began last finishes, the other's object is cleared.
"""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePosixPath

from callwarden.custody.archivist import Archivist, RecordingGoneError, scratch_file
from callwarden.custody.gate import Gate
from callwarden.custody.references import read_reference, reference_message
from callwarden.custody.scribe import Scribe
from callwarden.errors import InvalidMessageError, RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.log_entry import Operation
from callwarden.model.outcome import Position
from callwarden.model.policy import Policy
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind, Recording, RecordingState
from callwarden.model.transcript import TimeRange
from callwarden.ports.audio import BadAudioError
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.speech import LanguageNotSupportedError, SpeechRecogniser, TranscriptCodec
from callwarden.ports.step import Begun, Finished
from callwarden.rules.derivation import purpose_of_deriving

TRANSCRIBER = Actor(role=Role.TRANSCRIBER, name="transcribe")
STORED_TOPIC = "recordings.stored"
READY_TOPIC = "transcripts.ready"
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribePlan:
    """One recording to listen to; `purpose` None where there is nothing to do."""

    position: Position
    recording: Recording | None
    attempt: int
    purpose: Purpose | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """What came of it: an artefact, or a code that says why there is none."""

    plan: TranscribePlan
    artefact: Artefact | None
    why_none: str = ""

    @property
    def position(self) -> Position:
        return self.plan.position


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeAftermath:
    """An object that lost its race and goes."""

    position: Position
    obsolete: Artefact | None = None


class Transcribe:
    """Consumes `recordings.stored` for the group ``transcribe``. Thread-safe."""

    name = "transcribe"
    group = "transcribe"
    topics = (STORED_TOPIC,)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        gate: Gate,
        archivist: Archivist,
        recogniser: SpeechRecogniser,
        codec: TranscriptCodec,
        scribe: Scribe,
        language: str | None,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._gate = gate
        self._archivist = archivist
        self._recogniser = recogniser
        self._codec = codec
        self._scribe = scribe
        self._language = language

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[TranscribePlan]:
        """Decide which recordings to listen to. Raises RetryableError, having changed nothing."""
        wanted = {delivery.position: read_reference(delivery) for delivery in deliveries}
        now = self._clock.now()
        plans = []
        with self._catalogue.transaction() as tx:
            rows = tx.recordings.get(wanted.values(), lock=True)
            transcribed = {
                one.recording_id
                for one in tx.artefacts.get(wanted.values())
                if one.kind is ArtefactKind.ORIGINAL_TRANSCRIPT
            }
            purposes = {
                row.recording_id: purpose_of_deriving(row, policy=self._policy, now=now)
                for row in rows.values()
                if row.recording_id not in transcribed
            }
            todo = [recording_id for recording_id, purpose in purposes.items() if purpose is not None]
            attempts = tx.recordings.begin_attempts(todo) if todo else {}
        for position, recording_id in wanted.items():
            plans.append(
                TranscribePlan(
                    position=position,
                    recording=rows.get(recording_id),
                    attempt=attempts.get(recording_id, 0),
                    purpose=purposes.get(recording_id),
                )
            )
        return Begun(plans=plans)

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> None:
        """A message of ours that cannot be read: nothing is recorded of it."""

    def carry_out(self, plan: TranscribePlan) -> Transcribed:
        """Listen and store the transcript. Raises RetryableError; it may then be carried out again."""
        if plan.recording is None or plan.purpose is None:
            return Transcribed(plan=plan, artefact=None, why_none="not_wanted")
        try:
            return Transcribed(plan=plan, artefact=self._transcribe(plan.recording, plan.purpose))
        except RefusedError as error:
            return Transcribed(plan=plan, artefact=None, why_none=error.reasons[0])
        except RecordingGoneError:
            return Transcribed(plan=plan, artefact=None, why_none="disposed")
        except LanguageNotSupportedError:
            return Transcribed(plan=plan, artefact=None, why_none="language_unsupported")
        except BadAudioError as error:
            return Transcribed(plan=plan, artefact=None, why_none=error.fault.value)

    def _transcribe(self, recording: Recording, purpose: Purpose) -> Artefact:
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
                hint=PurePosixPath(event.audio.uri).suffix or None,
            )
        body = io.BytesIO(self._codec.encode(transcript))
        return self._archivist.store(recording, ArtefactKind.ORIGINAL_TRANSCRIPT, 1, body, media_type=MEDIA_TYPE)

    def finish(self, done: Sequence[Transcribed]) -> Finished[TranscribeAftermath]:
        """Make the transcripts known, in one transaction with their messages and log entries."""
        made = {one.position: one for one in done if one.artefact is not None}
        aftermaths = [TranscribeAftermath(position=one.position) for one in done if one.artefact is None]
        messages, entries, artefacts = [], [], []
        with self._catalogue.transaction() as tx:
            ids = [one.artefact.recording_id for one in made.values() if one.artefact is not None]
            rows = tx.recordings.get(ids, lock=True)
            attempts = tx.recordings.attempts(ids)
            for position, one in made.items():
                assert one.artefact is not None, "made holds those with an artefact"
                row = rows[one.artefact.recording_id]
                if row.state is not RecordingState.STORED or attempts[row.recording_id] != one.plan.attempt:
                    aftermaths.append(TranscribeAftermath(position=position, obsolete=one.artefact))
                    continue
                artefacts.append(one.artefact)
                messages.append(
                    reference_message(
                        READY_TOPIC,
                        row.recording_id,
                        generation=one.artefact.generation,
                        policy_version=self._policy.version,
                    )
                )
                entries.append(
                    self._scribe.entry(TRANSCRIBER, Operation.RECORDING_TRANSCRIBED, subject=row.recording_id)
                )
                aftermaths.append(TranscribeAftermath(position=position))
            tx.artefacts.add(artefacts)
            tx.log.append(entries)
            outbox = tx.outbox.append(messages)
        return Finished(outbox=outbox, aftermaths=aftermaths)

    def clean_up(self, aftermath: TranscribeAftermath) -> None:
        """Clear an object that lost its race. Raises RetryableError."""
        if aftermath.obsolete is not None:
            self._archivist.clear(aftermath.obsolete)

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """No event of this step waits."""
        return ()
