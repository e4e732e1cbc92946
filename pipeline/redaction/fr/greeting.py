"""The name the organisation answers the telephone with: it is the controller's own, not a person's."""

import re

from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import View

_ORGANISATIONS = lexicon("fr", "organisations")

_BUSINESS = _ORGANISATIONS.pattern("answers_as")
_HELLO = _ORGANISATIONS.pattern("hello", r"^(?: \w+){0,2},? ")


def is_own(view: View, at: int) -> bool:
    """Whether the word stands where an organisation names itself: first two turns, before "bonjour" or behind
    "télésurveillance", and is no known name of people."""
    call = view.call
    word = call.words[at]
    if word.lower in view.own_words:
        return True
    if len(call.turns) < 2 or word.turn > 1:
        return False
    if word.lower in view.dictionary.first_names or word.lower in view.dictionary.surnames:
        return False
    start = call.turn_starts[word.turn]
    before = call.text[start : word.start].replace("\u2019", "'")
    after = call.text[word.end : word.end + 40]
    greets = (
        re.search(r"bonjour|bonsoir|écoute|quittez|appelle", call.turns[word.turn].text[:200], re.IGNORECASE)
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
    return greets and (bool(_BUSINESS.search(before)) or (not before.strip() and bool(_HELLO.match(after))))
