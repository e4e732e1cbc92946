"""How a redaction fails closed (D6, U4, I8): what is in doubt widens a beep or stops the release, and says why."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import pytest

from callwarden.model.audio import AudioCaps, AudioFault, BeepedAudio
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import (
    Attention,
    AudioLevel,
    KnownFacts,
    OpenQuestion,
    RedactionPolicy,
    Span,
    SpanType,
    Turn,
)
from callwarden.model.redaction_record import AudioWithheld, WithheldReason
from callwarden.model.transcript import Heard, HeardAgain, TimeRange, Transcript, TranscriptTurn, Word
from callwarden.ports.audio import BadAudioError
from callwarden.ports.pii import FinderError, FinderTimeoutError, UnsupportedLanguageError
from callwarden.ports.speech import LanguageNotSupportedError
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.steps.redact.make import LISTENINGS, Made, MadeRedaction, RedactionMaker, TextOnly, WithheldRedaction

CAPS = AudioCaps(max_bytes=1 << 20, max_duration_s=600, max_channels=2, max_sample_rate_hz=48_000)
POLICY = replace(
    load_redaction_policy(Path(__file__).parents[2] / "config" / "redaction.yaml"), padding_s=0.1, merge_gap_s=0.1
)


@dataclass
class Finder:
    """Finds one word wherever a speaker says it; or fails. Notes who it was told spoke first."""

    word: str = "tournesol"
    speaker: str | None = None
    score: float = 0.9
    shift: int = 0
    fails: Exception | None = None
    first: list[str] = field(default_factory=list)
    attention: Attention = field(default_factory=lambda: Attention(expected=frozenset(), rare=frozenset()))

    def attend(self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()) -> Attention:
        return self.attention

    def open_questions(
        self, turns: Sequence[Turn], *, language: str, opening: Sequence[OpenQuestion] = ()
    ) -> tuple[OpenQuestion, ...]:
        return ()

    def find(
        self, turns: Sequence[Turn], *, language: str, known: KnownFacts, opening: Sequence[OpenQuestion] = ()
    ) -> list[Span]:
        if self.fails is not None:
            raise self.fails
        self.first += [turn.speaker for turn in turns[:1]]
        return [
            Span(
                turn=number,
                start=turn.text.index(self.word) + self.shift,
                end=turn.text.index(self.word) + len(self.word) + self.shift,
                type=SpanType.SECRET,
                score=self.score,
                explanation="test",
            )
            for number, turn in enumerate(turns)
            if self.word in turn.text and self.speaker in (None, turn.speaker)
        ]


@dataclass
class Beeper:
    """Copies, and notes windows and targets."""

    fails: Exception | None = None
    windows: list[tuple[TimeRange, ...]] = field(default_factory=list)
    targets: list[BinaryIO] = field(default_factory=list)

    def beep(
        self,
        source: BinaryIO,
        target: BinaryIO,
        *,
        windows: Sequence[TimeRange],
        caps: AudioCaps,
        hint: str | None = None,
    ) -> BeepedAudio:
        self.targets.append(target)
        if self.fails is not None:
            raise self.fails
        self.windows.append(tuple(windows))
        target.write(b"sound")
        return BeepedAudio(frames=1, sample_rate_hz=8000, channels=2, media_type="audio/flac", waveform=b"{}")


@dataclass
class Listener:
    """Hears something at each of these times until all of them are under a beep."""

    hears: Sequence[TimeRange] = ()
    never_satisfied: bool = False
    fails: Exception | None = None

    def listen(
        self,
        beeped: BinaryIO,
        *,
        first: Transcript,
        spans: Sequence[Span],
        windows: Sequence[TimeRange],
        hint: str | None = None,
    ) -> tuple[Heard, ...]:
        if self.fails is not None:
            raise self.fails
        return tuple(
            Heard(span=0, when=when, how=HeardAgain.SAID_ELSEWHERE)
            for when in self.hears
            if self.never_satisfied or not any(w.start_s <= when.start_s and when.end_s <= w.end_s for w in windows)
        )


def turn(speaker: str, text: str, *, start: float, probability: float = 0.9) -> TranscriptTurn:
    """One word a second, each 0.8 s long."""
    words = tuple(
        Word(text=word, start_s=start + at, end_s=start + at + 0.8, probability=probability, channel=speaker != "agent")
        for at, word in enumerate(text.split())
    )
    return TranscriptTurn(speaker=speaker, words=words, start_s=start, end_s=words[-1].end_s)


def call(*turns: TranscriptTurn) -> Transcript:
    return Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="test",
        duration_s=40.0,
        turns=turns,
        speech_without_words=(),
        pauses=(),
    )


CALL = call(
    turn("agent", "votre mot de passe", start=0),
    turn("caller", "c'est tournesol voilà", start=5),
    turn("agent", "je répète tourne sol merci", start=10),
)


@dataclass
class Bench:
    """A maker on these fakes."""

    finder: Finder = field(default_factory=Finder)
    beeper: Beeper = field(default_factory=Beeper)
    listener: Listener | None = None
    policy: RedactionPolicy = POLICY

    def make(self, transcript: Transcript = CALL) -> Made:
        maker = RedactionMaker(
            policy=self.policy, version="v1", finder=self.finder, beeper=self.beeper, listener=self.listener, caps=CAPS
        )
        return maker.make_known(transcript, KnownFacts(), io.BytesIO(b"sound"), hint=".wav")


def range_of(start: float, end: float) -> TimeRange:
    return TimeRange(start_s=start, end_s=end)


def edges(windows: Sequence[TimeRange]) -> list[tuple[float, float]]:
    return [(round(one.start_s, 2), round(one.end_s, 2)) for one in windows]


def test_what_is_found_leaves_text_and_sound() -> None:
    made = Bench(listener=Listener()).make()
    assert isinstance(made, MadeRedaction)
    assert edges(made.transcript.beeped) == [(5.9, 6.9)]
    assert [one.text for one in made.transcript.turns][1] == "c'est [SECRET_1] voilà"
    assert (made.transcript.verified, made.heard_again) == (True, (0,))
    made.beeped.close()


def test_without_a_listener_a_release_says_that_nobody_listened() -> None:
    made = Bench().make()
    assert isinstance(made, MadeRedaction)
    assert (made.transcript.verified, made.heard_again) == (False, ())
    made.beeped.close()


def test_what_is_heard_again_is_beeped_too_and_leaves_the_text() -> None:
    """The first listening wrote it in two words: the rules saw nothing, the sound gave it away."""
    bench = Bench(listener=Listener(hears=[range_of(12.0, 13.8)]))
    made = bench.make()
    assert isinstance(made, MadeRedaction)
    assert edges(made.transcript.beeped) == [(5.9, 6.9), (11.9, 13.9)]
    assert made.heard_again == (1, 0)
    assert [one.text for one in made.transcript.turns][2] == "je répète [SECRET_2] merci"
    assert [target.closed for target in bench.beeper.targets] == [True, False]
    made.beeped.close()


def test_a_call_that_still_gives_something_away_after_all_widening_is_withheld() -> None:
    bench = Bench(listener=Listener(hears=[range_of(12.0, 13.8)], never_satisfied=True))
    assert bench.make() == WithheldRedaction(
        reason=WithheldReason.HEARD_AGAIN, detail="recovered by each listening: 1, 1, 1"
    )
    assert [target.closed for target in bench.beeper.targets] == [True] * LISTENINGS


@pytest.mark.parametrize(
    ("finder", "reason", "detail"),
    [
        (Finder(shift=400), WithheldReason.UNPLACEABLE_SPAN, "outside_text"),
        (Finder(fails=FinderTimeoutError(30)), WithheldReason.FINDER_TIMEOUT, ""),
        (Finder(fails=FinderError("ValueError")), WithheldReason.FINDER_FAILED, "ValueError"),
        (Finder(fails=UnsupportedLanguageError("xx", ("fr",))), WithheldReason.LANGUAGE_UNSUPPORTED, "xx"),
    ],
)
def test_a_finder_in_trouble_withholds_the_call_and_no_file_is_made(
    finder: Finder, reason: WithheldReason, detail: str
) -> None:
    bench = Bench(finder=finder, listener=Listener())
    assert bench.make() == WithheldRedaction(reason=reason, detail=detail)
    assert bench.beeper.targets == []


def test_a_finding_under_its_threshold_withholds_the_call() -> None:
    bench = Bench(finder=Finder(score=0.52), listener=Listener())
    bench_policy = replace(POLICY, thresholds=((SpanType.SECRET, 0.6),))
    maker = RedactionMaker(
        policy=bench_policy, version="v1", finder=bench.finder, beeper=bench.beeper, listener=None, caps=CAPS
    )
    made = maker.make_known(CALL, KnownFacts(), io.BytesIO(b"sound"), hint=None)
    assert isinstance(made, WithheldRedaction)
    assert made.reason is WithheldReason.LOW_CONFIDENCE
    assert "tournesol" not in made.detail


def test_a_speaker_nobody_understood_withholds_the_call() -> None:
    mumbled = call(turn("agent", "bonjour", start=0), turn("caller", "a b c d e f g h i", start=5, probability=0.3))
    made = Bench(finder=Finder(word="zzz")).make(mumbled)
    assert made == WithheldRedaction(reason=WithheldReason.LOW_CONFIDENCE, detail="caller was not understood")


@pytest.mark.parametrize(
    ("beeper", "listener", "reason"),
    [
        (
            Beeper(fails=BadAudioError(AudioFault.LENGTH_MISMATCH, "short")),
            Listener(),
            WithheldReason.BAD_AUDIO,
        ),
        (Beeper(), Listener(fails=LanguageNotSupportedError("xx")), WithheldReason.LANGUAGE_UNSUPPORTED),
    ],
)
def test_trouble_with_the_sound_withholds_the_call_and_leaves_no_file_open(
    beeper: Beeper, listener: Listener, reason: WithheldReason
) -> None:
    made = Bench(beeper=beeper, listener=listener).make()
    assert isinstance(made, WithheldRedaction)
    assert made.reason is reason
    assert [target.closed for target in beeper.targets] == [True]


def test_swapped_channels_are_looked_at_both_ways_round() -> None:
    """A greeting by the "caller" betrays them; what either way finds goes."""
    swapped = call(
        turn("caller", "Protecta bonjour votre mot de passe", start=0), turn("agent", "c'est tournesol", start=8)
    )
    bench = Bench(finder=Finder(speaker="caller"), listener=Listener())
    made = bench.make(swapped)
    assert isinstance(made, MadeRedaction)
    assert bench.finder.first == ["caller", "agent"]
    assert [one.text for one in made.transcript.turns][1] == "c'est [SECRET_1]"
    assert [one.speaker for one in made.transcript.turns] == ["caller", "agent"]
    made.beeped.close()


def test_channels_in_order_and_single_channels_are_looked_at_once() -> None:
    for transcript in (CALL, call(turn("unknown", "c'est tournesol", start=0))):
        bench = Bench()
        made = bench.make(transcript)
        assert isinstance(made, MadeRedaction)
        made.beeped.close()
        assert len(bench.finder.first) == 1


def test_a_call_without_a_word_is_released_with_nothing_but_its_voices_beeped() -> None:
    """An empty transcript: nobody knows what a voice without words said, so it is beeped; silence stays."""
    empty = replace(call(), speech_without_words=(range_of(3.0, 4.0),))
    made = Bench(listener=Listener()).make(empty)
    assert isinstance(made, MadeRedaction)
    assert made.transcript.turns == ()
    assert edges(made.transcript.beeped) == [(2.9, 4.1)]
    made.beeped.close()


NAMED = call(
    turn("agent", "bonjour à vous et merci, c'est donc à quel nom", start=0),
    turn("caller", "va t'aider bonjour", start=12, probability=0.15),
)
"""The recogniser made a name into two everyday words, and was not sure of them."""
ASKED = Attention(expected=frozenset({len("bonjour à vous et merci, c'est donc à quel nom ")}), rare=frozenset())


def test_the_answer_to_a_question_is_judged_as_sound_whatever_words_were_written() -> None:
    made = Bench(finder=Finder(attention=ASKED), listener=Listener()).make(NAMED)
    assert isinstance(made, MadeRedaction)
    assert edges(made.transcript.beeped) == [(12.0, 12.8), (13.0, 13.8), (14.0, 14.8)]
    assert made.transcript.turns[1].text == "va t'aider bonjour"
    made.beeped.close()


def test_the_same_words_stay_where_nobody_asked() -> None:
    made = Bench(listener=Listener()).make(NAMED)
    assert isinstance(made, MadeRedaction)
    assert made.transcript.beeped == ()
    made.beeped.close()


def test_the_text_of_a_call_too_much_in_doubt_is_released_without_its_sound() -> None:
    """U4: doubt over the level's share; no file is left open."""
    doubted = call(turn("caller", "va t'aider bonjour", start=5, probability=0.15))
    bench = Bench(finder=Finder(attention=Attention(expected=frozenset({0}), rare=frozenset())), listener=Listener())
    made = bench.make(doubted)
    assert isinstance(made, TextOnly)
    assert made.reason is AudioWithheld.IN_DOUBT
    assert (made.transcript.turns[0].text, made.transcript.beeped) == ("va t'aider bonjour", ())
    assert [target.closed for target in bench.beeper.targets] == [True]


def test_a_policy_of_text_only_never_releases_sound() -> None:
    made = Bench(policy=replace(POLICY, level=AudioLevel.TEXT_ONLY), listener=Listener()).make()
    assert isinstance(made, TextOnly)
    assert made.reason is AudioWithheld.NOT_WANTED
    assert made.transcript.turns[1].text == "c'est [SECRET_1] voilà"
