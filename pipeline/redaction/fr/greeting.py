"""The organisation's own name, which is not a person's, and what the language model takes for names besides."""

import re
from collections.abc import Iterator

from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import View

_ORGANISATIONS = lexicon("fr", "organisations")

_HOLIDAYS, _BEFORE_HOLIDAYS = map(_ORGANISATIONS.words, ("holidays", "before_holidays"))
_NOBODYS = _ORGANISATIONS.pattern("nobodys", r"(?<!\w)", r"(?![\w'’-])")
_OPERATORS = _ORGANISATIONS.words("operators")
PUBLIC = lexicon("fr", "names").words("public")
"""Makes, products and services a caller may name without saying anything of anybody."""
_BUSINESS = _ORGANISATIONS.pattern("answers_as")
_HELLO = _ORGANISATIONS.pattern("hello", r"^(?: \w+){0,2},? ")


GREETING = 200
"""So many characters of a turn are its greeting at most."""


def entities(view: View, label: str, *, keep: frozenset[str] = frozenset()) -> Iterator[tuple[int, int]]:
    """What the language model takes for a person, place or organisation, without words before it that are never a name
    (but those of ``keep``): index of its first word, and after its last. The organisation's own name is left out."""
    words = view.call.words
    for entity in view.entities:
        if entity.label != label:
            continue
        first, end = view.call.word_at(entity.start), min(view.call.word_at(entity.end - 1) + 1, len(words))
        while first < end and words[first].lower not in keep:
            if words[first].lower not in NEVER and not words[first].lower.endswith("'"):
                break
            first += 1
        if first < end and not is_own(view, first) and not is_nobodys(view, entity.start):
            yield first, end


def is_nobodys(view: View, at: int) -> bool:
    """Whether a feast, shop or public service is named here, of however many words."""
    text = view.call.text
    return any(match.start() <= at < match.end() for match in _NOBODYS.finditer(text, max(0, at - 12), at + 40))


def is_own(view: View, at: int) -> bool:
    """Whether the word is a thing's name, or stands where an organisation names itself: first two turns, before
    "bonjour" or behind "télésurveillance", and is no known name of people."""
    call = view.call
    word = call.words[at]
    if word.lower in view.own_words or _is_thing(view, at) or is_nobodys(view, word.start):
        return True
    if len(call.turns) < 2 or word.turn > 1:
        return False
    if word.lower in view.dictionary.first_names or word.lower in view.dictionary.surnames:
        return False
    start = call.turn_starts[word.turn]
    if word.start - start > GREETING:
        return False
    before = call.text[start : word.start].replace("\u2019", "'")
    after = call.text[word.end : word.end + 40]
    greets = (
        re.search(r"bonjour|bonsoir|écoute|quittez|appelle", call.turns[word.turn].text[:GREETING], re.IGNORECASE)
        is not None
    )
    if (
        word.turn == 0
        and greets
        and re.match(r"^\W*(?:[\w'-]+\s?){0,2}$", before)
        and word.capital
        and call.turns[0].speaker == "agent"
    ):
        return True
    business = _BUSINESS.search(before)
    named = business is not None and re.sub(r"^\W*(?:bonjour|bonsoir)?\W*", "", before[: business.start()], flags=re.I)
    return greets and (bool(business and not named) or (not before.strip() and bool(_HELLO.match(after))))


def _is_thing(view: View, at: int) -> bool:
    """Whether the word is a product, a network, an operator or a holiday here, and no name of people."""
    word = view.call.words[at]
    before = view.call.words[at - 1].lower if at and view.call.words[at - 1].turn == word.turn else ""
    if word.lower in _OPERATORS:
        return before in ("chez", "box", "par")
    if word.lower in _HOLIDAYS:
        return before in _BEFORE_HOLIDAYS
    d = view.dictionary
    named = word.lower in d.first_names or word.lower in d.surnames or d.is_place(word.lower)
    return word.lower in PUBLIC and not named and before not in ("chez", "avec")
