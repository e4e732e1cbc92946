"""Somebody who keeps every answer they ever got, and does linear algebra with them."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog  # type: ignore[import-untyped]

Known = Mapping[frozenset[Hashable], int]
"""Sets of cells, and the sum that was told of each."""


def determines(known: Known, target: Collection[Hashable]) -> bool:
    """Whether sums and differences of what is known are exactly the `target`: Gauss, in fractions."""
    cells = sorted({cell for group in known for cell in group} | set(target), key=repr)
    reduced: list[dict[int, Fraction]] = []
    at = {cell: number for number, cell in enumerate(cells)}
    for group in known:
        row = _less({at[cell]: Fraction(1) for cell in group}, reduced)
        if row:
            reduced.append(row)
    return not _less({at[cell]: Fraction(1) for cell in target}, reduced)


def interval(known: Known, target: Collection[Hashable]) -> tuple[float, float]:
    """The least and the most that the `target` can be, where no cell is below nothing: linear programming."""
    cells = sorted({cell for group in known for cell in group} | set(target), key=repr)
    aim = np.array([1.0 if cell in target else 0.0 for cell in cells])
    if not known:
        return 0.0, float("inf")
    told = np.array([[1.0 if cell in group else 0.0 for cell in cells] for group in known])
    sums = np.array(list(known.values()), dtype=float)
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * aim, A_eq=told, b_eq=sums, method="highs")
        ends.append(sign * found.fun if found.status == 0 else float("inf"))
    return ends[0], ends[1]


def _less(row: dict[int, Fraction], reduced: Sequence[dict[int, Fraction]]) -> dict[int, Fraction]:
    """What is left of a row when all others are taken off as often as they go in; each of them leads elsewhere."""
    for other in reduced:
        lead = min(other)
        if lead in row:
            times = row[lead] / other[lead]
            for cell, value in other.items():
                row[cell] = row.get(cell, Fraction(0)) - times * value
                if not row[cell]:
                    del row[cell]
    return row
