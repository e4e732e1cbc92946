"""What people ask of their own data: the request, its items, its steps, its answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from callwarden.desks.request_objections import by_purpose
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.request import Request, RequestEvent, RequestId, RequestItem
from callwarden.workers.shapes import Row

if TYPE_CHECKING:
    from callwarden.desks.recipients import Recipient
    from callwarden.desks.rectifications import Corrected, Rectified
    from callwarden.desks.request_answers import Answered
    from callwarden.desks.request_file import RequestFile
    from callwarden.desks.request_items import FoundFor, FoundItem
    from callwarden.desks.request_letters import Written
    from callwarden.desks.request_search import Named
    from callwarden.desks.requests import Listed, Opened
    from callwarden.rules.erasing import ErasurePreview

Shape = dict[str, object]


def request_head(one: Request) -> Shape:
    """Which request it is, how far it has come, and the last day to answer it."""
    return {"request": one.request_id, "type": one.type, "state": one.state, "due_on": one.due_on.isoformat()}


def opened_shape(opened: "Opened") -> Shape:
    """A request that was entered."""
    return {**request_head(opened.request), "meets": opened.meets, "customers": opened.customers}


def listed_request(one: "Listed") -> Shape:
    """One request as `request list` shows it."""
    return {
        **request_head(one.request),
        "nearness": one.nearness,
        "to_tell": one.to_tell,
        "received_on": one.received_on,
        "received_at": one.request.received_at,
        "altered": one.request.altered,
    }


def request_shape(file: "RequestFile") -> Shape:
    """Everything of one request: its items, and every step so far."""
    return {
        **request_head(file.request),
        "received_on": file.received_on,
        "received_at": file.request.received_at,
        "purposes": sorted(file.request.purposes),
        "refused": file.request.refused,
        "meets": file.meets,
        "identity": file.evidence,
        "verified_at": file.request.verified_at,
        "extended_at": file.request.extended_at,
        "answered_at": file.request.answered_at,
        "lifted_at": file.request.lifted_at,
        "by_purpose": by_purpose_rows(file.request, file.items),
        "items": [item_row(one) for one in file.items],
        "history": [step_row(one) for one in file.request.history],
    }


def item_row(one: RequestItem) -> Shape:
    """One recording a request is about, and what was decided of it."""
    return {
        "recording_id": one.recording_id,
        "found_by": one.found_by,
        "decision": one.decision,
        "reason": one.reason,
        "decided_at": one.decided_at,
        "done_at": one.done_at,
        "backends": dict.fromkeys(sorted(one.backends), "confirmed"),
    }


def step_row(one: RequestEvent) -> Shape:
    """One step of a request."""
    return {"at": one.at, "what": one.what, "by": one.by, "reason": one.reason, "text": one.text}


def by_purpose_rows(request: Request, items: Sequence[RequestItem]) -> list[Row]:
    """What an objection came to for each purpose it was to."""
    return [
        {"purpose": one.purpose, "decision": one.decision, "reason": one.reason, "recordings": one.count}
        for one in by_purpose(request, items)
    ]


def found_shape(found: "FoundFor", read: "Named | None") -> Shape:
    """What there is for a request; with how many calls were read, where somebody was looked for by name."""
    return {
        **request_head(found.request),
        "items": [found_row(one) for one in found.items],
        "meets": found.meets,
        "customers": found.customers,
        **({} if read is None else {"searched": read.searched, "unread": read.unread}),
    }


def found_row(one: "FoundItem") -> Shape:
    """One item with what is known of its recording."""
    row = one.recording
    return {
        **item_row(one.item),
        "line": None if row is None else row.line,
        "ended_at": None if row is None else row.ended_at,
        "keep_until": None if row is None else row.keep_until,
        "state": "gone" if row is None else row.state,
        "held": row is not None and bool(row.holds),
        "restricted": row is not None and row.restricted,
    }


def decided_shape(request: Request, items: Sequence[RequestItem]) -> Shape:
    """What was decided, or erased, item by item."""
    return {
        **request_head(request),
        "by_purpose": by_purpose_rows(request, items),
        "items": [item_row(one) for one in items],
    }


def erasure_shape(request: RequestId, found: "ErasurePreview") -> Shape:
    """What erasing would do: what goes, what is held and what is kept, each with its reason."""
    return {
        "request": request,
        "erasable": found.erasable,
        "held": [{"recording_id": name, "reason": why} for name, why in sorted(found.held.items())],
        "kept": [{"recording_id": name, "reason": why} for name, why in sorted(found.kept.items())],
        "gone": found.gone,
        "restriction_ends": found.restriction_ends,
        "put_right": found.put_right,
        "digest": found.digest,
    }


def lifted_shape(request: RequestId, lifted: Sequence[str]) -> Shape:
    """What a restriction that ended has let go."""
    return {"request": request, "lifted": lifted}


def letter_shape(written: "Written", kind: str) -> Shape:
    """A letter that was written, but for its page."""
    return {**request_head(written.request), "letter": kind, "sha256": written.digest}


def answered_shape(done: "Answered", out: Path) -> Shape:
    """An answer that was written to `out`."""
    return {
        **request_head(done.request),
        "answer": out,
        "files": done.files,
        "enclosed": done.enclosed,
        "not_enclosed": [{"recording_id": name, "reasons": why} for name, why in done.not_enclosed.items()],
        "sha256": done.digest,
    }


def rectified_shape(request: RequestId, done: "Rectified") -> Shape:
    """What was put right of one recording, and what followed."""
    return {
        "request": request,
        "recording_id": done.recording.recording_id,
        "changes": {name: dict(change) for name, change in done.changes.items()},
        "keep_until": done.recording.keep_until,
        "objections": [one.objection.objection_id for one in done.objections],
        "state": done.state,
    }


def rectification_rows(one: "Corrected") -> list[Row]:
    """A correction, field by field, and what stood there before."""
    return [
        {
            "at": one.rectification.at,
            "recording_id": one.rectification.recording_id,
            "request": one.rectification.request_id,
            "by": one.rectification.by,
            "field": field,
            "was": None if one.changes is None else one.changes[field]["was"],
            "now": None if one.changes is None else one.changes[field]["now"],
        }
        for field in sorted(one.rectification.fields)
    ]


def recipient_row(one: "Recipient") -> Shape:
    """Who was given a copy, and whether they were told."""
    return {
        "disclosure": one.disclosure.disclosure_id,
        "recipient": one.disclosure.recipient,
        "basis": one.disclosure.basis,
        "handed_at": one.disclosure.made_at,
        "told_at": None if one.notice is None else one.notice.told_at,
        "acknowledged_at": None if one.notice is None else one.notice.acknowledged_at,
    }


def acknowledged_shape(notice: RecipientNotice) -> Shape:
    """A recipient has said that they know."""
    return {
        "request": notice.request_id,
        "disclosure": notice.disclosure_id,
        "told_at": notice.told_at,
        "acknowledged_at": notice.acknowledged_at,
    }
