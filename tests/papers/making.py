"""Papers for tests: from the text of a policy, in the words that are shipped."""

from datetime import date
from functools import lru_cache

import yaml

from callwarden.adapters.correspondence.book import TemplatedLetters
from callwarden.adapters.policy.file import read_policy
from callwarden.desks.papers import PaperDesk
from callwarden.model.letter import Language
from callwarden.model.paper import PaperKind
from callwarden.model.period import CalendarPeriod
from callwarden.rules.papers.plain import plain
from callwarden.shipped import shipped_config
from callwarden.wiring.papers import as_sheets
from tests.support.site import MovableClock

SHIPPED = (shipped_config() / "policy.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 11, 20)
Tree = dict[str, object]


def tree() -> dict:
    """The shipped policy."""
    return yaml.load(SHIPPED, Loader=yaml.BaseLoader)


@lru_cache
def book() -> TemplatedLetters:
    return TemplatedLetters(shipped_config() / "letters")


def desk(policy: dict) -> PaperDesk:
    """Makes papers from a policy that is nowhere in force."""
    return PaperDesk(
        policy=read_policy(yaml.safe_dump(policy), name="policy.yaml"),
        clock=MovableClock(),
        book=book(),
        evaluations_kept=lambda: CalendarPeriod(months=12),
        dates=dict,
        sheets=as_sheets,
    )


def text(policy: dict, kind: PaperKind, language: Language) -> str:
    """A paper's words, without the version, which anything changes."""
    return said_in(desk(policy), kind, language)


def said_in(made: PaperDesk, kind: PaperKind, language: Language) -> str:
    """The same of a policy that is read already."""
    return plain(made.made(kind, language)).replace(made.policy.version, "VERSION")
