"""French number words: parses one cardinal said in words, hundreds, septante and nonante included."""

from collections.abc import Sequence

from callwarden.redaction.lexicon import either, lexicon
from callwarden.redaction.words import Word

_VALUES = lexicon("fr", "numbers").values("cardinals")
UNITS = {word: value for word, value in _VALUES.items() if value < 10}
TEENS = {word: value for word, value in _VALUES.items() if 10 <= value < 20}
TENS = {word: value for word, value in _VALUES.items() if 20 <= value < 100}
BIG = {word: value for word, value in _VALUES.items() if value >= 10**6}
NUMBER_WORDS = frozenset(_VALUES.keys() - BIG.keys() - {"une"})
NUMBER = rf"(?:{either(NUMBER_WORDS)})(?:[ -](?:et )?(?:{either(NUMBER_WORDS)})){{0,5}}"
"""A number in words, for a pattern."""


def parse_cardinal(words: Sequence[Word], at: int) -> tuple[int, int] | None:
    """Value and index after the last word of the cardinal that begins at ``at``; None when none does.

    Words of one cardinal are divided by blanks or hyphens only: "soixante, dix" is two numbers.
    """
    first = words[at].lower
    if first not in NUMBER_WORDS:
        return None
    if UNITS.get(first) == 0:
        return 0, at + 1
    total = 0
    value, nxt = _below_thousand(words, at)
    if value and nxt < len(words) and _glued(words, nxt) and words[nxt].lower in BIG:
        rest = parse_cardinal(words, nxt + 1) if nxt + 1 < len(words) and _glued(words, nxt + 1) else None
        scale = BIG[words[nxt].lower]
        return (value * scale + rest[0], rest[1]) if rest else (value * scale, nxt + 1)
    if nxt < len(words) and _glued(words, nxt) and words[nxt].lower in ("mille", "mil"):
        total, nxt = max(value, 1) * 1000, nxt + 1
        value = 0
        if nxt < len(words) and _glued(words, nxt) and _can_follow_thousand(words[nxt].lower):
            value, nxt = _below_thousand(words, nxt)
    elif value == 0 and first in ("mille", "mil"):
        total, nxt = 1000, at + 1
        if nxt < len(words) and _glued(words, nxt) and _can_follow_thousand(words[nxt].lower):
            value, nxt = _below_thousand(words, nxt)
    return (total + value, nxt) if nxt > at else None


def _below_thousand(words: Sequence[Word], at: int) -> tuple[int, int]:
    value, nxt = _below_hundred(words, at)
    hundred = nxt < len(words) and words[nxt].lower in ("cent", "cents") and (nxt == at or _glued(words, nxt))
    if not hundred or not (nxt == at or 2 <= value <= 9 or 11 <= value <= 19):
        return value, nxt
    rest, after = 0, nxt + 1
    if after < len(words) and _glued(words, after):
        rest, after = _below_hundred(words, after)
    return max(value, 1) * 100 + rest, after


def _below_hundred(words: Sequence[Word], at: int) -> tuple[int, int]:
    """Value and next index; (0, at) when no number below one hundred begins here."""
    if at >= len(words):
        return 0, at
    word = words[at].lower
    if word in TENS:
        tens, nxt = TENS[word], at + 1
        return _after_tens(words, tens, nxt)
    behind = words[at + 1].lower if at + 1 < len(words) and _glued(words, at + 1) else ""
    if word == "quatre" and behind in ("vingt", "vingts"):
        return _after_tens(words, 80, at + 2)
    if word == "dix" and behind in ("sept", "huit", "neuf"):
        return 10 + UNITS[behind], at + 2
    if word in TEENS:
        return TEENS[word], at + 1
    if word in UNITS and word != "une" and UNITS[word]:
        return UNITS[word], at + 1
    return 0, at


def _after_tens(words: Sequence[Word], tens: int, nxt: int) -> tuple[int, int]:
    if nxt >= len(words) or not _glued(words, nxt) or _is_eighty(words, nxt):
        return tens, nxt
    after = nxt
    if words[after].lower == "et" and after + 1 < len(words) and words[after + 1].lower in ("un", "une", "onze"):
        after += 1
    word = words[after].lower
    if tens in (60, 80) and word in TEENS:
        value, end = _below_hundred(words, after)
        return tens + value, end
    unit = UNITS.get(word, 0)
    if unit and (word != "une" or after > nxt):
        return tens + unit, after + 1
    return tens, nxt


def _is_eighty(words: Sequence[Word], at: int) -> bool:
    """Whether "quatre-vingts" begins here: "cinquante quatre-vingts" is fifty and eighty. A blank before "vingt" leaves
    the four to the tens before it."""
    if words[at].lower != "quatre" or at + 1 >= len(words) or not _glued(words, at + 1):
        return False
    vingt = words[at + 1]
    return vingt.lower == "vingts" or (vingt.lower == "vingt" and vingt.gap == "-" and words[at].gap != "-")


def _can_follow_thousand(word: str) -> bool:
    return word in NUMBER_WORDS and UNITS.get(word) != 0


def _glued(words: Sequence[Word], at: int) -> bool:
    return words[at].turn == words[at - 1].turn and not words[at].gap.strip(" -\u00a0\u2010\u2011")
