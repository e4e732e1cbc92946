"""What stands right before a finding and belongs to it: articles, particles, and a first attempt that was corrected."""

import re

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.grammar import MONEY, TIME_UNITS, UNITS
from callwarden.redaction.fr.naming import TITLES
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.lexicon import either, lexicon
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_NAMES = lexicon("fr", "names")
_NUMBERS = lexicon("fr", "numbers")

_ARTICLES = _NAMES.words("articles")
_PLACE_ARTICLES = _NAMES.words("place_articles")
_PARTICLES = _NAMES.words("edge_particles")
_ELIDED = _NAMES.words("elided")
_BETWEEN = _NUMBERS.words("between")
_CORRECTED = _NUMBERS.words("corrected")
_ORDINALS = _NUMBERS.words("ordinals")
_SYMBOLS = _NUMBERS.words("symbols")
_BETWEEN_SYMBOLS = _NUMBERS.words("between_symbols")
_SECRETS = lexicon("fr", "secrets")
_SIGN_PLACE = rf"(?: (?:{_SECRETS.either('sign_places')})(?!\w))?"
_SIGN = rf"(?:{_SECRETS.either('signs')})(?!\w){_SIGN_PLACE}"
_NUMBER = rf"(?:\d+|(?:{either(NUMBER_WORDS)}))(?![\w-]| ?(?:{either(UNITS | TIME_UNITS | MONEY)})(?!\w))"
_WITH = r"(?:(?:avec|et|puis|en|plus)(?: (?:une?|la|le|l'))? )?"
_SIGNS = re.compile(
    rf"{_SIGN_PLACE}(?:[ ,]{{1,2}}{_WITH}{_SIGN}(?:[ ,-]{{1,2}}{_NUMBER}){{0,6}}){{0,4}}",
    re.IGNORECASE,
)
MAX_BACK = 9


def widen(view: View, found: Found) -> Found:
    """The finding with what belongs to it before its first word; the same finding when nothing does."""
    words = view.call.words
    first = view.call.word_at(found.start)
    if first >= len(words) or words[first].start != found.start:
        return found
    at = first
    match found.type:
        case SpanType.SECRET:
            found = _to_last_symbol(view, found)
            if not _numeric(words[first]) and len(words[first].lower) > 1:
                at = _articles(words, first, _ARTICLES, most=2)
            tail = _SIGNS.match(view.call.text, found.end)
            found = Found(found.start, tail.end(), found.type, found.score, found.why) if tail else found
        case SpanType.LOCATION:
            first = _compound(words, first)
            number = first + (words[first].lower in ("le", "au") and first + 1 < len(words))
            if _numeric(words[number]):
                at = min(corrected(words, number), first)
            else:
                at = _articles(words, first, _PLACE_ARTICLES, most=1)
        case SpanType.ORGANISATION:
            at = _articles(words, first, _PLACE_ARTICLES, most=1)
        case SpanType.PERSON:
            at = _particle(words, _compound(words, first))
        case SpanType.DATE_OF_BIRTH:
            at = corrected(words, first, joined=True)
        case SpanType.IBAN:
            before = words[first - 1] if first else words[first]
            glued = not words[first].gap and before.turn == words[first].turn
            at = first - 1 if first and glued and before.text.isalpha() and len(before.text) == 2 else first  # "FR76"
        case SpanType.LICENCE_PLATE:
            return _to_last_letter(view, found)
        case _:
            return found
    return (
        found
        if words[at].start == found.start
        else Found(words[at].start, found.end, found.type, found.score, found.why)
    )


def _to_last_letter(view: View, found: Found) -> Found:
    """A plate goes on through ", comme Henri, W": single letters and the words that stand for them."""
    words = view.call.words
    nxt = view.call.word_at(found.end - 1) + 1
    end = found.end
    while nxt < len(words) and words[nxt].turn == view.call.turn_at(found.start) and not words[nxt].gap.strip(" ,-"):
        if words[nxt].lower == "comme" and nxt + 1 < len(words):
            nxt += 1
        elif len(words[nxt].text) != 1 or not (words[nxt].capital or words[nxt].raw) or words[nxt].lower in "àay":
            break
        end = words[nxt].end
        nxt += 1
    return Found(found.start, end, found.type, found.score, found.why)


def _to_last_symbol(view: View, found: Found) -> Found:
    """A password goes on through ", tiret, trente-neuf, dièse": symbols, and the numbers and letters beside them."""
    words = view.call.words
    nxt, end = view.call.word_at(found.end - 1) + 1, found.end
    symbol = False
    while nxt < len(words) and words[nxt].turn == view.call.turn_at(found.start) and not words[nxt].gap.strip(" ,-"):
        word = words[nxt]
        if word.lower in _SYMBOLS:
            symbol, end = True, word.end
        elif (
            not (symbol and (_numeric(word) or word.is_digits or len(word.text) == 1))
            and word.lower not in _BETWEEN_SYMBOLS
        ):
            break
        elif symbol and word.lower not in _BETWEEN_SYMBOLS:
            end = word.end
        nxt += 1
    return Found(found.start, end, found.type, found.score, found.why) if end > found.end else found


def corrected(words: tuple[Word, ...], first: int, *, joined: bool = False) -> int:
    """Index of the number said first when the speaker took it back ("le douze, non, le treize février"); with
    ``joined`` also of a number before "le" ("en soixante-quatre, le quinze août")."""
    at = first
    taken_back = joined
    for back in range(first - 1, max(first - 1 - MAX_BACK, -1), -1):
        word = words[back]
        if word.turn != words[first].turn or any(c in ".?!" for c in words[back + 1].gap):
            break
        if _numeric(word) or word.lower in _ORDINALS:
            if not taken_back:
                break
            at = back
        elif word.lower in _BETWEEN:
            taken_back = taken_back or word.lower in _CORRECTED or "…" in words[back + 1].gap
        else:
            break
    return at


def _numeric(word: Word) -> bool:
    return word.is_digits or (word.lower in NUMBER_WORDS and word.lower not in ("un", "une"))


def _articles(words: tuple[Word, ...], first: int, which: frozenset[str], *, most: int) -> int:
    at = first
    while at and first - at < most and words[at - 1].turn == words[first].turn:
        if words[at].gap.strip(" -") or words[at - 1].lower not in which:
            break
        at -= 1
    return at


def _compound(words: tuple[Word, ...], first: int) -> int:
    """Index of the first word of a compound ("Rappel-Ducasse")."""
    while first and words[first].gap == "-" and words[first - 1].turn == words[first].turn:
        first -= 1
    return first


def _particle(words: tuple[Word, ...], first: int) -> int:
    """ "De Kervenoaël", "N'Diaye": a capital particle, an elided letter, or a small one after a title or alone."""
    at = first
    while at and first - at < 3 and words[at - 1].turn == words[first].turn and not words[at].gap.strip(" -"):
        if words[at - 1].lower not in _PARTICLES:
            break
        at -= 1
    while at < first:
        word = words[at]
        before = words[at - 1] if at and words[at - 1].turn == word.turn else None
        opens = before.lower in TITLES if before else word.lower not in _PLACE_ARTICLES or first - at > 1
        if word.capital or opens or (word.raw and word.lower in _ELIDED):
            break
        at += 1
    return at
