"""What was said in a call, read through the gate: of the part to redact, and of those near it."""

from dataclasses import dataclass, field

from callwarden.custody.gate import Gate
from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.event import CallRecorded
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.model.redaction import KnownFacts
from callwarden.model.transcript import Transcript
from callwarden.ports.speech import TranscriptCodec
from callwarden.ports.vault import ObjectMissingError
from callwarden.rules.call_parts import Neighbours, seconds_between
from callwarden.rules.reading import ReadRefusal
from callwarden.steps.redact.beside import Beside, OtherPart
from callwarden.steps.redact.make import known_facts

REDACTOR = Actor(role=Role.REDACTOR, name="redact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One part of a call, what the events of all its parts say of the people in it, and the others' words."""

    event: CallRecorded
    transcript: Transcript
    known: KnownFacts = field(repr=False)
    beside: Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReader:
    """Reads for the redactor. Thread-safe."""

    gate: Gate
    codec: TranscriptCodec

    def read(self, recording: Recording, neighbours: Neighbours, purpose: Purpose) -> Said:
        """A neighbour that may not be read for this purpose, or goes meanwhile, is as if it had no transcript. Raises
        what the gate raises of `recording` itself."""
        event, transcript = self._said(recording.recording_id, purpose)
        facts, others = [known_facts(event)], dict[RecordingId, OtherPart]()
        near = (*neighbours.before, *neighbours.after)
        wanted = [other.recording_id for other in near]
        permitted = self.gate.permitted(REDACTOR, purpose, Readable.ORIGINAL_TRANSCRIPT, wanted) if wanted else ()
        for other in near:
            if other.recording_id not in permitted:
                continue
            try:
                others_event, words = self._said(other.recording_id, purpose)
            except ObjectMissingError:
                continue
            except RefusedError as error:
                if ReadRefusal.LOG_UNAVAILABLE in error.reasons:
                    raise
                continue
            facts.append(known_facts(others_event))
            others[other.recording_id] = OtherPart(transcript=words, starts_s=seconds_between(recording, other))
        before, after = (
            tuple(others[other.recording_id] for other in some if other.recording_id in others)
            for some in (neighbours.before, neighbours.after)
        )
        known = KnownFacts(
            names=tuple(dict.fromkeys(name for one in facts for name in one.names)),
            numbers=tuple(dict.fromkeys(number for one in facts for number in one.numbers)),
        )
        beside = Beside(
            before=before, after=after, continues=neighbours.continues, may_be_first=neighbours.may_be_first
        )
        return Said(event=event, transcript=transcript, known=known, beside=beside)

    def _said(self, recording_id: RecordingId, purpose: Purpose) -> tuple[CallRecorded, Transcript]:
        event = self.gate.details(REDACTOR, purpose, recording_id)
        content = self.gate.read(REDACTOR, purpose, recording_id, Readable.ORIGINAL_TRANSCRIPT)
        return event, self.codec.decode(content.read_all())
