"""``/policy``: what is promised, as a page a person can read."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.model.access import MACHINES, Readable, Role
from callwarden.rules.access_table import STATES
from callwarden.rules.rights import Act
from callwarden.workers.shapes import Row
from callwarden.workers.shapes.policy import access_rows, act_rows, state_rows
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does, own

router = APIRouter()

_ACCESS: Final = ("role", "purposes", "artefacts", "conditions")
_ACTS: Final = ("act", "who", "reach", "people", "by_policy", "entry")
_ROLES: Final = tuple(role for role in Role if role not in MACHINES)


@router.get("/policy")
@own
def policy(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The policy in force: lines, periods, who may read what, and what changed."""
    stated = system.policy
    return page(
        request,
        "policy.html",
        actor=actor,
        policy=stated,
        lines=list(stated.lines.values()),
        matrix=_matrix(access_rows(stated)),
        artefacts=list(Readable),
        states=state_rows(stated),
        empty_states=[one for one in STATES if one not in {row["state"] for row in state_rows(stated)}],
        history=system.policy_history(),
    )


@router.get("/policy/acts")
@does(Act.TABLE_EXPORT)
def acts(request: Request, actor: Asking) -> Response:
    """Who may do what else; no policy changes that."""
    rows = act_rows()
    if file := exported(request, actor, table="acts", columns=_ACTS, rows=rows):
        return file
    return page(request, "policy_acts.html", actor=actor, acts=rows, exports=exports(request))


@router.get("/policy/access")
@does(Act.TABLE_EXPORT)
def access(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The access matrix as a file."""
    rows = access_rows(system.policy)
    file = exported(request, actor, table="access", columns=_ACCESS, rows=rows)
    return policy(request, actor, system) if file is None else file


def _matrix(rows: list[Row]) -> list[dict[str, Any]]:
    """The grants, and the roles that have none."""
    granted = {row["role"] for row in rows}
    return [*(dict(row) for row in rows), *({"role": role, "purposes": []} for role in _ROLES if role not in granted)]
