"""Is this password good enough? Length, and not one that is tried first (NIST SP 800-63B-4, 3.1.1.2).

Without a list: of the 48 passwords of 15 characters or more among the 20,000 most used (as Django has them) these rules
refuse 30; the others are names and single long words, or look as random as a good one.
"""

import re
from enum import StrEnum
from itertools import pairwise
from typing import Final

from callwarden.rules.people import person

SHORTEST: Final = 15
LONGEST: Final = 128
"""Characters; whatever they are, spaces too: no kind of character is asked for."""

_LEAST_DIFFERENT: Final = 5
_KEYBOARDS: Final = (
    ("1234567890", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"),
    ("1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!"),
)
_STANDS_FOR: Final = str.maketrans("@4831!05$7", "aabeiiosst")
_WORDS_TRIED: Final = """
password passwort passw motdepasse mdp azerty azertyuiop qwerty qwertyuiop qwertz qsdfghjklm asdfghjkl wxcvbn zxcvbnm
admin administrateur administrator root user utilisateur login welcome bienvenue bonjour soleil doudou loulou marseille
chouchou iloveyou jetaime jtm letmein secret changeme changezmoi monkey dragon football superman batman princess
princesse sunshine master trustno nicolas camille chocolat france paris niort test demo default defaut temporaire
callwarden trainer supervisor legal dpo investigator analyst auditor operator telephony
correcthorsebatterystaple
"""
_FIRST_TRIED: Final = frozenset(_WORDS_TRIED.split())
"""What remains of the passwords that are tried first once digits and signs are taken away; French and English."""


class PasswordFault(StrEnum):
    """Why a password is not taken; `WORDS` says it."""

    SHORT = "password_short"
    LONG = "password_long"
    COMMON = "password_common"
    NAMES_ACCOUNT = "password_names_account"


WORDS: Final = {
    PasswordFault.SHORT: f"it has fewer than {SHORTEST} characters: several words make a good one",
    PasswordFault.LONG: f"it has more than {LONGEST} characters",
    PasswordFault.COMMON: "it is one of those that are tried first: take several words that do not belong together",
    PasswordFault.NAMES_ACCOUNT: "it holds the account's name",
}


def password_faults(password: str, *, name: str) -> tuple[PasswordFault, ...]:
    """What is wrong with a password for the account of this name; empty where nothing is."""
    if len(password) < SHORTEST:
        return (PasswordFault.SHORT,)
    if len(password) > LONGEST:
        return (PasswordFault.LONG,)
    found = []
    if _is_common(password):
        found.append(PasswordFault.COMMON)
    if any(len(part) > 3 and part in person(password) for part in re.split(r"[._@-]", person(name))):
        found.append(PasswordFault.NAMES_ACCOUNT)
    return tuple(found)


def _is_common(password: str) -> bool:
    plain = person(password)
    if len(set(plain)) < _LEAST_DIFFERENT or _is_row(plain) or _is_walk(plain):
        return True
    if any(plain == plain[:size] * (len(plain) // size) for size in range(1, len(plain) // 2 + 1)):
        return True
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    letters = {re.sub(r"[^a-z]", "", each) for each in (plain, core.translate(_STANDS_FOR))}
    return any(_is_tried_first(word) for word in letters if word)


def _is_row(plain: str) -> bool:
    """Whether most characters follow their neighbour, as 123456789012 and abcdefghijkl do."""
    steps = [ord(after) - ord(before) for before, after in pairwise(plain)]
    return sum(step in (-1, 0, 1) for step in steps) > 0.7 * len(steps)


def _is_walk(plain: str) -> bool:
    """Whether most characters are neighbours on a keyboard, as qsdfghjklm and 1q2w3e4r5t6y are."""
    for keyboard in _KEYBOARDS:
        at = {key: (x, y) for y, row in enumerate(keyboard) for x, key in enumerate(row)}
        places = [at.get(letter) for letter in plain]
        near = sum(
            one is not None and other is not None and abs(one[0] - other[0]) < 2 and abs(one[1] - other[1]) < 2
            for one, other in pairwise(places)
        )
        if near > 0.7 * (len(plain) - 1):
            return True
    return False


def _is_tried_first(word: str) -> bool:
    """Whether it is a word that is tried first, once or several times over."""
    return any(word == part * (len(word) // len(part)) for part in _FIRST_TRIED)
