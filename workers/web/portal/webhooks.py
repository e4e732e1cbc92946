"""``/operations/webhooks``: who is told over HTTP what becomes of calls, and what of it has not arrived."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import LineId
from callwarden.model.webhook import DeliveryId, DeliveryState, Told, Webhook, WebhookId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.webhooks import delivery_row, webhook_row
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.problems import problem_of
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/operations/webhooks")

SHOWN: Final = 200
_COLUMNS: Final = (
    *("delivery", "webhook", "type", "recording_id", "state", "tries", "status", "fault"),
    *("due_since", "tried_at", "again_at", "ended_at"),
)


@router.get("")
@does(Act.WEBHOOK_LIST, Act.WEBHOOK_DELIVERIES, Act.TABLE_EXPORT)
def shown(request: Request, actor: Asking, system: TheSystem) -> Response:
    """Receivers and notices; ``?state=dead`` those that were given up."""
    return _page(request, system, actor)


@router.post("/add")
@does(Act.WEBHOOK_ADD)
def add(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Tell somebody; the answer shows the secret, this once."""
    try:
        line = typed.text("line")
        events = frozenset(Told(word) for word in typed.texts("event") if word in set(Told))
        made = system.webhook_desk.add(
            actor, typed.text("url") or "", events, line=None if line is None else LineId(line)
        )
    except (UsageError, RefusedError) as error:
        return _page(request, system, actor, failed=_failed("add", typed, error))
    return _page(request, system, actor, made=made)


@router.post("/notices/{notice}/retry")
@does(Act.WEBHOOK_RETRY)
def retry(request: Request, notice: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Send a dead notice again."""

    def do() -> str:
        system.webhook_desk.retry(actor, DeliveryId(notice))
        return "/operations/webhooks?done=again"

    return _attempt(request, system, actor, notice, typed, do)


@router.post("/{which}/rotate")
@does(Act.WEBHOOK_ROTATE)
def rotate(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """A new secret, shown this once."""
    try:
        made = system.webhook_desk.rotate(actor, WebhookId(which))
    except (UsageError, RefusedError) as error:
        return _page(request, system, actor, failed=_failed(which, typed, error))
    return _page(request, system, actor, made=made)


@router.post("/{which}/test")
@does(Act.WEBHOOK_TEST)
def send_test(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Send a notice that nothing has happened."""

    def do() -> str:
        tried = system.webhook_desk.test(actor, WebhookId(which))
        return f"/operations/webhooks?done={'taken' if tried.state is DeliveryState.DELIVERED else 'untaken'}"

    return _attempt(request, system, actor, which, typed, do)


@router.post("/{which}/remove")
@does(Act.WEBHOOK_REMOVE)
def remove(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Tell them nothing more."""

    def do() -> str:
        typed.confirms(which)
        system.webhook_desk.remove(actor, WebhookId(which))
        return "/operations/webhooks?done=removed"

    return _attempt(request, system, actor, which, typed, do)


def _attempt(
    request: Request, system: TheSystem, actor: Actor, form: str, typed: Typed, do: Callable[[], str]
) -> Response:
    return attempt(form, typed, do, lambda failed: _page(request, system, actor, failed=failed))


def _failed(form: str, typed: Typed, error: UsageError | RefusedError) -> Failed:
    problem = problem_of(error)
    return Failed(form=form, message=problem.detail, status=problem.status, reasons=tuple(problem.reasons), typed=typed)


def _page(
    request: Request,
    system: TheSystem,
    actor: Actor,
    *,
    failed: Failed | None = None,
    made: tuple[Webhook, str] | None = None,
) -> Response:
    asked = request.query_params.get("state", "")
    state = DeliveryState(asked) if asked in set(DeliveryState) else None
    everything = "format" in request.query_params
    notices = system.webhook_desk.deliveries(actor, state=state, limit=None if everything else SHOWN)
    rows = [delivery_row(one) for one in notices]
    if everything and (file := exported(request, actor, table="notices", columns=_COLUMNS, rows=rows)) is not None:
        return file
    receivers = [
        {**webhook_row(one.webhook), "waiting": one.waiting, "delivered": one.delivered, "dead": one.dead}
        for one in system.webhook_desk.listed(actor)
    ]
    return page(
        request,
        "webhooks.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        headers={"Cache-Control": "no-store"},
        receivers=receivers,
        notices=rows,
        state=asked if state is not None else "",
        states=list(DeliveryState),
        told=list(Told),
        lines=sorted(system.policy.lines),
        failed=failed,
        made=made,
        done=request.query_params.get("done", ""),
        may_add=may(actor, Act.WEBHOOK_ADD),
        files=exports(request),
    )
