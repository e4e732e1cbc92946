"""Words that are nearly always written with a capital, and what they name: the only sign of a name where a recogniser
of speech writes none ("bernard", "achard", "bressuire" are also in the dictionary).

Learnt from the spaCy model when it is loaded. Its word vectors hold half a million written forms in order of frequency,
capitals apart: how much rarer "bernard" is than "Bernard" tells how often the word is a name, and the vector lies near
those of our lists of first names, surnames and places, or near none of them. A model without vectors knows no word.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAUGHT_WORDS = 20_000
"""So many frequent forms are looked through for examples of words that name nothing."""
_RIDGE = 1e-3


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


@dataclass(frozen=True, slots=True)
class _Table:
    """The model's forms by hash: rank by frequency and scores for each kind of name."""

    hashes: NDArray[np.uint64] = field(repr=False)
    ranks: NDArray[np.int64] = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    scores: NDArray[np.float64] = field(repr=False)

    def find(self, key: int) -> tuple[int, int] | None:
        at = int(np.searchsorted(self.hashes, np.uint64(key)))
        if at >= len(self.hashes) or int(self.hashes[at]) != key:
            return None
        return int(self.ranks[at]), int(self.rows[at])


class ProperNames:
    """`look` a word up; built once for a loaded model."""

    def __init__(self, nlp: Any, examples: dict[Names, frozenset[str]]) -> None:
        self._strings = nlp.vocab.strings
        self._table = _read(nlp, examples)
        # a vocabulary of names, not of who said them: words the model itself holds
        self.look = lru_cache(maxsize=32_768)(self._look)

    def often(self, word: str) -> int | None:
        """How many forms are more frequent than the word in small letters, 1 for the most frequent; None when the
        model has never seen it."""
        found = None if self._table is None or not word else self._table.find(self._strings[word])
        return None if found is None else found[0]

    def _look(self, word: str) -> Proper | None:
        """What is known of a word in small letters; None when the model has never seen it."""
        if self._table is None or not word:
            return None
        small = self._table.find(self._strings[word])
        large = self._table.find(self._strings[word[0].upper() + word[1:]])
        if small is None and large is None:
            return None
        # frequency falls with rank, so the inverse of a rank is a frequency but for a factor
        often_small = 1 / small[0] if small else 0.0
        often_large = 1 / large[0] if large else 0.0
        scores = self._table.scores[(large or small or (0, 0))[1]]
        best = int(np.argmax(scores))
        return Proper(often_large / (often_small + often_large), _KINDS[best], float(scores[best]))


_KINDS = tuple(Names)


def _read(nlp: Any, examples: dict[Names, frozenset[str]]) -> _Table | None:
    vectors = nlp.vocab.vectors
    if not vectors.n_keys or vectors.shape[1] == 0:
        return None
    keys = np.fromiter(vectors.key2row.keys(), dtype=np.uint64, count=vectors.n_keys)
    rows = np.fromiter(vectors.key2row.values(), dtype=np.int64, count=vectors.n_keys)
    order = np.argsort(keys)
    length = np.linalg.norm(vectors.data, axis=1, keepdims=True)
    shape = np.hstack([vectors.data / np.maximum(length, 1e-6), np.ones_like(length)]).astype(np.float64)
    table = _Table(keys[order], order + 1, rows[order], np.zeros((len(shape), len(_KINDS))))
    taught = list(_examples(nlp, table, keys, examples))
    fit = _fit(shape[[row for row, _ in taught]], np.array([kind for _, kind in taught]))
    return _Table(table.hashes, table.ranks, table.rows, shape @ fit)


def _examples(
    nlp: Any, table: _Table, keys: NDArray[np.uint64], examples: dict[Names, frozenset[str]]
) -> list[tuple[int, int]]:
    """Rows of known names, and of frequent words that are seldom written with a capital."""
    strings = nlp.vocab.strings
    out: list[tuple[int, int]] = []
    for kind, words in examples.items():
        for word in sorted(words):
            large = table.find(strings[word[0].upper() + word[1:]])
            small = table.find(strings[word])
            if large and (small is None or large[0] < small[0]):
                out.append((large[1], _KINDS.index(kind)))
    named = frozenset().union(*examples.values())
    plain = _KINDS.index(Names.NOTHING)
    for rank, key in enumerate(keys[:TAUGHT_WORDS].tolist(), start=1):
        word = strings[key]
        if not word.islower() or word in named:
            continue
        large = table.find(strings[word[0].upper() + word[1:]])
        found = table.find(key)
        if found and (large is None or large[0] > 2 * rank):
            out.append((found[1], plain))
    return out


def _fit(shape: NDArray[np.float64], kinds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Ridge regression onto the kinds, each kind weighing the same."""
    wanted = np.eye(len(_KINDS))[kinds]
    weight = (1 / np.maximum(wanted.sum(axis=0), 1))[kinds][:, None]
    square = (shape * weight).T @ shape + _RIDGE * np.eye(shape.shape[1])
    solved: NDArray[np.float64] = np.linalg.solve(square, (shape * weight).T @ wanted)
    return solved
