"""``/requests``: what people ask of their own data, with the days that are left, and entering one (D1, D2)."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.purpose import OBJECTABLE
from callwarden.model.request import RequestState, RequestType
from callwarden.rules.requests import Nearness
from callwarden.rules.rights import Act
from callwarden.workers.shapes.requests import listed_request
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/requests")

_COLUMNS: Final = ("request", "type", "state", "received_on", "due_on", "left", "nearness", "to_tell")
_OVER: Final = frozenset({RequestState.ANSWERED, RequestState.CLOSED})


@router.get("")
@does(Act.REQUEST_LIST, Act.TABLE_EXPORT)
def listed(request: Request, actor: Asking, system: TheSystem, show: str = "open") -> Response:
    """Every request of a kind, the most urgent first."""
    today = system.clock.now().astimezone(system.policy.time_zone).date()
    rows: list[dict[str, Any]] = [
        {**listed_request(one), "due": one.request.due_on, "left": (one.request.due_on - today).days}
        for one in system.request_desk.listed(actor)
    ]
    wanted = {
        "open": lambda row: row["state"] not in _OVER,
        "overdue": lambda row: row["nearness"] is Nearness.OVERDUE,
        "tell": lambda row: row["to_tell"],
        "over": lambda row: row["state"] in _OVER,
    }
    show = show if show in wanted else "open"
    found = sorted(filter(wanted[show], rows), key=lambda row: row["due"], reverse=show == "over")
    if file := exported(request, actor, table="requests", columns=_COLUMNS, rows=found):
        return file
    return page(
        request,
        "requests.html",
        actor=actor,
        requests=found,
        there_are=bool(rows),
        show=show,
        exports=exports(request),
        may_open=may(actor, Act.REQUEST_OPEN),
    )


@router.get("/-/new")
@does(Act.REQUEST_OPEN)
def new(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The form that enters one."""
    system.request_desk.acts.admit(Act.REQUEST_OPEN, actor)
    return _form(request, system, actor)


@router.post("/-/new")
@does(Act.REQUEST_OPEN)
def open_(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Enter a request. From now on nothing it asks for is destroyed until it is answered."""

    def do() -> str:
        kind = typed.code("type", RequestType)
        number, customer = typed.text("number"), typed.text("customer")
        purposes = frozenset(typed.names("purpose"))
        if kind is None:
            raise UsageError("say which right it is")
        if (number is None) == (customer is None):
            raise UsageError("say whose data: a number, or a customer, and not both")
        if kind is RequestType.OBJECTION and not purposes:
            raise UsageError("say what is objected to")
        opened = system.request_desk.open(
            actor,
            kind,
            number=number,
            customer_id=customer,
            received=typed.day("received"),
            purposes=purposes if kind is RequestType.OBJECTION else frozenset(),
        )
        return f"/requests/{opened.request.request_id}?customers={opened.customers}"

    return attempt("open", typed, do, lambda failed: _form(request, system, actor, failed))


def _form(request: Request, system: TheSystem, actor: Actor, failed: Failed | None = None) -> Response:
    return page(
        request,
        "request_new.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        failed=failed,
        types=list(RequestType),
        purposes=sorted(OBJECTABLE),
        today=system.clock.now().astimezone(system.policy.time_zone).date(),
    )
