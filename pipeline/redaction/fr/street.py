"""Streets with their numbers, spoken or written: "douze ter rue de l'Ancienne Poste"."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from callwarden.redaction.dialogue import Asked
from callwarden.redaction.fr.grammar import MONTHS
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.town_name import town_end
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import View
from callwarden.redaction.words import Word

_ADDRESSES = lexicon("fr", "addresses")


class Piece(NamedTuple):
    """One piece of an address: joined offsets, how sure, and why."""

    start: int
    end: int
    score: float
    why: str


STREETS = _ADDRESSES.words("streets")
# Also ordinary words: only with a number before them or a proper name behind them.
LOOSE = _ADDRESSES.words("loose_streets")
LINK = _ADDRESSES.words("links")
STOP = _ADDRESSES.words("stop")
_OFTEN = 0.4
MIN_STRASSE = 6
_GRADES = _ADDRESSES.words("grades")
_NUMBER_EXTRA = _ADDRESSES.words("number_extra")
_ADJECTIVES = _ADDRESSES.words("adjectives")


def streets(view: View) -> Iterator[Piece]:
    call = view.call
    words = call.words
    for at, word in enumerate(words):
        strict = word.lower in STREETS or _is_strasse(word.lower)
        if not strict and word.lower not in LOOSE:
            continue
        if word.lower in ("r", "ch", "pl", "fg", "av", "mail", "imp") and not (at and _digit_before(view, at)):
            continue
        view.deadline.check()
        head = at - 1 if at and _graded(view, at) else at
        first, numbered = _number_before(view, _at_number(words, head))
        first = first if numbered else head
        end, proper = _tail(view, at)
        asked = view.expects(word.turn, Asked.ADDRESS) is not None
        if _is_strasse(word.lower):
            proper = True
        elif end == at + 1 and head == at and not (numbered and strict):
            continue
        behind = words[at + 1].lower if at + 1 < len(words) else ""
        if strict and (numbered or proper or asked):
            score = 0.93 if numbered else 0.85
        elif (strict and word.raw and end == at + 2 and _capital_elsewhere(view, at + 1)) or (
            strict and word.raw and behind in ("de", "du", "des", "d'", "saint", "sainte", "victor", "jean", "général")
        ):
            score = 0.6
        elif (
            not strict
            and numbered
            and (proper or asked or behind in LINK)
            and (behind not in ("de", "d'") or words[min(at + 2, len(words) - 1)].lower in ("la", "l'", "les"))
        ) or (not strict and numbered and proper):
            score = 0.85
        elif (not strict and end > at + 1 and behind in ("de", "du", "des") and _town_behind(view, end)) or (
            not strict
            and proper
            and not word.raw
            and word.lower not in ("zone", "centre", "tour", "cour", "côte", "parc")
        ):
            score = 0.75
        else:
            continue
        if (
            first
            and words[first - 1].lower in ("le", "la", "l'", "les")
            and words[first - 1].turn == word.turn
            and not words[first].gap.strip(" ")
        ):
            first -= 1
        yield Piece(
            words[first].start, words[end - 1].end, score, "a street" + (" with its number" if numbered else "")
        )


def _capital_elsewhere(view: View, at: int) -> bool:
    """ "rue hoche": an ordinary word that is as often a name."""
    seen = view.dictionary.look(view.call.words[at].lower)
    return seen is not None and seen.share >= _OFTEN


def _graded(view: View, at: int) -> bool:
    """ "41 Grand'Rue", "douze petite rue": an adjective between the number and the street."""
    before, word = view.call.words[at - 1], view.call.words[at]
    return before.turn == word.turn and before.lower in _GRADES and not word.gap.strip(" -")


def _digit_before(view: View, at: int) -> bool:
    return view.call.words[at - 1].is_digits or view.call.words[at - 1].lower in _NUMBER_EXTRA


def _number_before(view: View, at: int) -> tuple[int, bool]:
    words = view.call.words
    first = at
    back = at - 1
    numbered = False
    while back >= 0 and words[back].turn == words[at].turn and at - back <= 8:
        gap = words[back + 1].gap
        if gap.strip(" ,-–/n°º\u00a0") or len(gap) > 4:
            break
        lower = words[back].lower
        counted = back > 0 and _counts(words[back - 1])
        if _counts(words[back]):
            numbered = True
            first = back
        elif numbered and lower in ("ou", "au", "le") and (one := _one_of_two(words, back)):
            first = back = one
        elif not (
            lower in ("bis", "ter", "quater")
            or (len(lower) == 1 and lower in "abcdef" and counted)
            or (lower in ("et", "à") and numbered and back and words[back - 1].lower in NUMBER_WORDS)
            or (lower == "euh" and not numbered and counted)
        ):
            break
        back -= 1
    return first, numbered


def _one_of_two(words: Sequence[Word], at: int) -> int:
    """ "au quatorze ou au seize": index of the number before "or"; 0 when there is none."""
    back = at - (words[at].lower != "ou")
    is_or = back > 0 and words[back].lower == "ou" and words[back].turn == words[at].turn
    return back - 1 if is_or and _counts(words[back - 1]) and words[back - 1].turn == words[at].turn else 0


def _at_number(words: Sequence[Word], at: int) -> int:
    """ "au six de l'impasse du Puits": index of the number, when "de" and an article stand behind it."""
    back = at - 1
    while (
        back >= 0
        and at - back <= 2
        and words[back].lower in ("de", "la", "l'", "du")
        and words[back].turn == words[at].turn
    ):
        back -= 1
    last = back
    while (
        back >= 0
        and words[back].turn == words[at].turn
        and (_counts(words[back]) or (words[back].lower == "et" and back < last))
    ):
        back -= 1
    return (
        last + 1
        if _counts(words[last]) and 0 <= back < last < at - 1 and words[back].lower in ("au", "numéro", "le", "n")
        else at
    )


def _counts(word: Word) -> bool:
    return word.is_digits or word.lower in NUMBER_WORDS


def _tail(view: View, at: int) -> tuple[int, bool]:
    """Where the street's name ends, and whether a proper name is in it."""
    words = view.call.words
    end = at + 1
    proper = False
    nouns = 0
    nxt = at + 1
    while nxt < len(words) and words[nxt].turn == words[at].turn and nxt - at <= 9:
        gap = words[nxt].gap
        lower = words[nxt].lower
        if gap.strip(" -‑'’.\u00a0\n") or len(gap) > 3:
            break
        if "." in gap and not (
            (len(words[nxt - 1].lower) <= 3 and words[nxt - 1].capital)
            or words[nxt - 1].lower in ("av", "bd", "st", "ste", "rte", "imp", "al")
        ):
            break
        hyphen = gap.strip() in ("-", "‑")
        if lower in STOP and not hyphen:
            break
        if lower in LINK and not hyphen:
            if lower in ("à", "au", "aux", "en", "sur", "sous", "et") and nouns and not _inner_link(view, nxt):
                break
            nxt += 1
            continue
        if (
            words[nxt].is_digits
            and nouns == 0
            and lower.isdigit()
            and nxt + 1 < len(words)
            and (words[nxt + 1].lower in MONTHS)
        ):
            nxt += 1
            continue
        if words[nxt].is_digits:
            if _is_strasse(words[at].lower):
                end = nxt + 1
                proper = True
            break
        if lower in NUMBER_WORDS and nouns:
            break
        ordinary = view.dictionary.is_ordinary(lower)
        capital = words[nxt].capital
        if capital or (words[at].raw and (not ordinary or view.dictionary.is_first_name(lower))):
            proper = True
        elif nouns >= 1 and not hyphen and words[nxt - 1].lower not in LINK and not (words[at].raw and not ordinary):
            # a second plain word without a link: "rue haute", "rue des vieux moulins" keep one adjective
            if (
                nouns >= 2
                or view.dictionary.is_verb(lower)
                or (not words[at].raw and not _adjective(words[nxt - 1].lower))
            ):
                break
        elif not ordinary:
            proper = proper or words[at].raw
        nouns += 1
        nxt += 1
        end = nxt
        if nouns >= 6:
            break
    return end, proper


def _adjective(word: str) -> bool:
    return word in _ADJECTIVES


def _is_strasse(word: str) -> bool:
    return len(word) > MIN_STRASSE and word.endswith(("strasse", "straße", "straat", "steenweg", "laan"))


def _inner_link(view: View, at: int) -> bool:
    """ "rue de la Croix au Loup" goes on; "rue des Lilas à Lyon" is told by the town rule."""
    words = view.call.words
    return (
        words[at].lower in ("aux", "et", "sur") and at + 1 < len(words) and words[at + 1].capital and not words[at].raw
    )


def _town_behind(view: View, at: int) -> bool:
    """Whether "à" and a town follow at once: tells "place des Carmes à Brioude" from a place in a queue."""
    words = view.call.words
    if at + 1 >= len(words) or words[at + 1].turn != words[at - 1].turn or words[at].lower not in ("à", "a"):
        return False
    return town_end(view, at + 1, loose=True) > 0
