"""Alarm, door and safe codes, PINs: digits after such a word, or where the question was about one."""

from collections.abc import Iterator

from callwarden.model.redaction import SpanType
from callwarden.redaction.dialogue import Asked
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, RunContext, View
from callwarden.redaction.words import Word

_NUMBERS = lexicon("digits", "numbers")

SYMBOLS = _NUMBERS.words("keys")
_NEXT_DOOR = _NUMBERS.pattern("next_door")


def find(view: View) -> Iterator[Found]:
    """Codes of the call."""
    lone = ("", -2)  # a digit that a turn holds by itself, and which turn
    given: Found | None = None
    for context in view.runs:
        if _digit_alone(view, context) and (
            any(e.asked is Asked.SECRET for e in context.asked) or lone == (context.run.digits, context.run.turn - 1)
        ):
            lone = (context.run.digits, context.run.turn)
            yield context.found(SpanType.SECRET, 0.8, "a digit of a code, given or said back by itself")
            continue
        if context.quantity:
            continue
        if given and _NEXT_DOOR.fullmatch(view.call.text, given.end, context.start):
            given = Found(*_edges(view, context), SpanType.SECRET, 0.8, "the code of another door")
            yield given
            continue
        if not (
            context.means(Asked.SECRET)
            or context.means(Asked.SECURITY)
            or (len(context.run.digits) >= 3 and _struck(view, context))
        ):
            continue
        if context.run.digits == "1" and not view.call.words[context.run.first].is_digits and context.run.letters:
            continue  # "un S majuscule"
        size = len(context.run.digits)
        near = context.label is Asked.SECRET and context.label_distance <= 25
        if size >= 3 or (size >= 2 and (near or context.alone)) or (context.run.letters and size):
            start, end = _edges(view, context)
            given = Found(start, end, SpanType.SECRET, 0.88, "digits where a code was named or asked for")
            yield given


def _digit_alone(view: View, context: RunContext) -> bool:
    """Whether one digit ends a turn that says next to nothing else: "alors quatre", not "un instant"."""
    first, end = view.call.turn_words[context.run.turn]
    return len(context.run.digits) == 1 and context.alone and context.run.last == end - 1 and end - first <= 4


def _edges(view: View, context: RunContext) -> tuple[int, int]:
    """With the letters and keys beside the digits: "A, trente-deux", "seize quarante-deux, dièse"."""
    words = view.call.words
    first, last = context.run.first, context.run.last
    while first and _key(words[first - 1].text) and _beside(view, first - 1, first):
        first -= 1
    while (
        last + 1 < len(words)
        and (_key(words[last + 1].text) or _glued(words[last + 1]))
        and _beside(view, last, last + 1)
    ):
        last += 1
    return words[first].start, words[last].end


def _struck(view: View, context: RunContext) -> bool:
    """Whether a key of the pad is named right beside the digits: "dix-sept zéro un, dièse"."""
    words = view.call.words
    beside = (context.run.first - 1, context.run.last + 1)
    inside = {w.lower for w in words[context.run.first : context.run.last]}
    return bool(inside & SYMBOLS) or any(
        0 <= at < len(words)
        and words[at].turn == context.run.turn
        and words[at].lower in SYMBOLS
        and not words[max(at, context.run.first) if at < context.run.first else at].gap.strip(" ,-")
        for at in beside
    )


def _key(text: str) -> bool:
    lower = text.lower()
    return lower in SYMBOLS or (len(lower) == 1 and lower.isalnum() and (lower not in "àay" or text in "AY"))


def _glued(word: Word) -> bool:
    return not word.gap and word.text.isupper() and len(word.text) <= 3


def _beside(view: View, one: int, other: int) -> bool:
    words = view.call.words
    return words[one].turn == words[other].turn and not words[other].gap.strip(" ,-")
