"""Redacted turns as pages show them: text, and in place of each placeholder what it says was there."""

import re
from collections.abc import Iterator
from typing import Final

from callwarden.model.search import Hit
from callwarden.rules.turn_portions import ShownTurn

SOUGHT: Final = "sought"
_PLACEHOLDER: Final = re.compile(r"\[([A-Z][A-Z_]*?)(?:_([0-9]+))?\]")
_NUMBER: Final = re.compile(r"_([0-9]+)\]$")


def pieces(shown: ShownTurn) -> Iterator[tuple[str, str | None]]:
    """``(text, None)``, and ``(number in this call or nothing, type)`` for what was taken out."""
    text, at = shown.turn.text, 0
    for badge in shown.badges:
        if badge.start > at:
            yield text[at : badge.start], None
        number = _NUMBER.search(text[badge.start : badge.end])
        yield number[1] if number else "", badge.type
        at = badge.end
    if at < len(text):
        yield text[at:], None


def snippet(hit: Hit) -> Iterator[tuple[str, str | None]]:
    """Text around what was looked for, which is `SOUGHT`; what was taken out as in `pieces`."""
    at = 0
    for start, end in hit.marks:
        yield from _taken_out(hit.snippet[at:start])
        yield hit.snippet[start:end], SOUGHT
        at = end
    yield from _taken_out(hit.snippet[at:])


def _taken_out(text: str) -> Iterator[tuple[str, str | None]]:
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        yield text[at : found.start()], None
        yield found[2] or "", found[1]
        at = found.end()
    yield text[at:], None


def times(shown: ShownTurn) -> str:
    """When each word begins, in hundredths of a second after the turn does; nothing where that is not known."""
    start = round(shown.turn.start_s * 100)
    return " ".join(str(max(0, round(word.start_s * 100) - start)) for word in shown.turn.words)
