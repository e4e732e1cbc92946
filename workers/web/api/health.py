"""``/healthz`` and ``/readyz``: for whoever watches; nobody has to be known."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from callwarden.workers.web.asking import TheSystem
from callwarden.workers.web.routes import is_open

router = APIRouter(tags=["health"])


@router.get("/healthz")
@is_open
def healthz() -> Response:
    """Whether this process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
@is_open
def readyz(system: TheSystem) -> Response:
    """Whether what it needs is in reach: 503 problem+json while it is not."""
    with system.catalogue.snapshot():
        return JSONResponse({"status": "ready"})
