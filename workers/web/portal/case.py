"""``/cases/{case}``: its people, criteria and what they hold, procedure, disclosures, history; and its release."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from callwarden.desks.cases import NAMED
from callwarden.errors import UsageError
from callwarden.model.access import Actor
from callwarden.model.court import CourtKind, Residence
from callwarden.model.criteria import Asked
from callwarden.model.hold import CaseState, PlacementState
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.procedure import CaseEvent, EventType, GivenUp, Instance
from callwarden.rules.cases import EDITABLE, prints_of
from callwarden.rules.rights import Act
from callwarden.workers.shapes.cases import case_shape, preview_shape
from callwarden.workers.shapes.evidence import disclosure_row
from callwarden.workers.shapes.procedure import case_standing_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.case_tables import case_tables
from callwarden.workers.web.portal.cases import PARTIES, case_address, case_of, details_of
from callwarden.workers.web.portal.export import exported_of, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.procedure_line import procedure_line
from callwarden.workers.web.routes import does, own

router = APIRouter(prefix="/cases/{case}")


@router.get("")
@does(Act.HOLD_SHOW, Act.HOLD_PROCEDURE_SHOW, Act.HOLD_DISCLOSURES, Act.TABLE_EXPORT)
def shown(request: Request, case: str, actor: Asking, system: TheSystem) -> Response:
    """Everything of one case that whoever reads may see."""
    return case_page(request, system, actor, case_of(case))


@router.post("/edit")
@does(Act.HOLD_EDIT)
def edit(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Change what the case says; a data protection officer who oversees it, its people."""
    case_id = case_of(case)

    def do() -> str:
        system.case_desk.edit(actor, case_id, details_of(typed, edits=True), seen=_seen(typed))
        return case_address(case_id)

    return _attempt(request, system, actor, case_id, "edit", typed, do)


