"""By when a request is to be answered, and which step may follow which (D1, D2). Pure."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.model.recording import Recording
from callwarden.model.request import FREEZING, Decision, RefusalGround, Request, RequestItem, RequestState, RequestType
from callwarden.rules.calendar import months_later
from callwarden.rules.retention import is_past

DAYS: Final = 30
"""What companies promise; the law says one month (GDPR, article 12(3))."""
EXTENSION_MONTHS: Final = 2
REMIND: Final = timedelta(days=7)
"""How long before its last day a request is reminded of."""

ASKS_TO_KNOW: Final = frozenset({RequestType.ACCESS, RequestType.INFORMATION})
CARRIED_OUT: Final = frozenset({RequestType.ERASURE, RequestType.OBJECTION, RequestType.RESTRICTION})
"""Types of which granting an item changes it: that is done before it is told."""


WHOLE: Final = frozenset({RefusalGround.IDENTITY_UNPROVEN, RefusalGround.UNFOUNDED_OR_EXCESSIVE})
"""Grounds that refuse a request of any right, before anything is looked for."""
_ANY: Final = WHOLE | {RefusalGround.NOT_THE_PERSON, RefusalGround.ALREADY_GONE}
GROUNDS: Final = {
    RequestType.INFORMATION: _ANY | {RefusalGround.THIRD_PARTIES},
    RequestType.ACCESS: _ANY | {RefusalGround.THIRD_PARTIES},
    RequestType.RECTIFICATION: _ANY | {RefusalGround.ACCURATE},
    RequestType.ERASURE: _ANY | {RefusalGround.LEGAL_DUTY, RefusalGround.LITIGATION, RefusalGround.NO_GROUND},
    RequestType.RESTRICTION: _ANY | {RefusalGround.ACCURATE, RefusalGround.LITIGATION, RefusalGround.NO_GROUND},
    RequestType.OBJECTION: _ANY
    | {
        RefusalGround.COMPELLING_GROUNDS,
        RefusalGround.LITIGATION,
        RefusalGround.LEGAL_DUTY,
        RefusalGround.NO_GROUND,
    },
    RequestType.PORTABILITY: _ANY | {RefusalGround.LEGITIMATE_INTEREST, RefusalGround.THIRD_PARTIES},
}
"""The grounds each right may be refused on (GDPR, articles 11, 12 and 15 to 21)."""


class RequestRefusal(StrEnum):
    """Why a step of a request is refused; documented in docs/reasons.md."""

    IDENTITY_UNVERIFIED = "identity_unverified"
    NOT_FOUND_YET = "not_found_yet"
    UNDECIDED = "undecided"
    ALREADY_ANSWERED = "already_answered"
    NOT_PREVIEWED = "not_previewed"
    PREVIEW_CHANGED = "preview_changed"
    NOT_APPROVED = "not_approved"
    UNFINISHED = "unfinished"
    TOO_LATE = "too_late"
    ALREADY_EXTENDED = "already_extended"
    NOT_AN_ERASURE = "not_an_erasure"
    NOT_A_RESTRICTION = "not_a_restriction"
    CARRIED_OUT = "carried_out"
    NOTHING_RESTRICTED = "nothing_restricted"
    NOT_A_RECTIFICATION = "not_a_rectification"
    NOT_RECTIFIED = "not_rectified"
    NOT_TOLD = "not_told"


class Nearness(StrEnum):
    """How near the last day of an open request is."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    IN_TIME = "in_time"


def due_on(received: date) -> date:
    """The last day to answer: the earlier of 30 days and one calendar month. The day of receipt does not count, and no
    weekend or holiday moves it on: whoever asks is never told later than promised (D2)."""
    return min(received + timedelta(days=DAYS), months_later(received, 1))


def extended(received: date) -> date:
    """The last day of a request that was extended by two months."""
    return min(months_later(due_on(received), EXTENSION_MONTHS), months_later(received, 1 + EXTENSION_MONTHS))


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def nearness(request: Request, *, today: date) -> Nearness:
    """Whether an open request has to be answered soon. One that is answered is in time."""
    if is_answered(request) or today < request.due_on - REMIND:
        return Nearness.IN_TIME
    return Nearness.OVERDUE if today > request.due_on else Nearness.DUE_SOON


