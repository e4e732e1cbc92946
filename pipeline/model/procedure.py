"""A dispute before a court: its court, its parties, what happened, and the periods within which each way of appeal may
be taken (K3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from callwarden.model.court import CourtKind, Party
from callwarden.model.period import CalendarPeriod

PROSECUTOR_GENERAL: Final = "prosecutor-general"
"""A party to every criminal case without being named: has a way of appeal of its own (CPP 505)."""


class EventType(StrEnum):
    """What happens in a case. `pronounced` and `notified` are of a decision, to one party or to all."""

    SUMMONS = "summons"
    DECISION = "decision"
    PRONOUNCED = "pronounced"
    NOTIFIED = "notified"
    APPEALED = "appealed"
    CASSATION = "cassation"
    REJECTED = "rejected"
    QUASHED = "quashed"
    ACQUIESCED = "acquiesced"
    DESISTED = "desisted"
    SETTLED = "settled"


class Instance(StrEnum):
    FIRST = "first"
    APPEAL = "appeal"


class GivenUp(StrEnum):
    """What a desistment gives up: the proceedings alone, so that the claim may be brought again, or the claim (CPC 394,
    398)."""

    INSTANCE = "instance"
    ACTION = "action"


class WayName(StrEnum):
    APPEAL = "appeal"
    CASSATION = "cassation"


class Start(StrEnum):
    """What a period runs from."""

    NOTIFICATION = "notification"
    PRONOUNCEMENT = "pronouncement"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """`seat` is the number of its department or overseas collectivity (``75``, ``2A``, ``974``), None where unknown."""

    kind: CourtKind
    seat: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """`party` is whom it is about: who was notified, who appeals; None: all of them, or nobody in particular. `by` is
    who had it notified, against whom the period runs too (CPC 528), and who summoned: the claimant. `instance` is that
    of the decision it is about, None: of the newest then. `last_instance`: no appeal is open against this decision.
    `gives_up` is what a desistment does, None: the instance."""

    type: EventType
    on: date
    party: str | None = None
    instance: Instance | None = None
    by: str | None = None
    last_instance: bool = False
    gives_up: GivenUp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredEvent:
    """An event as somebody entered it into a case, numbered by its place there from 1; or, with `undoes`, that the one
    of that number was wrong and counts no more."""

    at: datetime
    by: str
    event: CaseEvent | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day to be reminded of. `uid` stays the same whatever becomes of the day; `says` carries references only."""

    uid: str
    on: date
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPeriod:
    """How long a way of appeal is open. `clear`: the last day counts no more than the first does."""

    period: CalendarPeriod
    start: Start
    article: str
    clear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """What is added for who lives far from the court."""

    overseas: CalendarPeriod
    abroad: CalendarPeriod
    from_metropole: str
    from_overseas: str
    """The articles for courts in metropolitan France and overseas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRules:
    """The ways of appeal against one kind of decision. `others` lengthens the period of the other parties once one has
    appealed; `prosecutor` is the prosecutor-general's; `unnotified` ends the ways of who was never notified."""

    appeal: WayPeriod
    cassation: WayPeriod
    others: WayPeriod | None = None
    prosecutor: WayPeriod | None = None
    unnotified: WayPeriod | None = None
    distance: Distance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRules:
    """The periods in force. `confirmed` says which lawyer confirmed them, and when; empty: nobody has."""

    version: str
    confirmed: str
    kinds: Mapping[CourtKind, KindRules]
    sources: Mapping[str, str]
    """Code → where its text is, and which text it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """All that is known of a case's procedure; events in the order of their dates."""

    court: Court
    parties: tuple[Party, ...]
    events: tuple[CaseEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOpen:
    """One way of one party against one decision. `last_day` is the last on which it can be taken; `starts_on` the day
    it runs from, `falls_on` what the period comes to before it moves on from a closed day."""

    party: str
    way: WayName
    last_day: date
    article: str
    starts_on: date
    falls_on: date
    distance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands. `exhausted_on` is the last day of the last way of any party, or the day on which an act of
    the parties or a court ended it; None while that is not known. `waiting_for` says in words what is not known yet."""

    exhausted_on: date | None
    waiting_for: tuple[str, ...]
    ways: tuple[WayOpen, ...]
