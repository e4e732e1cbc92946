"""Whether what was taken out can still be heard: the words of a second listening held against the first's."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from callwarden.model.redaction import Span, SpanType
from callwarden.model.transcript import Heard, HeardAgain, TimeRange, Transcript, Word

BESIDE_S = 1.0
"""This near to a beep even a common word of what it covers counts."""

SAME_WORD_S = 0.7
"""Two listenings time the same word this differently at most."""

SHORT = 3
"""A thing of at most so many words is known by any one of them; a longer one by two in a row."""

TELLING = frozenset({SpanType.PERSON, SpanType.SECRET, SpanType.EMAIL})
"""What a single word gives away. A street's or an illness's words are said for other reasons too."""

COMMON = frozenset(
    {
        *("monsieur", "madame", "mademoiselle", "docteur", "maitre", "votre", "notre", "cette", "vous", "nous"),
        *("alors", "avec", "pour", "dans", "mais", "donc", "bien", "merci", "bonjour", "voila", "comme", "tres"),
        *("mister", "missis", "with", "your", "this", "that", "from", "have", "yes"),
        *("zero", "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf", "onze", "douze", "treize", "quatorze"),
        *("quinze", "seize", "vingt", "trente", "quarante", "cinquante", "soixante", "cent", "mille"),
    }
)
"""Folded words that give nothing away by themselves."""

_TOKEN = re.compile(r"[^\W_]+")


def heard_again(
    first: Transcript, spans: Sequence[Span], second: Transcript, windows: Sequence[TimeRange]
) -> tuple[Heard, ...]:
    """What of `spans` (characters of `first`) the words of `second` still give away outside `windows`.

    A word that `first` has at the same time outside every span was left in on purpose; it counts only where it
    gives away a span by itself.
    """
    covered = {id(word) for span in spans for word in _words(first, span)}
    left_in = [
        (token, word)
        for turn in first.turns
        for word in turn.words
        if id(word) not in covered
        for token in tokens(word.text)
    ]
    again = [
        (token, word)
        for turn in second.turns
        for word in turn.words
        if not _inside(word, windows)
        for token in tokens(word.text)
    ]
    found: list[Heard] = []
    for index, span in enumerate(spans):
        said = _words(first, span)
        parts = [token for word in said for token in tokens(word.text)]
        if not said:
            continue
        near = (said[0].start_s - BESIDE_S, said[-1].end_s + BESIDE_S)
        pairs = set(pairwise(parts))
        telling = {
            token
            for token in parts
            if (token.isdigit() and len(token) >= 4)
            or (span.type in TELLING and len(parts) <= SHORT and len(token) >= 4 and token not in COMMON)
        }
        for place, (token, word) in enumerate(again):
            at = TimeRange(start_s=max(0.0, word.start_s), end_s=max(word.start_s, word.end_s, 0.0))
            following = again[place + 1][0] if place + 1 < len(again) else ""
            beside = near[0] <= word.start_s and word.end_s <= near[1]
            if beside and _tells_beside(token, parts) and not _left_in(token, word, left_in):
                found.append(Heard(span=index, when=at, how=HeardAgain.BESIDE_WINDOW))
            elif token in telling or (
                (token, following) in pairs
                and _strong(token, following)
                and not (_left_in(token, word, left_in) and span.type not in TELLING)
            ):
                found.append(Heard(span=index, when=at, how=HeardAgain.SAID_ELSEWHERE))
    return tuple(found)


def tokens(text: str) -> list[str]:
    """The parts of a word that can be compared: no accents, no case, no punctuation."""
    folded = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _TOKEN.findall(folded.casefold())


def _words(transcript: Transcript, span: Span) -> tuple[Word, ...]:
    if span.turn >= len(transcript.turns):
        return ()
    return transcript.turns[span.turn].words_at(span.start, span.end)


def _inside(word: Word, windows: Sequence[TimeRange]) -> bool:
    """Mostly under a beep: there is nothing to hear, so the recogniser only continued its sentence."""
    covered = sum(max(0.0, min(word.end_s, item.end_s) - max(word.start_s, item.start_s)) for item in windows)
    return covered > (word.end_s - word.start_s) / 2 or (
        word.end_s <= word.start_s and any(item.start_s <= word.start_s <= item.end_s for item in windows)
    )


def _tells_beside(token: str, parts: Sequence[str]) -> bool:
    return token in parts and token not in COMMON and (len(token) >= 4 or (token.isdigit() and len(token) >= 2))


def _strong(one: str, two: str) -> bool:
    """A pair that is not said by chance: two numbers, or words of which one is neither short nor common."""
    if one.isdigit() and two.isdigit():
        return len(one) + len(two) >= 4
    return any(len(token) >= 4 and token not in COMMON and not token.isdigit() for token in (one, two))


def _left_in(token: str, word: Word, left_in: Sequence[tuple[str, Word]]) -> bool:
    return any(token == other and abs(word.start_s - kept.start_s) < SAME_WORD_S for other, kept in left_in)
