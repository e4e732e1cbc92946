"""Pages of long work: how far it has come, and what it made as an archive, for whoever asked for it."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from callwarden.errors import CallwardenError, RefusedError
from callwarden.model.access import Actor
from callwarden.workers.web.errands import Errand, Errands, Stage, archive
from callwarden.workers.web.portal.forms import Failed
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.problems import problem_of


def errand_page(request: Request, actor: Actor, errand: Errand, *, back: str, address: str) -> Response:
    """How far it has come; a part of it for a script that asks."""
    part = request.headers.get("hx-request") == "true"
    return page(
        request,
        "errand_part.html" if part else "errand.html",
        actor=actor,
        errand=errand,
        failed=None if errand.error is None else _failed(errand.error),
        back=back,
        address=address,
    )


def errand_of(errands: Errands, actor: Actor, errand_id: str, *, about: str, look: Callable[[], object]) -> Errand:
    """Their errand. Whoever looks at how far their own has come makes no entry each time; of anybody else `look` is,
    by which they are refused where nothing of it is theirs. Raises RefusedError."""
    try:
        return errands.of(actor, errand_id, about=about)
    except RefusedError:
        look()
        raise


def archive_of(errand: Errand, name: str) -> Response:
    """What it made, as a zip file of this name. Raises RefusedError before it is ready."""
    if errand.stage is not Stage.READY:
        raise RefusedError(("unknown",), "it is not ready")
    told = f"attachment; filename*=UTF-8''{quote(name, safe='')}.zip"
    return StreamingResponse(_saved(errand, name), media_type="application/zip", headers={"Content-Disposition": told})


def _saved(errand: Errand, name: str) -> Iterator[bytes]:
    yield from archive(errand.folder, name)
    errand.saved = True


def _failed(error: CallwardenError) -> Failed:
    problem = problem_of(error)
    reasons = tuple(str(reason) for reason in problem.reasons)
    return Failed(form="", message=problem.detail, status=problem.status, reasons=reasons)
