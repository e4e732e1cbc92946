"""What the question just asked makes the next words mean.

"Votre mot de passe ?" types the answer, whatever it is. A question opens an expectation that lives through
the turns that answer it, survives "attendez, je cherche" and the asker's "je vous écoute", and ends when it has been
answered or the asker asks for something else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

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
    """In this turn an answer of kind ``asked`` may come; ``age`` counts the answering turns, from 0."""

    asked: Asked
    asked_in: int
    age: int


def expectations(turns: Sequence[TurnView]) -> list[tuple[Expectation, ...]]:
    """For every turn, what has been asked and may be answered there, newest question first.

    Speakers that are all the same (a mono recording, roles unknown) are taken to alternate.
    """
    one_voice = len({t.speaker for t in turns}) < 2
    out: list[list[Expectation]] = [[] for _ in turns]
    for at, turn in enumerate(turns):
        for asked in turn.asks:
            age = 0
            for later in range(at + 1, min(len(turns), at + 1 + MAX_TURNS)):
                other = turns[later]
                if not one_voice and other.speaker == turn.speaker:
                    if other.asks and asked not in other.asks:
                        break
                    continue
                out[later].append(Expectation(asked, at, age))
                if age >= MAX_ANSWERS:
                    break
                if not (other.empty or other.denies):
                    age += 1
    for row in out:
        row.sort(key=lambda e: (-e.asked_in, e.age))
    return [tuple(row) for row in out]
