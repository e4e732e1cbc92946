"""``/requests/{req}``: one request, step by step, until it is answered (D1 to D4)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.letter import Language
from callwarden.model.rectification import Correction
from callwarden.model.request import Decision, RefusalGround, RequestId, RequestState, RequestType
from callwarden.rules.erasing import first_people
from callwarden.rules.people import same_person
from callwarden.rules.requests import GROUNDS, may_extend
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.requests import erasure_shape, rectification_rows, request_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported_of, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does, own

router = APIRouter(prefix="/requests/{req}")

LETTERS = ("acknowledgement", "identity", "extension", "restriction-lifted")
"""Those written by themselves; an answer is written with what goes with it."""
_ITEMS: Final = ("recording_id", "found_by", "decision", "reason", "decided_at", "done_at", "backends")
_BY_PURPOSE: Final = ("purpose", "decision", "reason", "recordings")
_RECTIFIED: Final = ("at", "recording_id", "field", "was", "now", "by")


@router.get("")
@does(Act.REQUEST_SHOW, Act.REQUEST_RECTIFICATIONS, Act.TABLE_EXPORT)
def shown(request: Request, req: str, actor: Asking, system: TheSystem) -> Response:
    """One request: who asks what, by when, its items, every step so far."""
    return request_page(request, system, actor, RequestId(req))


@router.post("/identity")
@does(Act.REQUEST_ASK_IDENTITY, Act.REQUEST_VERIFY)
def identity(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Note how it is known who asks, or that they were asked to show it."""

    def do() -> None:
        if typed.is_on("ask"):
            system.request_desk.ask_identity(actor, RequestId(req))
        else:
            system.request_desk.verify(actor, RequestId(req), how=typed.text("how") or "")

    return _step(request, system, actor, req, "identity", typed, do)


