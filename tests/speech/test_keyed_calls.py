"""What is keyed in during a call leaves sound, outline and text, whatever the recogniser makes of it (D6, U4, I9).

The sound is real: tones over the speech of a sample call, found, beeped, encoded and listened to again. The words are
told, so that each case is what it says it is; the last test hears them with the model.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import pytest

from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.adapters.audio.tones import tones_in
from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.adapters.speech.verify import RecognisingListener
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.audio import BeepSound, PlayerFormat
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import KnownFacts
from callwarden.model.transcript import KEYED, TimeRange, Transcript, TranscriptTurn
from callwarden.ports.pii import PersonalDataFinder
from callwarden.redaction import build_finder
from callwarden.redaction.policy_file import load_redaction_policy
from callwarden.rules.keyed_tones import keyed_tones, tones_left
from callwarden.rules.keyed_turns import keyed_spans, with_keyed_turns
from callwarden.steps.redact.make import MadeRedaction, RedactionMaker
from tests.rules.test_keyed_tones import said
from tests.speech.conftest import CAPS
from tests.support.audio_files import decoded
from tests.support.keyed import RATE, Sound, int16, keys, noise, wave_file

POLICY = load_redaction_policy(Path(__file__).parents[2] / "config" / "redaction.yaml")
CARD = "4970101234567893"
AT_S = 12.0
ASKED = (
    said("tapez les seize chiffres de votre carte bancaire s'il vous plaît", start_s=0, speaker="agent", channel=0),
    said("voilà c'est fait", start_s=20),
)


@dataclass
class Telling:
    """`callwarden.ports.speech.SpeechRecogniser` that is told the words and hears the tones; it hears no word again."""

    turns: Sequence[TranscriptTurn]
    pauses: Sequence[TimeRange] = ()

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
        speakers = roles or ("unknown", "unknown")
        return Transcript(
            recording_id=recording_id,
            language=language or "fr",
            model="told",
            duration_s=30.0,
            turns=tuple(self.turns) if roles else (),
            speech_without_words=(),
            pauses=tuple(pauses),
            tones=keyed_tones(tones_in(file, caps=CAPS, hint=hint), speakers=speakers),
        )


@dataclass(frozen=True)
class Call:
    """What is recorded, and when each key sounds."""

    file: io.BytesIO
    keys: list[tuple[float, float]]
    heard: Transcript
    listener: RecognisingListener


@pytest.fixture(scope="module")
def finder() -> PersonalDataFinder:
    return build_finder(POLICY)


def background(channel: int) -> Sound:
    """Thirty seconds of a sample call, one side of it."""
    spoken = decoded("01.wav")[channel].astype(np.float64)[: 30 * RATE]
    return np.pad(spoken, (0, 30 * RATE - len(spoken)))


def recorded(
    *,
    names: str = CARD,
    mono: bool = False,
    over_speech: bool = True,
    noise_db: float | None = None,
    turns: Sequence[TranscriptTurn] = ASKED,
    pauses: Sequence[TimeRange] = (),
    **each: float,
) -> Call:
    sound, when = keys(names, **each)
    sides = [background(0), background(1)] if over_speech else [np.zeros(30 * RATE), np.zeros(30 * RATE)]
    first = int(AT_S * RATE)
    sides[1][first : first + len(sound)] += sound
    if noise_db is not None:
        sides = [side + noise(len(side), level_db=noise_db, seed=number) for number, side in enumerate(sides)]
    file = wave_file(int16([sides[0] + sides[1]] if mono else sides))
    recogniser = Telling(turns)
    heard = recogniser.transcribe(
        file, recording_id=RecordingId("rec-1"), roles=("agent", "caller"), language="fr", pauses=pauses
    )
    if mono:
        heard = replace(
            heard,
            turns=tuple(
                replace(turn, speaker="unknown", words=tuple(replace(word, channel=0) for word in turn.words))
                for turn in heard.turns
            ),
            tones=tuple(replace(keyed, speaker="unknown") for keyed in heard.tones),
        )
    keyed_at = [(AT_S + start, AT_S + end) for start, end in when]
    return Call(file=file, keys=keyed_at, heard=heard, listener=RecognisingListener(recogniser, caps=CAPS))


def made_of(call: Call, finder: PersonalDataFinder, form: PlayerFormat = PlayerFormat.FLAC) -> MadeRedaction:
    maker = RedactionMaker(
        policy=POLICY,
        version="test",
        finder=finder,
        beeper=PyAvBeeper(sound=BeepSound.TONE, form=form),
        listener=call.listener,
        caps=CAPS,
    )
    made = maker.make_known(call.heard, KnownFacts(), call.file, hint=".wav")
    assert isinstance(made, MadeRedaction), made
    assert made.heard_again == (0,)
    return made


def assert_gone(call: Call, made: MadeRedaction) -> None:
    """All keys lie under one beep, the same sound on all channels; the outline is flat there; no tone is left."""
    (window,) = [w for w in made.transcript.beeped if w.start_s <= call.keys[0][0] and call.keys[-1][1] <= w.end_s]
    assert window.start_s <= call.keys[0][0] - 0.1
    assert window.end_s >= call.keys[-1][1] + 0.1
    hint = ".flac" if made.media_type == "audio/flac" else ".ogg"
    assert tones_left(tones_in(made.beeped, caps=CAPS, hint=hint), ()) == ()
    made.beeped.seek(0)
    if hint == ".flac":
        with made.beeped, av.open(made.beeped, "r") as container:
            channels = container.streams.audio[0].codec_context.channels
            frames = [frame.to_ndarray().reshape(-1, channels).T for frame in container.decode(audio=0)]
        inside = np.concatenate(frames, axis=1)[:, int(window.start_s * RATE) + 8 : int(window.end_s * RATE) - 8]
        assert (inside == inside[0]).all()
        assert np.ptp(inside) < 7000
    outline = json.loads(made.waveform)
    step = outline["samples_per_pixel"] / outline["sample_rate"]
    for pairs in outline["data"]:
        first, last = int(window.start_s / step) + 1, int(window.end_s / step) - 1
        assert len(set(pairs[2 * first : 2 * last : 2])) == 1
        assert len(set(pairs[2 * first + 1 : 2 * last : 2])) == 1


def shown(made: MadeRedaction) -> list[str]:
    return [turn.text for turn in made.transcript.turns]


RELATIVES = {
    "on one channel of two": {},
    "on one channel, speakers unknown": {"mono": True},
    "thirty decibels down, in noise": {"level_db": -30, "noise_db": -50, "over_speech": False},
    "forty milliseconds each": {"ms": 40, "gap_ms": 40},
    "as loud as the voice": {"level_db": -20, "gap_ms": 150},
    "the high tone eight decibels down": {"twist_db": -8},
}


@pytest.mark.parametrize("name", RELATIVES)
def test_keys_leave_the_sound_and_are_told_in_the_text(name: str, finder: PersonalDataFinder) -> None:
    call = recorded(**RELATIVES[name])  # type: ignore[arg-type]  # fields by name, as each case needs them
    made = made_of(call, finder)
    assert shown(made) == [ASKED[0].text, KEYED, ASKED[1].text]
    assert_gone(call, made)


def test_nothing_is_left_in_what_a_lossy_codec_makes_of_the_beeped_sound(finder: PersonalDataFinder) -> None:
    call = recorded()
    made = made_of(call, finder, PlayerFormat.OPUS)
    assert made.media_type == "audio/ogg"
    assert_gone(call, made)
    made.beeped.close()


def test_words_written_over_keys_go_with_them(finder: PersonalDataFinder) -> None:
    """The recogniser takes tones for words, or the caller says each digit along."""
    over = said("bip quatre neuf", start_s=AT_S)
    call = recorded(turns=(ASKED[0], over, ASKED[1]), gap_ms=150)
    assert call.keys[-1][1] > over.end_s
    made = made_of(call, finder)
    assert shown(made) == [ASKED[0].text, KEYED, ASKED[1].text]
    assert_gone(call, made)


def test_a_call_without_any_word_loses_its_keys(finder: PersonalDataFinder) -> None:
    call = recorded(turns=(), over_speech=False)
    made = made_of(call, finder)
    assert shown(made) == [KEYED]
    assert_gone(call, made)


def test_keys_inside_a_pause_are_told_and_those_that_outlast_it_are_beeped(finder: PersonalDataFinder) -> None:
    call = recorded(pauses=[TimeRange(start_s=11, end_s=13)])
    made = made_of(call, finder)
    assert shown(made) == [ASKED[0].text, KEYED, ASKED[1].text]
    assert_gone(call, made)


def test_keys_that_an_older_transcript_does_not_know_are_found_by_the_second_listening(
    finder: PersonalDataFinder,
) -> None:
    call = recorded()
    old = replace(call, heard=replace(call.heard, tones=()))
    maker = RedactionMaker(
        policy=POLICY,
        version="test",
        finder=finder,
        beeper=PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC),
        listener=old.listener,
        caps=CAPS,
    )
    made = maker.make_known(old.heard, KnownFacts(), old.file, hint=".wav")
    assert isinstance(made, MadeRedaction)
    assert made.heard_again == (1, 0)
    assert_gone(call, made)


@pytest.mark.parametrize(
    ("question", "names", "kind"),
    [
        ("tapez le numéro de votre carte bancaire", "4970", "CREDIT_CARD"),
        ("et la date d'expiration s'il vous plaît ?", "1227", "CREDIT_CARD"),
        ("composez votre code secret", "4970", "SECRET"),
        ("pour un dépannage tapez un", "1", "SECRET"),
        ("allez-y je vous écoute", CARD, "CREDIT_CARD"),
    ],
)
def test_what_keys_are_counted_as(question: str, names: str, kind: str, finder: PersonalDataFinder) -> None:
    from callwarden.model.redaction import Turn

    call = recorded(names=names, turns=(said(question, start_s=0, speaker="agent", channel=0),))
    heard = with_keyed_turns(call.heard)
    turns = [Turn(speaker=turn.speaker, text=turn.text) for turn in heard.turns]
    spans = keyed_spans(turns, finder.find(turns, language="fr", known=KnownFacts()), heard)
    assert [span.type.value for span in spans if turns[span.turn].text == KEYED] == [kind]


def test_which_keys_they_were_is_stored_nowhere(finder: PersonalDataFinder) -> None:
    call = recorded(turns=(), over_speech=False)
    made = made_of(call, finder)
    made.beeped.close()
    codec = JsonTranscriptCodec()
    stored = codec.encode(call.heard) + codec.encode_redacted(made.transcript)
    assert b"tones" in stored
    assert CARD.encode() not in stored
    assert CARD[:4] not in repr(call.heard) + repr(made.transcript)
    # As long a row of other keys leaves the very same bytes.
    other = recorded(names="4539148803436467", turns=(), over_speech=False)
    assert codec.encode(other.heard) == codec.encode(call.heard)


def test_a_call_with_a_card_keyed_in_goes_through_the_real_recogniser(
    recogniser: WhisperRecogniser, finder: PersonalDataFinder
) -> None:
    call = recorded()
    heard = recogniser.transcribe(
        call.file, recording_id=RecordingId("rec-1"), roles=("agent", "caller"), language="fr"
    )
    assert [(keyed.speaker, keyed.card) for keyed in heard.tones] == [("caller", True)]
    made = made_of(replace(call, heard=heard, listener=RecognisingListener(recogniser, caps=CAPS)), finder)
    assert shown(made).count(KEYED) == 1
    assert_gone(call, made)
