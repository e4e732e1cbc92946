"""Words of no French dictionary where names stand: names, when nothing else explains them."""

from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.fr.greeting import PUBLIC, is_own
from callwarden.redaction.fr.naming import NEVER
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_TOP_LEVELS = lexicon("fr", "mail").words("top_levels")


def find(view: View) -> Iterator[Found]:
    """Capitals in mid-sentence on words of no dictionary; without capitals, such words behind "de" or "à"."""
    call = view.call
    if len(call.turns) < 2:
        return
    for at, word in enumerate(call.words):
        lower = word.lower
        if len(lower) < 4 or word.is_digits or lower.endswith("'") or lower in NEVER or lower in PUBLIC:
            continue
        if view.dictionary.is_ordinary(lower) or (word.text.isupper() and len(lower) <= 5) or is_own(view, at):
            continue
        following = call.words[at + 1] if at + 1 < len(call.words) else word
        if following.gap == "." and following.lower in _TOP_LEVELS:
            continue  # "Amara.org"
        if word.raw:
            before = call.words[at - 1].lower if at and call.words[at - 1].turn == word.turn else ""
            if before not in ("de", "d'", "à", "chez", "vers"):
                continue
        elif not word.capital or call.sentence_start(at):
            continue
        yield Found(word.start, word.end, SpanType.PERSON, 0.5, "a word of no dictionary where names stand")
