"""Counting word errors."""

from hypothesis import given
from hypothesis import strategies as st

from callwarden.rules.word_errors import WordErrors, word_errors

texts = st.lists(st.sampled_from(["le", "code", "est", "quatre"]), max_size=8)


def test_a_word_changed_left_out_and_put_in_are_three_errors() -> None:
    assert word_errors(["le", "code", "est", "quatre"], ["le", "mot", "quatre", "sept"]) == WordErrors(
        errors=3, words=4
    )


@given(texts, texts)
def test_errors_are_a_distance(one: list[str], two: list[str]) -> None:
    errors = word_errors(one, two).errors
    assert errors == word_errors(two, one).errors
    assert abs(len(one) - len(two)) <= errors <= max(len(one), len(two))
    assert (errors == 0) == (one == two)


def test_the_rate_of_several_calls_weighs_words_not_calls() -> None:
    assert (WordErrors(errors=1, words=1) + WordErrors(errors=0, words=9)).rate == 0.1
