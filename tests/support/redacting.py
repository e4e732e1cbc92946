"""The redacting step with a finder that finds nothing and a beeper that notes its windows: what is told goes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.messages import TranscriptReady, decode, encode
from callwarden.model.audio import AudioCaps, BeepedAudio
from callwarden.model.ids import RecordingId
from callwarden.model.outcome import Position
from callwarden.model.recording import ArtefactKind
from callwarden.model.redaction import Attention, AudioLevel, KnownFacts, OpenQuestion, Span, Turn
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn, Word
from callwarden.ports.bus import Delivery
from callwarden.ports.pii import PersonalDataFinder
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.steps.redact.make import RedactionMaker
from callwarden.steps.redact.step import Redact
from callwarden.steps.transcribe import TRANSCRIBER
from callwarden.wiring import shipped_config
from tests.support.workshop import Workshop

CAPS = AudioCaps(max_bytes=1 << 20, max_duration_s=600, max_channels=2, max_sample_rate_hz=48_000)


class BlindFinder:
    """`callwarden.ports.pii.PersonalDataFinder` that finds nothing."""

    def find(
        self, turns: Sequence[Turn], *, language: str, known: KnownFacts, opening: Sequence[OpenQuestion] = ()
    ) -> list[Span]:
        return []

    def attend(self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()) -> Attention:
        return Attention(expected=frozenset(), rare=frozenset())


@dataclass
class NotingBeeper:
    """`callwarden.ports.audio.AudioBeeper` that copies, and remembers where it should have beeped."""

    windows: list[tuple[TimeRange, ...]] = field(default_factory=list)

    def beep(
        self,
        source: BinaryIO,
        target: BinaryIO,
        *,
        windows: Sequence[TimeRange],
        caps: AudioCaps,
        hint: str | None = None,
    ) -> BeepedAudio:
        self.windows.append(tuple(windows))
        source.seek(0)
        target.write(source.read())
        return BeepedAudio(frames=1, sample_rate_hz=8000, channels=2, media_type="audio/flac", waveform=b"{}")


@dataclass
class Redacting:
    """`deliver` hands a recording's transcript to the step once, from its beginning to its end."""

    shop: Workshop
    version: str = "v1"
    level: AudioLevel = AudioLevel.BALANCED
    beeper: NotingBeeper = field(default_factory=NotingBeeper)
    finder: PersonalDataFinder = field(default_factory=BlindFinder)
    delivered: int = 0

    def transcribed(self, recording_id: RecordingId, words: str) -> None:
        """Store what was said in this recording: one turn, one word a second."""
        self.said(recording_id, ("caller", words))

    def said(self, recording_id: RecordingId, *turns: tuple[str, str], probability: float = 0.9) -> None:
        """Store who said what in this recording: one word a second."""
        spoken, at = list[TranscriptTurn](), 0.0
        for speaker, text in turns:
            words = tuple(
                Word(
                    text=word,
                    start_s=at + number,
                    end_s=at + number + 0.8,
                    probability=probability,
                    channel=int(speaker != "agent"),
                )
                for number, word in enumerate(text.split())
            )
            spoken.append(TranscriptTurn(speaker=speaker, words=words, start_s=at, end_s=at + len(words)))
            at += len(words)
        transcript = Transcript(
            recording_id=recording_id,
            language="fr",
            model="none",
            duration_s=at,
            turns=tuple(spoken),
            speech_without_words=(),
            pauses=(),
        )
        with self.shop.system.catalogue.transaction() as tx:
            row = tx.recordings.get([recording_id])[recording_id]
            attempt = tx.recordings.attempts([recording_id])[recording_id]
        body = io.BytesIO(JsonTranscriptCodec().encode(transcript))
        artefact = self.shop.system.store.derived(
            row,
            ArtefactKind.ORIGINAL_TRANSCRIPT,
            1,
            body,
            attempt=attempt,
            media_type="application/json",
            actor=TRANSCRIBER,
        )
        with self.shop.system.catalogue.transaction() as tx:
            tx.artefacts.add([artefact])

    def settle(self, *recording_ids: RecordingId) -> list[RecordingId]:
        """Deliver these, and whatever is asked for by that, until nothing is; what was asked for, in order."""
        waiting, asked = list(recording_ids), list[RecordingId]()
        while waiting:
            more = self.deliver(waiting.pop(0))
            waiting += more
            asked += more
            assert len(asked) < 200, "parts of a call ask one another for ever"
        return asked

    def deliver(self, recording_id: RecordingId) -> list[RecordingId]:
        """The recordings this asks a redaction of."""
        step = self.step()
        begun = step.begin([self.delivery(recording_id)])
        finished = step.finish([step.carry_out(plan) for plan in begun.plans])
        for aftermath in finished.aftermaths:
            step.clean_up(aftermath)
        return [
            decode(TranscriptReady, one.message.value).recording_id
            for one in finished.outbox
            if one.message.topic == TranscriptReady.topic
        ]

    def delivery(self, recording_id: RecordingId) -> Delivery:
        """The next message, about this recording."""
        self.delivered += 1
        position = Position(topic=TranscriptReady.topic, partition=0, offset=self.delivered)
        version = self.shop.system.policy.version
        value = encode(TranscriptReady(recording_id=recording_id, generation=1, policy_version=version))
        return Delivery(position=position, key=recording_id.encode(), value=value)

    def step(self) -> Redact:
        system = self.shop.system
        policy = replace(
            load_redaction_policy(shipped_config() / "redaction.yaml"),
            padding_s=0.25,
            merge_gap_s=0.1,
            level=self.level,
        )
        return Redact(
            policy=system.policy,
            clock=system.clock,
            catalogue=system.catalogue,
            gate=system.gate,
            store=system.store,
            disposal=system.disposal,
            maker=RedactionMaker(
                policy=policy,
                version=self.version,
                finder=self.finder,
                beeper=self.beeper,
                listener=None,
                caps=CAPS,
            ),
            codec=JsonTranscriptCodec(),
            scribe=system.scribe,
        )
