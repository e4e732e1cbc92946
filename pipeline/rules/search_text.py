"""Words as search compares them: accents, case and ligatures folded, the same on every database.

Redacted transcripts are split here once, when they are indexed, and questions with the same function, so that no
database's own idea of French decides what is found. Placeholders such as ``[PERSON_1]`` are gaps: nothing matches
them, and no phrase reaches across.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from callwarden.model.transcript import RedactedTranscript

MAX_TEXT: Final = 200_000
"""Characters of a transcript that are indexed: about six hours of talk."""
MAX_QUESTION: Final = 500
"""Characters of a question that are looked at."""
MAX_TERMS: Final = 16
MAX_WORD: Final = 64
GAP: Final = "\ue000"
"""Stands among the words where nobody can look: no question can hold it, because it is no letter."""

_SHORTEST_PREFIX: Final = 2
_CHUNK: Final = re.compile(r"\n|\S{1,256}")
_GAPS: Final = re.compile(r"\[[A-Z][A-Z_]*_[0-9]+\]|\n")
_QUOTED: Final = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”')
_LIGATURES: Final = {
    "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
}  # fmt: skip
_BEFORE: Final = 60
_AFTER: Final = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedWord:
    """One word and the characters of the text it stands for; `folded` is `GAP` for a gap."""

    folded: str = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words one after another; with `prefix` the last of them may go on. Never empty, never a gap among them."""

    words: tuple[str, ...] = field(repr=False)
    prefix: bool = False

    @property
    def pattern(self) -> str:
        """What `folded` of a text that has it contains."""
        return f" {' '.join(self.words)}{'' if self.prefix else ' '}"


def searchable_text(transcript: RedactedTranscript) -> str:
    """What search looks through: the redacted turns, a line each. Only a redacted transcript has it (U4)."""
    return "\n".join(turn.text for turn in transcript.turns)


def indexable(text: str) -> str:
    """As much of a text as is indexed, without what a database cannot hold: NUL, halves of surrogate pairs."""
    return text[:MAX_TEXT].encode(errors="replace").decode().replace("\0", " ")


def words_of(text: str) -> Iterator[FoldedWord]:
    """The words of a text in their order, folded; a word longer than `MAX_WORD` is cut there."""
    for chunk in _CHUNK.finditer(text):
        at = chunk.start()
        # What people say repeats: most chunks have been split before.
        for word, start, end in _split(chunk[0]):
            yield FoldedWord(folded=word, start=at + start, end=at + end)


def folded(text: str) -> str:
    """All words of a text, one space around each."""
    return f" {' '.join(word.folded for word in words_of(text))} "


def terms_of(question: str) -> tuple[Term, ...]:
    """What is asked for; everything must be there. ``"two words"`` is a phrase and ``alar*`` a beginning.

    There is no wrong question: whatever is no phrase or beginning is plain words. Empty when there are none.
    """
    question = question[:MAX_QUESTION]
    terms: dict[Term, None] = {}
    at = 0
    for quoted in _QUOTED.finditer(question):
        terms |= dict.fromkeys(_loose_terms(question[at : quoted.start()]))
        at = quoted.end()
        terms |= dict.fromkeys(_term(next(group for group in quoted.groups() if group is not None)))
    terms |= dict.fromkeys(_loose_terms(question[at:]))
    return tuple(terms)[:MAX_TERMS]


def snippet(text: str, terms: Sequence[Term]) -> str:
    """The text around the first place that has one of these terms, on one line; from its beginning if none has."""
    first = min(filter(None, (_first_place(text, term) for term in terms)), default=(0, 0))
    start, end = max(first[0] - _BEFORE, 0), min(first[1] + _AFTER, len(text))
    cut = text[start:end]
    # Half a word, or half a placeholder, is cut off whole.
    if start > 0 and not text[start - 1].isspace():
        cut = cut.partition(" ")[2] if " " in cut[:_BEFORE] else cut
    if end < len(text) and not text[end].isspace():
        cut = cut.rpartition(" ")[0] if " " in cut[-_AFTER:] else cut
    line = " ".join(cut.split())
    return f"{'… ' if start > 0 else ''}{line}{' …' if end < len(text) else ''}"


def marks(line: str, terms: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    """Where a text has any of these terms, each first character and end, in their order and none within another."""
    found: list[tuple[int, int]] = []
    for place in sorted(place for term in terms for place in _places(line, term)):
        if not found or place[0] >= found[-1][1]:
            found.append(place)
    return tuple(found)


def occurrences(words: str, term: Term) -> int:
    """How often `words`, as `folded` gives them, hold this term."""
    # Neighbours share a space: find each place by itself.
    pattern, count, at = term.pattern, 0, words.find(term.pattern)
    while at >= 0:
        count, at = count + 1, words.find(pattern, at + 1)
    return count


@lru_cache(maxsize=8192)
def _split(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a text without spaces, or a gap for a new line: each with where it starts and ends."""
    words: list[tuple[str, int, int]] = []
    at = 0
    for gap in _GAPS.finditer(chunk):
        words += _letters(chunk, at, gap.start())
        words.append((GAP, gap.start(), gap.end()))
        at = gap.end()
    return (*words, *_letters(chunk, at, len(chunk)))


def _letters(chunk: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    letters: list[str] = []
    first = last = start
    for at in range(start, end):
        for piece in _folded_character(chunk[at]):
            if piece != " ":
                if not letters:
                    first = at
                letters.append(piece)
                last = at
            elif letters:
                yield "".join(letters[:MAX_WORD]), first, last + 1
                letters = []
    if letters:
        yield "".join(letters[:MAX_WORD]), first, last + 1


@lru_cache(maxsize=4096)
def _folded_character(character: str) -> str:
    """Letters and digits without accents or case, nothing for what joins or accents, a space for what divides."""
    pieces = []
    for piece in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()):
        plain = _LIGATURES.get(piece, piece)
        if plain.isalnum():
            pieces.append(plain)
        elif unicodedata.category(piece) not in ("Mn", "Me", "Cf"):
            pieces.append(" ")
    return "".join(pieces)


def _loose_terms(question: str) -> Iterator[Term]:
    for word in question.split():
        yield from _term(word)


def _term(text: str) -> Iterator[Term]:
    """A word such as ``l'alarme`` is two words, one after the other."""
    words = tuple(word.folded for word in words_of(text) if word.folded != GAP)
    if words:
        yield Term(words=words, prefix=text.rstrip().endswith("*") and len(words[-1]) >= _SHORTEST_PREFIX)


def _first_place(text: str, term: Term) -> tuple[int, int] | None:
    return next(_places(text, term), None)


def _places(text: str, term: Term) -> Iterator[tuple[int, int]]:
    *before, last = term.words
    seen: list[FoldedWord] = []
    for word in words_of(text):
        seen = [*seen[-len(before) :], word] if before else [word]
        ends = word.folded.startswith(last) if term.prefix else word.folded == last
        if ends and [word.folded for word in seen[:-1]] == before:
            yield seen[0].start, word.end
