"""The policy as values: what a company promises, stated per line. Nothing of it is hard-coded elsewhere."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.model.access import Readable, Role
from callwarden.model.ids import LineId, PolicyVersion
from callwarden.model.period import CalendarPeriod
from callwarden.model.purpose import Purpose


class WhenUnknown(StrEnum):
    """What to do with a recording whose event does not say whether the caller objected."""

    RECORD = "record"
    REFUSE = "refuse"
    WAIT = "wait"


class WhenUntold(StrEnum):
    """What to do with a recording whose caller was not told, or not to the end, that the call is recorded."""

    RECORD = "record"
    QUARANTINE = "quarantine"
    REFUSE = "refuse"


class WhenUnlike(StrEnum):
    """What to do with a recording whose audio is not what its event says: another length, other channels."""

    NOTE = "note"
    QUARANTINE = "quarantine"


FEWEST_CALLERS: Final = 3
"""Of two, each would know the other."""
FEWEST_EMPLOYEES: Final = 2

QUARTER: Final = CalendarPeriod(months=3)
EEA: Final = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
"""The European Economic Area (K5; ISO 3166)."""


class LegalBasis(StrEnum):
    """Article 6(1) GDPR."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePolicy:
    """One line's rules.

    `share` is the part of calls recorded, 0 (never) to 1 (all), decided reproducibly from the call id (R5).
    `wait` is how long an unknown objection is waited for, counted from the end of the call.
    """

    line: LineId
    share: Decimal
    retention: CalendarPeriod
    objection_honoured: bool
    when_unknown: WhenUnknown
    wait: timedelta
    transcription: bool
    notice: WhenUntold = WhenUntold.RECORD
    name: tuple[tuple[str, str], ...] = ()
    """What people call it: language (ISO 639-1) and words."""
    audio_retention: CalendarPeriod | None = None
    """How long all but the redacted transcript is kept, from the end of the call; None: as long as that."""
    to_object: tuple[tuple[str, str], ...] = ()
    """How a caller objects during the call, in the words of notices: language and words."""
    longer_for_stored: str | None = None
    """Why a longer period may count for what is stored already; None: it never does."""

    def __post_init__(self) -> None:
        if not Decimal(0) <= self.share <= Decimal(1):
            raise ValueError("a share lies between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One line of the access matrix. Empty `lines` narrow nothing.

    `own_calls_only`: of the calls the person took. `team_only`: of the agents in the person's charge.
    `break_glass`: only with a second person's approval, for a limited time.
    """

    role: Role
    purposes: frozenset[Purpose]
    artefacts: frozenset[Readable]
    lines: frozenset[LineId] = frozenset()
    own_calls_only: bool = False
    team_only: bool = False
    break_glass: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what is taken in."""

    max_audio_bytes: int
    max_duration: timedelta
    max_channels: int
    max_clock_ahead: timedelta
    """How far a telephone system's clock may run ahead before a call counts as dated in the future."""
    max_call_length: timedelta
    """A call that claims to have lasted longer has no credible time."""
    times_off: timedelta = timedelta(minutes=1)
    """How far the length of the audio may be from that of the call."""
    when_unlike: WhenUnlike = WhenUnlike.NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLimits:
    """What a sweep may do by itself; beyond, two people decide."""

    clock_within: timedelta
    """How far the clock may stand from the last instant that was believed."""
    at_most: int
    """How many recordings one sweep destroys."""
    share: Decimal
    """Or this part of all that are kept, 0 to 1, where that is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLimits:
    """How many recordings one person may have held at once; beyond, a justification and a second person."""

    at_most: int
    share: Decimal
    """Or this part of all that are kept, 0 to 1, where that is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualReading:
    """From what on an auditor is shown that somebody reads otherwise than usual."""

    times: Decimal = Decimal(3)
    """More than so many times what is usual: of their own days, or of others of their role."""
    at_least: int = 20
    """Fewer recordings on one day are never too many."""
    from_hour: int = 6
    to_hour: int = 22
    """Hours of the policy's zone, from the one and before the other, out of which each reading is shown."""
    days: int = 30
    """How many days before are the past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureMinimums:
    """What a group of calls needs so that a figure of it may be published (U6)."""

    callers: int = 11
    employees: int = 3
    share: Decimal = Decimal("0.85")
    """The most that is one caller's or one employee's, 0 to 1, of the calls and of whatever else is added up."""

    def __post_init__(self) -> None:
        if self.callers < FEWEST_CALLERS or self.employees < FEWEST_EMPLOYEES:
            raise ValueError(f"a figure is of at least {FEWEST_CALLERS} callers and {FEWEST_EMPLOYEES} employees")
        if not 0 < self.share < 1:
            raise ValueError("a share of a figure lies between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTesting:
    """Who may ask for real calls to test on, redacted, and how far that goes (U8)."""

    roles: tuple[Role, ...]
    at_most: int = 50
    """How many recordings one permission opens."""
    lasts: timedelta = timedelta(days=14)
    """How long it may last, in whole days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """Somebody who works on the data for the controller (GDPR, article 28). `country` is ISO 3166 alpha-2; outside the
    European Economic Area `guarantees` says what makes the transfer lawful (articles 45 and 46)."""

    name: str
    what: tuple[tuple[str, str], ...]
    """What for: language and words."""
    country: str
    contract: str
    """The reference of the contract of article 28."""
    regions: tuple[str, ...] = ()
    """Storage regions of theirs, where recordings lie with them."""
    guarantees: tuple[tuple[str, str], ...] = ()
    """Language and words."""

    @property
    def is_outside(self) -> bool:
        """Whether the data leave the European Economic Area with it."""
        return self.country not in EEA


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole policy. `version` is the digest of its content; every decision is stamped with it."""

    tenant: str
    version: PolicyVersion
    time_zone: ZoneInfo
    region: str
    """Default region of telephone numbers written without a country code (ISO 3166 alpha-2)."""
    lines: dict[LineId, LinePolicy]
    landing_areas: tuple[str, ...]
    """URI prefixes audio may be fetched from; nothing else is (K5)."""
    landing: dict[str, timedelta]
    """How long anything may lie in each of the landing areas; then it is swept, whatever it is."""
    storage_regions: frozenset[str]
    """Where objects may lie (K5); the embedded directory counts as ``local``."""
    quarantine: CalendarPeriod
    """How long quarantined audio is kept, from its arrival."""
    objection_within: timedelta
    """How soon after an objection nothing of the recording may be left (I3)."""
    release_delay: timedelta
    """How long after a hold's release the original clock does not yet destroy anything."""
    lifecycle_margin: CalendarPeriod
    """How much later than any due date the bucket's own lifecycle acts, as a backstop."""
    log_retention: CalendarPeriod
    """How long a month of the access log is kept once it is over (L3)."""
    limits: Limits
    sweep: SweepLimits
    access: tuple[Grant, ...]
    """Who may read what for which purpose; whatever is not granted is refused (U2)."""
    read_timeout: timedelta
    """How long a reading may wait for its log entry to become durable before it is refused."""
    break_glass_lasts: timedelta
    """How long an approved emergency access to an original stays open."""
    transport_encrypted: bool = False
    """Whether a connection in clear text to a server stops the start."""
    case_review: CalendarPeriod = QUARTER
    """How long after somebody last looked at it an open case is due for review."""
    legal_bases: tuple[tuple[str, str], ...] = ()
    """Of purposes whose legal basis is another than the ordinary one: purpose and `LegalBasis`."""
    interest: tuple[tuple[str, str], ...] = ()
    """The interest pursued (GDPR, article 13(1)(d)), as people are told: language and words. So the next two."""
    transfers: tuple[tuple[str, str], ...] = ()
    """Where the data lie, and what leaves the European Economic Area."""
    automated_decisions: tuple[tuple[str, str], ...] = ()
    """Automated decisions and profiling."""
    holds: HoldLimits = HoldLimits(at_most=1000, share=Decimal("0.05"))
    unusual_reading: UnusualReading = UnusualReading()
    figures: FigureMinimums = FigureMinimums()
    testing: RealTesting | None = None
    """None: nobody tests on real calls."""
    only_included: bool = False
    """Whether people read for `ai_experiment` only what an approved experiment of theirs includes."""
    processors: tuple[Processor, ...] | None = None
    """Who works on the data for the controller; None: the policy does not say, empty: nobody does."""
