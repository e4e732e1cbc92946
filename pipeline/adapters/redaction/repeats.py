"""What was found once is found wherever it is said again: names, passwords, the agent reading back."""

from collections.abc import Callable, Sequence

from pipeline.adapters.redaction.view import Found, View
from pipeline.model.redaction import SpanType

_SURE = 0.7
_MAIL_HOSTS = frozenset(
    (
        "gmail",
        "orange",
        "free",
        "wanadoo",
        "yahoo",
        "hotmail",
        "outlook",
        "sfr",
        "laposte",
        "icloud",
        "example",
        "exemple",
    )
)


def find_repeats(view: View, found: Sequence[Found], may_repeat: Callable[[str], bool]) -> list[Found]:
    """Further mentions of found names, places and secret words, and of found digits.

    A single word counts when it is no ordinary word, or when it is a secret; a secret of several words only as
    a whole. Digits count from three on.
    """
    names: dict[str, SpanType] = {}
    secrets: set[tuple[str, ...]] = set()
    numbers: dict[str, SpanType] = {}
    call = view.call
    by_start = {c.start: c for c in view.runs}
    for item in found:
        if item.score < _SURE:
            continue
        words = _words(view, item)
        if item.type is SpanType.SECRET and words and item.start not in by_start:
            secrets.add(words)
        elif item.type is SpanType.PERSON:
            names.update({w: item.type for w in words if may_repeat(w) and len(words) <= 6 and not (len(w) <= 3)})
        run = by_start.get(item.start)
        if run is not None and len(run.run.digits) >= 3:
            numbers.setdefault(run.run.digits, item.type)
    out: list[Found] = list(_mail_parts(view, found, may_repeat))
    for at, word in enumerate(call.words):
        if word.lower in names and (word.raw or word.capital):
            out.append(Found(word.start, word.end, names[word.lower], 0.7, "a name found elsewhere in the call"))
        for secret in secrets:
            if word.lower == secret[0] and len("".join(secret)) >= 4:
                last = at + len(secret) - 1
                if last < len(call.words) and tuple(w.lower for w in call.words[at : last + 1]) == secret:
                    out.append(Found(word.start, call.words[last].end, SpanType.SECRET, 0.8, "a secret said again"))
    for context in view.runs:
        kind = numbers.get(context.run.digits)
        if kind is not None:
            out.append(Found(context.start, context.end, kind, 0.75, "a number said again"))
    return out


def _mail_parts(view: View, found: Sequence[Found], may_repeat: Callable[[str], bool]) -> list[Found]:
    """Pieces of a found address read back: a telling word of it with the separators and letters around."""
    parts = {w for item in found if item.type is SpanType.EMAIL for w in _words(view, item)} - _MAIL_HOSTS
    telling = {w for w in parts if len(w) >= 4 and may_repeat(w)}
    joins = parts & {"point", "tiret", "underscore", "arobase"}
    words = view.call.words
    out: list[Found] = []
    for at, word in enumerate(words):
        if word.lower not in telling:
            continue
        first = last = at
        while (
            first
            and words[first - 1].turn == word.turn
            and words[first - 1].lower in parts | joins
            and not words[first].gap.strip(" .-_@")
        ):
            first -= 1
        while (
            last + 1 < len(words)
            and words[last + 1].turn == word.turn
            and words[last + 1].lower in parts | joins
            and not words[last + 1].gap.strip(" .-_@")
        ):
            last += 1
        out.append(Found(words[first].start, words[last].end, SpanType.EMAIL, 0.75, "part of an address said again"))
    return out


def _words(view: View, item: Found) -> tuple[str, ...]:
    first = view.call.word_at(item.start)
    out: list[str] = []
    while first < len(view.call.words) and view.call.words[first].start < item.end:
        out.append(view.call.words[first].lower)
        first += 1
    return tuple(out)
