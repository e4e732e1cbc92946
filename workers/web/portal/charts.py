"""Charts drawn here as SVG: shapes with classes, no script and no style of their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 1000.0
"""User units of a chart's width; the page scales it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a bar: `x` and `width` in user units, `share` of the whole."""

    code: str
    count: int
    share: float
    x: float
    width: float


def stacked(counts: Iterable[tuple[str, int]]) -> list[Segment]:
    """One bar in which each part is as long as its share; what is nothing is left out."""
    parts = [(code, count) for code, count in counts if count > 0]
    whole = sum(count for _, count in parts)
    found, x = list[Segment](), 0.0
    for code, count in parts:
        width = WIDTH * count / whole
        found.append(Segment(code=code, count=count, share=count / whole, x=round(x, 2), width=round(width, 2)))
        x += width
    return found
