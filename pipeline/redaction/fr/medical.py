"""Words of illness and care that stand in no list of ours, learnt from those that do ("asthmatique" from "asthme").

The spaCy model's word vectors (`vectors`) put what is said of bodies, ailments and treatments close together.
"""

import re
from functools import lru_cache

from callwarden.redaction.fr.vectors import TAUGHT_WORDS, WordVectors

_EXAMPLES_AMONG = 60_000
"""So many frequent forms are looked through for the words of our list."""
MEDICAL_FROM = 0.95
"""Lower, words of discomfort and of machines come in ("insupportable", "détecteur")."""


class MedicalWords:
    """`knows` whether a word in small letters is medical; built once for a loaded model."""

    def __init__(self, vectors: WordVectors | None, terms: re.Pattern[str], but: frozenset[str]) -> None:
        """``terms`` match the words that are known to be medical; ``but`` are words that look so and are not."""
        self._vectors = vectors
        self._but = but
        self.knows = lru_cache(maxsize=8_192)(self._knows)
        if vectors is None:
            return
        medical = {word for _, word in vectors.small(_EXAMPLES_AMONG) if len(word) > 3 and terms.fullmatch(word)}
        plain = [word for _, word in vectors.small(TAUGHT_WORDS) if word not in medical]
        rows = [(word, kind) for kind, words in enumerate((plain, sorted(medical))) for word in words]
        found = [(place[1], kind) for word, kind in rows if (place := vectors.find(word))]
        self._scores = vectors.teach(found, 2)[:, 1]

    def _knows(self, word: str) -> bool:
        place = None if self._vectors is None or len(word) < 4 or word in self._but else self._vectors.find(word)
        return place is not None and bool(self._scores[place[1]] >= MEDICAL_FROM)
