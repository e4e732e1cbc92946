"""A long call is read in portions, and as captions; what was taken out of it is named by type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.transcript import RedactedTranscript, RedactedTurn, RedactedWord, TimeRange
from callwarden.rules.turn_portions import Badge, portion, webvtt


def call_of(*turns: RedactedTurn, beeped: tuple[TimeRange, ...] = ()) -> RedactedTranscript:
    return RedactedTranscript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        redaction_version="v1",
        duration_s=max((turn.end_s for turn in turns), default=0.0),
        turns=turns,
        beeped=beeped,
        verified=True,
    )


def turn(text: str, start_s: float = 0.0, *, timed: bool = False) -> RedactedTurn:
    words = tuple(
        RedactedWord(text=word, start_s=start_s + at, end_s=start_s + at + 1) for at, word in enumerate(text.split())
    )
    return RedactedTurn(speaker="caller", text=text, start_s=start_s, end_s=start_s + 5, words=words if timed else ())


LONG = call_of(*(turn(f"tour {number}", 10.0 * number) for number in range(50)))


@given(limit=st.integers(1, 60), from_s=st.floats(0, 600))
def test_going_on_from_portion_to_portion_gives_every_turn_once(limit: int, from_s: float) -> None:
    seen: list[int] = []
    found = portion(LONG, from_s=from_s, limit=limit)
    while True:
        seen += [shown.number for shown in found.turns]
        if found.following is None:
            break
        found = portion(LONG, first=found.following, limit=limit)
    wanted = [number for number, each in enumerate(LONG.turns) if each.end_s > from_s]
    assert seen == wanted


def test_a_portion_in_the_middle_leads_both_ways() -> None:
    found = portion(LONG, from_s=203, to_s=222, limit=10)
    assert [shown.number for shown in found.turns] == [20, 21, 22]
    assert (found.previous, found.following) == (10, 23)
    assert portion(LONG, limit=10).previous is None


def test_only_the_beeps_of_a_portion_come_with_it() -> None:
    beeped = tuple(TimeRange(start_s=at, end_s=at + 1) for at in (12.0, 31.0, 480.0))
    call = call_of(*LONG.turns, beeped=beeped)
    assert portion(call, first=1, limit=2).beeped == beeped[:1]
    assert portion(call, limit=50).beeped == beeped


def test_what_was_taken_out_is_named_by_its_type_and_has_its_words_time() -> None:
    [shown] = portion(call_of(turn("chez l'[PERSON_12], [DTMF] merci", timed=True)), limit=1).turns
    assert shown.badges == (
        Badge(type="PERSON", start=7, end=18, start_s=1, end_s=2),
        Badge(type="DTMF", start=20, end=26, start_s=2, end_s=3),
    )


def test_without_times_of_words_a_badge_has_that_of_its_turn() -> None:
    [shown] = portion(call_of(turn("[CREDIT_CARD_1]", 7)), limit=1).turns
    assert shown.badges == (Badge(type="CREDIT_CARD", start=0, end=15, start_s=7, end_s=12),)


@pytest.mark.parametrize(("first", "limit"), [(-1, 5), (0, 0), (0, 501)])
def test_no_portion_is_impossible(first: int, limit: int) -> None:
    with pytest.raises(ValueError, match="portion"):
        portion(LONG, first=first, limit=limit)


def test_captions_carry_times_and_speakers_and_no_markup_of_the_text() -> None:
    said = call_of(turn("il a dit <b>oui</b> & -->\nnon", 3661.5))
    assert webvtt(said) == (
        "WEBVTT\n\n01:01:01.500 --> 01:01:06.500\n<v caller>il a dit &lt;b&gt;oui&lt;/b&gt; &amp; --&gt; non\n"
    )
