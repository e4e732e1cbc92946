"""A recording that is not transcribed says why, is found by it, and can be tried again (I1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, BinaryIO

import pytest

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.errors import RefusedError, RetryableError
from callwarden.messages import RecordingStored, encode
from callwarden.model.access import Actor, Role
from callwarden.model.audio import AudioFault
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.outcome import Position
from callwarden.model.policy import Policy
from callwarden.model.recording import Measured, Recording
from callwarden.model.transcript import TimeRange, Transcript
from callwarden.ports.audio import BadAudioError
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import OutcomeFilter
from callwarden.ports.speech import LanguageNotSupportedError
from callwarden.steps.transcribe import Transcribe
from tests.support.workshop import Workshop, with_line

OPERATOR = Actor(role=Role.OPERATOR, name="otto")
UNTRANSCRIBED = OutcomeFilter(untranscribed=True)


@dataclass
class Recogniser:
    """`callwarden.ports.speech.SpeechRecogniser` that hears nothing, or fails as it was told to."""

    failure: Exception | None = None
    heard: list[RecordingId] = field(default_factory=list)

    def transcribe(
        self,
        file: BinaryIO,
        *,
        recording_id: RecordingId,
        roles: Sequence[str],
        language: str | None,
        pauses: Sequence[TimeRange] = (),
        hint: str | None = None,
    ) -> Transcript:
        self.heard.append(recording_id)
        if self.failure is not None:
            raise self.failure
        return Transcript(
            recording_id=recording_id,
            language="fr",
            model="none",
            duration_s=1.0,
            turns=(),
            speech_without_words=(),
            pauses=(),
        )


@dataclass
class Transcribing:
    """`deliver` hands a stored recording to the step once, from its beginning to its end."""

    shop: Workshop
    recogniser: Recogniser = field(default_factory=Recogniser)
    delivered: int = 0

    def deliver(self, recording_id: RecordingId, *, policy: Policy | None = None) -> Recording:
        step, delivery = self.step(policy), self.delivery(recording_id)
        begun = step.begin([delivery])
        finished = step.finish([step.carry_out(plan) for plan in begun.plans])
        assert [each.position for each in finished.aftermaths] == [delivery.position]
        return self.row(recording_id)

    def delivery(self, recording_id: RecordingId) -> Delivery:
        """The next message, about this recording."""
        self.delivered += 1
        position = Position(topic=RecordingStored.topic, partition=0, offset=self.delivered)
        return Delivery(position=position, key=b"", value=encode(RecordingStored.of(self.row(recording_id))))

    def row(self, recording_id: RecordingId) -> Recording:
        with self.shop.system.catalogue.snapshot() as tx:
            return tx.recordings.get([recording_id])[recording_id]

    def step(self, policy: Policy | None) -> Transcribe:
        system = self.shop.system
        return Transcribe(
            policy=policy or system.policy,
            clock=system.clock,
            catalogue=system.catalogue,
            gate=system.gate,
            store=system.store,
            disposal=system.disposal,
            recogniser=self.recogniser,
            codec=JsonTranscriptCodec(),
            scribe=system.scribe,
            language=None,
        )


def sent(shop: Workshop, topic: str) -> int:
    return len(shop.parts["bus"].messages(topic))


FAILURES: list[tuple[Exception, str]] = [
    (LanguageNotSupportedError("br"), "language_unsupported"),
    (BadAudioError(AudioFault.UNREADABLE, "no frames"), "unreadable_audio"),
    (RefusedError(("key_missing",)), "key_missing"),
]


@pytest.mark.parametrize(("failure", "reason"), FAILURES)
def test_a_failed_transcription_is_a_recorded_outcome_with_its_reason(
    shop: Workshop, failure: Exception, reason: str
) -> None:
    recording, other = shop.stored("c-1"), shop.stored("c-2")
    work = Transcribing(shop, Recogniser(failure))
    assert work.deliver(recording).untranscribed == reason
    entry = shop.parts["catalogue"].log[-1]
    assert (entry.operation, entry.outcome) == (Operation.RECORDING_TRANSCRIBED, EntryOutcome.REFUSED)
    assert (entry.subject, entry.reasons) == (recording, (reason,))
    found = shop.system.call_desk.listed(OPERATOR, UNTRANSCRIBED)
    assert [each.recording_id for each in found.outcomes] == [recording]
    assert work.row(other).untranscribed is None
    assert shop.clean()


def _restricted(shop: Workshop, recording_id: RecordingId) -> None:
    with shop.system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id], lock=True)[recording_id]
        tx.recordings.save([replace(row, restricted=True)])


def _objected(shop: Workshop, recording_id: RecordingId) -> None:
    with shop.system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id], lock=True)[recording_id]
        uses = frozenset({"quality", "training", "ai_experiment", "staff_protection"})
        tx.recordings.save([replace(row, objected=uses)])


def _past(shop: Workshop, recording_id: RecordingId) -> None:
    shop.clock.move(timedelta(days=4000))


@pytest.mark.parametrize(
    ("happens", "line", "reason"),
    [
        (_restricted, {}, "restricted"),
        (_objected, {}, "objected"),
        (_past, {}, "past_retention"),
        (lambda shop, recording_id: None, {"transcription": False}, "transcription_off"),
    ],
)
def test_a_recording_that_is_not_to_be_transcribed_says_why(
    shop: Workshop, happens: Callable[[Workshop, RecordingId], None], line: dict[str, Any], reason: str
) -> None:
    recording = shop.stored()
    happens(shop, recording)
    work = Transcribing(shop)
    row = work.deliver(recording, policy=with_line(shop.system.policy, **line))
    assert (row.untranscribed, work.recogniser.heard) == (reason, [])


def test_what_is_set_aside_or_gone_says_nothing_of_a_transcript(shop: Workshop) -> None:
    recording = shop.stored()
    shop.clock.move(timedelta(days=400))
    shop.drain("dispose")
    assert Transcribing(shop).deliver(recording).untranscribed is None


def test_a_failed_transcription_can_be_tried_again_once_its_cause_is_put_right(shop: Workshop) -> None:
    recording = shop.stored()
    work = Transcribing(shop, Recogniser(LanguageNotSupportedError("br")))
    work.deliver(recording)
    before = sent(shop, "recordings.stored")
    assert shop.system.call_desk.transcribed_again(OPERATOR, recording) == "language_unsupported"
    entry = shop.parts["catalogue"].log[-1]
    assert (entry.operation, entry.subject, entry.reasons) == (
        Operation.TRANSCRIPTION_RETRIED,
        recording,
        ("language_unsupported",),
    )
    assert len(shop.system.catalogue.unsent(older_than_s=0, limit=10)) + sent(shop, "recordings.stored") == before + 1
    work.recogniser.failure = None
    assert work.deliver(recording).untranscribed is None
    assert list(shop.system.call_desk.listed(OPERATOR, UNTRANSCRIBED).outcomes) == []
    with pytest.raises(RefusedError) as refused:
        shop.system.call_desk.transcribed_again(OPERATOR, recording)
    assert refused.value.reasons == ("nothing_to_retry",)
    assert shop.clean()


def test_a_log_that_cannot_take_the_entry_of_a_reading_is_tried_again_not_an_outcome(shop: Workshop) -> None:
    recording = shop.stored()
    work = Transcribing(shop, Recogniser(RefusedError(("log_unavailable",))))
    with pytest.raises(RetryableError):
        work.deliver(recording)
    assert work.row(recording).untranscribed is None


def test_how_long_a_call_took_and_each_spoke_stays_for_figures_until_the_call_goes(shop: Workshop) -> None:
    recording = shop.stored("c-1", agent={"id": "a-1", "team": "day"}, answered_after_s=7.2)
    Transcribing(shop).deliver(recording)
    assert shop.recording("c-1").measured == Measured(
        team="day", answered_after_s=7.2, agent_s=0.0, caller_s=0.0, silence_s=1.0
    )
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    assert shop.recording("c-1").measured is None
