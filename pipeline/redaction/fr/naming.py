"""Which words can be part of a French person's name, and how far a name goes."""

import re

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.grammar import MONTHS, WEEKDAYS
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.fr.questions import ASSENT
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

UP = "A-ZÀ-ÖØ-Þ"
"""Capitals, for a pattern's brackets."""

NOT_ALONE = _NAMES.words("not_alone")
TITLES = _NAMES.words("titles")
PARTICLES = _NAMES.words("particles")
NEVER = (
    _NAMES.words("never")
    | MONTHS
    | WEEKDAYS
    | TITLES
    | NUMBER_WORDS
    | (ASSENT - frozenset({"petit", "petite", "bon", "bonne", "marche", "vite", "bien"}))
)


def strength(view: View, at: int) -> int:
    """3 surely a name by its form, 2 very likely, 1 possible where a name is expected, 0 never."""
    word = view.call.words[at]
    lower = word.lower
    if lower in NEVER or lower in PARTICLES or word.is_digits or len(lower) < 2 or lower.endswith("'"):
        return 0
    d = view.dictionary
    ordinary = d.is_ordinary(lower)
    first = d.is_first_name(lower)
    if word.small:
        if first and not ordinary:
            return 3
        if not ordinary:
            return 2 if len(lower) >= 3 and not d.is_place(lower) else 1
        if first or d.is_surname(lower):
            return 3 if first and _alone_a_name(view, at) else 1
        return 1 if lower in d.nominal and not d.is_verb(lower) and not lower.endswith("ment") else 0
    if not word.capital:
        return 0
    if first:
        return 3 if not ordinary or not view.call.sentence_start(at) else 1
    if d.is_place(lower) and not d.is_surname(lower):
        return 1
    if ordinary and view.call.sentence_start(at):
        return 1 if d.is_surname(lower) else 0
    return 2 if not ordinary else 1


_BEFORE_NOUNS = _NAMES.words("before_nouns")
_MORE_OFTEN_NAME = 0.5


def _alone_a_name(view: View, at: int) -> bool:
    """ "jade est là aussi": a first name that is also a noun, more often the name, and no article before it."""
    words = view.call.words
    seen = view.dictionary.look(words[at].lower)
    if seen is None or seen.share < _MORE_OFTEN_NAME or words[at].lower not in view.dictionary.first_names:
        return False
    before = words[at - 1].lower if at and words[at - 1].turn == words[at].turn else ""
    return before not in _BEFORE_NOUNS and words[at].lower not in NOT_ALONE


def extend(view: View, at: int, *, least: int, most: int = 5) -> int:
    """Index after the last word of the name beginning at ``at``; words below ``least`` end it."""
    words = view.call.words
    end = at
    count = 0
    nxt = at
    while nxt < len(words) and words[nxt].turn == words[at].turn and count < most:
        if nxt > at and not _joins(words[nxt].gap):
            break
        lower = words[nxt].lower
        hyphen = nxt > at and words[nxt].gap in ("-", "‑", "–")
        if (lower in PARTICLES or (lower.endswith("'") and len(lower) == 2)) and nxt + 1 < len(words):
            if (
                not hyphen
                and lower in ("de", "du", "des", "la", "le", "l'", "d'")
                and not words[nxt].capital
                and (nxt == at or not _particle_name(view, nxt))
            ):
                break
            if not hyphen and strength(view, nxt + 1) < least and words[nxt + 1].lower not in PARTICLES:
                break
        elif _initial(view, nxt):
            pass
        elif nxt > at and not hyphen and strength(view, nxt) < least and not _follows_first(view, nxt):
            break
        else:
            count += 1
        nxt += 1
        end = nxt
    while (
        end > at
        and words[end - 1].lower in PARTICLES - {"saint", "ben"}
        and words[end - 1].lower.islower()
        and not words[end - 1].capital
    ):
        end -= 1
    return end


def _follows_first(view: View, at: int) -> bool:
    """Behind a first name an ordinary word that is a frequent surname belongs to the name ("olivier petit")."""
    words = view.call.words
    d = view.dictionary
    return bool(d.is_first_name(words[at - 1].lower) and d.may_be_surname(words[at].lower))


def _particle_name(view: View, at: int) -> bool:
    """ "de" belongs to a name before a further name that is no place ("Anne de La Tour", not "Paul de Lyon")."""
    words = view.call.words
    nxt = at + 1
    while nxt < len(words) and words[nxt].lower in PARTICLES and nxt < at + 3:
        nxt += 1
    if nxt >= len(words) or words[nxt].turn != words[at].turn:
        return False
    if words[at].capital and words[at].lower in ("le", "la", "de", "du", "des", "l'", "d'"):
        return True
    if words[at].lower in ("le", "la", "l'"):
        return (
            words[at].small
            and not view.dictionary.is_place(words[nxt].lower)
            and not view.dictionary.is_ordinary(words[nxt].lower)
        )
    return strength(view, nxt) >= 2 and not view.dictionary.is_place(words[nxt].lower)


def _initial(view: View, at: int) -> bool:
    word = view.call.words[at]
    return len(word.text) == 1 and word.capital and at + 1 < len(view.call.words) and "." in view.call.words[at + 1].gap


def _joins(gap: str) -> bool:
    return len(gap) <= 2 and not gap.strip(" -‑–.'’\u00a0")


def named(view: View, first: int, end: int, score: float, why: str) -> Found:
    """The finding from word ``first`` to before word ``end``, with the initials that stand before it."""
    words = view.call.words
    start = words[first].start
    initials = re.search(rf"(?<!\w)(?:[{UP}](?:-[{UP}])?\.[ -]?){{1,3}}$", view.call.text[max(0, start - 12) : start])
    return Found(start - (len(initials.group()) if initials else 0), words[end - 1].end, SpanType.PERSON, score, why)


_LABELS = _NAMES.words("figure_labels")


def is_abbreviation(view: View, first: int, end: int) -> bool:
    """ "EVA 2/10", "INR à 4,8", "Fax : 03…": one word in capitals, or a label, with its figure."""
    call = view.call
    word = call.words[first]
    if (end - first > 1 and call.words[first + 1].gap != "-") or not (
        (word.text.isupper() and len(word.text) <= 5) or word.lower in _LABELS
    ):
        return False
    return re.match(r"[ :\t-]{0,3}(?:à |= ?|: ?|/)?\+?\d", call.text[word.end : word.end + 8]) is not None
