"""``/api/v1/disposals``: what a sweep would destroy."""

from fastapi import APIRouter
from starlette.responses import Response

from callwarden.rules.rights import Act
from callwarden.workers.shapes.calls import due_recording_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import INSTANT, TEXT, answers, maybe, page_of, thing

router = APIRouter(prefix="/disposals", tags=["disposal"])


@router.get(
    "/preview", responses=answers(page_of(thing(recording_id=TEXT, line=TEXT, keep_until=maybe(INSTANT), state=TEXT)))
)
@does(Act.DISPOSE_PREVIEW)
def preview_disposal(
    actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> Response:
    """What a sweep would destroy now, by recording. The sweep itself is a worker's, and `callwarden dispose`."""
    rows = [((one.recording_id,), due_recording_row(one)) for one in system.disposal_desk.previewed(actor)]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit))
