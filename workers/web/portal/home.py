"""``/``: what waits for whoever reads, and nothing else."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.rules.rights import Act
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.errands import TheErrands
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.today import waiting
from callwarden.workers.web.routes import does

router = APIRouter()


@router.get("/")
@does(Act.REQUEST_LIST, Act.HOLD_DUE, Act.OBJECTION_LIST, Act.BREAKGLASS_LIST, Act.REDACTION_LIST)
def today(request: Request, actor: Asking, system: TheSystem, errands: TheErrands) -> Response:
    """The page one begins with."""
    return page(request, "today.html", actor=actor, waiting=list(waiting(system, errands, actor)))
