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


def columns(values: Sequence[float | None], widths: Sequence[int] = ()) -> list[Column]:
    """One for each value, the largest as high as the chart, one that is withheld as high as any. `widths` are how many
    times as wide as the narrowest each is; all are as wide where none are given."""
    most = max((value for value in values if value is not None), default=0) or 1
    widths = widths or [1] * len(values)
    step = WIDTH / max(sum(widths), 1)
    found, at = list[Column](), 0
    for value, width in zip(values, widths, strict=True):
        found.append(
            Column(
                x=round((at + 0.1) * step, 2),
                width=round((width - 0.2) * step, 2),
                height=100 if value is None else round(100 * value / most, 2),
                withheld=value is None,
            )
        )
        at += width
    return found
