"""``/api/v1/operations``: how everything stands, for whoever watches."""

from fastapi import APIRouter
from starlette.responses import Response

from callwarden.rules.operations import Wants
from callwarden.rules.rights import Act
from callwarden.workers.shapes.operations import operations_shape, workers_here
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import ANYTHING, COUNT, FLAG, INSTANT, TEXT, answers, many, maybe, one_of, thing

router = APIRouter(prefix="/operations", tags=["operations"])


_OF_EACH = {"type": "object", "additionalProperties": COUNT}
_ANSWER = thing(
    at=INSTANT,
    wants=many(one_of(*Wants)),
    faults=many(TEXT),
    out_of_reach={"type": "object", "additionalProperties": TEXT},
    outcomes=maybe(thing(published=COUNT, outcomes=_OF_EACH, in_flight=COUNT, balanced=FLAG)),
    waiting=many(thing(waits_for=TEXT, events=COUNT, why=TEXT)),
    lag=many(thing(group=TEXT, topic=TEXT, behind=COUNT)),
    quarantine=_OF_EACH,
    dead_letters=_OF_EACH,
    disposal=thing(due=COUNT, due_since=maybe(INSTANT), audio_due=COUNT, stopped=ANYTHING),
    log=ANYTHING,
    disks=many(thing(holds=many(TEXT), free=COUNT, total=COUNT)),
    steps=many(thing(process=COUNT, step=TEXT, state=TEXT)),
    webhooks=_OF_EACH,
)


@router.get("", responses=answers(_ANSWER))
@does(Act.OPERATIONS_SHOW)
def show_operations(actor: Asking, system: TheSystem) -> Response:
    """Outcomes, lag, what waits and why, quarantine, dead letters, disposals, the log, disks, steps, webhooks."""
    found = system.operations_desk.shown(actor)
    return as_json(operations_shape(found, workers_here(system.settings.home, embedded=system.settings.is_embedded)))
