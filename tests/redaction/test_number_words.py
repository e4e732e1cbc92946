"""Parsing numbers in words always goes forward: a call cannot hold the finder up (charter U4; fails closed)."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.redaction import Turn
from callwarden.redaction.en import vocabulary as english
from callwarden.redaction.fr import number_words as french
from callwarden.redaction.fr.grammar import GRAMMAR
from callwarden.redaction.numbers import NumberGrammar, find_runs
from callwarden.redaction.words import Word, read_call

Parse = Callable[[Sequence[Word], int], tuple[int, int] | None]

FRENCH = [*sorted({*french.NUMBER_WORDS, *french.BIG, "une"}), "et"]
ENGLISH = sorted(english.GRAMMAR.number_words)
AROUND = [
    "fois",
    "le",
    "double",
    "triple",
    "virgule",
    "heures",
    "euros",
    "comme",
    "zone",
    "a",
    "b",
    "y",
    "à",
    "euh",
    "12",
    "pour",
]


def _texts(words: Sequence[str]) -> st.SearchStrategy[str]:
    pieces = st.tuples(st.sampled_from(words), st.sampled_from([" ", "-", ", ", ". ", "' "]))
    return st.lists(pieces, min_size=1, max_size=9).map(
        lambda found: "".join(word + gap for word, gap in found).strip()
    )


def _values(text: str, parse: Parse = french.parse_cardinal) -> list[int]:
    words, at, values = read_call([Turn(speaker="caller", text=text)]).words, 0, []
    while at < len(words):
        parsed = parse(words, at)
        assert parsed is None or parsed[1] > at, f"no step forward at {words[at].lower}"
        if parsed is not None:
            values.append(parsed[0])
        at = parsed[1] if parsed is not None else at + 1
    return values


@given(_texts(FRENCH))
def test_a_french_number_takes_at_least_its_first_word(text: str) -> None:
    _values(text)


@given(_texts(ENGLISH))
def test_an_english_number_takes_at_least_its_first_word(text: str) -> None:
    _values(text, english.parse_cardinal)


@pytest.mark.parametrize(("words", "grammar"), [(FRENCH, GRAMMAR), (ENGLISH, english.GRAMMAR)], ids=["fr", "en"])
def test_reading_runs_ends_whatever_is_said(words: list[str], grammar: NumberGrammar) -> None:
    @given(_texts([*words, *AROUND]))
    def ends(text: str) -> None:
        call = read_call([Turn(speaker="caller", text=text)])
        runs = find_runs(call, grammar)
        places = [at for run in runs for atom in run.atoms for at in range(atom.first, atom.last + 1)]
        assert places == sorted(set(places))

    ends()


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("vingts", [20]),
        ("cinquante quatre-vingts zéro", [50, 80, 0]),
        ("cinquante quatre vingts", [50, 80]),
        ("cinquante-quatre vingt", [54, 20]),
        ("quatre-vingt-dix-sept", [97]),
        ("soixante et onze", [71]),
        ("deux mille vingt-six", [2026]),
    ],
)
def test_tens_and_eighties_are_told_apart(said: str, values: list[int]) -> None:
    assert _values(said) == values
