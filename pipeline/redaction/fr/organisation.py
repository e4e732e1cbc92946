"""Organisations: hospitals, schools and companies by their head word, and the model's; never the company itself."""

import re
from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.greeting import entities
from callwarden.redaction.fr.naming import NEVER, TITLES
from callwarden.redaction.fr.number_words import NUMBER_WORDS
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View
from callwarden.redaction.words import Word

_ORGANISATIONS = lexicon("fr", "organisations")
_CARE, _SCHOOLS, _TRADES, _FORMS = map(_ORGANISATIONS.words, ("care", "schools", "trades", "forms"))
_KINDS_OF_HOUSE = _ORGANISATIONS.words("kinds_of_house")
_COMMON_BEHIND = _ORGANISATIONS.words("common_behind")

_UP = "A-ZÀ-ÖØ-Þ"


def _heads() -> str:
    """The head words in small letters, with a capital, and companies' forms in capitals."""
    heads = sorted(_CARE | _SCHOOLS | _TRADES, key=len, reverse=True)
    shapes = [f"[{h[0]}{h[0].upper()}]{h[1:]}" for h in heads]
    return "|".join([*shapes, *(h.upper() for h in (*sorted(_FORMS), "ehpad", "chu", "chru", "chr", "iut"))])


_HEAD = re.compile(
    rf"(?<!\w)(?:CH|GHU|AP-HP|APHP|Banque|banque|Crédit|crédit|[Cc]entre [Hh]ospitalier|"
    rf"[Mm]aison de (?:santé|retraite|repos)|[Cc]entre (?:médical|de santé|de rééducation)|"
    rf"[Cc]abinet (?:médical|dentaire)|"
    rf"{_heads()})"
    rf"(?: (?:de la |de l['’]|du |des |de |d['’]|la |le |les |l['’]|aux |au |à la |à l['’])?(?:[{_UP}][\w'’.-]+)"
    rf"(?: (?:(?:de la |de |du |des |d['’]|et |en |la |le |au |aux |& |sur )?[{_UP}][\w'’.-]+)){{0,4}})"
)
_PUBLIC = _ORGANISATIONS.pattern("public", flags=0)
_SUFFIXED = _ORGANISATIONS.pattern("suffixes", rf"(?<![\w'’])(?:[{_UP}][\w&'’-]+ (?:& )?){{1,4}}", r"\b", flags=0)
_RAW_HEADS = _CARE | _SCHOOLS | _TRADES | _FORMS
_OWN_ARTICLES = _ORGANISATIONS.words("own_articles")
_WHEN = _ORGANISATIONS.words("when")
_LINKS = _ORGANISATIONS.words("links")
_GENERIC = _ORGANISATIONS.words("generic")


def find(view: View) -> Iterator[Found]:
    """Organisations of the call."""
    call = view.call
    for pattern, score in ((_HEAD, 0.75), (_PUBLIC, 0.6), (_SUFFIXED, 0.65)):
        for match in pattern.finditer(call.text):
            view.deadline.check()
            if not _own(match.group(), view):
                yield Found.of(match, SpanType.ORGANISATION, score, "a name behind a word for an organisation")
    yield from _without_capitals(view)
    for first, end in entities(view, "ORG"):
        inside = call.words[first:end]
        if end < len(call.words) and call.words[end].turn == inside[0].turn and _figure(call.words[end]):
            continue
        if inside[0].text.isupper() and len(inside) <= 3 and inside[-1].is_digits:
            continue  # "un NV 500", "un KP-210", "une Peugeot deux cent huit"
        if inside[0].raw or all(w.lower in _GENERIC or len(w.lower) < 2 for w in inside):
            continue
        if inside[0].lower in _GENERIC or (
            all(view.dictionary.is_ordinary(w.lower) for w in inside) and call.sentence_start(first)
        ):
            continue
        if not _own(call.text[inside[0].start : inside[-1].end], view):
            yield view.found(
                first, end - 1, SpanType.ORGANISATION, 0.6, "the language model takes it for an organisation"
            )


def _figure(word: Word) -> bool:
    return not word.gap.strip(" -") and (word.is_digits or word.lower in NUMBER_WORDS - {"un", "une"})


def _without_capitals(view: View) -> Iterator[Found]:
    """ "clinique des ormeaux", "transports guilbaud", "sci bellerive": heads with their names in small letters."""
    words = view.call.words
    for at, word in enumerate(words[:-1]):
        lower = word.lower
        housed = at and lower in _KINDS_OF_HOUSE and words[at - 1].lower in ("de", "centre", "cabinet", "groupe")
        if not word.raw or (lower not in _RAW_HEADS and not housed):
            continue
        view.deadline.check()
        name = at + 1
        while name < len(words) and name < at + 3 and words[name].turn == word.turn and words[name].lower in _LINKS:
            name += 1
        if name >= len(words) or words[name].turn != word.turn or len(words[name].gap) > 1:
            continue
        link = words[name - 1].lower if name > at + 1 else ""
        if not _is_name(
            view,
            name,
            head="clinique" if housed else lower,
            link="own" if words[at + 1].lower in _OWN_ARTICLES else link,
        ):
            continue
        end = _name_end(view, name, loose=words[at + 1].lower in _OWN_ARTICLES)
        yield Found(
            word.start, words[end - 1].end, SpanType.ORGANISATION, 0.6, "a name behind a word for an organisation"
        )


def _is_name(view: View, at: int, *, head: str, link: str) -> bool:
    word = view.call.words[at]
    lower = word.lower
    if lower in NEVER or lower in _COMMON_BEHIND or lower in TITLES or word.is_digits or len(lower) < 3:
        return False
    d = view.dictionary
    if head in _FORMS or lower in ("saint", "sainte"):
        return True
    if not d.is_ordinary(lower) or d.is_first_name(lower) or (not link and d.may_be_surname(lower)):
        return not d.is_verb(lower)
    if link == "own" and head in _CARE | _SCHOOLS | _TRADES:
        return lower not in _WHEN and not d.is_verb(lower)
    if head in _CARE | _SCHOOLS and link in ("des", "du", "la", "les", "l'"):
        return lower in d.nominal or lower.endswith(("s", "x"))
    return link in ("aux", "au") and head in _TRADES and (lower in d.nominal or lower.endswith("s"))


def _name_end(view: View, at: int, *, loose: bool) -> int:
    """Where the name ends; ``loose`` behind an article of its own ("restaurant le petit gourmand")."""
    words = view.call.words
    end = at + 1
    while end < len(words) and words[end].turn == words[at].turn and end - at < 6:
        lower = words[end].lower
        if words[end].gap in ("-", "") or lower in ("saint", "sainte"):
            end += 1
            continue
        nxt = end + 1 if lower in ("de", "du", "des", "d'", "et") and end + 1 < len(words) else end
        if words[nxt].turn != words[at].turn or words[nxt].lower in NEVER or words[nxt].is_digits:
            break
        d = view.dictionary
        if loose and end == at + 1 and words[nxt].lower in d.nominal and words[nxt].lower not in _WHEN:
            end = nxt + 1
            continue
        if d.is_ordinary(words[nxt].lower) and not d.is_first_name(words[nxt].lower):
            break
        end = nxt + 1
    return end


def _own(text: str, view: View) -> bool:
    """The organisation's own name, by policy or because the call was answered with it."""
    lower = text.lower()
    if any(word in lower for word in view.own_words):
        return True
    greeting = view.call.turns[0].text[:120].lower() if len(view.call.turns) > 1 else ""
    return lower in greeting and ("bonjour" in greeting or "bonsoir" in greeting)
