"""Whether a group of calls is large enough, and nobody's in particular (U6)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from callwarden.model.figure import Cell, Contribution
from callwarden.model.policy import FigureMinimums

Name = str | None
"""A caller or an employee; None: somebody of whom nobody knows who it is."""
_COUNT = ""
"""How many there are, among the amounts."""


class Tally:
    """What contributions add up to, in all and by person."""

    __slots__ = ("callers", "employees", "totals")

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()
        self.callers: dict[str, Counter[Name]] = {_COUNT: Counter()}
        self.employees: dict[str, Counter[Name]] = {_COUNT: Counter()}

    @property
    def count(self) -> int:
        """How many."""
        return self.totals[_COUNT]

    @property
    def amounts(self) -> Mapping[str, int]:
        """The sums of everything else that is added up."""
        return {name: total for name, total in sorted(self.totals.items()) if name != _COUNT}

    def add(self, contributions: Iterable[Contribution]) -> None:
        """Raises ValueError for an amount below 0: what is added up must not hide what is taken off."""
        for one in contributions:
            if one.count < 1 or min(one.amounts.values(), default=0) < 0:
                raise ValueError("a contribution is at least one, and none of its amounts is below 0")
            for name, amount in ((_COUNT, one.count), *one.amounts.items()):
                self.totals[name] += amount
                self.callers.setdefault(name, Counter())[one.caller] += amount
                self.employees.setdefault(name, Counter())[one.employee] += amount

    def merge(self, other: "Tally") -> None:
        """Add what the other has."""
        self.totals.update(other.totals)
        for mine, theirs in ((self.callers, other.callers), (self.employees, other.employees)):
            for name, people in theirs.items():
                mine.setdefault(name, Counter()).update(people)

    def meets(self, minimums: FigureMinimums) -> bool:
        """Whether it is of enough callers and of enough employees, and no one's by more than the share.

        Who is unknown counts as nobody among them, and as one and the same person of whom most might be.
        """
        return _meets(self.callers, minimums.callers, minimums, self.totals) and _meets(
            self.employees, minimums.employees, minimums, self.totals
        )


class Group:
    """Cells together: what is counted of them, and what is left of all calls (see `Cell.rests`)."""

    __slots__ = ("counted", "rests")

    def __init__(self, cells: Iterable[Cell] = ()) -> None:
        self.counted = Tally()
        self.rests: list[Tally] = []
        for cell in cells:
            self.counted.add(cell.contributions)
            for tally, rest in zip(self._rests(len(cell.rests)), cell.rests, strict=False):
                tally.add(rest)

    def merge(self, other: "Group") -> None:
        """Add the other's cells."""
        self.counted.merge(other.counted)
        for tally, rest in zip(self._rests(len(other.rests)), other.rests, strict=False):
            tally.merge(rest)

    def is_empty(self) -> bool:
        """Whether there was nothing at all."""
        return not (self.counted.count or any(rest.count for rest in self.rests))

    def may_be_told(self, minimums: FigureMinimums) -> bool:
        """Whether its figure points at nobody; what is left when it is taken off all of its calls must not, either."""
        return self.counted.meets(minimums) and self.rest_may_be_told(minimums)

    def rest_may_be_told(self, minimums: FigureMinimums) -> bool:
        """Whether what is left, where something is, points at nobody."""
        return all(rest.meets(minimums) for rest in self.rests)

    def _rests(self, many: int) -> list[Tally]:
        self.rests += [Tally() for _ in range(many - len(self.rests))]
        return self.rests


def _meets(
    people: Mapping[str, Counter[Name]], least: int, minimums: FigureMinimums, totals: Mapping[str, int]
) -> bool:
    if len(people[_COUNT].keys() - {None}) < least:
        return False
    share = Fraction(minimums.share)
    return all(max(of.values()) <= share * totals[name] for name, of in people.items() if of)
