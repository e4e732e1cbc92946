"""English number words, fillers, units, questions and words that are never names."""

import re
from collections.abc import Sequence

from callwarden.redaction.dialogue import Asked, TurnView, read_cues
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.numbers import read_grammar
from callwarden.redaction.words import CallText, Word

_ANSWERS = lexicon("en", "answers")
_NAMES = lexicon("en", "names")
_NUMBERS = lexicon("en", "numbers")

_VALUES = lexicon("en", "numbers").values("cardinals")
_ONES = {word: value for word, value in _VALUES.items() if value < 20}
_TENS = {word: value for word, value in _VALUES.items() if 20 <= value < 100}


def parse_cardinal(words: Sequence[Word], at: int) -> tuple[int, int] | None:
    """Value and next index of the cardinal at ``at``; None when none begins there."""
    first = words[at].lower
    if first in _TENS:
        if at + 1 < len(words) and _glued(words, at + 1) and 1 <= _ONES.get(words[at + 1].lower, 0) <= 9:
            return _scaled(words, _TENS[first] + _ONES[words[at + 1].lower], at + 2)
        return _scaled(words, _TENS[first], at + 1)
    if first in _ONES:
        return _scaled(words, _ONES[first], at + 1)
    return None


def _scaled(words: Sequence[Word], value: int, nxt: int) -> tuple[int, int]:
    if not value or nxt >= len(words) or not _glued(words, nxt):
        return value, nxt
    scale = {"hundred": 100, "thousand": 1000}.get(words[nxt].lower)
    if scale is None:
        return value, nxt
    value, nxt = value * scale, nxt + 1
    if nxt < len(words) and words[nxt].lower == "and" and nxt + 1 < len(words) and _glued(words, nxt + 1):
        nxt += 1
    rest = parse_cardinal(words, nxt) if nxt < len(words) and _glued(words, nxt) else None
    return (value + rest[0], rest[1]) if rest and 0 < rest[0] < scale else (value, nxt)


def _glued(words: Sequence[Word], at: int) -> bool:
    return words[at].turn == words[at - 1].turn and not words[at].gap.strip(" -")


MONTHS = _NUMBERS.words("months")
NEVER = MONTHS | _NAMES.words("never")
GRAMMAR = read_grammar("en", parse_cardinal, frozenset({*_ONES, *_TENS, "hundred"}))
CUES = read_cues("en")
_ASKING = _ANSWERS.pattern("asking")
_GIVEN = _ANSWERS.pattern("given")
QUESTION = _ANSWERS.pattern("question", r"^\W*(?:(?:and|so|ok|okay|right|sorry|thanks|thank you)\W+)*", r"\b")
ASSENT = _ANSWERS.words("assent")
DENIAL = _ANSWERS.pattern("denial")


def asked_in(text: str) -> tuple[Asked, ...]:
    """The kinds of thing a turn asks for."""
    found: list[Asked] = []
    for sentence in re.split(r"(?<=[?!.])\s+", text[-4000:].replace("’", "'")):
        for asked, cue in CUES:
            match = cue.search(sentence)
            if (
                match is None
                or asked in found
                or not (_ASKING.search(sentence) or len(sentence[match.end() :].split()) <= 2)
            ):
                continue
            if "?" not in sentence and _GIVEN.match(sentence, match.end()):
                continue
            if asked in (Asked.NAME, Asked.SECRET) and Asked.SECURITY in found:
                continue
            found.append(asked)
    return tuple(found)


def view_turns(call: CallText) -> list[TurnView]:
    """What each turn asks for, whether it says nothing yet, whether it refuses to answer."""
    views: list[TurnView] = []
    for number, turn in enumerate(call.turns):
        words = call.words[slice(*call.turn_words[number])]
        empty = all(w.lower in ASSENT for w in words)
        views.append(TurnView(turn.speaker, asked_in(turn.text), empty, bool(DENIAL.search(turn.text))))
    return views
