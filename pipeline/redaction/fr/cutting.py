"""Where one utterance ends and the next begins in French talk of which nobody knows who says what."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.questions import ABOUT, ASKING, CUES, GIVEN, SHORT_ASK
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.utterances import SENTENCE, sentence_ends

_TURNS = lexicon("fr", "turns")

_TALK = _TURNS.pattern("talk")
_BEGINS = re.compile(
    rf"(?<=\s)(?:(?:{_TURNS.either('opens')})(?![\w'’-])[ ,]*){{1,6}}(?:{_TURNS.either('asks')})?|"
    rf"(?<=\s)(?:{_TURNS.either('asks')})(?![\w'’-])",
    re.IGNORECASE,
)
_AND = _TURNS.pattern("and", r"(?<=\s)")
_TAIL = re.compile(rf"(?: (?:{_TURNS.either('tail')})(?!\w))*", re.IGNORECASE)
_DICTATED = _TURNS.pattern("dictated", r"(?<!\w)")
_JOINED = _TURNS.words("joined")
_WORDS = re.compile(r"\d+|[^\W\d_]+'?")
_TORN = 8
"""One turn in so many may end where something goes on: a hesitation."""
_WINDOW, _NEAR = 120, 24
"""So many characters before a cue are looked at for what makes it a question; so many are beside a place."""


def find_ends(texts: Sequence[str]) -> Iterator[int]:
    """Offsets of the blanks and line feeds in the joined turns where utterances end."""
    if len(texts) == 1 and not _TALK.search(texts[0]):
        return
    marked = any(SENTENCE.search(text) for text in texts)
    joined = "\n".join(texts).replace("’", "'")
    if marked:
        yield from sentence_ends(texts)
    else:
        yield from _unpunctuated(joined)


def _unpunctuated(text: str) -> set[int]:
    """Before words that open what another says or asks, behind what is asked for, and at the ends of turns, unless too
    many of them end in the middle of something: then they are pieces that end anywhere."""
    ends = {m.start() - 1 for m in _BEGINS.finditer(text) if not _goes_on(text, m.start(), m.end())}
    turns = [at for at, char in enumerate(text) if char == "\n"]
    if _TORN * sum(_wants_more(text, at) for at in turns) <= len(turns):
        ends |= {at for at in turns if not _goes_on(text, at, at)}
    ends |= {m.start() - 1 for m in _AND.finditer(text) if any(cue.match(text, m.end()) for _, cue in CUES)}
    for start, end in pairwise([0, *sorted(ends), len(text)]):
        ends |= {at for at in _behind_cues(text, start, end) if at < end and text[at] in " \n"}
    return ends


def _behind_cues(text: str, start: int, end: int) -> Iterator[int]:
    """Where what is asked for has been named; of cues that lie in one another, where the last one ends."""
    asked = sorted(
        (match.start(), _tail_end(text, match.end(), end))
        for kind, cue in CUES
        for match in cue.finditer(text, start, end)
        if _asks(kind, text[max(start, match.start() - _WINDOW) : match.end()])
        and not GIVEN.match(text, match.end(), end)
        and not _DICTATED.search(text, match.start(), match.end() + _NEAR)
    )
    for n, (_, at) in enumerate(asked):
        if n + 1 < len(asked) and asked[n + 1][0] < at:
            asked[n + 1] = (asked[n + 1][0], max(at, asked[n + 1][1]))
        else:
            yield at


def _tail_end(text: str, start: int, end: int) -> int:
    tail = _TAIL.match(text, start, end)
    return tail.end() if tail else start


def _asks(kind: Asked, said: str) -> bool:
    """Whether what is said up to a cue asks for it; of a secret nobody talks otherwise but to change or lose it."""
    asks = ASKING.search(said) or SHORT_ASK.search(said)
    return bool(asks or (kind is Asked.SECRET and not ABOUT.search(said)))


def _goes_on(text: str, start: int, end: int) -> bool:
    """Behind a word that wants another, and between two numbers ("trente, euh, quarante")."""
    before, after = _words(text, start - _NEAR, start), _words(text, end, end + _NEAR)
    numbers = before[-1:] != [] and after != [] and _number(before[-1]) and _number(after[0])
    return numbers or _wants_more(text, start)


def _wants_more(text: str, at: int) -> bool:
    return any(word.lower() in _JOINED for word in _words(text, at - _NEAR, at)[-1:])


def _words(text: str, start: int, end: int) -> list[str]:
    return _WORDS.findall(text[max(0, start) : end])


def _number(word: str) -> bool:
    return word.isdigit() or word.lower() in NUMBER_WORDS
