"""Names behind a title ("madame Roche", "Dr P. Lévêque") and at the end of a farewell ("bonne journée, monsieur …")."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.naming import NEVER, PARTICLES, TITLES, UP, extend, named, strength
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

NAME = rf"[{UP}][\w'’]*(?:[ -](?:(?:de|du|des|la|le|van|von|der|den|ben|el|al|da|dos|di) ){{0,2}}[{UP}][\w'’]*){{0,3}}"
_WRITTEN_TITLE = re.compile(
    rf"(?<![\w'’])(?:M\. et )?(?:Mmes?|MM?\.|M\.|Mr|Mlles?|Mle|Drs?|Dre|Pr|Pre|Me|Mes(?= [{UP}]\.)|Mgr|"
    rf"Vve|Cdt|Cne|Adj|Sgt|Sir)\.?[ \u00a0]?((?:[{UP}]\.[ \u00a0-]?){{0,4}}{NAME}|[{UP}]\.)"
)

_ARTICLES = _NAMES.words("title_articles")
MAX_PARTICLES = 3
LONGEST_SHORT = 4
"""So many letters a title has at most that a full stop abbreviates."""
_SURELY = 2
_SPOKEN = _NAMES.words("spoken_titles")
_CALLED = 0.35
"""Behind a title an ordinary word that is so often written with a capital is a name ("madame garrigues")."""


def titled(view: View) -> Iterator[Found]:
    """Names behind titles, written or spoken."""
    call = view.call
    for match in _WRITTEN_TITLE.finditer(call.text):
        if match.group(1).split()[0].lower() not in NEVER:
            yield Found.of(match, SpanType.PERSON, 0.92, "a name after a title")
    for at, word in enumerate(call.words[:-1]):
        if word.lower not in TITLES or (len(word.lower) <= 2 and not word.capital):
            continue
        nxt = call.words[at + 1]
        if nxt.turn != word.turn or nxt.gap.strip(" .") or len(nxt.gap) > 2:
            continue
        if "." in nxt.gap and len(word.lower) > LONGEST_SHORT:
            continue  # "merci docteur. Montant"
        core = _core(view, at + 1)
        if core and (_capital_core(view, at + 1, core) or (nxt.small and _raw_core(view, at + 1, core))):
            end = max(extend(view, at + 1, least=2 if nxt.small else 1), core + 1)
            yield named(view, at + 1, end, 0.9, "a name after a title")


def _core(view: View, at: int) -> int:
    """Index of the name's first word behind its particles ("van der Straeten"); 0 when there is none."""
    words = view.call.words
    core = at
    while core < len(words) and core < at + MAX_PARTICLES and words[core].lower in PARTICLES:
        core += 1
    if core >= len(words) or words[core].turn != words[at].turn or (core > at and len(words[core].gap) > 1):
        return at if core == at + 1 and words[at].lower == "ben" else 0
    word = words[core]
    rank = (
        core == at and view.dictionary.may_be_surname(word.lower) and words[at - 1].lower in _SPOKEN
    )  # "madame Maréchal"
    return (
        core
        if (rank or word.lower not in NEVER) and not word.is_digits and (len(word.lower) > 1 or word.capital)
        else 0
    )


def _capital_core(view: View, at: int, core: int) -> bool:
    words = view.call.words
    if words[at].lower in _ARTICLES:
        return strength(view, core) >= 1 and (words[at].capital or strength(view, core) >= _SURELY)
    return words[at].capital or (core > at and words[core].capital)


def _raw_core(view: View, at: int, core: int) -> bool:
    """Without capitals: a name; behind "le" a sure one ("madame le goff", not "monsieur le maire")."""
    words = view.call.words
    level = strength(view, core)
    if words[at].lower in _ARTICLES:
        linked = words[at].lower in ("de", "du", "des", "d'") and not view.dictionary.is_ordinary(words[core].lower)
        return level >= _SURELY or linked
    seen = view.dictionary.look(words[core].lower)
    called = seen is not None and seen.share >= _CALLED and not view.dictionary.is_verb(words[core].lower)
    return level >= 1 or core > at or called


_FAREWELL = _NAMES.pattern("farewell", flags=re.IGNORECASE | re.MULTILINE)


def farewell(view: View) -> Iterator[Found]:
    """ "Bonne journée, monsieur le 7-1": what stands at the end where only a name can stand is one, however heard."""
    for match in _FAREWELL.finditer(view.call.text.replace("’", "'")):
        words = match.group(1).split()
        plain = [w for w in words if w.lower() in NEVER and w.lower() not in ("le", "la", "de", "du")]
        if len(words) <= 3 and not plain:
            yield Found.of(match, SpanType.PERSON, 0.6, "the end of a farewell to a person", group=1)
