"""``/api/v1/breakglass``: an original in an emergency, with a reason and a second person (U4)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from callwarden.model.access import Readable
from callwarden.model.break_glass import GlassId, GlassState
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.break_glass import glass_row, listed_glass
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Id, Name, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import INSTANT, TEXT, answers, maybe, one_of, page_of, thing

router = APIRouter(prefix="/breakglass", tags=["emergency access"])

_ROW = {"request": TEXT, "recording_id": TEXT, "what": TEXT, "purpose": TEXT, "role": TEXT}
_LISTED = {**_ROW, "state": one_of(*GlassState), "requested_at": INSTANT, "open_until": maybe(INSTANT)}


class Emergency(Body):
    """Which original, what for, and why it is an emergency."""

    model_config = example(recording="rec-0f6b1c4de2a94b7f8c3d5e6f70819a2b", purpose="dispute", reason="a threat")

    recording: Name
    purpose: Purpose
    what: Literal["original-audio", "original-transcript"] = "original-audio"
    reason: Annotated[str, Field(min_length=1, max_length=1000, description="Stored encrypted.")]


@router.get("", responses=answers(page_of(thing(**_LISTED, reason=maybe(TEXT)))))
@does(Act.BREAKGLASS_LIST)
def list_emergencies(
    actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> Response:
    """Requests, why, and where each stands: to those who approve every one, to anybody else their own."""
    rows = [((one.request.request_id,), listed_glass(one)) for one in system.break_glass_desk.listed(actor)]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.post("", status_code=201, responses=answers(thing(**_ROW, lapses_at=INSTANT), status=201, says="Asked for."))
@does(Act.BREAKGLASS_REQUEST)
def ask_emergency(asked: Emergency, actor: Asking, system: TheSystem) -> Response:
    """Ask for it. Nothing opens before somebody else has approved."""
    found = system.break_glass_desk.request(
        actor, asked.purpose, RecordingId(asked.recording), Readable(asked.what), reason=asked.reason
    )
    send_outbox(system)
    return as_json(glass_row(found) | {"lapses_at": found.lapses_at}, status=201)


@router.post("/{request}/approve", responses=answers(thing(**_ROW, open_until=INSTANT)))
@does(Act.BREAKGLASS_APPROVE)
def approve_emergency(request: Id, actor: Asking, system: TheSystem) -> Response:
    """Approve somebody else's; from now on it is open, for as long as the policy says."""
    opened = system.break_glass_desk.approve(actor, GlassId(request))
    send_outbox(system)
    return as_json(glass_row(opened) | {"open_until": opened.open_until})


@router.post("/{request}/end", responses=answers(thing(**_ROW, ended_at=INSTANT)))
@does(Act.BREAKGLASS_CLOSE)
def end_emergency(request: Id, actor: Asking, system: TheSystem) -> Response:
    """Close it before its time, or take a request back."""
    ended = system.break_glass_desk.end(actor, GlassId(request))
    return as_json(glass_row(ended) | {"ended_at": ended.ended_at})
