"""What a court and the parties before it are, as far as periods depend on it."""

from dataclasses import dataclass
from enum import StrEnum


class CourtKind(StrEnum):
    CIVIL = "civil"
    REFERE = "refere"
    PRUDHOMMES = "prudhommes"
    ENFORCEMENT = "enforcement"
    CRIMINAL = "criminal"


class Residence(StrEnum):
    """Where a party resides, seen from a court of metropolitan France (CPC 643)."""

    METROPOLE = "metropole"
    OVERSEAS = "overseas"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party under a word that legal has chosen for it, such as ``claimant``: no name (`callwarden.rules.cases`)."""

    party_id: str
    residence: Residence
