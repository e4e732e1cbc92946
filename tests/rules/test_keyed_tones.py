"""Which tones are keys, and which keys are one thing (D6)."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.redaction import Span, SpanType, Turn
from callwarden.model.transcript import KEYED, HeardAgain, KeyedTones, TimeRange, Transcript, TranscriptTurn, Word
from callwarden.rules.card_number import luhn
from callwarden.rules.keyed_tones import GAP_S, Surety, Tone, keyed_tones, tones_left
from callwarden.rules.keyed_turns import keyed_spans, with_keyed_turns
from tests.rules.test_beep_windows import call_of

ROLES = ("agent", "caller")
CARD = "4970101234567893"


def tone(
    start_s: float, key: str = "1", *, channel: int = 1, surety: Surety = Surety.ALONE, level_db: float = -20
) -> Tone:
    when = TimeRange(start_s=start_s, end_s=start_s + 0.1)
    return Tone(channel=channel, when=when, key=key, level_db=level_db, surety=surety)


def row(
    names: str, *, start_s: float = 1.0, every_s: float = 0.25, channel: int = 1, level_db: float = -20
) -> list[Tone]:
    return [
        tone(start_s + number * every_s, name, channel=channel, level_db=level_db) for number, name in enumerate(names)
    ]


def edges(found: tuple[KeyedTones, ...]) -> list[tuple[float, float]]:
    return [(round(one.when.start_s, 2), round(one.when.end_s, 2)) for one in found]


def test_neighbouring_keys_are_one_sequence_and_distant_ones_are_not() -> None:
    found = keyed_tones([*row("12"), *row("34", start_s=1.35 + GAP_S + 0.1)], speakers=ROLES)
    assert edges(found) == [(1.0, 1.35), (4.45, 4.8)]
    assert len(keyed_tones([*row("12"), *row("34", start_s=1.35 + GAP_S - 0.1)], speakers=ROLES)) == 1


@pytest.mark.parametrize(
    ("names", "card"),
    [
        (CARD, True),
        (CARD + "#", True),
        (CARD[:-1] + "0", True),
        ("0" + CARD[1:-1] + "0", False),
        ("1234", False),
        ("0" * 12, False),
    ],
)
def test_a_sequence_is_a_cards_number_where_it_looks_like_one(names: str, card: bool) -> None:
    assert luhn(CARD)
    assert [found.card for found in keyed_tones(row(names), speakers=ROLES)] == [card]


def test_what_is_heard_on_both_channels_is_of_the_louder_one() -> None:
    both = [*row("159", channel=0, level_db=-45), *row("159", channel=1)]
    (found,) = keyed_tones(both, speakers=ROLES)
    assert (found.channels, found.speaker) == ((1, 0), "caller")


@pytest.mark.parametrize("surety", [Surety.ALONE, Surety.WITH_ANOTHER, Surety.AMONG_OTHERS])
def test_the_less_clear_tones_are_the_more_different_ones_make_them_keys(surety: Surety) -> None:
    heard = [tone(second, key, surety=surety) for second, key in ((1, "1"), (2, "5"), (3, "9"))]
    for count in (1, 2, 3):
        assert bool(keyed_tones(heard[:count], speakers=ROLES)) is (count >= surety.value)


def test_one_certain_key_takes_those_around_it_along() -> None:
    around = [tone(second, surety=Surety.WITH_ANOTHER) for second in (1, 5)]
    assert edges(keyed_tones([*around, tone(3)], speakers=ROLES)) == [(1.0, 5.1)]


def test_where_some_keys_are_unclear_one_more_may_stand_at_either_end() -> None:
    heard = [tone(1.0), tone(1.3), tone(1.7, surety=Surety.AMONG_OTHERS)]
    assert edges(keyed_tones(heard[:2], speakers=ROLES)) == [(1.0, 1.4)]
    assert edges(keyed_tones(heard, speakers=ROLES)) == [(0.6, 2.2)]


def test_the_same_uncertain_tone_over_and_over_is_music() -> None:
    assert keyed_tones([tone(second, surety=Surety.AMONG_OTHERS) for second in range(1, 9)], speakers=ROLES) == ()


def test_faint_tones_make_no_sequence_and_lengthen_one() -> None:
    faint = [tone(second, surety=Surety.FAINT) for second in (0.2, 0.6, 1.4, 1.8, 5.0)]
    assert keyed_tones(faint, speakers=ROLES) == ()
    assert edges(keyed_tones([*faint, tone(1.0)], speakers=ROLES)) == [(0.0, 2.3)]


tones_of_a_call = st.lists(
    st.builds(
        tone,
        st.floats(0, 60),
        st.sampled_from("0159#"),
        channel=st.integers(0, 1),
        surety=st.sampled_from(Surety),
        level_db=st.floats(-60, 0),
    ),
    max_size=12,
)


@given(tones_of_a_call)
def test_every_certain_tone_is_covered_and_no_two_sequences_overlap(heard: list[Tone]) -> None:
    found = keyed_tones(heard, speakers=ROLES)
    for one in heard:
        if one.surety is Surety.ALONE:
            assert any(k.when.start_s <= one.when.start_s and one.when.end_s <= k.when.end_s for k in found)
    for before, after in pairwise(found):
        assert before.when.end_s <= after.when.start_s


@given(tones_of_a_call, st.randoms())
def test_in_whatever_order_tones_come(heard: list[Tone], chance: Random) -> None:
    shuffled = list(heard)
    chance.shuffle(shuffled)
    assert edges(keyed_tones(shuffled, speakers=ROLES)) == edges(keyed_tones(heard, speakers=ROLES))


def test_tones_outside_the_beeps_are_heard_again() -> None:
    heard = row("159")
    assert tones_left(heard, [TimeRange(start_s=0.9, end_s=1.8)]) == ()
    (left,) = tones_left(heard, [TimeRange(start_s=1.2, end_s=1.8)])
    assert (left.span, left.how, left.when.start_s) == (None, HeardAgain.KEYED, 1.0)


def keyed(start_s: float, end_s: float, *, channels: tuple[int, ...] = (1,), card: bool = False) -> KeyedTones:
    when = TimeRange(start_s=start_s, end_s=end_s)
    return KeyedTones(when=when, channels=channels, speaker="caller", card=card)


def said(text: str, *, start_s: float, speaker: str = "caller", channel: int = 1) -> TranscriptTurn:
    """A word a second, half a second long."""
    words = tuple(
        Word(text=word, start_s=start_s + at, end_s=start_s + at + 0.5, probability=0.9, channel=channel)
        for at, word in enumerate(text.split())
    )
    return TranscriptTurn(speaker=speaker, words=words, start_s=start_s, end_s=words[-1].end_s)


def texts(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in transcript.turns]


def test_keys_are_a_turn_at_their_time() -> None:
    agent = said("votre numéro de carte", start_s=0, speaker="agent", channel=0)
    call = call_of(agent, said("voilà", start_s=12), tones=(keyed(5, 9),))
    made = with_keyed_turns(call)
    assert texts(made) == [("agent", agent.text), ("caller", KEYED), ("caller", "voilà")]
    assert with_keyed_turns(made) == made


def test_a_call_without_a_word_has_its_keys() -> None:
    assert texts(with_keyed_turns(call_of(tones=(keyed(5, 9),)))) == [("caller", KEYED)]


def test_words_over_keys_go_with_them_and_the_others_stay_where_they_were() -> None:
    agent = said("je note très bien", start_s=1.6, speaker="agent", channel=0)
    call = call_of(said("alors quatre neuf sept voilà merci", start_s=0), agent, tones=(keyed(0.9, 3.8),))
    assert texts(with_keyed_turns(call)) == [
        ("caller", "alors"),
        ("caller", KEYED),
        ("agent", "je note très bien"),
        ("caller", "voilà merci"),
    ]


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 9)), max_size=3), st.integers(0, 1))
def test_no_word_beside_keys_is_lost_or_told_twice(places: list[tuple[float, float]], channel: int) -> None:
    spoken = said("un deux trois quatre cinq six sept huit neuf dix", start_s=3)
    sequences = tuple(keyed(start, start + length, channels=(channel,)) for start, length in places)
    made = with_keyed_turns(call_of(spoken, tones=sequences))
    left = [word for turn in made.turns for word in turn.words if word.text != KEYED]
    assert set(left) == {
        word
        for word in spoken.words
        if channel == 0
        or not any(one.when.start_s <= (word.start_s + word.end_s) / 2 <= one.when.end_s for one in sequences)
    }
    assert len(left) == len(set(left))
    assert sum(turn.text == KEYED for turn in made.turns) == len(sequences)


def test_keys_are_a_secret_unless_they_or_the_question_say_card() -> None:
    call = with_keyed_turns(call_of(tones=(keyed(1, 2), keyed(5, 6), keyed(9, 10, card=True))))
    turns = [Turn(speaker=turn.speaker, text=turn.text) for turn in call.turns]
    asked = Span(turn=1, start=1, end=5, type=SpanType.CREDIT_CARD, score=0.5, explanation="asked")
    odd = Span(turn=0, start=1, end=5, type=SpanType.PERSON, score=0.4, explanation="odd")
    found = keyed_spans(turns, [odd, asked], call)
    assert [(span.turn, span.start, span.end, span.type, span.score) for span in found] == [
        (0, 0, len(KEYED), SpanType.SECRET, 1.0),
        (1, 0, len(KEYED), SpanType.CREDIT_CARD, 1.0),
        (2, 0, len(KEYED), SpanType.CREDIT_CARD, 1.0),
    ]
