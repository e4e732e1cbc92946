"""A call read as it was meant where its recogniser wrote other words of the same sound, and the way back."""

import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from callwarden.model.redaction import Turn


@dataclass(frozen=True, slots=True)
class Change:
    """From ``start`` to ``end`` of a turn as it is written, ``text`` is what was meant."""

    start: int
    end: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Respelled:
    """The turns as they are to be read. ``edges`` pairs offsets, first in the joined text as it is read, then as it is
    written: the start and end of everything that was changed, in order."""

    turns: tuple[Turn, ...]
    edges: tuple[tuple[int, int], ...]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the joined text as read in the one as written: changed words are taken whole."""
        return self._back(start, end=False), self._back(end, end=True)

    def _back(self, at: int, *, end: bool) -> int:
        index = bisect_right(self.edges, (at, sys.maxsize))
        if not index:
            return at
        read, written = self.edges[index - 1]
        if index % 2 == 0:  # behind a change
            return written + at - read
        return self.edges[index][1] if end and at > read else written


Respell = Callable[[Sequence[Turn]], Respelled]


def as_written(turns: Sequence[Turn]) -> Respelled:
    """Nothing is changed."""
    return changed(turns, [()] * len(turns))


def changed(turns: Sequence[Turn], changes: Sequence[Sequence[Change]]) -> Respelled:
    """The turns with the changes of each, which are in order and apart from each other."""
    made: list[Turn] = []
    edges: list[tuple[int, int]] = []
    read = written = 0
    for turn, ones in zip(turns, changes, strict=True):
        text = turn.text
        for one in reversed(ones):
            text = text[: one.start] + one.text + text[one.end :]
        shift = read - written
        for one in ones:
            edges.append((written + one.start + shift, written + one.start))
            shift += len(one.text) - (one.end - one.start)
            edges.append((written + one.end + shift, written + one.end))
        made.append(replace(turn, text=text) if ones else turn)
        read, written = read + len(text) + 1, written + len(turn.text) + 1
    return Respelled(tuple(made), tuple(edges))
