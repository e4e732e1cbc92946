"""What a spaCy model's word vectors teach: from examples of a kind of word, how much every other word is of that kind.

The vectors hold half a million written forms in order of frequency. A model without vectors teaches nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAUGHT_WORDS = 20_000
"""So many frequent forms are looked through for examples of words that are of no kind."""
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The model's forms by hash, each with its rank by frequency, from 1, and its row among the vectors."""

    strings: Any = field(repr=False)
    keys: NDArray[np.uint64] = field(repr=False)
    hashes: NDArray[np.uint64] = field(repr=False)
    ranks: NDArray[np.int64] = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    shape: NDArray[np.float64] = field(repr=False)

    def find(self, word: str) -> tuple[int, int] | None:
        """Rank and row of a form as it is written; None when the model has never seen it."""
        key = self.strings[word]
        at = int(np.searchsorted(self.hashes, np.uint64(key)))
        if at >= len(self.hashes) or int(self.hashes[at]) != key:
            return None
        return int(self.ranks[at]), int(self.rows[at])

    def small(self, most: int) -> Iterator[tuple[int, str]]:
        """Rank and form of what is written small among the ``most`` frequent forms."""
        for rank, key in enumerate(self.keys[:most].tolist(), start=1):
            word = self.strings[key]
            if word.islower():
                yield rank, word

    def seldom_a_name(self, rank: int, word: str) -> bool:
        """The form is written with a capital less than half as often as without."""
        large = self.find(word[0].upper() + word[1:])
        return large is None or large[0] > 2 * rank

    def teach(self, examples: Sequence[tuple[int, int]], kinds: int) -> NDArray[np.float64]:
        """Scores of every row for every kind, about 1 where it is of the kind and 0 where it is not. Examples are rows
        with their kinds; by ridge regression, each kind weighing the same."""
        taught = self.shape[[row for row, _ in examples]]
        wanted = np.eye(kinds)[[kind for _, kind in examples]]
        weight = (1 / np.maximum(wanted.sum(axis=0), 1))[wanted.argmax(axis=1)][:, None]
        square = (taught * weight).T @ taught + _RIDGE * np.eye(taught.shape[1])
        scores: NDArray[np.float64] = self.shape @ np.linalg.solve(square, (taught * weight).T @ wanted)
        return scores


def read_vectors(nlp: Any) -> WordVectors | None:
    """The vectors of a loaded model, each of length one; None when it has none."""
    vectors = nlp.vocab.vectors
    if not vectors.n_keys or vectors.shape[1] == 0:
        return None
    keys = np.fromiter(vectors.key2row.keys(), dtype=np.uint64, count=vectors.n_keys)
    rows = np.fromiter(vectors.key2row.values(), dtype=np.int64, count=vectors.n_keys)
    order = np.argsort(keys)
    length = np.linalg.norm(vectors.data, axis=1, keepdims=True)
    shape = np.hstack([vectors.data / np.maximum(length, 1e-6), np.ones_like(length)]).astype(np.float64)
    return WordVectors(nlp.vocab.strings, keys, keys[order], order + 1, rows[order], shape)
