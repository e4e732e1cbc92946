"""``/policy``: what is promised, as a page a person can read."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from callwarden.desks.policy_changes import LONGEST_TEXT, Standing, may_withdraw
from callwarden.errors import UsageError
from callwarden.model.access import MACHINES, Actor, Readable, Role
from callwarden.model.policy_change import ChangeState
from callwarden.rules.access_table import STATES
from callwarden.rules.rights import Act
from callwarden.workers.shapes import Row
from callwarden.workers.shapes.policy import access_rows, act_rows, state_rows
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does, own

router = APIRouter()

_ACCESS: Final = ("role", "purposes", "artefacts", "conditions")
_ACTS: Final = ("act", "who", "reach", "people", "by_policy", "entry")
_ROLES: Final = tuple(role for role in Role if role not in MACHINES)


@router.get("/policy")
@does(Act.POLICY_CHANGES)
def policy(request: Request, actor: Asking, system: TheSystem) -> Response:
    """The policy in force: lines, periods, who may read what, and what changed."""
    return _shown(request, actor, system)


@router.post("/policy/changes")
@does(Act.POLICY_PROPOSE, Act.POLICY_CHANGES)
def propose(request: Request, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Put the policy in force before whoever approves that it counts for what is stored; or one from a file, which
    counts once it is in force."""
    file = typed.files.get("file")

    def do() -> str:
        system.policy_desk.propose(actor, None if file is None else _text(file))
        return "/policy?done=proposed#changes"

    return attempt(
        "propose" if file is None else "propose-file", typed, do, lambda failed: _shown(request, actor, system, failed)
    )


@router.post("/policy/changes/{digits}/approve")
@does(Act.POLICY_APPROVE, Act.POLICY_CHANGES)
def approve(request: Request, digits: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Be the second person; the first digits of the policy's version are typed to confirm."""

    def do() -> str:
        typed.confirms(digits)
        system.policy_desk.approve(actor, digits)
        return "/policy?done=approved#changes"

    return attempt(f"approve-{digits}", typed, do, lambda failed: _shown(request, actor, system, failed))


@router.post("/policy/changes/{digits}/withdraw")
@does(Act.POLICY_WITHDRAW, Act.POLICY_CHANGES)
def withdraw(request: Request, digits: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Take a proposal back that nobody has approved."""

    def do() -> str:
        system.policy_desk.withdraw(actor, digits)
        return "/policy?done=withdrawn#changes"

    return attempt(f"withdraw-{digits}", typed, do, lambda failed: _shown(request, actor, system, failed))


@router.get("/policy/changes")
@router.get("/policy/changes/{digits}/withdraw")
@router.get("/policy/changes/{digits}/approve")
@own
def back() -> Response:
    """A form's own address, asked for again: to the page that has it."""
    return RedirectResponse("/policy#changes", status_code=303)


def _text(uploaded: UploadFile) -> str:
    """No more of it than a policy may have, and a little."""
    with uploaded.file as file:
        try:
            return str(file.read(4 * LONGEST_TEXT).decode())
        except UnicodeDecodeError:
            raise UsageError("this text is no policy: it is not UTF-8") from None


def _shown(request: Request, actor: Actor, system: TheSystem, failed: Failed | None = None) -> Response:
    stated = system.policy
    standing = system.policy_desk.listed(actor) if may(actor, Act.POLICY_CHANGES) else None
    changes, states = [] if standing is None else standing.changes, state_rows(stated)
    return page(
        request,
        "policy.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        policy=stated,
        lines=list(stated.lines.values()),
        matrix=_matrix(access_rows(stated)),
        artefacts=list(Readable),
        states=states,
        empty_states=[one for one in STATES if one not in {row["state"] for row in states}],
        history=system.policy_history(),
        standing=standing,
        open_changes=[] if standing is None else standing.unfinished,
        done_changes=[one for one in changes if one.state is ChangeState.DONE and not one.altered],
        may_propose=may(actor, Act.POLICY_PROPOSE),
        may_approve=may(actor, Act.POLICY_APPROVE),
        withdrawable=_withdrawable(actor, standing),
        failed=failed,
        done=request.query_params.get("done", ""),
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


def _withdrawable(actor: Actor, standing: Standing | None) -> frozenset[str]:
    """The proposals that they may take back."""
    if standing is None or not may(actor, Act.POLICY_WITHDRAW):
        return frozenset()
    return frozenset(one.change_id for one in standing.changes if may_withdraw(actor, one))


def _matrix(rows: list[Row]) -> list[dict[str, Any]]:
    """The grants, and the roles that have none."""
    granted = {row["role"] for row in rows}
    return [*(dict(row) for row in rows), *({"role": role, "purposes": []} for role in _ROLES if role not in granted)]
