"""One call as one text of words: where each stands, in which turn, and what lies before it.

Turns are joined by line feeds, so that a rule may look at what was asked before. Number words and digits
come out as separate words ("quatre-vingt-deux" is three, "06 12" is two), which is what lets one rule read
the spoken and the written form.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from callwarden.model.redaction import Turn
from callwarden.redaction.respelling import Respell, Respelled, as_written

WORD = re.compile(r"\d+|[^\W\d_]+['’]?")
_APOSTROPHE = str.maketrans("’", "'")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the call; ``gap`` is what stands between the word before and this one; ``raw`` when its turn
    was written without capitals on names."""

    text: str = field(repr=False)
    lower: str = field(repr=False)
    start: int
    end: int
    turn: int
    gap: str
    raw: bool = False

    @property
    def is_digits(self) -> bool:
        return self.lower.isdigit()

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def small(self) -> bool:
        """Whether its letters do not say that it is no name: a recogniser writes names it knows with a capital, and
        others in the same turn without."""
        return self.raw or not self.capital


@dataclass(frozen=True, slots=True, eq=False)
class CallText:
    """The joined text, its words, and the way back from joined offsets to turns."""

    turns: tuple[Turn, ...]
    text: str = field(repr=False)
    words: tuple[Word, ...] = field(repr=False)
    turn_starts: tuple[int, ...]
    word_starts: tuple[int, ...] = field(repr=False)
    turn_words: tuple[tuple[int, int], ...]
    raws: tuple[bool, ...]
    respelled: Respelled
    """How the turns were written, where they are read otherwise."""

    def turn_at(self, offset: int) -> int:
        """The turn in which a joined offset lies."""
        return max(bisect_right(self.turn_starts, offset) - 1, 0)

    def word_at(self, offset: int) -> int:
        """Index of the first word that ends after ``offset``; len(words) when none does."""
        at = max(bisect_right(self.word_starts, offset) - 1, 0)
        while at < len(self.words) and self.words[at].end <= offset:
            at += 1
        return at

    def sentence_start(self, index: int) -> bool:
        """Whether a word begins its turn or follows a full stop, question mark or the like."""
        word = self.words[index]
        first = index == 0 or self.words[index - 1].turn != word.turn
        return first or any(c in '.!?…:\n«"' for c in word.gap)


_NAMED = re.compile(r"(?<![.?!…:\n«»\"(])[ '’-][^\W\d_a-zà-öø-ÿœ][^\W\d_]+")
"""A capital inside a sentence, where French writes one for names alone."""


def _is_raw(text: str) -> bool:
    """Whether a turn was written without capitals on names, as some recognisers do: nothing but its sentences begins
    with one. What could be a name is then looked at as where there are no capitals at all."""
    return not _NAMED.search(text) and any(c.isalpha() for c in text)


def read_call(turns: Sequence[Turn], respell: Respell = as_written) -> CallText:
    """Join the turns, as they are to be read, and cut them into words."""
    respelled = respell(turns)
    turns = respelled.turns
    starts: list[int] = []
    words: list[Word] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for number, turn in enumerate(turns):
        starts.append(at)
        first = len(words)
        before = 0
        raw = _is_raw(turn.text)
        for match in WORD.finditer(turn.text):
            text = match.group()
            gap = turn.text[before : match.start()]
            words.append(
                Word(
                    text,
                    text.lower().translate(_APOSTROPHE),
                    at + match.start(),
                    at + match.end(),
                    number,
                    gap,
                    raw,
                )
            )
            before = match.end()
        spans.append((first, len(words)))
        at += len(turn.text) + 1
    return CallText(
        turns=tuple(turns),
        text="\n".join(turn.text for turn in turns),
        words=tuple(words),
        turn_starts=tuple(starts),
        word_starts=tuple(w.start for w in words),
        turn_words=tuple(spans),
        raws=tuple(_is_raw(turn.text) for turn in turns),
        respelled=respelled,
    )