@router.post("/people")
@does(Act.HOLD_EDIT)
def people(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Name its people anew."""
    case_id = case_of(case)

    def do() -> str:
        system.case_desk.edit(actor, case_id, details_of(typed), seen=_seen(typed))
        return f"{case_address(case_id)}#people"

    return _attempt(request, system, actor, case_id, "people", typed, do)


@router.post("/preview")
@does(Act.HOLD_PREVIEW)
def preview(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """What placing the same would hold: a part of the page for a script that asks, else the whole page."""
    case_id = case_of(case)
    part = request.headers.get("hx-request") == "true"
    try:
        found = preview_shape(case_id, system.placement_desk.preview(actor, case_id, _asked(typed)))
    except UsageError as error:
        failed = Failed(form="place", message=str(error), status=422, typed=typed)
        if part:
            return page(request, "case_preview.html", actor=actor, preview=None, failed=failed)
        return case_page(request, system, actor, case_id, failed=failed)
    if part:
        return page(request, "case_preview.html", actor=actor, preview=found, failed=None)
    kept = Failed(form="place", message="", status=200, typed=typed)
    return case_page(request, system, actor, case_id, failed=kept, preview=found)


@router.post("/place")
@does(Act.HOLD_PLACE, Act.HOLD_PLACE_CRITERIA, Act.HOLD_PLACE_ASK, Act.HOLD_PLACE_CONFIRM)
def place(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Hold what is like this, now and later."""
    case_id = case_of(case)

    def do() -> str:
        asked, why = _asked(typed), typed.text("justification")
        if asked == Asked(recordings=asked.recordings) and asked.recordings and why is None:
            placed = system.hold_desk.place(actor, case_id, [RecordingId(name) for name in asked.recordings])
        else:
            placed = system.placement_desk.place(actor, case_id, asked, once=typed.is_on("once"), justification=why)
        told = f"held={placed.count}&gone={len(placed.gone)}&unknown={len(placed.unknown)}"
        return f"{case_address(case_id)}?{'waits=1' if placed.waiting_for_second else told}#held"

    return _attempt(request, system, actor, case_id, "place", typed, do)


@router.post("/confirm")
@does(Act.HOLD_PLACE_CONFIRM)
def confirm(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Be the second person for criteria that wait for one."""
    case_id = case_of(case)

    def do() -> str:
        typed.confirms(case_id)
        placed = system.placement_desk.confirm(actor, case_id, typed.text("placement") or "")
        return f"{case_address(case_id)}?held={placed.count}&gone={len(placed.gone)}&unknown=0#held"

    return _attempt(request, system, actor, case_id, "confirm", typed, do)


@router.post("/event")
@does(Act.HOLD_PROCEDURE_ADD)
def event(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Enter what has happened before the court."""
    case_id = case_of(case)

    def do() -> str:
        type_, on = typed.code("event", EventType), typed.day("date")
        if type_ is None or on is None:
            raise UsageError("say what has happened, and on which day")
        happened = CaseEvent(
            type=type_,
            on=on,
            party=typed.text("party"),
            by=typed.text("by"),
            instance=typed.code("instance", Instance),
            last_instance=typed.is_on("last_instance"),
            gives_up=typed.code("of", GivenUp),
        )
        system.procedure_desk.enter(actor, case_id, happened)
        return f"{case_address(case_id)}#procedure"

    return _attempt(request, system, actor, case_id, "event", typed, do)


@router.post("/undo")
@does(Act.HOLD_PROCEDURE_UNDO)
def undo(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Enter that an event was wrong."""
    case_id = case_of(case)

    def do() -> str:
        system.procedure_desk.undo(actor, case_id, typed.number("number"))
        return f"{case_address(case_id)}#procedure"

    return _attempt(request, system, actor, case_id, "undo", typed, do)


@router.post("/review")
@does(Act.HOLD_REVIEW)
def review(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Write down that somebody has looked."""
    case_id = case_of(case)

    def do() -> str:
        system.procedure_desk.review(actor, case_id)
        return f"{case_address(case_id)}#procedure"

    return _attempt(request, system, actor, case_id, "review", typed, do)


@router.post("/release")
@does(Act.HOLD_RELEASE_ASK, Act.HOLD_RELEASE_CONFIRM)
def release(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Propose the release, or be the second person who confirms it."""
    case_id = case_of(case)

    def do() -> str:
        typed.confirms(case_id)
        system.hold_desk.release(actor, case_id)
        return f"{case_address(case_id)}#release"

    return _attempt(request, system, actor, case_id, "release", typed, do)


@router.post("/withdraw")
@does(Act.HOLD_RELEASE_WITHDRAW)
def withdraw(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take back a proposed release."""
    case_id = case_of(case)

    def do() -> str:
        system.hold_desk.withdraw(actor, case_id)
        return f"{case_address(case_id)}#release"

    return _attempt(request, system, actor, case_id, "withdraw", typed, do)


@router.post("/end-criteria")
@does(Act.HOLD_END_CRITERIA)
def end_criteria(request: Request, case: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Hold no later calls by these criteria."""
    case_id = case_of(case)

    def do() -> str:
        system.placement_desk.end(actor, case_id, typed.text("placement") or "")
        return f"{case_address(case_id)}#held"

    return _attempt(request, system, actor, case_id, "end-criteria", typed, do)


@router.get("/{step}")
@own
def back(case: str) -> Response:
    """A form's own address, asked for again: to the page that has it."""
    return RedirectResponse(case_address(case_of(case)), status_code=303)


def case_page(
    request: Request,
    system: TheSystem,
    actor: Actor,
    case_id: CaseId,
    *,
    failed: Failed | None = None,
    preview: dict[str, object] | None = None,
) -> Response:
    """The page. Raises RefusedError, ``unknown``, where the case is not theirs to know of."""
    found = system.case_desk.shown(actor, case_id)
    case = case_shape(found)
    standing: dict[str, Any] | None = None
    line, given = None, []
    if found.whole and may(actor, Act.HOLD_PROCEDURE_SHOW):
        stands = system.procedure_desk.show(actor, case_id)
        standing = case_standing_shape(stands, system.procedure.rules)
        line = procedure_line(stands.case, stands.standing, today=_today(system))
    if found.whole and may(actor, Act.HOLD_DISCLOSURES):
        given = [disclosure_row(one) for one in system.evidence_desk.disclosures(actor, case_id)]
    if file := exported_of(request, actor, case_tables(found, case, standing)):
        return file
    is_open = found.case.state is CaseState.OPEN
    return page(
        request,
        "case.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        case=case,
        seen=prints_of(found.case),
        release_requested_by=found.case.release_requested_by,
        released_by=found.case.released_by,
        released_at=found.case.released_at,
        is_open=is_open,
        whole=found.whole,
        acts=found.whole and is_open and may(actor, Act.HOLD_EDIT),
        oversees=not found.whole and is_open and may(actor, Act.HOLD_EDIT),
        waiting=[one for one in found.placements if one.state is PlacementState.WAITING],
        may_place=may(actor, Act.HOLD_PLACE),
        may_place_criteria=may(actor, Act.HOLD_PLACE_CRITERIA),
        standing=standing,
        line=line,
        disclosures=given,
        preview=preview,
        failed=failed,
        address=case_address(case_id),
        case_address=case_address,
        lines=sorted(system.policy.lines),
        release_delay=system.policy.release_delay,
        courts=list(CourtKind),
        residences=list(Residence),
        places=PARTIES,
        event_types=list(EventType),
        instances=list(Instance),
        given_up=list(GivenUp),
        told=dict(request.query_params),
        most=NAMED,
        calls=found.first,
        exports=partial(exports, request),
    )


def _attempt(
    request: Request, system: TheSystem, actor: Actor, case_id: CaseId, form: str, typed: Typed, do: Any
) -> Response:
    return attempt(form, typed, do, lambda failed: case_page(request, system, actor, case_id, failed=failed))


def _asked(typed: Typed) -> Asked:
    return Asked(
        recordings=typed.names("recording"),
        call=typed.text("call"),
        caller=typed.text("caller"),
        customer=typed.text("customer"),
        agent=typed.text("agent"),
        line=typed.text("line"),
        labels=typed.texts("label"),
        first=typed.day("from"),
        last=typed.day("to"),
    )


def _seen(typed: Typed) -> dict[str, str]:
    return {name: typed.text(f"seen-{name}") or "" for name in EDITABLE}


def _today(system: TheSystem) -> Any:
    return system.clock.now().astimezone(system.policy.time_zone).date()
