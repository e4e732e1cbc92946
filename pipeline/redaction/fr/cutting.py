"""Where one utterance ends and the next begins in French talk of which nobody knows who says what."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.questions import ABOUT, ASKING, CUES, GIVEN, SHORT_ASK
from callwarden.redaction.lexicon import lexicon

_TURNS = lexicon("fr", "turns")

_TALK = _TURNS.pattern("talk")
_SENTENCE = re.compile(
    r"[?!…]+[\"»]*(?=\s)|(?<!\bM)(?<!\bMr)(?<!\bMme)(?<!\bDr)(?<!\bMe)(?<!\b[A-Z])(?<![\s.])\.[\"»]*(?=\s+[A-ZÀ-Þ«\"\d])"
)
_FINISHED = re.compile(r"[.?!…][\"»]*\s*$")
_BEGINS = re.compile(
    rf"(?<= )(?:(?:{_TURNS.either('opens')})(?![\w'’-])[ ,]*){{1,6}}(?:{_TURNS.either('asks')})?|"
    rf"(?<= )(?:{_TURNS.either('asks')})(?![\w'’-])",
    re.IGNORECASE,
)
_AND = _TURNS.pattern("and", r"(?<= )")
_TAIL = re.compile(rf"(?: (?:{_TURNS.either('tail')})(?!\w))*", re.IGNORECASE)
_DICTATED = _TURNS.pattern("dictated", r"(?<!\w)")
_JOINED = _TURNS.words("joined")
_WORDS = re.compile(r"\d+|[^\W\d_]+'?")
_WINDOW, _NEAR = 120, 24
"""So many characters before a cue are looked at for what makes it a question; so many are beside a place."""


def find_ends(texts: Sequence[str]) -> Iterator[int]:
    """Offsets of the blanks and line feeds in the joined turns where utterances end."""
    if len(texts) == 1 and not _TALK.search(texts[0]):
        return
    base = 0
    punctuated = any(_SENTENCE.search(text) for text in texts)
    for number, text in enumerate(texts):
        for end in {m.end() for m in _SENTENCE.finditer(text)} if punctuated else _unpunctuated(text.replace("’", "'")):
            yield base + end
        base += len(text)
        if number + 1 < len(texts) and not (punctuated and not _FINISHED.search(text)):
            yield base
        base += 1


def _unpunctuated(text: str) -> set[int]:
    """Before words that open what another says or asks, and behind what is asked for."""
    ends = {m.start() - 1 for m in _BEGINS.finditer(text) if not _goes_on(text, m)}
    ends |= {m.start() - 1 for m in _AND.finditer(text) if any(cue.match(text, m.end()) for _, cue in CUES)}
    for start, end in pairwise([0, *sorted(ends), len(text)]):
        ends |= {at for at in _behind_cues(text, start, end) if at < end and text[at] == " "}
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


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Behind a word that wants another, and between two numbers ("trente, euh, quarante")."""
    before = _WORDS.findall(text[max(0, match.start() - _NEAR) : match.start()])
    after = _WORDS.findall(text[match.end() : match.end() + _NEAR])
    return before[-1:] != [] and (
        before[-1].lower() in _JOINED or (_number(before[-1]) and after != [] and _number(after[0]))
    )


def _number(word: str) -> bool:
    return word.isdigit() or word.lower() in NUMBER_WORDS
