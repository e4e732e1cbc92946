"""``/``: what waits for whoever reads, and nothing else."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.rules.operations import Wants
from callwarden.rules.rights import Act
from callwarden.workers.shapes.operations import operations_shape, workers_here
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.errands import TheErrands
from callwarden.workers.web.portal.forms import may
from callwarden.workers.web.portal.operations import place_of
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.today import waiting
from callwarden.workers.web.routes import does

router = APIRouter()


@router.get("/")
@does(
    *(Act.OPERATIONS_SHOW, Act.REQUEST_LIST, Act.HOLD_DUE, Act.OBJECTION_LIST, Act.BREAKGLASS_LIST),
    *(Act.REDACTION_LIST, Act.EXPERIMENT_LIST, Act.POLICY_CHANGES),
)
def today(request: Request, actor: Asking, system: TheSystem, errands: TheErrands) -> Response:
    """The page one begins with."""
    wants: list[Wants] = []
    faults: list[str] = []
    if may(actor, Act.OPERATIONS_SHOW):
        here = workers_here(system.settings.home, embedded=system.settings.is_embedded)
        shape = operations_shape(system.operations_desk.shown(actor), here)
        wants, faults = shape["wants"], shape["faults"]
    return page(
        request,
        "today.html",
        actor=actor,
        wants=wants,
        faults=faults,
        place_of=place_of,
        waiting=list(waiting(system, errands, actor)),
    )
