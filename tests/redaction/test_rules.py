"""Merging, placeholders, dialogue, decision and counting: pure rules (charter U4, U5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.redaction import OpenQuestion, RedactionPolicy, Span, SpanType, Turn
from callwarden.ports.pii import FinderTimeoutError
from callwarden.redaction.dialogue import Asked, TurnView, follow
from callwarden.redaction.evaluate import Mark, Scored, evaluate
from callwarden.redaction.placeholders import redact
from callwarden.redaction.spans import join_neighbours, resolve, trim
from callwarden.rules.withholding import Release, Withhold, decide, withheld

TEXT = "Bonjour, ici Anne Lemaigre, au 01 99 00 12 34, merci madame Lemaigre."


def _span(start: int, end: int, kind: SpanType = SpanType.PERSON, score: float = 0.8, turn: int = 0) -> Span:
    return Span(turn=turn, start=start, end=end, type=kind, score=score, explanation="test")


spans = st.lists(
    st.builds(
        lambda turn, start, length, kind, score: _span(start, start + length, kind, score, turn),
        st.integers(0, 2),
        st.integers(0, 60),
        st.integers(1, 9),
        st.sampled_from(SpanType),
        st.floats(0, 1),
    ),
    max_size=25,
)


def _places(found: list[Span]) -> set[tuple[int, int]]:
    return {(s.turn, at) for s in found for at in range(s.start, s.end)}


@given(spans)
def test_merging_loses_no_character_and_leaves_no_overlap(found: list[Span]) -> None:
    merged = resolve(found)
    assert _places(merged) == _places(found)
    assert sum(s.end - s.start for s in merged) == len(_places(found))
    assert merged == sorted(merged, key=lambda s: (s.turn, s.start))


@given(spans)
def test_merging_is_idempotent(found: list[Span]) -> None:
    turns = [Turn(speaker="a", text=TEXT)] * 3
    once = join_neighbours(resolve(found), turns)
    assert join_neighbours(resolve(once), turns) == once


@given(spans)
def test_a_redacted_call_holds_nothing_of_what_was_marked(found: list[Span]) -> None:
    turns = [Turn(speaker="a", text="x" * 80), Turn(speaker="b", text="y" * 80), Turn(speaker="a", text="z" * 80)]
    merged = resolve(found)
    done = redact(turns, merged)
    for number, turn in enumerate(turns):
        gone = sum(s.end - s.start for s in merged if s.turn == number)
        assert done.turns[number].text.count(turn.text[0]) == len(turn.text) - gone


def test_the_same_person_keeps_one_placeholder_through_the_call() -> None:
    turns = [Turn(speaker="agent", text=TEXT), Turn(speaker="caller", text="Hélène Roy ? Non, Anne Lemaigre.")]
    found = [
        _span(13, 26), _span(31, 45, SpanType.PHONE), _span(60, 68),
        _span(0, 10, turn=1), _span(18, 31, turn=1),
    ]  # fmt: skip
    done = redact(turns, found)
    assert done.turns[0].text == "Bonjour, ici [PERSON_1], au [PHONE_1], merci madame [PERSON_1]."
    assert done.turns[1].text == "[PERSON_2] ? Non, [PERSON_1]."


def test_spans_that_overlap_are_refused_rather_than_half_replaced() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        redact([Turn(speaker="a", text=TEXT)], [_span(0, 10), _span(5, 12)])


def test_a_span_without_a_letter_or_digit_is_none() -> None:
    assert trim(_span(7, 9), TEXT) is None
    assert trim(_span(7, 12), TEXT) == _span(9, 12)


def test_no_text_of_a_call_is_printed() -> None:
    assert "Lemaigre" not in repr(Turn(speaker="a", text=TEXT))
    assert "Lemaigre" not in repr(redact([Turn(speaker="a", text=TEXT)], []))


def _turn(speaker: str, *asks: Asked, empty: bool = False, denies: bool = False) -> TurnView:
    return TurnView(speaker, asks, empty, denies)


def test_a_question_lives_through_a_deferral_and_the_askers_assent() -> None:
    rows = follow([_turn("a", Asked.SECRET), _turn("c", empty=True), _turn("a", empty=True), _turn("c")])
    assert [(e.asked, e.age) for e in rows[3]] == [(Asked.SECRET, 0)]


def test_a_new_question_of_the_asker_ends_the_old_one() -> None:
    rows = follow([_turn("a", Asked.SECRET), _turn("c"), _turn("a", Asked.PHONE), _turn("c")])
    assert [e.asked for e in rows[3]] == [Asked.PHONE]


def test_with_one_voice_only_the_next_turns_answer() -> None:
    rows = follow([_turn("unknown", Asked.IBAN), _turn("unknown")])
    assert [e.asked for e in rows[1]] == [Asked.IBAN]


views = st.lists(
    st.builds(
        TurnView,
        st.sampled_from(["agent", "caller"]),
        st.lists(st.sampled_from(Asked), max_size=2).map(tuple),
        st.booleans(),
        st.booleans(),
    ),
    max_size=16,
)


@given(st.sampled_from(Asked), views)
def test_a_question_open_at_the_beginning_is_as_one_asked_in_a_turn_before(asked: Asked, turns: list[TurnView]) -> None:
    opening = [OpenQuestion(asked=asked, speaker="agent", turns_ago=1)]
    asked_before = follow([_turn("agent", asked), *turns])[1:]
    assert [[(e.asked, e.age) for e in row] for row in follow(turns, opening)] == [
        [(e.asked, e.age) for e in row] for row in asked_before
    ]


def test_doubt_withholds_a_call(policy: RedactionPolicy) -> None:
    """U4: what may be personal and is not sure enough is not released."""
    sure, unsure = _span(0, 3, score=0.9), _span(5, 8, SpanType.ORGANISATION, score=0.52)
    assert decide([sure], policy) == Release((sure,))
    assert isinstance(decide([sure, unsure], policy), Withhold)


def test_a_finder_that_could_not_finish_withholds() -> None:
    decision = withheld(FinderTimeoutError(3.0))
    assert (decision.reason, decision.why) == ("redaction_incomplete", "FinderTimeoutError")


def test_the_counts_of_a_worked_example() -> None:
    """By hand: gold "Anne Roy" (7 letters) half covered, "0199" whole; one prediction right twice, one wrong."""
    document = Scored(
        texts=("Anne Roy dit 0199 demain",),
        gold=(Mark(turn=0, start=0, end=8, type="PERSON"), Mark(turn=0, start=13, end=17, type="PHONE")),
        found=(
            Mark(turn=0, start=0, end=4, type="PERSON"),
            Mark(turn=0, start=13, end=17, type="SECRET"),
            Mark(turn=0, start=18, end=24, type="PERSON"),
        ),
    )
    result = evaluate([document])
    assert (result.spans, result.covered, result.recall) == (2, 1, 0.5)
    assert (result.characters, result.leaked) == (11, 3)
    assert (result.predictions, result.right, result.precision) == (3, 2, 2 / 3)
    assert result.precision_characters == 8 / 14
    assert (result.words, result.words_gone, result.gone) == (5, 3, 0.6)
    assert result.by_type["PHONE"].covered == 1
    assert result.by_type["PHONE"].touched == 0
    assert result.recall_of(["PERSON"]) == 0.0
    assert result.recall_of(["IBAN"]) is None


def test_plain_dates_count_for_precision_and_not_for_recall() -> None:
    gold = (Mark(turn=0, start=3, end=10, type="DATE"),)
    result = evaluate([Scored(texts=("le 12 mars,",), gold=gold, found=gold)])
    assert (result.spans, result.recall, result.precision) == (0, None, 1.0)
