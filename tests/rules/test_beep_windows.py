"""Where to beep (D6, U4): every located secret is covered, and one that cannot be located stops the release."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Span, SpanType
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn, Word
from callwarden.rules.beep_windows import Beeps, Displacement, Unplaceable, beep_windows, merged


def turn_of(words: list[tuple[str, float, float]], *, probability: float = 0.9) -> TranscriptTurn:
    said = tuple(
        Word(text=text, start_s=start, end_s=end, probability=probability, channel=1) for text, start, end in words
    )
    return TranscriptTurn(speaker="caller", words=said, start_s=words[0][1], end_s=words[-1][2])


def call_of(*turns: TranscriptTurn, **more: object) -> Transcript:
    call = Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="test",
        duration_s=30.0,
        turns=turns,
        speech_without_words=(),
        pauses=(),
    )
    return replace(call, **more)  # type: ignore[arg-type]  # fields by name, as each test needs them


def span(start: int, end: int, turn: int = 0) -> Span:
    return Span(turn=turn, start=start, end=end, type=SpanType.SECRET, score=0.9, explanation="test")


SAID = turn_of([("le", 1.0, 1.2), ("code", 1.2, 1.6), ("est", 1.6, 1.8), ("tournesol,", 2.0, 2.7), ("merci", 5, 6)])


def test_a_span_is_covered_with_padding_on_both_sides() -> None:
    found = beep_windows([span(12, 21)], call_of(SAID), pad_s=0.3, merge_gap_s=0.5)
    assert found == Beeps(windows=(TimeRange(start_s=1.7, end_s=3.0),))


def test_half_a_word_beeps_the_whole_word() -> None:
    assert beep_windows([span(14, 15)], call_of(SAID), pad_s=0, merge_gap_s=0) == Beeps(
        windows=(TimeRange(start_s=2.0, end_s=2.7),)
    )


def test_close_windows_become_one_and_distant_ones_do_not() -> None:
    spans = [span(0, 2), span(12, 21), span(23, 28)]
    found = beep_windows(spans, call_of(SAID), pad_s=0.2, merge_gap_s=0.5)
    assert isinstance(found, Beeps)
    edges = [edge for window in found.windows for edge in (window.start_s, window.end_s)]
    assert edges == pytest.approx([0.8, 2.9, 4.8, 6.2])


def test_speech_without_words_and_pauses_are_beeped_although_nothing_was_found() -> None:
    call = call_of(
        SAID,
        speech_without_words=(TimeRange(start_s=10, end_s=11),),
        pauses=(TimeRange(start_s=20, end_s=22),),
    )
    found = beep_windows([], call, pad_s=0.3, merge_gap_s=0.5)
    assert found == Beeps(windows=(TimeRange(start_s=9.7, end_s=11.3), TimeRange(start_s=20, end_s=22)))


def test_a_doubtful_word_widens_its_beep() -> None:
    said = turn_of([("sept", 4.0, 5.0)], probability=0.2)
    found = beep_windows([span(0, 4)], call_of(said), pad_s=0.3, merge_gap_s=0, doubtful_below=0.4)
    assert found == Beeps(windows=(TimeRange(start_s=3.4, end_s=5.6),))


def test_only_the_edge_beside_a_doubtful_word_is_widened_further() -> None:
    sure = turn_of([("neuf", 4.0, 4.5), ("huit", 4.5, 5.0), ("sept", 5.0, 6.0)])
    doubted = sure.words[0], replace(sure.words[1], probability=0.1), replace(sure.words[2], probability=0.2)
    call = call_of(replace(sure, words=doubted))
    found = beep_windows([span(0, 14)], call, pad_s=0.5, merge_gap_s=0, doubtful_below=0.4)
    assert found == Beeps(windows=(TimeRange(start_s=3.5, end_s=7.0),))


def test_a_word_without_length_is_beeped_from_its_neighbour_to_its_neighbour() -> None:
    said = turn_of([("code", 1.0, 1.5), ("4417", 2.0, 2.0), ("merci", 3.0, 3.5)])
    found = beep_windows([span(5, 9)], call_of(said), pad_s=0, merge_gap_s=0)
    assert found == Beeps(windows=(TimeRange(start_s=1.5, end_s=3.0),))


@pytest.mark.parametrize(
    ("spans", "turn", "why"),
    [
        ([span(0, 2, turn=1)], SAID, Displacement.NO_SUCH_TURN),
        ([span(12, 99)], SAID, Displacement.OUTSIDE_TEXT),
        ([span(2, 3)], SAID, Displacement.NO_WORDS),
        ([span(0, 2)], turn_of([("le", float("nan"), 1.0)]), Displacement.NO_TIMES),
        ([span(0, 2)], turn_of([("le", 1.0, 1.0)]), Displacement.NO_TIMES),
        ([span(0, 2)], turn_of([("le", -2.0, -1.0)]), Displacement.NO_TIMES),
        ([span(0, 2)], turn_of([("le", 30.5, 31.5)]), Displacement.BEYOND_END),
        ([span(0, 2)], turn_of([("le", 29.5, 35.0)]), Displacement.BEYOND_END),
    ],
)
def test_a_span_without_a_place_in_time_makes_the_call_unplaceable(
    spans: list[Span], turn: TranscriptTurn, why: Displacement
) -> None:
    assert beep_windows(spans, call_of(turn), pad_s=0.3, merge_gap_s=0.5) == Unplaceable(span=0, why=why)


def test_one_span_without_a_place_outweighs_all_the_others() -> None:
    found = beep_windows([span(0, 2), span(0, 1, turn=7)], call_of(SAID), pad_s=0.3, merge_gap_s=0.5)
    assert found == Unplaceable(span=1, why=Displacement.NO_SUCH_TURN)


times = st.floats(min_value=0, max_value=60)
ranges = st.lists(st.tuples(times, times).map(lambda pair: TimeRange(start_s=min(pair), end_s=max(pair))), max_size=12)


@given(ranges, st.floats(min_value=0, max_value=2), st.floats(min_value=1, max_value=50))
def test_merging_covers_all_that_was_given_inside_the_recording_and_stays_apart(
    given_ranges: list[TimeRange], gap: float, duration: float
) -> None:
    windows = merged(given_ranges, merge_gap_s=gap, duration_s=duration)
    for item in given_ranges:
        start, end = item.start_s, min(item.end_s, duration)
        if start < end:
            assert any(window.start_s <= start and end <= window.end_s for window in windows)
    for window in windows:
        assert 0 <= window.start_s < window.end_s <= duration
    for one, next_one in itertools.pairwise(windows):
        assert next_one.start_s - one.end_s >= gap
        assert next_one.start_s > one.start_s


@given(ranges, st.floats(min_value=0, max_value=2))
def test_merging_twice_changes_nothing(given_ranges: list[TimeRange], gap: float) -> None:
    once = merged(given_ranges, merge_gap_s=gap, duration_s=60)
    assert merged(once, merge_gap_s=gap, duration_s=60) == once


@given(st.lists(st.tuples(st.text(st.characters(categories=["L", "N"]), min_size=1), times), min_size=1, max_size=8))
def test_every_character_of_a_turn_is_found_in_the_word_that_holds_it(said: list[tuple[str, float]]) -> None:
    turn = turn_of([(text, start, start + 1) for text, start in said])
    at = 0
    for word in turn.words:
        assert turn.text[at : at + len(word.text)] == word.text
        assert word in turn.words_at(at, at + 1)
        at += len(word.text) + 1
