"""Cues, and number words in a run of numbers, that a recogniser wrote as other words of the same sound.

"Mon côte s'est pivoine" is read as "mon code c'est pivoine", so that every rule has one spelling to know. Ordinary
words stay what they are unless they stand where French would not have them: a noun of the wrong gender behind its
article, "s'est" without a participle, "vin" between two numbers.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from callwarden.model.redaction import Turn
from callwarden.redaction.fr.dictionary import Dictionary
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.out_of_place import (
    Piece,
    before_cue,
    behind_article,
    gives,
    in_numbers,
    is_number,
    separates,
    strange,
)
from callwarden.redaction.fr.sound import quick, sound
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.respelling import Change, Respelled, changed
from callwarden.redaction.words import WORD

_SOUNDS = lexicon("fr", "sounds")
_DICTATED = _SOUNDS.pattern("dictated", r"(?<!\w)")
_ACCENTS = str.maketrans("éèêàç", "eeeac")
MOST_WORDS = 4


_Allowed = Callable[[Sequence[Piece], int, int], bool]


def respeller(dictionary: Dictionary) -> Callable[[Sequence[Turn]], Respelled]:
    """Reads the turns of one call."""
    passes: list[tuple[Mapping[str, str], int, _Allowed]] = [
        (_keys("anywhere"), MOST_WORDS, partial(strange, dictionary)),
        (_keys("nouns"), 2, behind_article),
        (_keys("owned"), 2, before_cue),
        (_keys("given"), 2, partial(gives, dictionary)),
        *[(_numbers(), 2, in_numbers)] * 2,  # each makes a number that the next one may go on from
    ]
    separators = _keys("separators")

    def respell(turns: Sequence[Turn]) -> Respelled:
        changes: list[list[Change]] = []
        for number, turn in enumerate(turns):
            pieces = list(_pieces(turn.text))
            for keys, most, allowed in passes:
                pieces = _replaced(pieces, keys, most, allowed)
            near = " ".join([*(one.text for one in turns[max(0, number - 2) : number]), *(p.text for p in pieces)])
            dictated = _DICTATED.search(near.lower()) is not None
            pieces = _replaced(pieces, separators, 1, partial(separates, dictated=dictated))
            changes.append([Change(p.start, p.end, p.text) for p in pieces if p.changed])
        return changed(turns, changes)

    return respell


def _keys(section: str) -> dict[str, str]:
    """What is meant, by each key of it."""
    found: dict[str, str] = {}
    for meant, sounds in _SOUNDS.phrases(section).items():
        for said in (meant, meant.translate(_ACCENTS), *sounds):
            found[quick(_sound(said))] = meant
    return found


def _numbers() -> dict[str, str]:
    heard = _SOUNDS.phrases("numbers")
    return {_sound(said): word for word in sorted(NUMBER_WORDS, reverse=True) for said in heard.get(word, (word,))}


def _sound(text: str) -> str:
    return sound(word.group() for word in WORD.finditer(text))


def _pieces(text: str) -> Iterator[Piece]:
    before = 0
    for found in WORD.finditer(text):
        word = found.group()
        gap = text[before : found.start()]
        yield Piece(found.start(), found.end(), word.lower().replace("’", "'"), gap)
        before = found.end()


def _replaced(pieces: list[Piece], keys: Mapping[str, str], most: int, allowed: _Allowed) -> list[Piece]:
    """The pieces with the shortest runs of words that sound like something of ``keys`` read as that."""
    longest = max(map(len, keys))
    out: list[Piece] = []
    at = 0
    while at < len(pieces):
        size = 0
        for size in range(1, min(most, len(pieces) - at) + 1):
            window = pieces[at : at + size]
            if any(p.changed or is_number(p) for p in window[-1:]) or (size > 1 and window[-1].gap.strip(" -")):
                out.append(pieces[at])
                size = 1
                break
            key = sound(p.text for p in window)
            meant = keys.get(key) or keys.get(quick(key)) if len(key) <= longest + 2 else None
            written = meant is not None and meant not in NUMBER_WORDS and _written(meant, window)
            if meant is not None and not written and allowed(out + pieces[at:], len(out), len(out) + size):
                out.append(replace(window[0], end=window[-1].end, text=meant, changed=True))
                break
        else:
            out.append(pieces[at])
            size = 1
        at += size
    return out


def _written(meant: str, window: Sequence[Piece]) -> bool:
    """Whether it stands there as it should, singular or plural."""
    return _singular(meant) in _singular("".join(p.gap + p.text for p in window))


def _singular(text: str) -> str:
    return re.sub(r"s(?!\w)", "", text)
