"""First names with what follows, and names behind words that introduce a person."""

import re
from collections.abc import Iterator

from pipeline.adapters.redaction.fr.greeting import is_own
from pipeline.adapters.redaction.fr.introducing import (
    AFTER_NAME,
    INTRO,
    IT_IS,
    NOT_SAID,
    OUTRO,
    RELATED,
    SURE_INTRO,
    WEAK_INTRO,
    said_before,
)
from pipeline.adapters.redaction.fr.naming import NEVER, PARTICLES, extend, named, strength
from pipeline.adapters.redaction.view import Found, View

_LIKELY = 2
_GREETED = re.compile(
    r"(?:bonjour|bonsoir|allô|m'appelle|me nomme|au nom de|mon nom c'est|moi c'est)\s+$", re.IGNORECASE
)


def spoken(view: View) -> Iterator[Found]:
    """Names by their form and by what is said before and behind them."""
    call = view.call
    at = 0
    words = call.words
    while at < len(words):
        level = strength(view, at)
        if not level:
            at += 1
            continue
        view.deadline.check()
        if is_own(view, at):
            at += 1
            continue
        word_raw = words[at].raw
        before = said_before(view, at)
        sure = bool(SURE_INTRO.search(before))
        intro = sure or bool(INTRO.search(before))
        first = view.dictionary.is_first_name(words[at].lower)
        least = 2 if words[at].raw else 1
        end = max(extend(view, at, least=least), at + 1)
        outro = bool(OUTRO.match(call.text[words[end - 1].end : words[end - 1].end + 30].replace("’", "'")))
        if sure and word_raw and first and end == at + 1 and _closing_surname(view, end):
            end += 1
        if word_raw and level >= _LIKELY and _opening_first_name(view, at):
            yield named(view, at - 1, end, 0.75, "a first name between a greeting and a surname")
        best = max(strength(view, i) for i in range(at, end))
        if sure and (level >= 1):
            yield named(view, at, end, 0.9, "a name after an introduction")
        elif (
            word_raw
            and re.search(
                r"(?i)(?:chez les|la famille|les époux|(?:les|des) voisins,? les|un certain|une certaine)\s+$", before
            )
            and level
            and not words[at].lower.endswith(("s", "x"))
        ):
            yield named(view, at, end, 0.7, "a family's name")
        elif (
            first
            and intro
            and not re.search(r"(?i)(?:avec|chez|pour|merci),?\s+$", before)
            and words[at].lower not in ("france", "franc", "prune", "olive")
        ):
            yield named(view, at, end, 0.8, "a first name after words that introduce a person")
        elif level >= 2 and words[at].raw and RELATED.search(before) and not view.dictionary.is_place(words[at].lower):
            yield named(view, at, end, 0.75, "a name after a word for a relative or colleague")
        elif first and word_raw and _said_to_be(view, at, end, before):
            yield named(view, at, end, 0.6, "a first name after 'c'est', and no more of a clause behind it")
        elif first and (outro or re.search(r"(?i)(?:bonjour|bonsoir),?\s+$", before)):
            yield named(view, at, end, 0.8, "a first name in a greeting")
        elif (
            (intro or outro)
            and best >= (2 if not words[at].raw or end - at > 1 or outro else 3)
            and not view.dictionary.is_place(words[at].lower)
        ):
            yield named(view, at, end, 0.85, "a name after words that introduce a person")
        elif first and (level == 3 or (level >= 1 and end - at >= 2 and best >= 2)):
            yield named(view, at, end, 0.75, "a first name" + (" and what follows it" if end - at > 1 else ""))
        elif not words[at].raw and end - at >= 2 and _capitals_and_first(view, at, end):
            yield named(view, at, end, 0.7, "a surname in capitals and a first name")
        elif (
            level == 2 and WEAK_INTRO.search(before) and end - at == 2 and not view.dictionary.is_place(words[at].lower)
        ):
            yield named(view, at, end, 0.6, "two words that only a name can be")
        at = max(end, at + 1)


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
    if not IT_IS.search(before) or words[at].lower in NOT_SAID:
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
