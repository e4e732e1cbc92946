"""Recognition with the real model on the sample calls: roles, times, pauses, silence (D6, U4).

The model comes from the packages of the dependency group `models`; nothing is downloaded.
"""

import io
from pathlib import Path

import numpy as np
import pytest

from callwarden.adapters.audio.beeper import PyAvBeeper
from callwarden.adapters.speech.models import SpeechModel
from callwarden.adapters.speech.verify import RecognisingListener
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.audio import AudioFault, BeepSound, PlayerFormat
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Span, SpanType
from callwarden.model.transcript import HeardAgain, TimeRange, Transcript
from callwarden.ports.audio import BadAudioError
from callwarden.ports.speech import LanguageNotSupportedError
from callwarden.rules.beep_windows import Beeps, beep_windows
from tests.speech.conftest import CAPS
from tests.speech.hold_music import hold_music
from tests.support.audio_files import decoded, encoded, sample

REC = RecordingId("rec-1")


@pytest.fixture(scope="module")
def call(recogniser: WhisperRecogniser) -> Transcript:
    return recogniser.transcribe(sample("02.wav"), recording_id=REC, roles=("agent", "caller"), language="fr")


def test_each_channel_is_heard_apart_and_the_turns_alternate(call: Transcript) -> None:
    assert [turn.speaker for turn in call.turns][:4] == ["agent", "caller", "agent", "caller"]
    assert "Karim" in call.turns[1].text
    assert "Karim" not in " ".join(turn.text for turn in call.turns if turn.speaker == "agent")


def test_words_have_times_inside_the_call_and_probabilities(call: Transcript) -> None:
    words = [word for turn in call.turns for word in turn.words]
    assert len(words) > 40
    assert all(0 <= word.start_s < word.end_s <= call.duration_s + 0.05 for word in words)
    assert all(0 <= word.probability <= 1 for word in words)
    name = next(word for word in words if word.text.startswith("Karim"))
    assert name.start_s == pytest.approx(3.9, abs=0.5)


def test_a_transcript_says_which_model_made_it(call: Transcript, model: SpeechModel) -> None:
    assert call.model == f"base@sha256:{model.sha256}"
    assert (call.recording_id, call.language) == (REC, "fr")


def test_one_channel_has_an_unknown_speaker_and_its_language_is_detected(recogniser: WhisperRecogniser) -> None:
    """A decoder that splits a mono file into two copies would say everything twice."""
    heard = recogniser.transcribe(
        sample("02_mono_alaw.wav"), recording_id=REC, roles=("agent", "caller"), language=None
    )
    assert heard.language == "fr"
    assert {turn.speaker for turn in heard.turns} == {"unknown"}
    assert " ".join(turn.text for turn in heard.turns).count("Karim") == 1


def test_nothing_is_heard_in_a_pause(recogniser: WhisperRecogniser, call: Transcript) -> None:
    pause = TimeRange(start_s=9.0, end_s=18.0)
    heard = recogniser.transcribe(
        sample("02.wav"), recording_id=REC, roles=("agent", "caller"), language="fr", pauses=[pause]
    )
    assert heard.pauses == (pause,)
    inside = [word for turn in heard.turns for word in turn.words if 9.1 < (word.start_s + word.end_s) / 2 < 17.9]
    assert inside == []
    assert any(9.1 < word.start_s < 17.9 for turn in call.turns for word in turn.words)


def test_silence_and_tones_have_no_words(recogniser: WhisperRecogniser) -> None:
    """Without a voice filter the model makes words up."""
    at = np.arange(20 * 8000) / 8000
    tone = (np.sin(2 * np.pi * 1000 * at) * 3000).astype(np.int16)
    noise = np.random.default_rng(3).normal(0, 400, len(at)).astype(np.int16)
    file = io.BytesIO(encoded(np.stack([tone, noise]), container="wav", codec="pcm_s16le"))
    heard = recogniser.transcribe(file, recording_id=REC, roles=("agent", "caller"), language="fr")
    assert heard.turns == ()
    quiet = recogniser.transcribe(sample("bad_silent.wav"), recording_id=REC, roles=("agent", "caller"), language=None)
    assert (quiet.turns, quiet.speech_without_words, quiet.language) == ((), (), "")


def test_loud_white_noise_says_nothing(recogniser: WhisperRecogniser) -> None:
    noise = np.random.default_rng(5).normal(0, 5000, (2, 30 * 8000)).clip(-32000, 32000).astype(np.int16)
    file = io.BytesIO(encoded(noise, container="wav", codec="pcm_s16le"))
    heard = recogniser.transcribe(file, recording_id=REC, roles=("agent", "caller"), language="fr")
    assert heard.turns == ()


def test_a_call_goes_on_after_long_hold_music_and_nothing_is_made_up_in_between(
    recogniser: WhisperRecogniser, call: Transcript
) -> None:
    """Eleven minutes, so that a stretch ends in the music. The same with forty is measured by `make bench`."""
    said = decoded("02.wav")
    wait = hold_music(11 * 60)
    held = np.stack([wait, np.zeros_like(wait)])
    file = io.BytesIO(encoded(np.concatenate([said, held, said], axis=1), container="flac", codec="flac"))
    heard = recogniser.transcribe(file, recording_id=REC, roles=("agent", "caller"), language="fr")
    music_from, music_to = said.shape[1] / 8000, (said.shape[1] + len(wait)) / 8000
    words = [word for turn in heard.turns for word in turn.words]
    assert [word for word in words if music_from < (word.start_s + word.end_s) / 2 < music_to] == []
    names = [word.start_s for word in words if word.text.startswith("Karim")]
    before = next(word.start_s for turn in call.turns for word in turn.words if word.text.startswith("Karim"))
    assert names == pytest.approx([before, before + music_to], abs=0.3)


def test_a_language_the_model_does_not_know_is_refused(recogniser: WhisperRecogniser) -> None:
    with pytest.raises(LanguageNotSupportedError):
        recogniser.transcribe(sample("02.wav"), recording_id=REC, roles=(), language="xx")


def test_a_truncated_call_is_refused_not_half_transcribed(recogniser: WhisperRecogniser) -> None:
    with pytest.raises(BadAudioError) as caught:
        recogniser.transcribe(sample("bad_truncated.wav"), recording_id=REC, roles=(), language="fr")
    assert caught.value.fault is AudioFault.LENGTH_MISMATCH


def test_a_beeped_name_is_not_heard_again_and_one_left_in_is(
    recogniser: WhisperRecogniser, call: Transcript, tmp_path: Path
) -> None:
    turn = call.turns[1]
    start = turn.text.index("Karim")
    end = turn.text.index(",", start) if "," in turn.text[start:] else len(turn.text)
    span = Span(turn=1, start=start, end=end, type=SpanType.PERSON, score=0.9, explanation="test")
    placed = beep_windows([span], call, pad_s=0.15, merge_gap_s=0.5)
    assert isinstance(placed, Beeps)
    listener = RecognisingListener(recogniser, caps=CAPS)
    beeped = io.BytesIO()
    PyAvBeeper(sound=BeepSound.TONE, form=PlayerFormat.FLAC).beep(
        sample("02.wav"), beeped, windows=placed.windows, caps=CAPS
    )
    assert listener.listen(beeped, first=call, spans=[span], windows=placed.windows) == ()
    left_in = listener.listen(sample("02.wav"), first=call, spans=[span], windows=())
    assert {heard.how for heard in left_in} == {HeardAgain.BESIDE_WINDOW}
