"""``/api/v1/policy``: who is recorded, how long it is kept, who may read what. No secret to anybody who works here."""

from dataclasses import asdict

from fastapi import APIRouter, Depends
from starlette.responses import Response

from callwarden.rules.policy_words import explain
from callwarden.workers.shapes.policy import access_rows, act_rows, policy_shape, state_rows
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import TheSystem, actor_of
from callwarden.workers.web.routes import own
from callwarden.workers.web.schemas import COUNT, FLAG, TEXT, answers, many, page_of, thing

router = APIRouter(prefix="/policy", tags=["policy"], dependencies=[Depends(actor_of)])


@router.get("", responses=answers(thing(version=TEXT, lines=many({"type": "object"}), time_zone=TEXT)))
@own
def show_policy(system: TheSystem) -> Response:
    """Everything the policy in force states."""
    return as_json(policy_shape(system.policy))


@router.get("/words", responses=answers(page_of(thing(about=TEXT, key=TEXT, says=TEXT))))
@own
def explain_policy(system: TheSystem) -> Response:
    """The policy in words, statement by statement."""
    return as_json(paging.page_shape([asdict(row) for row in explain(system.policy)]))


@router.get("/access", responses=answers(page_of(thing(role=TEXT, purposes=many(TEXT), artefacts=many(TEXT)))))
@own
def list_access(system: TheSystem) -> Response:
    """Who may read what, for which purpose."""
    return as_json(paging.page_shape(access_rows(system.policy)))


@router.get("/states", responses=answers(page_of(thing(state=TEXT, role=TEXT, break_glass=FLAG))))
@own
def list_states(system: TheSystem) -> Response:
    """What is open to whom in each state of a recording."""
    return as_json(paging.page_shape(state_rows(system.policy)))


@router.get("/acts", responses=answers(page_of(thing(act=TEXT, who=many(TEXT), reach=TEXT, people=COUNT, entry=TEXT))))
@own
def list_acts() -> Response:
    """Who may do what else; no policy changes that."""
    return as_json(paging.page_shape(act_rows()))
