"""Where words of the same sound as a cue or a number are that: they stand where French would not have them.

Each test says whether the words from ``first`` to before ``end`` may be read as what they sound like.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from callwarden.redaction.fr.dictionary import Dictionary
from callwarden.redaction.fr.grammar import GRAMMAR, MONTHS
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.lexicon import lexicon

_SOUNDS = lexicon("fr", "sounds")
_STREETS, _PLACES = map(lexicon("fr", "addresses").words, ("streets", "loose_streets"))
_ARTICLES = _SOUNDS.words("articles")
_LEADING = _SOUNDS.words("leading")
_PARTICIPLES = _SOUNDS.words("participles")
_HAPPENING = _SOUNDS.words("happening")
_KNOWN = _SOUNDS.words("known")
_COUNTED = _SOUNDS.words("counted")
_CUE_WORDS = _SOUNDS.words("cue_words")
_NOT_DICTATED = _SOUNDS.words("not_dictated")
_SMALL = _SOUNDS.words("small")
_OPENING = _SOUNDS.words("opening")
_TELLING = _SOUNDS.words("telling")
_NO_NOUN = _SOUNDS.words("no_noun")
_BETWEEN = _SOUNDS.words("between")
_FILLERS = GRAMMAR.fillers - {"de"}
_PARTICIPLE = re.compile(r".+[éiu]e?s?")
LEAST_LETTERS = 5
"""So much is no chance: several ordinary words in a row that sound like a cue are it."""
LEAST_DIGITS, LONG = 3, 6
"""Numbers beside a word that sounds like one, and beside a small word, which mostly is nothing else."""
CUE_BEFORE = 4
"""Words between a cue and what is given: "le code du portail c'est"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a turn, or several that are read as something else."""

    start: int
    end: int
    text: str = field(repr=False)
    gap: str
    changed: bool = False

    @property
    def bare(self) -> str:
        return self.text.rstrip("'")


def strange(dictionary: Dictionary, pieces: Sequence[Piece], first: int, end: int) -> bool:
    """No ordinary word and no name, or several words that only happen to be some."""
    words = [p.bare for p in pieces[first:end]]
    unknown = [w for w in words if len(w) > 1 and not dictionary.is_ordinary(w)]
    named = any(d(w) for w in unknown for d in (dictionary.is_first_name, dictionary.is_surname, dictionary.is_place))
    if end - first == 1 or unknown:
        return bool(unknown) and not named
    return sum(map(len, words)) >= LEAST_LETTERS


def behind_article(pieces: Sequence[Piece], first: int, _end: int) -> bool:
    """ "Le côte", "votre non": behind what the word itself does not follow."""
    return first > 0 and pieces[first - 1].text in _ARTICLES and not pieces[first].gap.strip()


def before_cue(pieces: Sequence[Piece], _first: int, end: int) -> bool:
    """ "M'on code"."""
    return end < len(pieces) and pieces[end].text.split("'")[-1] in _CUE_WORDS and not pieces[end].gap.strip()


def gives(dictionary: Dictionary, pieces: Sequence[Piece], first: int, end: int) -> bool:
    """ "S'est", "ces", "ses" or "sait" where something is given, and nothing happens, is somebody's or known."""
    if end >= len(pieces) or any(c in ".?!" for c in pieces[end].gap):
        return False
    after = end
    while after + 1 < len(pieces) and pieces[after].text in _HAPPENING:
        after += 1
    word, written = pieces[after].text, pieces[first].text
    if written == "c" and end - first > 1 and pieces[end - 1].text == "est":
        return True
    if written == "s'" and (
        word in _PARTICIPLES
        or (_PARTICIPLE.fullmatch(word) and dictionary.is_ordinary(word) and word not in dictionary.nominal)
    ):
        return False
    numbers, behind = _row(pieces, end, 1)
    if numbers and (numbers >= LEAST_DIGITS or behind == len(pieces) or pieces[behind].gap.strip()):
        return True
    if written in ("ces", "ses") and pieces[end].text in _NO_NOUN:
        return True
    if written in ("ces", "ses") and (word.endswith(("s", "x", "z")) or word in _COUNTED):
        return False
    if written.startswith("sai") and word in _KNOWN:
        return False
    start = first
    while start > 0 and first - start < CUE_BEFORE and not any(c in ".?!;" for c in pieces[start].gap):
        start -= 1
        if any(part in _CUE_WORDS for part in re.split("[ ']", pieces[start].text)):
            return True
    while start > 0 and pieces[start - 1].text in _LEADING and not any(c in ".?!;" for c in pieces[start].gap):
        start -= 1
    begins = start == 0 or any(c in ".?!;" for c in pieces[start].gap)
    return begins and all(p.text in _LEADING for p in pieces[start:first])


def separates(pieces: Sequence[Piece], first: int, end: int, *, dictated: bool) -> bool:
    """Between two numbers or letters, or in an address, behind no small word that goes with a noun or verb."""
    if not 0 < first < end < len(pieces):
        return False
    signs = _is_sign(pieces[first - 1]) and _is_sign(pieces[end])
    return signs or (dictated and pieces[first - 1].text not in _NOT_DICTATED)


def in_numbers(pieces: Sequence[Piece], first: int, end: int) -> bool:
    """Whether a number goes on on both sides, ends here, or begins where one is told or a street follows."""
    word = "".join(p.text for p in pieces[first:end])
    if word in _FILLERS or any(len(p.text) == 1 for p in pieces[first:end]):
        return False
    before, _ = _row(pieces, first - 1, -1)
    behind, following = _row(pieces, end, 1)
    after = pieces[following].text if following < len(pieces) else ""
    closed = end == len(pieces) or bool(pieces[end].gap.strip())
    if (before and pieces[first].gap == "-") or (behind and pieces[end].gap == "-"):
        return True  # "soixante-douce"
    if word in _SMALL:
        return (before > 0 and behind > 0 and before + behind >= LONG) or (before >= LEAST_DIGITS and closed)
    if before:
        return behind > 0 or (before > 1 and closed) or after in _STREETS
    told = first > 0 and pieces[first - 1].text in _CUE_WORDS | _TELLING
    if told and after in MONTHS:
        return True
    begins = first == 0 or bool(pieces[first].gap.strip(" "))
    if behind:
        return told or (begins and (behind >= LEAST_DIGITS or after in _STREETS | _PLACES))
    return begins and after in _STREETS and word not in _OPENING


def _row(pieces: Sequence[Piece], at: int, step: int) -> tuple[int, int]:
    """How many numbers and letters stand in a row from ``at`` on, forwards (1) or backwards (-1), and where it ends."""
    count = 0
    while 0 <= at < len(pieces):
        piece, gap = pieces[at], pieces[at if step > 0 else at + 1].gap
        between = piece.text in _BETWEEN
        if gap.strip(" ,.-") or not (between or _is_sign(piece)):
            break
        count += 0 if between else len(piece.text) if piece.text.isdigit() else 1
        at += step
    return count, at


def is_number(piece: Piece) -> bool:
    return piece.text.isdigit() or piece.text in NUMBER_WORDS


def _is_sign(piece: Piece) -> bool:
    letter = (len(piece.text) == 1 and piece.text not in "aày") or piece.text in GRAMMAR.alphabet
    return letter or is_number(piece)
