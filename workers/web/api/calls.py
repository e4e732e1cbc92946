"""``/api/v1/calls``: what became of each event."""

from fastapi import APIRouter
from starlette.responses import Response

from callwarden.rules.rights import Act
from callwarden.workers.shapes.calls import call_shape
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/calls", tags=["calls"])


@router.get("/{which}")
@does(Act.CALLS_SHOW)
def show(which: str, actor: Asking, system: TheSystem) -> Response:
    """One call or recording: its events, its state, what is stored of it."""
    found = system.call_desk.shown(actor, which)
    return as_json(call_shape(found))