@router.post("/find")
@does(Act.REQUEST_FIND)
def find(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Look for everything it is about, again."""
    return _step(
        request, system, actor, req, "find", typed, lambda: system.request_item_desk.find(actor, RequestId(req))
    )


@router.post("/decide")
@does(Act.REQUEST_DECIDE, Act.OBJECTION_ADD)
def decide(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Grant the items that are ticked, or refuse them for a reason; where none is, all that are undecided."""

    def do() -> None:
        ground = typed.code("ground", RefusalGround)
        granted = typed.text("do") == "grant"
        if not granted and ground is None:
            raise UsageError("say why it is refused")
        chosen = [RecordingId(name) for name in typed.texts("item")]
        system.request_item_desk.decide(actor, RequestId(req), chosen, refusal=None if granted else ground)
        send_outbox(system)

    return _step(request, system, actor, req, "decide", typed, do)


@router.post("/preview")
@does(Act.REQUEST_PREVIEW)
def preview(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Of an erasure: what goes, what is held and what is kept."""
    found: dict[str, object] = {}

    def do() -> str:
        found.update(erasure_shape(RequestId(req), system.request_erasure_desk.preview(actor, RequestId(req))))
        return ""

    answer = attempt(
        "preview", typed, do, lambda failed: request_page(request, system, actor, RequestId(req), failed=failed)
    )
    return request_page(request, system, actor, RequestId(req), preview=found) if found else answer


@router.post("/approve")
@does(Act.REQUEST_APPROVE)
def approve(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Approve the newest preview of an erasure, as another person than who made it, and erase."""

    def do() -> None:
        typed.confirms(req)
        system.request_erasure_desk.approve(actor, RequestId(req), seen=typed.text("digest") or "")
        send_outbox(system)

    return _step(request, system, actor, req, "approve", typed, do)


@router.post("/extend")
@does(Act.REQUEST_EXTEND)
def extend(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take two months more, for a reason the person is told."""
    return _step(
        request,
        system,
        actor,
        req,
        "extend",
        typed,
        lambda: system.request_desk.extend(actor, RequestId(req), reason=typed.text("reason") or ""),
    )


@router.post("/lift")
@does(Act.REQUEST_LIFT, Act.REQUEST_LIFT_TELL)
def lift(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Note how the person was told that a restriction ends; or end it."""

    def do() -> None:
        how = typed.text("told_by")
        if how is not None:
            system.request_item_desk.tell_of_lifting(actor, RequestId(req), how=how)
        if typed.text("do") == "lift":
            system.request_item_desk.lift(actor, RequestId(req))
            send_outbox(system)
        elif how is None:
            raise UsageError("say how the person was told")

    return _step(request, system, actor, req, "lift", typed, do)


@router.post("/rectify")
@does(Act.REQUEST_RECTIFY)
def rectify(request: Request, req: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Put right what is known of one call."""

    def do() -> None:
        item, line = typed.text("item"), typed.text("line")
        if item is None:
            raise UsageError("say which recording")
        correction = Correction(
            number=typed.text("number"),
            customer=typed.text("customer"),
            name=typed.text("name"),
            agent=typed.text("agent"),
            line=None if line is None else LineId(line),
            started_at=_instant(system, typed, "started"),
            ended_at=_instant(system, typed, "ended"),
            labels=tuple(_label(one) for one in typed.texts("label")),
        )
        system.rectification_desk.rectify(actor, RequestId(req), RecordingId(item), correction)
        send_outbox(system)

    return _step(request, system, actor, req, "rectify", typed, do)


@router.get("/{step}")
@own
def back(req: str) -> Response:
    """A form's own address, asked for again: to the page that has it."""
    return RedirectResponse(f"/requests/{req}", status_code=303)


def request_page(
    request: Request,
    system: TheSystem,
    actor: Actor,
    request_id: RequestId,
    *,
    failed: Failed | None = None,
    preview: dict[str, object] | None = None,
    letter: str | None = None,
) -> Response:
    """The page. Raises RefusedError, ``unknown``."""
    file = system.request_desk.shown(actor, request_id)
    asked, answers = file.request, may(actor, Act.REQUEST_DECIDE)
    today = system.clock.now().astimezone(system.policy.time_zone).date()
    made: Any = ()
    if answers and asked.type is RequestType.RECTIFICATION:
        made = system.rectification_desk.history(actor, request_id)
    asks: dict[str, Any] = request_shape(file)
    put_right = [row for one in made for row in rectification_rows(one)]
    tables = {
        "request-items": (_ITEMS, asks["items"]),
        "request-purposes": (_BY_PURPOSE, asks["by_purpose"]),
        "rectifications": (_RECTIFIED, put_right),
    }
    if table := exported_of(request, actor, tables):
        return table
    first, is_stale = first_people(asked, file.items), False
    if first and may(actor, Act.REQUEST_APPROVE) and preview is None:
        found, is_same = system.request_erasure_desk.look(actor, request_id)
        preview, is_stale = erasure_shape(request_id, found), not is_same
    granted = [one.recording_id for one in file.items if one.decision is Decision.GRANTED]
    return page(
        request,
        "request.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        asks=asks,
        asked=asked,
        due_on=asked.due_on,
        left=(asked.due_on - today).days,
        is_over=asked.state in (RequestState.ANSWERED, RequestState.CLOSED),
        rows=file.rows,
        answers=answers,
        approves=may(actor, Act.REQUEST_APPROVE),
        is_second=bool(first) and not any(same_person(name, actor.name) for name in first),
        is_stale=is_stale,
        grounds=sorted(GROUNDS[asked.type]),
        may_extend=answers and may_extend(asked, today=today, zone=system.policy.time_zone) is None,
        letters=LETTERS,
        sender_is_example=system.letter_desk.sender_is_example,
        languages=list(Language),
        granted=granted,
        made=put_right,
        exports=partial(exports, request),
        lines=sorted(system.policy.lines),
        several=int(said) if (said := request.query_params.get("customers", "")[:4]).isdecimal() else 0,
        preview=preview,
        letter=letter,
        failed=failed,
        address=f"/requests/{request_id}",
    )


def _step(
    request: Request, system: TheSystem, actor: Actor, req: str, form: str, typed: Typed, do: Callable[[], Any]
) -> Response:
    def done() -> str:
        do()
        return f"/requests/{req}#{form}"

    return attempt(
        form, typed, done, lambda failed: request_page(request, system, actor, RequestId(req), failed=failed)
    )


def _instant(system: TheSystem, typed: Typed, name: str) -> datetime | None:
    """As a browser sends a local time, by the company's clock."""
    text = typed.text(name)
    try:
        at = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("a time is written as 2026-11-20T10:25") from None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=system.policy.time_zone)


def _label(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError("a label is written as name=value, or name= to take it away")
    return name.strip(), value.strip() or None
