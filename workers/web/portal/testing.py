"""``/testing``: real calls to test on, redacted, asked for by one person and approved by another (U8)."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import Faults
from callwarden.model.access import Actor
from callwarden.model.ids import LineId
from callwarden.model.permission import PermissionId, Wanted
from callwarden.model.purpose import Purpose
from callwarden.rules.people import same_person
from callwarden.rules.reading import may_test
from callwarden.rules.rights import Act
from callwarden.workers.shapes.testing import listed_permission_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/testing")

_COLUMNS: Final = (
    *("permission", "state", "line", "from", "to", "number", "until", "role", "asked_by", "asked_at"),
    *("approved_by", "approved_at", "ended_at", "reason"),
)


@router.get("")
@does(Act.TESTING_LIST, Act.TABLE_EXPORT)
def shown(request: Request, actor: Asking, system: TheSystem) -> Response:
    """What was asked for, by whom and why, and what it opens; and the form to ask."""
    return _page(request, system, actor)


@router.post("/ask")
@does(Act.TESTING_ASK)
def ask(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Ask for it. Nothing opens before the data protection officer has approved."""

    def do() -> str:
        wrong = Faults()
        with wrong:
            first = typed.needed_day("from")
        with wrong:
            last = typed.needed_day("to")
        with wrong:
            number = typed.number("number")
        with wrong:
            until = typed.needed_day("until")
        wrong.check()
        line, reason = LineId(typed.text("line") or ""), typed.text("reason") or ""
        wanted = Wanted(line=line, first=first, last=last, number=number, until=until, reason=reason)
        system.testing_desk.ask(actor, wanted)
        return "/testing?done=asked"

    return _attempt(request, system, actor, "ask", typed, do)


@router.post("/{which}/approve")
@does(Act.TESTING_APPROVE)
def approve(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Be the second person."""

    def do() -> str:
        system.testing_desk.approve(actor, PermissionId(which))
        return "/testing?done=approved"

    return _attempt(request, system, actor, which, typed, do)


@router.post("/{which}/end")
@does(Act.TESTING_CLOSE)
def end(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Close it before its time, or take it back."""

    def do() -> str:
        system.testing_desk.end(actor, PermissionId(which))
        return "/testing?done=ended"

    return _attempt(request, system, actor, which, typed, do)


def _attempt(
    request: Request, system: TheSystem, actor: Actor, form: str, typed: Typed, do: Callable[[], str]
) -> Response:
    return attempt(form, typed, do, lambda failed: _page(request, system, actor, failed=failed))


def _page(request: Request, system: TheSystem, actor: Actor, *, failed: Failed | None = None) -> Response:
    rows = [listed_permission_shape(one) for one in system.testing_desk.listed(actor)]
    file = exported(request, actor, table="tests-on-real-calls", columns=_COLUMNS, rows=rows)
    asks = may(actor, Act.TESTING_ASK) and may_test(actor.role, Purpose.QUALITY, policy=system.policy)
    return file or page(
        request,
        "testing.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        rows=rows,
        failed=failed,
        done=request.query_params.get("done", ""),
        approves=may(actor, Act.TESTING_APPROVE),
        is_mine=lambda row: same_person(row["asked_by"], actor.name),
        lines=sorted(system.policy.lines) if asks else (),
        limits=system.policy.testing,
        files=exports(request),
    )
