"""What a court and the parties before it are, as far as periods depend on it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_METROPOLE: Final = frozenset(f"{number:02}" for number in range(1, 96) if number != 20) | {"2A", "2B"}
OVERSEAS: Final = frozenset({"971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988"})
SEATS: Final = _METROPOLE | OVERSEAS
"""The numbers of departments and of collectivities overseas."""
OWN_CIVIL_CODE: Final = {"987": "French Polynesia", "988": "New Caledonia"}
"""Whose courts have a code of civil procedure of their own; those of Wallis and Futuna apply the French one (644)."""


class CourtKind(StrEnum):
    """What kind of decision it is about, which decides its ways of appeal (`callwarden.rules.procedure`)."""

    CIVIL = "civil"
    NON_CONTENTIOUS = "non-contentious"
    REFERE = "refere"
    PRUDHOMMES = "prudhommes"
    PRUDHOMMES_REFERE = "prudhommes-refere"
    ENFORCEMENT = "enforcement"
    CRIMINAL = "criminal"


class Residence(StrEnum):
    """Where a party resides, seen from a court of metropolitan France (CPC 643)."""

    METROPOLE = "metropole"
    OVERSEAS = "overseas"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party under a word that legal has chosen for it, such as ``claimant``: no name (`callwarden.rules.cases`).

    `collectivity` is the number of the one overseas where it resides, where that is known. What ends the ways of a
    party that is never notified does not end those of one that did not appear (CPC 528-1)."""

    party_id: str
    residence: Residence
    collectivity: str | None = None
    appeared: bool = True
