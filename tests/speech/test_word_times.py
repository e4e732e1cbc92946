"""Word times held against the voice: no gap belongs to two words, no voice goes unnoticed without a word (D6, U4)."""

from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.speech.word_times import DRAWN_NEAR_S, NEAR_S, near_voice, said_when, voice_without_words
from callwarden.model.transcript import TimeRange, Word


def word(text: str, start: float, end: float) -> Word:
    return Word(text=text, start_s=start, end_s=end, probability=0.9, channel=0)


def voice(*pieces: tuple[float, float]) -> list[TimeRange]:
    return [TimeRange(start_s=start, end_s=end) for start, end in pieces]


def test_the_voice_between_two_words_belongs_to_the_first() -> None:
    """Else the beep over a name would begin inside the word before it."""
    madame, marchand = said_when([word("madame", 1.0, 1.4), word("Marchand", 1.6, 2.2)], voice((0.9, 2.3)))
    assert (madame.start_s, madame.end_s) == (0.9, 1.6)
    assert (marchand.start_s, marchand.end_s) == (1.6, 2.3)


def test_a_word_after_a_pause_begins_where_its_voice_does() -> None:
    found = said_when([word("oui", 1.0, 1.4), word("Marchand", 3.2, 3.8)], voice((0.9, 1.5), (3.0, 3.8)))
    assert [(one.start_s, one.end_s) for one in found] == [(0.9, 1.5), (3.0, 3.8)]


times = st.floats(min_value=0, max_value=20).map(lambda at: round(at, 3))
said = st.lists(st.tuples(times, st.floats(min_value=0.02, max_value=1.5)), max_size=8).map(
    lambda found: [word("mot", start, start + length) for start, length in found]
)
voices = st.lists(st.tuples(times, st.floats(min_value=0.02, max_value=4)), max_size=6).map(
    lambda found: voice(*((start, start + length) for start, length in found))
)


@given(said, voices)
def test_words_keep_what_they_said_and_are_never_turned_round(words: list[Word], pieces: list[TimeRange]) -> None:
    found = said_when(words, pieces)
    assert sorted(one.text for one in found) == sorted(one.text for one in words)
    assert all(one.start_s <= one.end_s for one in found)


@given(said, voices)
def test_drawing_out_leaves_no_moment_of_a_word_without_one(words: list[Word], pieces: list[TimeRange]) -> None:
    """What the recogniser gave to some word still belongs to some word: a beep over all words covers as much."""
    found = said_when(words, pieces)
    for one in words:
        for at in (one.start_s, (one.start_s + one.end_s) / 2, one.end_s):
            assert any(other.start_s - 1e-9 <= at <= other.end_s + 1e-9 for other in found)


def test_a_number_said_digit_by_digit_and_not_understood_is_one_voice_without_words() -> None:
    """Each digit alone is shorter than what counts; all of them together are a telephone number."""
    digits = voice(*((5 + 0.6 * n, 5.35 + 0.6 * n) for n in range(10)))
    (missed,) = voice_without_words(digits, [], near_s=NEAR_S, end_s=30)
    assert (missed.start_s, round(missed.end_s, 2)) == (5, 10.75)


def test_a_word_in_the_middle_does_not_answer_for_the_digits_around_it() -> None:
    digits = voice(*((5 + 0.6 * n, 5.35 + 0.6 * n) for n in range(10)))
    missed = voice_without_words(digits, [word("quatre-vingts", 7.4, 7.75)], near_s=NEAR_S, end_s=30)
    assert [(one.start_s, round(one.end_s, 2)) for one in missed] == [(5, 7.1), (8.05, 10.75)]


def test_a_pause_between_two_words_and_a_breath_are_no_voice_without_words() -> None:
    words = [word("bonjour", 1.0, 1.5), word("madame", 2.05, 2.6)]
    assert voice_without_words(voice((1.0, 1.5), (2.05, 2.6)), words, near_s=DRAWN_NEAR_S, end_s=9) == []
    assert voice_without_words(voice((5.0, 5.2)), words, near_s=NEAR_S, end_s=9) == []


def test_a_word_far_from_every_voice_was_made_up() -> None:
    assert near_voice(word("merci", 2.0, 2.4), voice((2.6, 3.0)))
    assert not near_voice(word("merci", 2.0, 2.4), voice((2.8, 3.0)))
