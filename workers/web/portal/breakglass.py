"""``/breakglass``: an original in an emergency, asked for with a reason and approved by a second person (U4)."""

from collections.abc import Callable, Sequence
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.desks.break_glass import Listed
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.break_glass import GlassId
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.rules.people import same_person
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.break_glass import listed_glass
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/breakglass")

_COLUMNS: Final = (
    *("request", "recording_id", "what", "purpose", "role", "requested_by", "approved_by"),
    *("state", "requested_at", "open_until", "ended_at", "reason"),
)


@router.get("")
@does(Act.BREAKGLASS_LIST, Act.TABLE_EXPORT)
def shown(request: Request, actor: Asking, system: TheSystem, recording: str = "") -> Response:
    """What was asked for, by whom and why; and the form to ask. `recording` is put into it."""
    return _page(request, system, actor, recording=recording)


@router.post("/ask")
@does(Act.BREAKGLASS_REQUEST)
def ask(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Ask for an original. Nothing opens before somebody else has approved."""

    def do() -> str:
        purpose, what = typed.code("purpose", Purpose), typed.code("what", Readable)
        if purpose is None or what is None:
            raise UsageError("say which original, and what for")
        recording = RecordingId(typed.text("recording") or "")
        system.break_glass_desk.request(actor, purpose, recording, what, reason=typed.text("reason") or "")
        send_outbox(system)
        return "/breakglass?done=asked"

    return _attempt(request, system, actor, "ask", typed, do)


@router.post("/{which}/approve")
@does(Act.BREAKGLASS_APPROVE)
def approve(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Be the second person."""

    def do() -> str:
        system.break_glass_desk.approve(actor, GlassId(which))
        send_outbox(system)
        return "/breakglass?done=approved"

    return _attempt(request, system, actor, which, typed, do)


@router.post("/{which}/end")
@does(Act.BREAKGLASS_CLOSE)
def end(request: Request, which: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Close it before its time, or take it back."""

    def do() -> str:
        system.break_glass_desk.end(actor, GlassId(which))
        return "/breakglass?done=ended"

    return _attempt(request, system, actor, which, typed, do)


def _attempt(
    request: Request, system: TheSystem, actor: Actor, form: str, typed: Typed, do: Callable[[], str]
) -> Response:
    return attempt(form, typed, do, lambda failed: _page(request, system, actor, failed=failed))


def _listed(system: TheSystem, actor: Actor) -> Sequence[Listed]:
    """Nothing, to whoever neither approves nor has asked: they may still ask."""
    try:
        return system.break_glass_desk.listed(actor)
    except RefusedError:
        return ()


def _page(
    request: Request, system: TheSystem, actor: Actor, *, recording: str = "", failed: Failed | None = None
) -> Response:
    approves = may(actor, Act.BREAKGLASS_APPROVE)
    offered = system.break_glass_desk.offered(actor)
    rows = [listed_glass(one) for one in _listed(system, actor)]
    file = exported(request, actor, table="emergency-access", columns=_COLUMNS, rows=rows)
    return file or page(
        request,
        "breakglass.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        rows=rows,
        failed=failed,
        recording=recording,
        done=request.query_params.get("done", ""),
        approves=approves,
        is_mine=lambda row: same_person(row["requested_by"], actor.name),
        purposes=sorted({purpose for purpose, _ in offered}),
        originals=sorted({what for _, what in offered}),
        lasts=system.policy.break_glass_lasts,
        files=exports(request),
    )
