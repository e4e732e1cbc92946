"""What a person asks of their own data, item by item, until it is answered (D1 to D4)."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType, Self

from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.objection import ScopeKind

RequestId = NewType("RequestId", str)
"""``req-``, the day it was entered and eight hexadecimal digits: short enough to be typed from a letter."""


class RequestType(StrEnum):
    """The rights of D1."""

    INFORMATION = "information"
    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    PORTABILITY = "portability"


class RequestState(StrEnum):
    """How far a request has come, in this order. ``answered_partly``: part of what was granted waits for a hold."""

    RECEIVED = "received"
    IDENTITY_ASKED = "identity_asked"
    VERIFIED = "verified"
    FOUND = "found"
    DECIDED = "decided"
    ANSWERED_PARTLY = "answered_partly"
    ANSWERED = "answered"
    CLOSED = "closed"


class RefusalGround(StrEnum):
    """Why something asked for is refused, with the article that allows it; told to the person (D3)."""

    LEGAL_DUTY = "legal_duty"
    """A law obliges to keep it (GDPR, article 17(3)(b))."""
    LITIGATION = "litigation"
    """Kept for legal claims (articles 17(3)(e), 18(2))."""
    THIRD_PARTIES = "third_parties"
    """It would touch the rights of others (article 15(4))."""
    NOT_THE_PERSON = "not_the_person"
    """It is somebody else's, such as an earlier holder of the number."""
    IDENTITY_UNPROVEN = "identity_unproven"
    """Who asks could not be identified (articles 11(2), 12(6))."""
    UNFOUNDED_OR_EXCESSIVE = "unfounded_or_excessive"
    """Article 12(5)."""
    LEGITIMATE_INTEREST = "legitimate_interest"
    """Portability is of data given by consent or contract only (article 20(1))."""
    COMPELLING_GROUNDS = "compelling_grounds"
    """The line offers no objection to recording, for compelling grounds (article 21(1))."""
    ACCURATE = "accurate"
    """It is right as it stands (article 16)."""
    NO_GROUND = "no_ground"
    """None of the grounds of article 17(1), 18(1) or 21(1) is there."""
    ALREADY_GONE = "already_gone"
    """It was destroyed before."""


class FoundBy(StrEnum):
    """How an item was found to be the person's."""

    NUMBER = "number"
    CUSTOMER = "customer"
    CALL = "call"
    """Another leg of a call that was found otherwise."""
    HISTORY = "history"
    """By the customer known under this number, or a number this customer has called from: to be looked at."""
    NAMED = "named"
    """Named in somebody else's call, in words the redaction has taken out."""


class Decision(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvent:
    """One step in the history of a request. `what` is a word of the step, `reason` a code; `text` is what a person
    wrote to be told to the person concerned, such as why it takes longer."""

    at: datetime
    what: str
    by: str = field(repr=False)
    reason: str | None = None
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`scope` and `reference` say whose calls, as with an objection. `received_at` is the beginning of the day it came
    in, or the instant it was entered; `due_on` the last day to answer, in the policy's time zone."""

    request_id: RequestId
    type: RequestType
    scope: ScopeKind
    reference: Pseudonym
    received_at: datetime
    due_on: date
    state: RequestState
    purposes: frozenset[str] = frozenset()
    """Of an objection: what is objected to."""
    verified_at: datetime | None = None
    extended_at: datetime | None = None
    preview: str | None = None
    """Of an erasure: digest of the newest preview."""
    previewed_by: str | None = None
    refused: RefusalGround | None = None
    """Of the request as a whole."""
    answered_at: datetime | None = None
    lifted_at: datetime | None = None
    """Of a restriction."""
    history: tuple[RequestEvent, ...] = ()
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""

    def noted(self, event: RequestEvent, **changes: object) -> Self:
        """The request after one more step. Every change is one: the longer history is the later word on it."""
        return replace(self, history=(*self.history, event), **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItem:
    """One recording a request is about. `reason` is why it is refused (`RefusalGround`), or what granting it waits for
    (`Waits`); `done_at` when what was granted has been carried out, and confirmed by each of `backends`."""

    request_id: RequestId
    recording_id: RecordingId
    found_by: FoundBy
    found_at: datetime
    decision: Decision | None = None
    reason: str | None = None
    decided_by: str | None = field(default=None, repr=False)
    decided_at: datetime | None = None
    approved_at: datetime | None = None
    """Of an erasure: when a second person approved that this goes."""
    done_at: datetime | None = None
    backends: frozenset[str] = frozenset()
    revision: int = 0
    """Counts its changes."""
    altered: bool = field(default=False, compare=False)
    """Somebody wrote this row past the system: what it says is not to be believed."""

    def now(self, **changes: object) -> Self:
        """The item after a change."""
        return replace(self, revision=self.revision + 1, **changes)  # type: ignore[arg-type]


FREEZING = frozenset(RequestType) - {RequestType.INFORMATION}
"""Types that ask for recordings: until they are answered, none of these is destroyed."""
