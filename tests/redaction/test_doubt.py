"""What is beeped in doubt: more of it where something personal is expected, never less at a stricter level."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Attention, AudioLevel, Belief, Turn
from callwarden.model.transcript import Transcript, TranscriptTurn, Word
from callwarden.redaction.doubt import BELIEFS, CLEAR_WORDS, doubtful
from callwarden.redaction.finder import PresidioFinder

BELIEF = Belief(everyday=0.2, rare=0.5, awaited_everyday=0.6, awaited_rare=0.9, most=0.4)
NOTHING = Attention(expected=frozenset(), rare=frozenset())


def said(*turns: list[float]) -> Transcript:
    """Turns of words of one letter with these probabilities, one a second."""
    at, made = 0, []
    for turn in turns:
        words = [
            Word(text="a", start_s=at + number, end_s=at + number + 1, probability=one, channel=0)
            for number, one in enumerate(turn)
        ]
        made.append(TranscriptTurn(speaker="caller", words=tuple(words), start_s=at, end_s=at + len(turn)))
        at += len(turn)
    return Transcript(
        recording_id=RecordingId("one"),
        language="fr",
        model="none",
        duration_s=float(at),
        turns=tuple(made),
        speech_without_words=(),
        pauses=(),
    )


def starts(transcript: Transcript, attention: Attention, belief: Belief = BELIEF) -> list[float]:
    return [when.start_s for when in doubtful(transcript, attention, belief)]


def test_an_awaited_answer_is_beeped_until_the_speaker_goes_on_in_clear_everyday_words() -> None:
    transcript = said([0.5, 0.5, *[0.95] * CLEAR_WORDS, 0.5])
    assert starts(transcript, replace(NOTHING, expected=frozenset({0}))) == [0, 1]
    assert starts(transcript, NOTHING) == []


def test_what_is_announced_within_a_turn_is_awaited_behind_it() -> None:
    """ "madame" stands second; its last character is the announcement's end."""
    assert starts(said([0.5, 0.5, 0.5]), replace(NOTHING, expected=frozenset({3}))) == [2]


def test_what_was_expected_ends_with_the_turn() -> None:
    assert starts(said([0.5], [0.5]), replace(NOTHING, expected=frozenset({0}))) == [0]


def test_a_rare_word_has_to_be_heard_better_than_an_everyday_one() -> None:
    assert starts(said([0.4, 0.4]), replace(NOTHING, rare=frozenset({2}))) == [1]


probabilities = st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=6), min_size=1, max_size=4)
places = st.frozensets(st.integers(0, 40), max_size=8)


@given(probabilities, places, places)
def test_a_stricter_level_and_more_to_expect_never_beep_less(
    turns: list[list[float]], expected: frozenset[int], rare: frozenset[int]
) -> None:
    transcript, attention = said(*turns), Attention(expected=expected, rare=rare)
    balanced = set(starts(transcript, attention, BELIEFS[AudioLevel.BALANCED]))
    assert balanced <= set(starts(transcript, attention, BELIEFS[AudioLevel.STRICT]))
    assert set(starts(transcript, NOTHING)) <= set(starts(transcript, attention))


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("oui bonjour madame ", "va t'aider"),
        ("mon mot de passe c'est ", "serboulant"),
        ("au douze rue ", "des charmes"),
        ("je m'appelle ", "va t'aider"),
    ],
)
def test_titles_introductions_and_what_is_asked_for_announce_what_follows(
    finder: PresidioFinder, before: str, behind: str
) -> None:
    seen = finder.attend([Turn(speaker="caller", text=before + behind)], language="fr")
    assert any(len(before) - 9 <= at <= len(before) for at in seen.expected)


def test_the_answer_to_a_question_is_expected_and_what_a_device_shows_is_not(finder: PresidioFinder) -> None:
    asked = [Turn(speaker="agent", text="C'est à quel nom ?"), Turn(speaker="caller", text="va t'aider")]
    shown = [Turn(speaker="agent", text="Il affiche quel code d'erreur ?"), Turn(speaker="caller", text="douze")]
    assert len(asked[0].text) + 1 in finder.attend(asked, language="fr").expected
    assert len(shown[0].text) + 1 not in finder.attend(shown, language="fr").expected


def test_everyday_words_are_not_rare_and_invented_ones_are(finder: PresidioFinder) -> None:
    text = "je vous appelle pour serboulant"
    seen = finder.attend([Turn(speaker="caller", text=text)], language="fr")
    assert seen.rare == {text.index("serboulant")}
