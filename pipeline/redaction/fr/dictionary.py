"""Whether a word is ordinary French: tells a name from a word where there are no capitals.

The word list is the one the spaCy model carries for its lemmatiser (about 300,000 forms); the names of people and
places are our own lists beside this module.
"""

from dataclasses import dataclass, field
from typing import Any

from callwarden.redaction.fr.medical import MedicalWords
from callwarden.redaction.fr.proper import Names, Proper, ProperNames
from callwarden.redaction.fr.vectors import WordVectors, read_vectors
from callwarden.redaction.lexicon import lexicon, one_word

_NAMES = lexicon("fr", "names")

EXTRA = _NAMES.words("ordinary")

# Written with a capital and no sign of anybody.
_PUBLIC_NAMES = _NAMES.words("public_names")
_NAME_FROM = 0.75
_WORD_UNTIL = 0.35
_SMALL_UNTIL = 0.15
_SHORT_WORD = 4
_NEAR = 0.6
_COMMON_RANK = 20_000


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Three lists and one question each; words are asked in lower case with straight apostrophes."""

    ordinary: frozenset[str] = field(repr=False)
    verbs: frozenset[str] = field(repr=False)
    nominal: frozenset[str] = field(repr=False)
    hashed: frozenset[int] = field(repr=False)
    strings: Any = field(repr=False)
    first_names: frozenset[str] = field(repr=False)
    surnames: frozenset[str] = field(repr=False)
    places: frozenset[str] = field(repr=False)
    proper: ProperNames = field(repr=False)
    medical: MedicalWords = field(repr=False)
    vectors: WordVectors | None = field(repr=False)

    def is_ordinary(self, word: str) -> bool:
        """An ordinary word of the language: in the word list and not nearly always a name, or, in no list, nearly
        always written small."""
        if word in EXTRA:
            return True
        seen = self.look(word)
        if self._is_listed(word):
            named = seen is not None and seen.share >= _NAME_FROM and seen.names is not Names.NOTHING
            return not named or word in _PUBLIC_NAMES
        if seen is None:
            return False
        small = seen.share <= (_WORD_UNTIL if seen.names is Names.NOTHING else _SMALL_UNTIL)
        return small and len(word) >= _SHORT_WORD  # shorter ones are letters of a number, particles, abbreviations

    def _is_listed(self, word: str) -> bool:
        if word in self.ordinary or word.rstrip("'") in self.ordinary:
            return True
        return self.strings[word] in self.hashed if word else False

    def is_common(self, word: str) -> bool:
        """A word everybody says every day and that names nobody."""
        if word in EXTRA or word.endswith("'"):
            return True
        rank, seen = self.proper.often(word), self.look(word)
        return rank is not None and rank <= _COMMON_RANK and seen is not None and seen.share < _WORD_UNTIL

    def look(self, word: str) -> Proper | None:
        """What the model's vocabulary knows of the word as a name."""
        return self.proper.look(word)

    def is_first_name(self, word: str) -> bool:
        """In our list, or a word the model's vocabulary mostly writes and uses as one."""
        return word in self.first_names or self._names(word, Names.FIRST_NAME, 0.6)

    def is_surname(self, word: str) -> bool:
        return word in self.surnames or self._names(word, Names.SURNAME, 0.5)

    def may_be_surname(self, word: str) -> bool:
        """A surname that is more often an ordinary word ("tisserand", "boulet")."""
        return word in self.surnames or self._names(word, Names.SURNAME, 0.2)

    def is_place(self, word: str) -> bool:
        return word in self.places or self._names(word, Names.PLACE, 0.6)

    def _names(self, word: str, kind: Names, share: float) -> bool:
        seen = self.look(word) if word not in _PUBLIC_NAMES and word not in EXTRA else None
        return seen is not None and seen.names is kind and seen.share >= share and seen.near >= _NEAR

    def is_medical(self, word: str) -> bool:
        """A word of illness or care, learnt from those of our list."""
        return self.medical.knows(word)

    def is_verb(self, word: str) -> bool:
        return word in self.verbs


def load_dictionary(nlp: Any) -> Dictionary:
    """Read the word list out of a loaded spaCy model's lemmatiser tables."""
    lookups = nlp.get_pipe("lemmatizer").lookups
    strings = nlp.vocab.strings
    ordinary: set[str] = set()
    verbs: set[str] = set()
    for table in ("lemma_exc", "lemma_index"):
        for key, forms in lookups.get_table(table).items():
            kind = strings[key] if isinstance(key, int) else key
            ordinary.update(forms)
            if table == "lemma_exc":
                ordinary.update(lemma for lemmas in forms.values() for lemma in lemmas)
            if kind in ("verb", "aux"):
                verbs.update(forms)
    ordinary.update(lemma for lemmas in lookups.get_table("lemma_lookup").values() for lemma in lemmas)
    nouns = {f for k, fs in lookups.get_table("lemma_index").items() if strings[k] in ("noun", "adj") for f in fs}
    vectors, health = read_vectors(nlp), lexicon("fr", "health")
    first_names, surnames, places = (lexicon("fr", name).words() for name in ("first_names", "surnames", "places"))
    return Dictionary(
        ordinary=frozenset(ordinary),
        verbs=frozenset(verbs - nouns),
        nominal=frozenset(nouns),
        hashed=frozenset(lookups.get_table("lemma_lookup")),
        strings=strings,
        first_names=first_names,
        surnames=surnames,
        places=places,
        proper=ProperNames(vectors, {Names.FIRST_NAME: first_names, Names.SURNAME: surnames, Names.PLACE: places}),
        medical=MedicalWords(vectors, one_word(health.either("terms")), health.words("not_medical")),
        vectors=vectors,
    )
