"""What the desks of requests share: the file of a request, locked, and the words of what is refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NoReturn

from callwarden.desks.acts import Doing
from callwarden.errors import RefusedError
from callwarden.messages import HoldsChanged
from callwarden.model.ids import RecordingId
from callwarden.model.letter import LetterKind
from callwarden.model.log_entry import Operation
from callwarden.model.recording import Recording
from callwarden.model.request import Request, RequestEvent, RequestId, RequestItem, RequestState
from callwarden.ports.bus import Message
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.requests import RequestRefusal
from callwarden.rules.rights import ActRefusal

_WORDS = {
    RequestRefusal.IDENTITY_UNVERIFIED: "verify first who asks: callwarden request verify REQ --how TEXT",
    RequestRefusal.NOT_FOUND_YET: "look first for what there is: callwarden request find REQ",
    RequestRefusal.UNDECIDED: "decide about every item first: callwarden request show REQ lists them",
    RequestRefusal.ALREADY_ANSWERED: "it has been answered: open a new request",
    RequestRefusal.NOT_PREVIEWED: "preview it first: callwarden request preview REQ",
    RequestRefusal.PREVIEW_CHANGED: "it has changed since: callwarden request preview REQ shows it again",
    RequestRefusal.NOT_APPROVED: "somebody else has to approve the preview first: callwarden request approve REQ",
    RequestRefusal.UNFINISHED: "what was granted is not done yet: approve it, or decide it, again to go on",
    RequestRefusal.TOO_LATE: "an extension is told inside the first month",
    RequestRefusal.ALREADY_EXTENDED: "a request is extended once",
    RequestRefusal.NOT_AN_ERASURE: "this is for requests of type erasure",
    RequestRefusal.NOT_A_RESTRICTION: "this is for requests of type restriction",
    RequestRefusal.CARRIED_OUT: "this item has been carried out already",
    RequestRefusal.NOT_A_RECTIFICATION: "this is for requests of type rectification",
    RequestRefusal.NOT_RECTIFIED: "put right first what was granted: callwarden request rectify REQ --item REC",
    RequestRefusal.NOT_TOLD: (
        "tell the person first: callwarden request letter REQ restriction-lifted -o FILE, "
        "or say how they were told: --told-by HOW"
    ),
    RequestRefusal.NOTHING_RESTRICTED: "nothing is restricted for it any more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFile:
    """A request and what it is about. `meets` are other open requests of the same person; `evidence` is how the
    identity was verified, until it is destroyed."""

    request: Request
    received_on: date
    """In the policy's time zone."""
    items: Sequence[RequestItem]
    meets: tuple[RequestId, ...] = ()
    evidence: str | None = None
    rows: Mapping[RecordingId, Recording] = field(default_factory=dict)
    """The recordings of its items, as far as there are any."""


def refuse(why: RequestRefusal, more: str = "") -> NoReturn:
    """Refuse a step of a request."""
    raise RefusedError((why.value,), _WORDS[why] + more)


def locked(doing: Doing, request_id: RequestId) -> Request:
    """The request an act is about. Raises RefusedError, ``unknown`` where there is none."""
    found = doing.tx.requests.get(request_id, lock=True)
    if found is None:
        raise RefusedError((ActRefusal.UNKNOWN.value,), f"there is no request {request_id}: callwarden request list")
    if found.altered:
        raise RefusedError(
            (ReadRefusal.ROW_ALTERED.value,), "somebody wrote this request past the system: callwarden reconcile"
        )
    return found


def items_of(doing: Doing, request_id: RequestId) -> Sequence[RequestItem]:
    """What a request is about. Raises RefusedError, ``row_altered`` where one of these rows is not ours: nobody knows
    then whose recordings it asks for, nor what was decided."""
    items = doing.tx.requests.items(request_id)
    if any(item.altered for item in items):
        raise RefusedError(
            (ReadRefusal.ROW_ALTERED.value,),
            "somebody wrote an item of this request past the system: callwarden reconcile",
        )
    return items


def is_told_of_lifting(request: Request) -> bool:
    """Whether the person was told that a restriction will end: by the letter, or as somebody has noted."""
    return any(
        one.what == Operation.REQUEST_LIFT_TOLD
        or (one.what == Operation.REQUEST_LETTER and one.reason == LetterKind.RESTRICTION_LIFTED)
        for one in request.history
    )


def flags_follow(doing: Doing, recording_ids: Collection[RecordingId]) -> None:
    """Have the tags in the vault follow: what is kept from disposal, its bucket does not expire either."""
    doing.tx.outbox.append([Message.of(HoldsChanged(recording_id=name)) for name in sorted(recording_ids)])


def event(doing: Doing, at: datetime, *, reason: str | None = None, text: str | None = None) -> RequestEvent:
    """The step an act is in the history of its request."""
    return RequestEvent(at=at, what=doing.right.entry.value, by=doing.actor.name, reason=reason, text=text)


def meeting(doing: Doing, request: Request, items: Sequence[RequestItem]) -> tuple[RequestId, ...]:
    """Other open requests of the same person: under the same reference, or about the same recordings."""
    same = {one.request_id for one in doing.tx.requests.under(request.reference)}
    same.update(doing.tx.requests.asking([item.recording_id for item in items]))
    others = [doing.tx.requests.get(one) for one in sorted(same - {request.request_id})]
    return tuple(
        one.request_id
        for one in others
        if one is not None and one.state not in (RequestState.ANSWERED, RequestState.CLOSED)
    )
