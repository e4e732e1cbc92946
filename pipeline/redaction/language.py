"""What a language brings to the finder; another language is another folder that builds one of these."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callwarden.redaction.dialogue import Expectation, TurnView
from callwarden.redaction.entities import EntityReader
from callwarden.redaction.numbers import Run
from callwarden.redaction.respelling import Respell, as_written
from callwarden.redaction.utterances import FindEnds
from callwarden.redaction.view import Found, Rule, RunContext, View
from callwarden.redaction.words import CallText

ReadContexts = Callable[[CallText, Sequence[Run], Sequence[Sequence[Expectation]]], list[RunContext]]

SecondReading = Callable[[View, Sequence[Found]], list[Found]]


def as_found(_view: View, found: Sequence[Found]) -> list[Found]:
    """Nobody reads a second time."""
    return list(found)


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how to read its numbers, questions and names, and its rules, each with its name."""

    code: str
    find_runs: Callable[[CallText], list[Run]]
    find_ends: FindEnds
    view_turns: Callable[[CallText], list[TurnView]]
    read_contexts: ReadContexts
    entities: EntityReader
    dictionary: object
    rules: Sequence[tuple[str, Rule]]
    of_presidio: Sequence[str]
    """Class names of the recognisers Presidio ships that are asked as well."""
    may_repeat: Callable[[str], bool]
    widen: Callable[[View, Found], Found]
    """Takes in what stands before a finding and belongs to it."""
    announcing: Sequence[re.Pattern[str]]
    """What is said right before something personal, in small letters with straight apostrophes."""
    is_common: Callable[[str], bool]
    """Whether everybody says this word (in small letters) every day."""
    second: SecondReading = as_found
    """Looks at the whole call again, with what the rules found; says what of it counts and what else is there."""
    respell: Respell = as_written
    """Reads what was written for other words of the same sound."""
