"""First names with what follows, and names behind words that introduce a person."""

import re
from collections.abc import Iterator

from callwarden.redaction.fr.greeting import is_own
from callwarden.redaction.fr.introducing import (
    AFTER_NAME,
    INTRO,
    IT_IS,
    NOT_INTRODUCED,
    OUTRO,
    PEOPLE,
    RELATED,
    SURE_INTRO,
    WEAK_INTRO,
    said_before,
)
from callwarden.redaction.fr.naming import NEVER, NOT_ALONE, PARTICLES, extend, is_abbreviation, named, strength
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

_LIKELY = 2
_SURELY = 3
_FAMILY = _NAMES.pattern("family", after=r"\s+$")
_WITH = re.compile(r"(?:avec|chez|pour|merci),?\s+$", re.IGNORECASE)
_HELLO = re.compile(r"(?:bonjour|bonsoir),?\s+$", re.IGNORECASE)
_AT_THE_PHONE = re.compile(r",? (?:à l'appareil|au téléphone|à l'écoute)", re.IGNORECASE)
_GREETED = _NAMES.pattern("greeted", after=r"\s+$")


def spoken(view: View) -> Iterator[Found]:
    """Names by their form and by what is said before and behind them."""
    words = view.call.words
    at = 0
    while at < len(words):
        level = strength(view, at)
        if not level or is_own(view, at) or is_abbreviation(view, at, at + 1):
            at += 1
            continue
        view.deadline.check()
        raw = words[at].small
        before = said_before(view, at)
        end = max(extend(view, at, least=2 if raw else 1), at + 1)
        if raw and end == at + 1 and SURE_INTRO.search(before) and _closing_surname(view, end):
            end += 1
        end = _with_particles(view, end)
        if raw and level >= _LIKELY and _opening_first_name(view, at):
            yield named(view, at - 1, end, 0.75, "a first name between a greeting and a surname")
        reason = _reason(view, at, end, before)
        if reason is None and raw and level < _LIKELY:
            at += 1  # what follows may be a name without it
            continue
        if reason is not None:
            yield named(view, at, end, *reason)
        at = end


def _reason(view: View, at: int, end: int, before: str) -> tuple[float, str] | None:
    """Why the words are a name, and how sure it is; None when nothing says so."""
    words = view.call.words
    lower = words[at].lower
    raw = words[at].small
    level = strength(view, at)
    best = max(strength(view, i) for i in range(at, end))
    first = view.dictionary.is_first_name(lower)
    place = view.dictionary.is_place(lower)
    behind = view.call.text[words[end - 1].end : words[end - 1].end + 30].replace("’", "'")
    sure = SURE_INTRO.search(before) is not None
    intro = sure or INTRO.search(before) is not None
    outro = OUTRO.match(behind) is not None
    if sure:
        return 0.9, "a name after an introduction"
    if raw and _FAMILY.search(before) and not lower.endswith(("s", "x")):
        return 0.7, "a family's name"
    if first and intro and not _WITH.search(before) and lower not in NOT_INTRODUCED:
        return 0.8, "a first name after words that introduce a person"
    if level >= _LIKELY and raw and RELATED.search(before) and not place:
        return 0.75, "a name after a word for a relative or colleague"
    surname = view.dictionary.may_be_surname(lower) and lower not in PEOPLE
    if raw and surname and not place and RELATED.search(before):
        return 0.6, "a surname after a word for a relative or colleague"
    if first and raw and _said_to_be(view, at, end, before):
        return 0.6, "a first name after 'c'est', and no more of a clause behind it"
    if first and (outro or _HELLO.search(before)):
        return 0.8, "a first name in a greeting"
    enough = _LIKELY if not raw or end - at > 1 or outro else _SURELY
    if (intro or outro) and best >= enough and not place:
        return 0.85, "a name after words that introduce a person"
    if first and (level == _SURELY or (end - at > 1 and best >= _LIKELY)):
        return 0.75, "a first name" + (" and what follows it" if end - at > 1 else "")
    if first and raw and at and words[at - 1].lower == lower and words[at - 1].turn == words[at].turn:
        return 0.7, "a first name said twice"
    if not raw and end - at > 1 and _capitals_and_first(view, at, end):
        return 0.7, "a surname in capitals and a first name"
    if level == _LIKELY and WEAK_INTRO.search(before) and end - at == 2 and not place:
        return 0.6, "two words that only a name can be"
    return None


def _closing_surname(view: View, at: int) -> bool:
    """ "au nom de léa marchandise": an ordinary word that ends what is said, where the surname must stand."""
    words = view.call.words
    if at >= len(words) or words[at].turn != words[at - 1].turn or words[at].gap != " ":
        return False
    lower = words[at].lower
    if lower in NEVER or lower in PARTICLES or len(lower) < 3 or lower in AFTER_NAME or lower.endswith("ment"):
        return False
    ends = at + 1 >= len(words) or words[at + 1].turn != words[at].turn or words[at + 1].lower in AFTER_NAME
    return ends and (lower in view.dictionary.nominal or lower.endswith(("er", "ier")))


def _with_particles(view: View, at: int) -> int:
    """ "geoffroy de la tour à l'appareil": ordinary words behind particles, closed by what only follows a name."""
    words = view.call.words
    nxt = at
    while nxt < len(words) and nxt < at + 3 and words[nxt].lower in PARTICLES and words[nxt].gap == " ":
        nxt += 1
    if nxt == at or nxt >= len(words) or words[nxt].turn != words[at - 1].turn or len(words[nxt].lower) < 3:
        return at
    last = nxt
    while last + 1 < len(words) and words[last + 1].gap == "-":
        last += 1
    behind = view.call.text[words[last].end : words[last].end + 30].replace("’", "'")
    return last + 1 if _AT_THE_PHONE.match(behind) else at


def _opening_first_name(view: View, at: int) -> bool:
    """ "bonjour perpétue ngo bassong": a word that is no name elsewhere, between a greeting and a name."""
    words = view.call.words
    if not at or words[at - 1].turn != words[at].turn or words[at].gap != " " or strength(view, at - 1) > 1:
        return False
    lower = words[at - 1].lower
    if lower in NEVER or lower in PARTICLES or len(lower) < 4 or lower.endswith("ment") or lower in AFTER_NAME:
        return False
    return bool(_GREETED.search(said_before(view, at - 1)))


def _said_to_be(view: View, at: int, end: int, before: str) -> bool:
    words = view.call.words
    if not IT_IS.search(before) or words[at].lower in NOT_ALONE:
        return False
    return end >= len(words) or words[end].turn != words[at].turn or words[end].lower in AFTER_NAME


def _capitals_and_first(view: View, at: int, end: int) -> bool:
    """ "MARTIN Paul", "Félicia LIMONE", "DA COSTA ANA": capitals beside a first name or a word that is nothing else."""
    words = view.call.words[at:end]
    capitals = [w for w in words if w.text.isupper() and len(w.text) > 1]
    firsts = [w for w in words if view.dictionary.is_first_name(w.lower)]
    others = [w for w in words if w not in capitals]
    if capitals and firsts:
        return True
    unknown = all(not view.dictionary.is_ordinary(w.lower) and len(w.text) > 2 for w in words)
    return bool(capitals and others) and unknown
