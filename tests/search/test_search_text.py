"""How words are folded, questions read and places shown: `callwarden.rules.search_text`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.transcript import RedactedTranscript, RedactedTurn
from callwarden.rules.search_text import (
    GAP,
    MAX_QUESTION,
    MAX_TERMS,
    MAX_TEXT,
    MAX_WORD,
    Term,
    folded,
    indexable,
    occurrences,
    searchable_text,
    snippet,
    terms_of,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Éléonore, ÇA ALORS", "eleonore ca alors"),
        ("l'œuvre d’Ægir", "l oeuvre d aegir"),
        ("soft\N{SOFT HYPHEN}hyphen e\N{COMBINING ACUTE ACCENT}té", "softhyphen ete"),
        ("Straße № ½ ﬁn", "strasse no 1 2 fin"),
        ("07-80 09.44", "07 80 09 44"),
        ("mot [PHONE_2], [CREDIT_CARD_10]\nfin", f"mot {GAP} {GAP} {GAP} fin"),
        ("[pas un] [MOT]", "pas un mot"),
        ("\N{GRINNING FACE} \x00 \x1b[31m", "31m"),
        ("", ""),
    ],
)
def test_accents_case_and_ligatures_are_folded_and_placeholders_are_gaps(text: str, words: str) -> None:
    assert folded(text).split() == words.split()


@given(st.text())
def test_folding_twice_is_folding_once_and_every_word_lies_where_it_says(text: str) -> None:
    words = list(words_of(text))
    assert folded(folded(text)).split() == [one for one in folded(text).split() if one != GAP]
    assert [one.start for one in words] == sorted(one.start for one in words)
    for one in words:
        assert 0 <= one.start < one.end <= len(text)
        assert one.folded == GAP or one.folded in folded(text[one.start : one.end]).split()
        assert len(one.folded) <= MAX_WORD


@given(st.text())
def test_what_is_indexed_can_be_stored_and_is_not_longer_than_the_limit(text: str) -> None:
    stored = indexable(text + "\0\ud800" + "é" * MAX_TEXT)
    assert len(stored) == MAX_TEXT
    assert "\0" not in stored
    stored.encode()


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Panne d'électricité", [(("panne",), False), (("d", "electricite"), False)]),
        ('"panne de courant" hier', [(("panne", "de", "courant"), False), (("hier",), False)]),
        ("« panne  générale »", [(("panne", "generale"), False)]),
        ("élec*", [(("elec",), True)]),
        ('"panne d\'élec*"', [(("panne", "d", "elec"), True)]),
        ("e*", [(("e",), False)]),
        ('panne "de', [(("panne",), False), (("de",), False)]),
        ("panne PANNE panné", [(("panne",), False)]),
        ("NOT panne OR -x", [(("not",), False), (("panne",), False), (("or",), False), (("x",), False)]),
        ('* "" (( :', []),
    ],
)
def test_a_question_is_words_phrases_and_beginnings(question: str, terms: list[tuple[tuple[str, ...], bool]]) -> None:
    assert terms_of(question) == tuple(Term(words=words, prefix=prefix) for words, prefix in terms)


@given(st.text())
def test_every_question_has_terms_that_can_be_looked_up(question: str) -> None:
    for term in terms_of(question):
        assert term.words
        assert all(word.isalnum() for word in term.words)


def test_a_long_question_is_cut_and_not_refused() -> None:
    assert len(terms_of(" ".join(f"m{number}" for number in range(99)))) == MAX_TERMS
    assert terms_of(" " * MAX_QUESTION + "mot") == ()


def test_neighbours_are_counted_each() -> None:
    assert occurrences(folded("non non non"), Term(words=("non",))) == 3
    assert occurrences(folded("non non non"), Term(words=("non", "non"))) == 2


def test_a_snippet_shows_the_first_place_without_half_words() -> None:
    text = "avant " * 50 + "la Clé du coffre [CODE_1] est ouverte " + "après " * 50
    shown = snippet(text, terms_of("introuvable cle"))
    assert shown.startswith("… avant ")
    assert shown.endswith(" après …")
    assert "la Clé du coffre [CODE_1] est ouverte" in shown
    assert set(shown.split()) <= set(text.split()) | {"…"}
    assert snippet("tout court\nici", terms_of("introuvable")) == "tout court ici"


def test_only_redacted_turns_are_searched() -> None:
    """U4."""
    turns = [RedactedTurn(speaker="caller", text=f"mot {number}", start_s=number, end_s=number) for number in (1, 2)]
    transcript = RedactedTranscript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        redaction_version="v1",
        duration_s=3,
        turns=tuple(turns),
        beeped=(),
        verified=True,
    )
    assert searchable_text(transcript) == "mot 1\nmot 2"
