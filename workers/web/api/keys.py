"""``/api/v1/keys``: the master keys that wrap every recording's data key (K4)."""

from fastapi import APIRouter
from starlette.responses import Response

from callwarden.rules.rights import Act
from callwarden.workers.shapes.keys import rewrapped_shape
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Id
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import COUNT, FLAG, TEXT, answers, thing

router = APIRouter(prefix="/keys", tags=["keys"])

_DONE = thing(master_key=TEXT, rewrapped=COUNT, already=COUNT, lost=COUNT)


@router.post("/rotate", responses=answers(_DONE))
@does(Act.KEYS_ROTATE, Act.KEYS_REWRAP)
def rotate_keys(actor: Asking, system: TheSystem) -> Response:
    """Make a new master key and bring every living data key under it, or finish a rotation that was interrupted."""
    return as_json(rewrapped_shape(system.key_desk.rotate(actor)))


@router.post("/rewrap", responses=answers(_DONE))
@does(Act.KEYS_REWRAP)
def rewrap_keys(actor: Asking, system: TheSystem) -> Response:
    """Bring what is still under an older master key under the current one."""
    return as_json(rewrapped_shape(system.key_desk.rewrap(actor)))


@router.post("/{master_key}/retire", responses=answers(thing(master_key=TEXT, destroyed=FLAG)))
@does(Act.KEYS_RETIRE)
def retire_key(master_key: Id, actor: Asking, system: TheSystem) -> Response:
    """Destroy an older master key for good: wrapped keys in old backups open nothing any more."""
    system.key_desk.retire(actor, master_key)
    return as_json({"master_key": master_key, "destroyed": True})
