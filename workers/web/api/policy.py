"""``/api/v1/policy``: who is recorded, how long it is kept, who may read what. No secret to anybody who works here."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from callwarden.desks.policy_changes import LONGEST_TEXT
from callwarden.model.letter import Language
from callwarden.model.paper import PaperKind
from callwarden.rules.policy_words import explain
from callwarden.rules.rights import Act
from callwarden.workers.shapes.papers import MEDIA, PaperForm, paper_file, paper_list
from callwarden.workers.shapes.policy import access_rows, act_rows, policy_shape, state_rows
from callwarden.workers.shapes.policy_changes import change_shape, effect_shape
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_file, as_json
from callwarden.workers.web.asking import Asking, TheSystem, actor_of
from callwarden.workers.web.bodies import Body, example
from callwarden.workers.web.routes import does, own
from callwarden.workers.web.schemas import COUNT, FLAG, TEXT, answers, many, page_of, thing

router = APIRouter(prefix="/policy", tags=["policy"], dependencies=[Depends(actor_of)])


class Proposal(Body):
    """Which policy."""

    model_config = example()

    policy: str | None = Field(
        default=None, max_length=LONGEST_TEXT, description="The text of a policy file; without, the policy in force."
    )


_CHANGE = thing(change=TEXT, version=TEXT, state=TEXT, sooner=COUNT, later=COUNT, changed=COUNT)


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


InLanguage = Annotated[Language, Query(description="Language of the paper.")]
_PAPER_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The paper.",
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for form, kind in MEDIA.items()
            if form is not PaperForm.JSON
        }
        | {"application/json": {"schema": thing(paper=TEXT, title=TEXT, policy_version=TEXT, missing=many(TEXT))}},
    }
}


@router.get("/papers", responses=answers(page_of(thing(paper=TEXT, title=TEXT, formats=many(TEXT)))))
@own
def list_papers(system: TheSystem, language: InLanguage = Language.FR) -> Response:
    """The papers that come from the policy."""
    return as_json(paging.page_shape(paper_list(system.paper_desk, language)))


@router.get("/papers/{name}", responses=_PAPER_FILES)
@own
def show_paper(
    name: PaperKind,
    system: TheSystem,
    *,
    language: InLanguage = Language.FR,
    form: Annotated[PaperForm, Query(alias="format", description="A notice is not given as ods.")] = PaperForm.JSON,
    line: Annotated[str | None, Query(max_length=64, description="Of the notice: this announcement only.")] = None,
) -> Response:
    """A paper by the policy in force: record of processing, notices, periods, matrices, processors, annex."""
    desk = system.paper_desk
    file = paper_file(desk, desk.made(name, language, line), form)
    return as_file(file.content, name=file.name, media_type=file.media_type)


@router.get("/changes", responses=answers(thing(waits=FLAG, items=many(_CHANGE))))
@does(Act.POLICY_CHANGES)
def list_changes(actor: Asking, system: TheSystem) -> Response:
    """Every change that was proposed, newest first, and whether the policy in force waits for its approval."""
    standing = system.policy_desk.listed(actor)
    return as_json({"waits": standing.waits, "items": [change_shape(each) for each in standing.changes], "next": None})


@router.post("/changes", status_code=201, responses=answers(_CHANGE, status=201))
@does(Act.POLICY_PROPOSE)
def propose_change(actor: Asking, system: TheSystem, body: Proposal) -> Response:
    """Say what a policy changes, of its text or the one in force, and put it before who approves it."""
    change, effect = system.policy_desk.propose(actor, body.policy)
    return as_json({**change_shape(change), "effect": effect_shape(effect)}, status=201)


@router.post("/changes/{version}/approve", responses=answers(_CHANGE))
@does(Act.POLICY_APPROVE)
def approve_change(version: str, actor: Asking, system: TheSystem) -> Response:
    """Approve what somebody else proposed; what is stored is dated anew by the next sweep."""
    return as_json(change_shape(system.policy_desk.approve(actor, version)))


@router.post("/changes/{version}/withdraw", responses=answers(_CHANGE))
@does(Act.POLICY_WITHDRAW)
def withdraw_change(version: str, actor: Asking, system: TheSystem) -> Response:
    """Take a proposal back that nobody has approved: whoever proposed it, and the data protection officer."""
    return as_json(change_shape(system.policy_desk.withdraw(actor, version)))
