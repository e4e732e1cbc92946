"""``/api/v1/operations``: how everything stands, for whoever watches."""

from fastapi import APIRouter
from starlette.responses import Response

from callwarden.rules.rights import Act
from callwarden.workers.shapes.operations import operations_shape, workers_here
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/operations", tags=["operations"])


@router.get("")
@does(Act.OPERATIONS_SHOW)
def show(actor: Asking, system: TheSystem) -> Response:
    """Outcomes, lag, what waits and why, quarantine, dead letters, disposals, the log, disks, steps, webhooks."""
    found = system.operations_desk.shown(actor)
    return as_json(operations_shape(found, workers_here(system.settings.home, embedded=system.settings.is_embedded)))
