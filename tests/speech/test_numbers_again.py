"""A number taken out once and said again in other groups is heard (U4, I8); other numbers are not taken for it."""

import pytest

from callwarden.adapters.speech.numbers_again import numbers_again
from callwarden.model.ids import RecordingId
from callwarden.model.redaction import Span, SpanType
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn, Word


def call(*turns: str) -> Transcript:
    """One word a second, each turn ten seconds after the one before."""
    made = []
    for number, text in enumerate(turns):
        words = tuple(
            Word(text=word, start_s=10 * number + at, end_s=10 * number + at + 0.8, probability=0.9, channel=0)
            for at, word in enumerate(text.split())
        )
        made.append(TranscriptTurn(speaker="agent", words=words, start_s=words[0].start_s, end_s=words[-1].end_s))
    return Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="test",
        duration_s=60.0,
        turns=tuple(made),
        speech_without_words=(),
        pauses=(),
    )


def heard(removed: str, again: str, *windows: TimeRange) -> list[TimeRange]:
    first = call(removed)
    span = Span(turn=0, start=0, end=len(removed), type=SpanType.SECRET, score=0.9, explanation="test")
    beeped = TimeRange(start_s=0.0, end_s=9.0)
    return [one.when for one in numbers_again(first, [span], call("rien", again), [beeped, *windows])]


@pytest.mark.parametrize(
    ("removed", "again"),
    [
        ("81, 5, 8", "1 5 8 merci"),
        ("4417", "le 4 4 1 7 donc"),
        ("06 12 34 56 78", "0 6 1 2 34"),
        ("0, 6, 1, 2, 3, 4", "c'est 06 12 34"),
    ],
)
def test_a_number_said_again_in_other_groups_is_heard(removed: str, again: str) -> None:
    (when,) = heard(removed, again)
    assert 10 <= when.start_s < when.end_s < 20


@pytest.mark.parametrize(
    ("removed", "again"),
    [
        ("4417", "dans 20 minutes"),
        ("06 12 34 56 78", "zone 123 et 4 volts"),
        ("06 12 34 56 78", "1 2 3 rien 4 5 6"),
        ("312", "312 euros"),
        ("quatre", "4 4 1 7"),
    ],
)
def test_other_and_short_numbers_are_not_taken_for_it(removed: str, again: str) -> None:
    assert heard(removed, again) == []


def test_a_number_under_a_beep_is_not_heard() -> None:
    assert heard("4417", "4 4 1 7", TimeRange(start_s=10.0, end_s=14.0)) == []


def test_only_the_digits_that_tell_are_beeped() -> None:
    (when,) = heard("4417", "9 9 4 4 1 7 8")
    assert (when.start_s, when.end_s) == (12.0, 15.8)
