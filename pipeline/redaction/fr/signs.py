"""What the learned reader sees of a call: signs of every word, its surroundings and its turn."""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.dictionary import Dictionary
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.proper import Names
from callwarden.redaction.view import View

Array = NDArray[np.float32]

WORDS, ENDINGS = 4096, 1024
"""So many rows hold what is learnt of frequent words and of endings."""
_FREQUENT = 4000
_ASKED = {asked: at for at, asked in enumerate(Asked)}
_AGES = (1.0, 0.6, 0.4, 0.3, 0.2)
_NAMES = {kind: at for at, kind in enumerate(Names)}
_SEEN = {"PER": 0, "LOC": 1, "ORG": 2, "MISC": 3}
_MARKS = ",.?!…:«»-'\";"
_OPENING = frozenset('.!?…:\n«"')
OF_WORD = 24
NOUN, NUMBER, DIGITS, RARE = 13, 15, 16, 19
OF_TURN = 9 + len(Asked)
_OF_MARKS = 2 * (len(_MARKS) + 1)
OF_PLACE = _OF_MARKS + 20
ENTITIES = slice(_OF_MARKS + 8, _OF_MARKS + 12)
IN_RUN = _OF_MARKS + 13
ASKED = slice(OF_PLACE + 6, OF_PLACE + OF_TURN)
"""Columns of single signs, which teaching hides and asks for."""


class WordSigns:
    """`look` a word up: its row among the vectors (-1 for none), its row among frequent words and among endings, and
    what dictionary and vocabulary know of it."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        known = np.zeros((0, 0)) if dictionary.vectors is None else dictionary.vectors.shape[:, :-1]
        self.vectors: Array = np.vstack([known, np.zeros((1, known.shape[1]))]).astype(np.float32)
        """Of every row, with an empty one behind for words without."""
        self.look = lru_cache(maxsize=32_768)(self._look)

    def _look(self, word: str) -> tuple[int, int, int, Array]:
        d = self._dictionary
        bare = word.rstrip("'")
        digits, number = word.isdigit(), word in NUMBER_WORDS
        small = None if digits or d.vectors is None else d.vectors.find(word)
        large = None if digits or small or d.vectors is None else d.vectors.find(word[0].upper() + word[1:])
        row = (small or large or (0, -1))[1]
        known = d.look(bare)
        share = known.share if known else 0.0
        names = [0.0] * len(_NAMES)
        if known:
            names[_NAMES[known.names]] = 1.0
        signs = [
            share,
            *names,
            known.near if known else 0.0,
            known is None,
            d.is_ordinary(word),
            d.is_first_name(word),
            d.is_surname(word),
            d.is_place(word),
            d.is_medical(word),
            d.is_verb(word),
            word in d.nominal,
            d.is_common(word),
            number,
            digits,
            len(bare) == 1,
            min(len(word), 12) / 12,
            log(small[0]) / 13 if small else 1.0,
            digits and len(word) == 1,
            digits and len(word) == 2,
            digits and len(word) >= 4,
        ]
        frequent = number or (small is not None and small[0] <= _FREQUENT and share < 0.6)
        return (
            row,
            _hashed(word, WORDS) if frequent else int(digits),
            0 if digits else _hashed(word[-3:], ENDINGS),
            np.array([*signs, row < 0], np.float32),
        )


def places(view: View) -> Array:
    """For every word of the call: how it is written, the marks around it, what was asked, who speaks, what the model
    of named entities saw, and the number it is part of."""
    call = view.call
    words = call.words
    turn_of = np.fromiter((word.turn for word in words), np.int64, len(words))
    gaps = [word.gap for word in words]
    behind = [*gaps[1:], ""]
    for number, (first, end) in enumerate(call.turn_words):
        if end > first:
            text, start = call.turns[number].text, call.turn_starts[number]
            behind[end - 1] = text[words[end - 1].end - start :]
    first_of, end_of = (np.array(column) for column in zip(*call.turn_words, strict=True))
    at, begin, past = np.arange(len(words)), first_of[turn_of], end_of[turn_of]
    out = np.zeros((len(words), OF_PLACE + OF_TURN), np.float32)
    out[:, :_OF_MARKS] = [_marks(gap) + _marks(next_gap) for gap, next_gap in zip(gaps, behind, strict=True)]
    own = out[:, _OF_MARKS:OF_PLACE]
    own[:, 0] = [word.capital for word in words]
    own[:, 1] = [len(word.text) > 1 and word.text.isupper() for word in words]
    own[:, 2] = [word.raw for word in words]
    own[:, 3], own[:, 4] = at == begin, at == past - 1
    own[:, 5] = (at - begin) / np.maximum(past - begin, 1)
    said: dict[str, str] = {}
    for place, word in enumerate(words):
        if len(word.lower) > 3:
            speaker = call.turns[word.turn].speaker
            if word.lower in said:
                own[place, 6], own[place, 7] = 1, said[word.lower] != speaker
            said[word.lower] = speaker
    for entity in view.entities:
        number = call.word_at(entity.start)
        while number < len(words) and words[number].start < entity.end:
            if entity.label in _SEEN:
                own[number, 8 + _SEEN[entity.label]] = 1
            number += 1
    for context in view.runs:
        run = context.run
        own[run.first, 12] = 1
        own[run.first : run.last + 1, 13:20] = (
            1,
            context.quantity,
            context.alone,
            min(len(run.digits), 20) / 20,
            run.letters > 0,
            context.label is not None,
            context.label in (Asked.SECRET, Asked.SECURITY),
        )
    out[:, OF_PLACE:] = np.array(list(_turns(view)), np.float32)[turn_of]
    return out


def _turns(view: View) -> Iterator[list[float]]:
    for number, turn in enumerate(view.call.turns):
        first, end = view.call.turn_words[number]
        asks = view.asks[number]
        expected = [0.0] * len(_ASKED)
        for one in view.expected[number]:
            at = _ASKED[one.asked]
            expected[at] = max(expected[at], _AGES[min(one.age, len(_AGES) - 1)])
        yield [
            min(end - first, 30) / 30,
            end - first <= 3,
            min(number, 20) / 20,
            turn.speaker == "agent",
            turn.speaker == "caller",
            turn.text.rstrip().endswith("?"),
            bool(asks),
            Asked.SECRET in asks or Asked.SECURITY in asks,
            Asked.PREMISES in asks,
            *expected,
        ]


@lru_cache(maxsize=1024)
def _marks(gap: str) -> tuple[float, ...]:
    return (*(float(mark in gap) for mark in _MARKS), float(not _OPENING.isdisjoint(gap)))


def _hashed(text: str, rows: int) -> int:
    """A row for a text, the same everywhere; 0 is for none and 1 for digits."""
    return zlib.crc32(text.encode()) % (rows - 2) + 2
