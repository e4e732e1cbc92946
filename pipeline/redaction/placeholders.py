"""Typed placeholders, stable inside one call: the same name is [PERSON_1] wherever it is said.

Numbers are given in the order things are first said and mean nothing outside the call; no key or table from
which the words could be had back is made or kept.
"""

import unicodedata
from collections.abc import Sequence

from callwarden.model.redaction import RedactedText, Span, SpanType, Turn
from callwarden.model.transcript import KEYED

# Types whose mentions may name one thing in several ways ("Hélène Marchand", "madame Marchand").
_NAMED = (SpanType.PERSON,)


def redact(turns: Sequence[Turn], spans: Sequence[Span]) -> RedactedText:
    """The turns with every span replaced by its placeholder.

    ``spans`` are sorted by turn and start, lie inside their turns and do not overlap (`spans.resolve`).
    Raises `ValueError` when they do not: half a replacement would leave half a secret.
    """
    names = _Names()
    out: list[Turn] = []
    at = 0
    for number, turn in enumerate(turns):
        pieces: list[str] = []
        end = 0
        while at < len(spans) and spans[at].turn == number:
            span = spans[at]
            if span.start < end or span.end > len(turn.text):
                raise ValueError(f"span {at} overlaps another or leaves its turn")
            pieces += [turn.text[end : span.start], names.placeholder(span.type, turn.text[span.start : span.end])]
            end = span.end
            at += 1
        pieces.append(turn.text[end:])
        out.append(Turn(speaker=turn.speaker, text="".join(pieces)))
    if at < len(spans):
        raise ValueError(f"span {at} is out of order or belongs to no turn")
    return RedactedText(turns=tuple(out), spans=tuple(spans))


class _Names:
    """Numbers given so far in one call; forgotten with it."""

    def __init__(self) -> None:
        self._numbers: dict[SpanType, list[tuple[str, ...]]] = {}

    def placeholder(self, kind: SpanType, text: str) -> str:
        if text == KEYED:
            return KEYED
        key = _key(text)
        given = self._numbers.setdefault(kind, [])
        for number, other in enumerate(given, start=1):
            if other == key or (kind in _NAMED and _same_name(other, key)):
                return f"[{kind}_{number}]"
        given.append(key)
        return f"[{kind}_{len(given)}]"


def _key(text: str) -> tuple[str, ...]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return tuple("".join(c if c.isalnum() else " " for c in plain).split())


def _same_name(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """One is the last part of the other: the surname alone, or with a title before it."""
    short, long = sorted((a, b), key=len)
    return bool(short) and long[-len(short) :] == short
