"""Papers that come from the policy: what a paper is, whatever it says, and what papers are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from callwarden.model.ids import PolicyVersion
from callwarden.model.letter import Language, Sender, Words
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy


class PaperKind(StrEnum):
    """Papers that come from the policy, by the name commands and routes call them."""

    REGISTER = "register"
    """The record of processing activities (GDPR, article 30(1))."""
    SCHEDULE = "schedule"
    """How long each kind of data is kept."""
    SUBCONTRACTORS = "subcontractors"
    """Who works on the data for the controller, and where they lie (article 28)."""
    DPIA = "dpia"
    """What the system enforces, by risk: an annex of the impact assessment (article 35)."""
    MATRICES = "matrices"
    """Who may read what, and who may do what."""
    NOTICE = "notice"
    """What callers are told (articles 13 and 14)."""
    STAFF_NOTICE = "staff-notice"


NOTICES: Final = frozenset({PaperKind.NOTICE, PaperKind.STAFF_NOTICE})
"""Papers in sentences; the others are tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDates:
    """Of a sheet of the register: when its line or processing first appeared, and when what it says last changed; None
    where an older version noted the policies."""

    created: date | None
    updated: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What papers are made from. `sender` is None where nobody has written who is responsible; `dates` are of the
    register's sheets, by reference, none where the policy is in force in no system."""

    policy: Policy
    words: Words
    sender: Sender | None
    evaluations_kept: CalendarPeriod
    today: date
    dates: Mapping[str, SheetDates] = field(default_factory=dict)


Cells = Mapping[str, tuple[str, ...]]
"""One row: what stands in each column, by the column's code; a column may hold several things, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`columns` are codes and labels. Where there are `sections` each row is read by itself, as a sheet: of each its
    title and the columns that stand in it; a section without any is the paper's first table."""

    code: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Cells, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. `missing` says, in words, what must be written before anybody relies on it."""

    kind: PaperKind
    language: Language
    title: str
    lead: str
    stamp: str
    """The policy's version and the day, in words: every paper carries it."""
    policy_version: PolicyVersion
    made_on: date
    missing_title: str
    missing: tuple[str, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What callers of one line are told at the beginning of a call; empty where the line is not recorded. `seconds` is
    how long it takes to say."""

    line: str
    text: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice: the whole of it as one HTML page and, for callers, what is said at the beginning of a call, by line."""

    kind: PaperKind
    language: Language
    title: str
    policy_version: PolicyVersion
    made_on: date
    missing_title: str
    missing: tuple[str, ...]
    page: str
    announcements: tuple[Announcement, ...] = ()
