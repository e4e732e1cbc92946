"""Charts drawn here as SVG: shapes with classes, no script and no style of their own."""

from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a chart 100 units high: nothing is known of its height where it is `withheld`."""

    x: float
    width: float
    height: float
    withheld: bool


def columns(values: Sequence[float | None]) -> list[Column]:
    """One for each value, the largest as high as the chart; one that is withheld as wide and as high as any."""
    most = max((value for value in values if value is not None), default=0) or 1
    step = WIDTH / max(len(values), 1)
    return [
        Column(
            x=round(at * step + step * 0.1, 2),
            width=round(step * 0.8, 2),
            height=100 if value is None else round(100 * value / most, 2),
            withheld=value is None,
        )
        for at, value in enumerate(values)
    ]
