"""From words to turns, and no voice without words (D6): what was spoken and not understood is known as such."""

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.transcript import TimeRange, Word
from callwarden.rules.turns import LEAST_UNSPOKEN_S, SNAP_S, make_turns, snapped, unspoken


def word(text: str, start: float, end: float, channel: int = 0) -> Word:
    return Word(text=text, start_s=start, end_s=end, probability=0.9, channel=channel)


def span(start: float, end: float) -> TimeRange:
    return TimeRange(start_s=start, end_s=end)


def test_speakers_take_turns_in_the_order_they_begin() -> None:
    words = [word("bonjour", 0, 1), word("oui", 3, 3.4), word("bonjour", 1.5, 2.5, channel=1)]
    turns = make_turns(words, speakers=("agent", "caller"))
    assert [(turn.speaker, turn.text) for turn in turns] == [
        ("agent", "bonjour"),
        ("caller", "bonjour"),
        ("agent", "oui"),
    ]


def test_a_thinking_pause_does_not_end_a_turn_but_the_other_one_speaking_does() -> None:
    words = [word("zéro", 0, 1), word("six", 3, 3.5), word("douze", 6, 6.5), word("oui", 4, 4.5, channel=1)]
    turns = make_turns(words, speakers=("caller", "agent"))
    assert [(turn.speaker, turn.text) for turn in turns] == [
        ("caller", "zéro six"),
        ("agent", "oui"),
        ("caller", "douze"),
    ]


def test_on_one_channel_a_short_silence_may_be_the_other_speaker() -> None:
    turns = make_turns([word("votre", 0, 0.4), word("code", 0.5, 1), word("4417", 1.6, 2)], speakers=("unknown",))
    assert [turn.text for turn in turns] == ["votre code", "4417"]


words = st.lists(
    st.builds(
        lambda start, length, channel: word("mot", start, start + length, channel),
        st.floats(min_value=0, max_value=100),
        st.floats(min_value=0, max_value=2),
        st.integers(min_value=0, max_value=1),
    ),
    max_size=30,
)


@given(words)
def test_no_word_is_lost_and_each_lies_inside_its_turn(said: list[Word]) -> None:
    turns = make_turns(said, speakers=("agent", "caller"))
    assert sorted(map(str, said)) == sorted(str(item) for turn in turns for item in turn.words)
    assert [turn.start_s for turn in turns] == sorted(turn.start_s for turn in turns)
    for turn in turns:
        assert all(turn.start_s <= item.start_s and item.end_s <= turn.end_s for item in turn.words)
        assert len({item.channel for item in turn.words}) == 1


def test_a_word_cut_short_is_drawn_out_to_the_end_of_the_voice() -> None:
    (found,) = snapped([word("tournesol", 1.0, 1.6)], [span(0.9, 1.8)])
    assert (found.start_s, found.end_s) == (0.9, 1.8)


def test_a_word_is_never_drawn_over_its_neighbour_or_further_than_it_may_be() -> None:
    first, second = snapped([word("un", 1.0, 1.4), word("deux", 1.5, 2.0)], [span(0.0, 9.0)])
    assert (first.start_s, first.end_s) == (1.0 - SNAP_S, 1.5)
    assert second.start_s == 1.4
    assert second.end_s == 2.0 + SNAP_S


def test_voice_without_words_is_found_before_between_and_after_words() -> None:
    voice = [span(0, 10)]
    said = [word("un", 2, 3), word("deux", 6, 7)]
    assert unspoken([(voice, said)], near_s=0.3, duration_s=10) == (span(0, 1.7), span(3.3, 5.7), span(7.3, 10))


def test_a_channel_that_only_sounds_is_all_voice_without_words() -> None:
    assert unspoken([([span(1, 2)], [word("oui", 1, 2)]), ([span(4, 6)], [])], near_s=0.3, duration_s=9) == (
        span(4, 6),
    )


def test_words_of_one_channel_do_not_excuse_a_voice_on_the_other() -> None:
    said = [word("oui", 1, 2, channel=0)]
    assert unspoken([([span(1, 2)], said), ([span(1, 2)], [])], near_s=0.3, duration_s=9) == (span(1, 2),)


@given(words, st.lists(st.tuples(st.floats(0, 90), st.floats(0.5, 8)), max_size=6))
def test_every_stretch_of_voice_is_near_a_word_or_known_to_have_none(
    said: list[Word], pieces: list[tuple[float, float]]
) -> None:
    voice = [span(start, start + length) for start, length in pieces]
    flagged = unspoken([(voice, said)], near_s=0.3, duration_s=120)
    for piece in voice:
        moment = piece.start_s
        while moment <= piece.end_s:
            near = any(item.start_s - 0.3 <= moment <= item.end_s + 0.3 for item in said)
            known = any(item.start_s - LEAST_UNSPOKEN_S <= moment <= item.end_s + LEAST_UNSPOKEN_S for item in flagged)
            assert near or known or piece.length_s < LEAST_UNSPOKEN_S or _short_gap(moment, piece, said)
            moment += 0.1


def _short_gap(moment: float, piece: TimeRange, said: list[Word]) -> bool:
    """Voice between two words, or a word and an edge, too short to hold another word."""
    before = max([piece.start_s, *(item.end_s + 0.3 for item in said if item.end_s + 0.3 <= moment)])
    after = min([piece.end_s, *(item.start_s - 0.3 for item in said if item.start_s - 0.3 >= moment)])
    return after - before < LEAST_UNSPOKEN_S
