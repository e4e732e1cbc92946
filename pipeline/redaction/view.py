"""Everything the recognisers of one language look at in one call, worked out once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from callwarden.model.redaction import KnownFacts, SpanType
from callwarden.redaction.deadline import Deadline
from callwarden.redaction.dialogue import Asked, Expectation
from callwarden.redaction.numbers import Run
from callwarden.redaction.words import CallText


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity the language model saw; offsets in the joined text."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class RunContext:
    """A run of numbers with what gives it a meaning: the nearest label before it in its turn, and what was
    asked. ``alone`` when its turn holds next to nothing else."""

    run: Run
    start: int
    end: int
    label: Asked | None
    label_distance: int
    asked: tuple[Expectation, ...]
    alone: bool
    quantity: bool
    before: str = field(repr=False)

    def found(self, kind: SpanType, score: float, why: str) -> "Found":
        """The run as a finding."""
        return Found(self.start, self.end, kind, score, why)

    def means(self, kind: Asked) -> bool:
        """The label says so, or no label speaks against it and the question asked for it."""
        if self.label is not None and self.label_distance < 60:
            return self.label is kind
        return any(e.asked is kind and (e.age == 0 or self.alone) for e in self.asked)

    def near(self, kind: Asked) -> bool:
        """A label of the kind stands right before the run."""
        return self.label is kind and self.label_distance <= 20


@dataclass(frozen=True, slots=True)
class View:
    """One call, read: its words, runs of numbers, questions, named entities, and the language's dictionary."""

    call: CallText
    runs: tuple[RunContext, ...]
    expected: tuple[tuple[Expectation, ...], ...]
    asks: tuple[tuple[Asked, ...], ...]
    entities: tuple[Entity, ...]
    dictionary: Any
    known: KnownFacts
    birth_years: tuple[int, int]
    deadline: Deadline
    own_words: frozenset[str]

    def found(self, first: int, last: int, kind: SpanType, score: float, why: str) -> "Found":
        """The words from ``first`` to ``last``, included, as a finding."""
        return Found(self.call.words[first].start, self.call.words[last].end, kind, score, why)

    def expects(self, turn: int, *kinds: Asked) -> Expectation | None:
        """The open question of one of these kinds that is most likely answered in this turn."""
        found = [e for e in self.expected[turn] if e.asked in kinds]
        return min(found, key=lambda e: e.age) if found else None


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found: joined offsets, how sure it is, and why (without the words themselves)."""

    start: int
    end: int
    type: SpanType
    score: float
    why: str

    @classmethod
    def of(cls, match: re.Match[str], kind: SpanType, score: float, why: str, *, group: int | str = 0) -> "Found":
        """What a pattern fits in the joined text, or a group of it."""
        return cls(match.start(group), match.end(group), kind, score, why)


Rule = Callable[[View], Iterator[Found]]
"""A rule looks at the whole call and says what it found in it."""
