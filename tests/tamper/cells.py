"""What somebody without the keys can change, cell by cell, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.tamper.town import Town


class Part(StrEnum):
    """Whose bytes are changed."""

    LOG = "the access log"
    CATALOGUE = "the catalogue"
    VAULT = "the vault"
    CHECKPOINTS = "the places of checkpoints"
    JOURNAL = "the erasure journal"
    SEVERAL = "several at once"


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Each of these raises the alarm, nothing that is closed opens and nothing is lost without a word."""

    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Harmless:
    """Nobody raises the alarm, and nobody has to: nothing opens, nothing is lost."""

    because: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Nobody sees what it is. `costs` is what opens or is lost, as the looks name it; `why` is for whoever decides
    about it; `noticed` is what people meet who know how it was before."""

    why: str
    costs: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()


Verdict = SeenBy | Harmless | Limit


@dataclass(frozen=True, slots=True)
class Cell:
    """One change. `costs` of a seen one is what is gone with it, whoever sees it: what was deleted is deleted."""

    part: Part
    what: str
    change: Callable[[Town], None]
    verdict: Verdict
    costs: tuple[str, ...] = ()


def by_sql(*statements: str) -> Callable[[Town], None]:
    """A change by SQL; ``{held}``, ``{trainer}``, ``{C-stands}`` stand for ids."""

    def change(town: Town) -> None:
        names = {**town.ids, **town.token_ids, **town.objections, "glass": town.glass}
        filled = []
        for statement in statements:
            for name, value in names.items():
                statement = statement.replace("{" + name + "}", value)
            filled.append(statement)
        town.sql(*filled)

    return change


def seen(*alarms: str) -> SeenBy:
    return SeenBy(alarms)