def is_answered(request: Request) -> bool:
    """Whether everything was said. An access that was answered in part goes on: what we could not enclose yet is still
    owed, and kept."""
    return request.answered_at is not None


def freezes(request: Request) -> bool:
    """Whether what it asks for is kept from disposal: from receipt to answer."""
    return request.type in FREEZING and not is_answered(request)


def is_frozen(recording: Recording, request: Request, *, found: bool) -> bool:
    """Whether this request keeps this recording. Only one that was still kept when the request was received: nothing is
    kept longer whose period was over already. `found` is whether it is one of the request's items."""
    return freezes(request) and is_asked_for(recording, request, found=found)


def is_asked_for(recording: Recording, request: Request, *, found: bool) -> bool:
    """Whether a request is about this recording, which was still kept when it was received."""
    mine = found or request.reference in (recording.caller, recording.customer)
    return mine and recording.keep_until is not None and not is_past(recording.keep_until, now=request.received_at)


def is_own_restriction(recording: Recording, asking: Request, restricting: Collection[Request]) -> bool:
    """Whether the person who asks is the one who had this recording restricted, and nobody else had: under the same
    number or customer, or one by the number and one by the customer of this very call."""
    known = {one for one in (recording.caller, recording.customer) if one is not None}
    theirs = known if asking.reference in known else {asking.reference}
    return bool(restricting) and all(one.reference in theirs and not one.altered for one in restricting)


def may_extend(request: Request, *, today: date, zone: ZoneInfo) -> RequestRefusal | None:
    """Why a request cannot be extended, None when it can: once, inside the first month (D2)."""
    if is_answered(request):
        return RequestRefusal.ALREADY_ANSWERED
    if request.extended_at is not None:
        return RequestRefusal.ALREADY_EXTENDED
    return RequestRefusal.TOO_LATE if today > due_on(day_of(request.received_at, zone)) else None


def may_find(request: Request) -> RequestRefusal | None:
    """Before it is known who asks, nothing is told of what there is."""
    if is_answered(request):
        return RequestRefusal.ALREADY_ANSWERED
    return RequestRefusal.IDENTITY_UNVERIFIED if request.verified_at is None else None


def may_decide(request: Request) -> RequestRefusal | None:
    if refused := may_find(request):
        return refused
    return RequestRefusal.NOT_FOUND_YET if _ORDER.index(request.state) < _ORDER.index(RequestState.FOUND) else None


def may_answer(request: Request, items: Collection[RequestItem]) -> RequestRefusal | None:
    """Never before identity is verified, or refused for that, and every item is decided and carried out."""
    if is_answered(request):
        return RequestRefusal.ALREADY_ANSWERED
    if request.refused is not None:
        return None
    if refused := may_decide(request):
        return refused
    if any(item.decision is None for item in items):
        return RequestRefusal.UNDECIDED
    if request.type is RequestType.RECTIFICATION:
        undone = any(item.decision is Decision.GRANTED and item.done_at is None for item in items)
        return RequestRefusal.NOT_RECTIFIED if undone else None
    if request.type not in CARRIED_OUT:
        return None
    open_still = [item for item in items if item.decision is Decision.GRANTED and item.done_at is None]
    if request.type is RequestType.ERASURE and any(item.approved_at is None for item in open_still):
        return RequestRefusal.NOT_APPROVED
    return RequestRefusal.UNFINISHED if any(item.reason is None for item in open_still) else None


def state_of_answer(items: Collection[RequestItem]) -> RequestState:
    """``answered_partly`` while something that was granted waits."""
    return RequestState.ANSWERED_PARTLY if any(map(waits, items)) else RequestState.ANSWERED


def state_once_decided(request: Request, items: Collection[RequestItem]) -> RequestState:
    """The state after an item was decided elsewhere: what was answered before is told anew."""
    if is_answered(request):
        return RequestState.ANSWERED_PARTLY
    return RequestState.FOUND if any(item.decision is None for item in items) else RequestState.DECIDED


def is_to_tell(request: Request, items: Collection[RequestItem]) -> bool:
    """Whether something was done since the answer that said it waits: the person is to be told by another."""
    return request.state is RequestState.ANSWERED_PARTLY and not any(map(waits, items))


def waits(item: RequestItem) -> bool:
    """Whether what was granted waits for something to end."""
    return item.decision is Decision.GRANTED and item.done_at is None and item.reason is not None


_ORDER: Final = tuple(RequestState)
