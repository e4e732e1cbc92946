"""Names of which the speaker says that they are one: "Dimanche, c'est le nom de famille", "Rose comme la fleur"."""

from collections.abc import Iterator

from callwarden.redaction.fr.grammar import MONTHS, WEEKDAYS
from callwarden.redaction.fr.naming import NEVER, TITLES, named
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, View

_NAMES = lexicon("fr", "names")

_TOLD = (
    _NAMES.pattern("called_so", r"(?<=[\w,.] )"),
    _NAMES.pattern("like_the", r"(?<=[\w,] )"),
)
_PLAIN = NEVER - MONTHS - WEEKDAYS
_DETERMINERS = _NAMES.words("determiners")


def told(view: View) -> Iterator[Found]:
    """The word or two before such a remark, and that word again where only a name can stand."""
    words = view.call.words
    names: set[str] = set()
    for pattern in _TOLD:
        for match in pattern.finditer(view.call.text):
            last = view.call.word_at(match.start()) - 1
            if last < 0 or words[last].turn != words[last + 1].turn or not _can_be(view, last):
                continue
            first = last
            while first and words[first - 1].turn == words[last].turn and words[first].gap == "-":
                first -= 1
            if (
                words[first].gap in (" ", ", ")
                and _can_be(view, first - 1)
                and words[first - 1].turn == words[last].turn
            ):
                first -= 1
            names.update(word.lower for word in words[first : last + 1])
            yield named(view, first, last + 1, 0.8, "a name, as the speaker says")
    for at in range(1, len(words) if names else 0):
        word, before = words[at], words[at - 1]
        if word.lower not in names or before.turn != word.turn or word.gap != " ":
            continue
        called = before.lower in TITLES or view.dictionary.is_first_name(before.lower)
        if called or (word.capital and not view.call.sentence_start(at)):
            first = at - 1 if called and before.lower not in TITLES else at
            yield named(view, first, at + 1, 0.7, "a name, as the speaker said")


def _can_be(view: View, at: int) -> bool:
    """Whether the word can be the name of which something is said: no plain word, and no noun with its article."""
    word = view.call.words[at]
    lower = word.lower
    if at < 0 or lower in _PLAIN or len(lower) < 3 or word.is_digits or lower.endswith("'"):
        return False
    if word.capital:
        return True
    before = view.call.words[at - 1].lower if at and view.call.words[at - 1].turn == word.turn else ""
    nominal = not view.dictionary.is_ordinary(lower) or lower in view.dictionary.nominal or lower in MONTHS | WEEKDAYS
    return word.small and nominal and before not in _DETERMINERS
