"""``/``: what waits for whoever reads, and nothing else."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.workers.web.asking import Asking
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import own

router = APIRouter()


@router.get("/")
@own
def today(request: Request, actor: Asking) -> Response:
    """The page one begins with."""
    return page(request, "today.html", actor=actor)
