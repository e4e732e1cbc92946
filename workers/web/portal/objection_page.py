"""``/objections``: who objected to what, filing one, taking one back, and those that wait to be weighed (R3, R4)."""

from datetime import datetime, time
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId
from callwarden.model.objection import GROUNDS, Ground
from callwarden.model.purpose import OBJECTABLE
from callwarden.rules.rights import Act
from callwarden.workers.shapes.objections import applied_shape, objection_row
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/objections")

_COLUMNS: Final = (
    *("objection_id", "scope", "about", "purposes", "channel", "entered_by"),
    *("objected_at", "counts_from", "withdrawn_at", "granted", "ground"),
)
_DID: Final = ("dropped", "limited", "kept_for_case", "kept_for_request", "not_offered")


@router.get("")
@does(Act.OBJECTION_LIST, Act.TABLE_EXPORT)
def listed(request: Request, actor: Asking, system: TheSystem) -> Response:
    """Every objection on file, those to be weighed first."""
    return _page(request, system, actor)


@router.post("/add")
@does(Act.OBJECTION_ADD, Act.OBJECTION_ADD_CALL)
def add(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """File one, and apply it to everything it concerns."""

    def do() -> str:
        begins, purposes = typed.day("from"), frozenset(typed.names("purpose"))
        if not purposes:
            raise UsageError("say what is objected to")
        applied = system.objection_desk.add(
            actor,
            _scope(typed),
            purposes,
            channel=typed.text("channel") or actor.role,
            counts_from=None if begins is None else datetime.combine(begins, time(), system.policy.time_zone),
        )
        return f"/objections?{_told(applied_shape(applied))}"

    return attempt("add", typed, do, lambda failed: _page(request, system, actor, failed))


@router.post("/withdraw")
@does(Act.OBJECTION_WITHDRAW, Act.OBJECTION_WITHDRAW_CALL)
def withdraw(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take one back, for calls from now on."""

    def do() -> str:
        system.objection_desk.withdraw(actor, _scope(typed), frozenset(typed.names("purpose")))
        return "/objections?withdrawn=1"

    return attempt("withdraw", typed, do, lambda failed: _page(request, system, actor, failed))


@router.post("/decide")
@does(Act.OBJECTION_DECIDE)
def decide(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Grant one to recording where the line offers none, or refuse it on a ground."""

    def do() -> str:
        name, granted = typed.text("objection") or "", typed.text("do") == "grant"
        if granted:
            typed.confirms(name[:12])
        ground = None if granted else typed.code("ground", Ground)
        applied = system.objection_desk.decide(actor, name, granted=granted, ground=ground, undecided=True)
        return f"/objections?{_told(applied_shape(applied))}"

    return attempt("decide", typed, do, lambda failed: _page(request, system, actor, failed))


@router.get("/{step}")
@does(Act.OBJECTION_LIST, Act.TABLE_EXPORT)
def back(request: Request, actor: Asking, system: TheSystem) -> Response:
    """A form's own address, asked for again: the page that has it."""
    return _page(request, system, actor)


def _page(request: Request, system: TheSystem, actor: Actor, failed: Failed | None = None) -> Response:
    desk, decides = system.objection_desk, may(actor, Act.OBJECTION_DECIDE)
    found = desk.weighed(actor) if decides else [(one, 0) for one in desk.listed(actor)]  # one look, one entry
    rows = [objection_row(one) for one, _ in found]
    if file := exported(request, actor, table="objections", columns=_COLUMNS, rows=rows):
        return file
    undecided = [(one, count) for one, count in found if count]
    return page(
        request,
        "objections.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        objections=rows,
        undecided=[objection_row(one) for one, _ in undecided],
        at_stake={one.objection_id: count for one, count in undecided},
        may_add=may(actor, Act.OBJECTION_ADD_CALL),
        purposes=sorted(OBJECTABLE),
        grounds=GROUNDS,
        told=dict(request.query_params),
        did=_DID,
        exports=exports(request),
        failed=failed,
    )


def _scope(typed: Typed) -> ObjectionScope:
    number, customer, call = typed.text("number"), typed.text("customer"), typed.text("call")
    if sum(given is not None for given in (number, customer, call)) != 1:
        raise UsageError("say whose calls: a number, a customer or a call, and only one of them")
    return ObjectionScope(number=number, customer_id=customer, call_id=None if call is None else CallId(call))


def _told(applied: dict[str, object]) -> str:
    """How many of each kind, for the page that comes next."""
    counts = {name: len(found) for name in _DID if isinstance(found := applied[name], tuple)}
    return "&".join(f"{name}={count}" for name, count in counts.items())
