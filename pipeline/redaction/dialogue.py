"""What the question just asked makes the next words mean.

"Votre mot de passe ?" types the answer, whatever it is. A question opens an expectation that lives through
the turns that answer it, survives "attendez, je cherche" and the asker's "je vous écoute", and ends when it has been
answered or the asker asks for something else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from callwarden.model.redaction import OpenQuestion
from callwarden.redaction.lexicon import lexicon

MAX_ANSWERS = 4
MAX_TURNS = 9


class Asked(StrEnum):
    """What a question asks for."""

    NAME = "name"
    SPELLING = "spelling"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"
    BIRTH = "birth"
    SECRET = "secret"  # noqa: S105  # a kind of question, not a secret
    SECURITY = "security"
    PLATE = "plate"
    ID_NUMBER = "id_number"
    HEALTH = "health"
    IP = "ip"
    PREMISES = "premises"
    DISPLAY = "display"
    """What a device shows: an error's number, nobody's secret."""


def read_cues(language: str) -> tuple[tuple[Asked, re.Pattern[str]], ...]:
    """The words by which one asks for each kind of thing, in the order of the language's ``cues.txt``."""
    lists = lexicon(language, "cues")
    return tuple((Asked(kind), lists.pattern(kind, r"(?<!\w)")) for kind in lists)


@dataclass(frozen=True, slots=True)
class TurnView:
    """What the language's cues say about one turn. ``empty``: nothing but assent, deferral or filler."""

    speaker: str
    asks: tuple[Asked, ...]
    empty: bool
    denies: bool


@dataclass(frozen=True, slots=True)
class Expectation:
    """In this turn an answer of kind ``asked`` may come; ``asked_in`` is the asking turn, negative when it came before
    the first one; ``age`` counts the answering turns, from 0."""

    asked: Asked
    asked_in: int
    age: int


def follow(turns: Sequence[TurnView], opening: Sequence[OpenQuestion] = ()) -> tuple[tuple[Expectation, ...], ...]:
    """For every turn what has been asked and may be answered there, newest question first; ``opening`` were open
    before the first one.

    Speakers that are all the same (a mono recording, roles unknown) are taken to alternate.
    """
    one_voice = len({t.speaker for t in turns} | {q.speaker for q in opening}) < 2
    alive = [_Open(Asked(q.asked), q.speaker, -q.turns_ago, 0) for q in opening]
    rows: list[tuple[Expectation, ...]] = []
    for at, turn in enumerate(turns):
        row: list[Expectation] = []
        kept: list[_Open] = []
        for question in alive:
            if at - question.asked_in > MAX_TURNS:
                continue
            if not one_voice and question.speaker == turn.speaker:
                if question.asked in turn.asks or not turn.asks:
                    kept.append(question)
                continue
            row.append(Expectation(question.asked, question.asked_in, question.age))
            if question.age < MAX_ANSWERS:
                kept.append(question if turn.empty or turn.denies else replace(question, age=question.age + 1))
        rows.append(tuple(sorted(row, key=lambda e: (-e.asked_in, e.age))))
        alive = [*kept, *(_Open(asked, turn.speaker, at, 0) for asked in turn.asks)]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Open:
    asked: Asked
    speaker: str
    asked_in: int
    age: int
