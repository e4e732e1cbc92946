"""Words that are nearly always written with a capital, and what they name: the only sign of a name where a recogniser
of speech writes none ("bernard", "achard", "bressuire" are also in the dictionary).

Learnt from the spaCy model when it is loaded (`vectors`): how much rarer "bernard" is than "Bernard" tells how often
the word is a name, and its vector lies near those of our lists of first names, surnames and places, or near none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from callwarden.redaction.fr.vectors import TAUGHT_WORDS, WordVectors


class Names(StrEnum):
    """What a word names."""

    FIRST_NAME = "first name"
    SURNAME = "surname"
    PLACE = "place"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Proper:
    """How often the word is written with a capital (0 to 1), what it names, and how near it lies to such names."""

    share: float
    names: Names
    near: float


class ProperNames:
    """`look` a word up; built once for a loaded model."""

    def __init__(self, vectors: WordVectors | None, examples: dict[Names, frozenset[str]]) -> None:
        self._vectors = vectors
        self._scores: NDArray[np.float64] = (
            np.zeros((0, 0)) if vectors is None else vectors.teach(list(_examples(vectors, examples)), len(_KINDS))
        )
        # a vocabulary of names, not of who said them: words the model itself holds
        self.look = lru_cache(maxsize=32_768)(self._look)

    def often(self, word: str) -> int | None:
        """How many forms are more frequent than the word in small letters, 1 for the most frequent; None when the
        model has never seen it."""
        found = None if self._vectors is None or not word else self._vectors.find(word)
        return None if found is None else found[0]

    def _look(self, word: str) -> Proper | None:
        """What is known of a word in small letters; None when the model has never seen it."""
        if self._vectors is None or not word:
            return None
        small = self._vectors.find(word)
        large = self._vectors.find(word[0].upper() + word[1:])
        if small is None and large is None:
            return None
        # frequency falls with rank, so the inverse of a rank is a frequency but for a factor
        often_small = 1 / small[0] if small else 0.0
        often_large = 1 / large[0] if large else 0.0
        scores = self._scores[(large or small or (0, 0))[1]]
        best = int(np.argmax(scores))
        return Proper(often_large / (often_small + often_large), _KINDS[best], float(scores[best]))


_KINDS = tuple(Names)


def _examples(vectors: WordVectors, examples: dict[Names, frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Rows of known names, and of frequent words that are seldom written with a capital."""
    for kind, words in examples.items():
        for word in sorted(words):
            large, small = vectors.find(word[0].upper() + word[1:]), vectors.find(word)
            if large and (small is None or large[0] < small[0]):
                yield large[1], _KINDS.index(kind)
    named = frozenset().union(*examples.values())
    for rank, word in vectors.small(TAUGHT_WORDS):
        found = vectors.find(word)
        if found and word not in named and vectors.seldom_a_name(rank, word):
            yield found[1], _KINDS.index(Names.NOTHING)
