"""What was found once is found wherever it is said again: names, passwords, the agent reading back."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from callwarden.model.redaction import SpanType
from callwarden.model.transcript import KEYED
from callwarden.redaction.lexicon import lexicon
from callwarden.redaction.view import Found, RunContext, View

_NUMBERS = lexicon("digits", "numbers")

_SURE = 0.7
ECHO_TURNS = 4
_NUMBERED = frozenset(
    (
        SpanType.PHONE,
        SpanType.CREDIT_CARD,
        SpanType.IBAN,
        SpanType.NATIONAL_ID,
        SpanType.ID_NUMBER,
        SpanType.LICENCE_PLATE,
        SpanType.SECRET,
        SpanType.IP,
        SpanType.DATE_OF_BIRTH,
    )
)
_IN_PIECES = frozenset((SpanType.IBAN, SpanType.CREDIT_CARD, SpanType.ID_NUMBER))
_GOES_ON = _NUMBERS.pattern("goes_on", r"\W*(?:", r"\W*){0,6}")
_INSTEAD = _NUMBERS.pattern("instead", r"\W*", r"\W*(?:\w+\W+){0,2}")
_MAIL_HOSTS = _NUMBERS.words("mail_hosts")


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
        if item.score < _SURE or call.text[item.start : item.end] == KEYED:
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
            out.append(context.found(kind, 0.75, "a number said again"))
    out += _echoes(view, found)
    out += _continued(view, found)
    out += _corrected(view, [*found, *out])
    return out


def _echoes(view: View, found: Sequence[Found]) -> list[Found]:
    """Pieces of a number said back within a few turns: "quarante-deux zéro sept" – "zéro sept, ok".

    Two digits count at the head of a turn or alone in it; three digits and letters anywhere.
    """
    sure = sorted((f for f in found if f.score >= _SURE and f.type in _NUMBERED), key=lambda f: f.start)
    said: dict[int, list[tuple[str, str, SpanType]]] = {}
    covered: set[int] = set()
    for context in view.runs:
        for item in sure:
            if item.start < context.end and context.start < item.end:
                said.setdefault(context.run.turn, []).append((_signs(context), _spoken(view, context), item.type))
                covered.add(context.start)
                break
    out: list[Found] = []
    for context in view.runs:
        if context.start in covered or (context.quantity and len(context.run.digits) < 4):
            continue
        signs, spoken = _signs(context), _spoken(view, context)
        short = len(signs) < 3
        if len(signs) < 2 or (short and not (_heads(view, context) or context.alone)):
            continue
        for turn in range(context.run.turn - 1, max(context.run.turn - ECHO_TURNS, 0) - 1, -1):
            back = turn == context.run.turn - 1
            whole = "".join(s for s, _, _ in said.get(turn, ()))
            words = " ".join(w for _, w, _ in said.get(turn, ()))
            if (signs in whole or f" {spoken} " in f" {words} ") and (back or not short):
                kind = said[turn][0][2]
                out.append(context.found(kind, 0.7, "part of a number said back"))
                said.setdefault(context.run.turn, []).append((signs, spoken, kind))
                break
    return out


def _continued(view: View, found: Sequence[Found]) -> list[Found]:
    """Pieces of an account or card that go on in the same turn: "cinquante-six, et pour finir cent quarante-trois"."""
    sure = [f for f in found if f.score >= _SURE and f.type in _IN_PIECES]
    out: list[Found] = []
    if not sure:
        return out
    for before, context in pairwise(view.runs):
        if before.run.turn != context.run.turn or context.quantity:
            continue
        kind = next((f.type for f in (*sure, *out) if f.start < before.end and before.start < f.end), None)
        if kind is not None and _GOES_ON.fullmatch(view.call.text, before.end, context.start):
            out.append(context.found(kind, 0.7, "the next piece of an account or card"))
    return out


def _corrected(view: View, found: Sequence[Found]) -> list[Found]:
    """Digits said instead of those read back right before: "quatre sept un huit ?" – "non, neuf"."""
    kinds = {view.call.turn_at(f.start): f.type for f in found if f.type in _NUMBERED}
    out: list[Found] = []
    for context in view.runs:
        turn = context.run.turn
        before = view.call.text[view.call.turn_starts[turn] : context.start]
        if turn - 1 in kinds and not context.quantity and context.alone and _INSTEAD.fullmatch(before):
            out.append(context.found(kinds[turn - 1], 0.7, "digits said instead of those read back"))
    return out


def _signs(context: RunContext) -> str:
    return "".join(a.digits for a in context.run.atoms)


def _spoken(view: View, context: RunContext) -> str:
    words = view.call.words
    return " ".join(w.lower for a in context.run.atoms for w in words[a.first : a.last + 1])


def _heads(view: View, context: RunContext) -> bool:
    """Whether the run stands at the head of its turn, a word or two apart."""
    return context.run.first - view.call.turn_words[context.run.turn][0] <= 1


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
