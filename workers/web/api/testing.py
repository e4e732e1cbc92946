"""``/api/v1/testing``: real calls to test on, redacted, asked for by one person and approved by another (U8)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from callwarden.model.ids import LineId
from callwarden.model.permission import PermissionId, PermissionState, Wanted
from callwarden.rules.free_text import LONGEST
from callwarden.rules.rights import Act
from callwarden.workers.shapes.testing import listed_permission_shape, permission_shape
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Day, Id, Name, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import COUNT, INSTANT, TEXT, answers, many, maybe, one_of, page_of, thing

router = APIRouter(prefix="/testing", tags=["tests on real calls"])

_FIELDS = {
    "permission": TEXT,
    "line": TEXT,
    "number": COUNT,
    "until": TEXT,
    "role": TEXT,
    "asked_by": TEXT,
    "asked_at": INSTANT,
    "ends_at": INSTANT,
    "reason": TEXT,
    "approved_by": maybe(TEXT),
    "approved_at": maybe(INSTANT),
    "ended_at": maybe(INSTANT),
    "recordings": many(TEXT),
}
_PERMISSION = thing(**_FIELDS)


class RealCalls(Body):
    """Which, how many, for how long and why. Days are the policy's, ``from`` and ``to`` included."""

    model_config = example(
        line="customer-service",
        from_="2026-11-01",
        to="2026-11-15",
        number=20,
        until="2026-12-01",
        reason="the new telephone system cuts words",
    )

    line: Name
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    number: Annotated[int, Field(strict=True, ge=1, le=1000, description="Drawn by lot at its approval.")]
    until: Day
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST, description="Stored encrypted.")]


@router.get("", responses=answers(page_of(thing(**_FIELDS, state=one_of(*PermissionState)))))
@does(Act.TESTING_LIST)
def list_tests(actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100) -> Response:
    """Permissions and what they open: to the data protection officer and auditors all, to anybody else their own."""
    found = system.testing_desk.listed(actor)
    rows = [((one.permission.permission_id,), listed_permission_shape(one)) for one in found]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.post("", status_code=201, responses=answers(_PERMISSION, status=201, says="Asked for."))
@does(Act.TESTING_ASK)
def ask_test(asked: RealCalls, actor: Asking, system: TheSystem) -> Response:
    """Ask for it. Nothing opens before the data protection officer has approved."""
    wanted = Wanted(
        line=LineId(asked.line),
        first=asked.from_,
        last=asked.to,
        number=asked.number,
        until=asked.until,
        reason=asked.reason,
    )
    return as_json(permission_shape(system.testing_desk.ask(actor, wanted)), status=201)


@router.post("/{permission}/approve", responses=answers(_PERMISSION))
@does(Act.TESTING_APPROVE)
def approve_test(permission: Id, actor: Asking, system: TheSystem) -> Response:
    """Approve somebody else's: the recordings are drawn, and open to who asked until its end."""
    return as_json(permission_shape(system.testing_desk.approve(actor, PermissionId(permission))))


@router.post("/{permission}/end", responses=answers(_PERMISSION))
@does(Act.TESTING_CLOSE)
def end_test(permission: Id, actor: Asking, system: TheSystem) -> Response:
    """Close it before its time, or take it back."""
    return as_json(permission_shape(system.testing_desk.end(actor, PermissionId(permission))))
