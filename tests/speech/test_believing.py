"""No more words than the sound holds, none out of time, no sentence learnt by heart; what is cut is beeped (D6, U4)."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.speech.believing import (
    LETTERS_A_SECOND,
    SLACK_S,
    Believed,
    believe,
    by_heart,
    understood,
)
from callwarden.adapters.speech.whisper import WhisperRecogniser
from callwarden.model.ids import RecordingId
from callwarden.model.transcript import TimeRange, Transcript, Word
from callwarden.rules.beep_windows import Beeps, beep_windows
from tests.support.audio_files import decoded, encoded

END_S = 20.0
RATE = 8000


def word(text: str, start: float, end: float) -> Word:
    return Word(text=text, start_s=start, end_s=end, probability=0.9, channel=0)


def row(text: str, start: float, each_s: float) -> list[Word]:
    return [word(one, start + each_s * at, start + each_s * (at + 1)) for at, one in enumerate(text.split())]


def covered(at: float, ranges: tuple[TimeRange, ...]) -> bool:
    return any(one.start_s <= at <= one.end_s for one in ranges)


def test_a_loop_is_cut_where_the_sound_holds_no_more() -> None:
    said = row("bonjour bonjour bonjour", 1.0, 0.8)
    believed = believe([*said, *row("bonjour " * 58, 3.5, 0.02)], end_s=END_S)
    assert believed.words == tuple(said)
    assert covered(3.6, believed.doubted)
    assert covered(4.6, believed.doubted)


@pytest.mark.parametrize(
    "impossible",
    [
        [word("bonjour", 8.0, 8.0)],
        [word("tournesol", 21.0, 21.5)],
        [word("tournesol", 6.0, 5.0)],
        [word("tournesol", 0.2, 0.6)],
        row("mot de passe mot de passe", 8.0, 0.05),
        row("Hélésurveillance mot de passe", 8.0, 0.05),
    ],
    ids=["no time", "past the end", "backwards", "out of order", "too fast", "too long"],
)
def test_words_that_cannot_have_been_said_are_cut_and_their_stretch_doubted(impossible: list[Word]) -> None:
    said, then = row("le mot de passe c'est", 2.0, 0.3), row("merci beaucoup", 12.0, 0.4)
    believed = believe([*said, *impossible, *then], end_s=END_S)
    assert believed.words == (*said, *then)
    assert len(believed.doubted) == 1


def test_quick_talk_and_a_small_word_without_duration_are_believed() -> None:
    """As on the sample calls: "je" at one moment, three words in a third of a second."""
    said = [*row("oui alors c'est le zéro six", 1.0, 0.2), word("je", 2.2, 2.2), *row("qu'elle est votre", 2.3, 0.12)]
    assert believe(said, end_s=END_S).words == tuple(said)


times = st.floats(min_value=-1, max_value=END_S + 3).map(lambda at: round(at, 2))
some = st.lists(
    st.builds(word, st.sampled_from(["a", "merci", "anticonstitutionnellement"]), times, times), max_size=20
)


@given(some)
def test_what_is_believed_fits_into_the_sound_and_what_is_not_is_doubted(words: list[Word]) -> None:
    believed = believe(words, end_s=END_S)
    assert believe(believed.words, end_s=END_S) == Believed(believed.words, ())
    for one in believed.words:
        assert one.start_s <= one.end_s
        assert one.start_s < END_S
        assert len(one.text) <= LETTERS_A_SECOND * (one.end_s - one.start_s + SLACK_S)
    assert all(0 <= one.start_s <= one.end_s <= END_S + 3 for one in believed.doubted)
    cut = [one for one in words if one not in believed.words]
    assert all(covered(min(max(one.start_s, 0.0), END_S), believed.doubted) for one in cut)


@given(st.lists(st.floats(min_value=0.15, max_value=0.6), max_size=30))
def test_talk_at_any_human_speed_is_believed_whole(lengths: list[float]) -> None:
    at, said = 0.0, list[Word]()
    for length in lengths:
        said.append(word("abc", at, at + length))
        at += length
    assert believe(said, end_s=at + 1) == Believed(tuple(said), ())


@pytest.mark.parametrize(
    "text",
    [
        " Sous-titres réalisés par la communauté d'Amara.org",
        " Sous-titrage ST' 501",
        "Merci d'avoir regardé cette vidéo !",
        "❤️ par SousTitreur.com",
        "Sous-titres réalisés para la communauté d'Amara.org. Abonnez-vous !",
        "Télésurveillance, mot de passe, mot de passe, mot de passe.",
    ],
)
def test_a_segment_of_sentences_learnt_by_heart_has_no_words(text: str) -> None:
    assert by_heart(text, "télésurveillance, mot de passe")


@pytest.mark.parametrize("text", ["Merci d'avoir appelé.", "Mot de passe ?", "La musique est forte.", "", "..."])
def test_what_may_have_been_said_is_not_by_heart(text: str) -> None:
    assert not by_heart(text, "télésurveillance, mot de passe")


def test_whisper_says_itself_what_it_has_not_understood() -> None:
    assert understood(log_probability=-0.76, repetition=1.4)
    assert not understood(log_probability=-1.68, repetition=2.0)
    assert not understood(log_probability=-0.3, repetition=2.6)


def test_what_is_cut_from_neighbours_is_cut_until_the_rest_fits() -> None:
    """As two hearings of neighbouring sound may write it: each possible, together too quick."""
    first, again = row("bonjour bonjour", 1.0, 0.3), row("bonjour bonjour bonjour", 1.1, 0.3)
    believed = believe(sorted([*first, *again], key=lambda one: one.start_s), end_s=END_S)
    assert believe(believed.words, end_s=END_S) == Believed(believed.words, ())
    assert len(believed.words) < 5
    assert believed.doubted


def _heard(recogniser: WhisperRecogniser, samples: np.ndarray) -> Transcript:
    file = io.BytesIO(encoded(samples, container="flac", codec="flac"))
    return recogniser.transcribe(file, recording_id=RecordingId("r"), roles=("agent", "caller"), language="fr")


def _holds(heard: Transcript) -> None:
    """What holds of every transcript, whatever was written: its words fit into the sound, and no voice is lost."""
    for channel in (0, 1):
        words = [one for turn in heard.turns for one in turn.words if one.channel == channel]
        assert believe(words, end_s=heard.duration_s) == Believed(tuple(words), ())
        letters = sum(char.isalnum() for one in words for char in one.text)
        assert letters <= LETTERS_A_SECOND * (heard.duration_s + SLACK_S)
        assert all(0 <= one.start_s <= one.end_s <= heard.duration_s + SLACK_S for one in words)


def _share_with_words_or_beeped(heard: Transcript, start_s: float, end_s: float) -> float:
    placed = beep_windows([], heard, pad_s=0.15, merge_gap_s=0.5)
    assert isinstance(placed, Beeps)
    kept = [*placed.windows, *(one for turn in heard.turns for one in turn.words)]
    moments = np.linspace(start_s, end_s, 200)
    return float(np.mean([any(one.start_s - 0.3 <= at <= one.end_s + 0.3 for one in kept) for at in moments]))


def test_a_word_said_over_and_over_has_no_more_words_than_the_sound_and_the_rest_is_beeped(
    recogniser: WhisperRecogniser,
) -> None:
    """Here the model loops, and is sure of what it writes: ninety words in eight seconds."""
    piece = decoded("02.wav")[:, int(0.9 * RATE) : int(1.6 * RATE)]
    heard = _heard(recogniser, np.tile(piece, (1, 11)))
    _holds(heard)
    assert _share_with_words_or_beeped(heard, 0.3, heard.duration_s - 0.3) > 0.95
