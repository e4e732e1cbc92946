"""``/api/v1/tokens``: how people and telephone systems sign in."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field
from starlette.responses import Response

from callwarden.model.access import MACHINES, Actor, Role
from callwarden.model.ids import LineId
from callwarden.model.token import TokenId
from callwarden.rules.people import ACCOUNT_RULE, is_account_name
from callwarden.rules.rights import Act
from callwarden.workers.shapes.tokens import token_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Flag, Id, Name, Names, Period, at_most, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import FLAG, INSTANT, TEXT, answers, many, maybe, page_of, thing
from callwarden.workers.web.sent_again import show_once

router = APIRouter(prefix="/tokens", tags=["tokens"])

_ROW = {
    "token_id": TEXT,
    "role": TEXT,
    "name": TEXT,
    "lines": maybe(many(TEXT)),
    "expires_at": INSTANT,
    "revoked_at": maybe(INSTANT),
    "once": FLAG,
}


def _account(name: str) -> str:
    if not is_account_name(name):
        raise ValueError(f"a name is {ACCOUNT_RULE}")
    return name


def of_a_person(role: Role) -> Role:
    """Raises ValueError for a machine's."""
    if role in MACHINES:
        raise ValueError("is a machine's role: no token is issued for it")
    return role


Account = Annotated[str, AfterValidator(_account), Field(max_length=200, examples=["alice"])]


class NewToken(Body):
    """Whose it is, for how long, and what it is narrowed to."""

    model_config = example(role="trainer", name="alice", lasts="P30D")

    role: Annotated[Role, AfterValidator(of_a_person)]
    name: Account
    lasts: Period = "P90D"
    line: Names | None = Field(default=None, description="Only these lines.")
    agent: Names | None = Field(default=None, description="In charge of these agents' calls.")
    own_agent_id: Name | None = Field(default=None, description="The holder's own id on the telephone system.")
    once: Flag = Field(default=False, description="Spent by the first thing it is presented for.")


@router.post(
    "",
    status_code=201,
    responses=answers(thing(**_ROW, token=TEXT), status=201, says="Shown this once."),
    dependencies=[Depends(show_once)],
)
@does(Act.TOKEN_ISSUE)
def issue_token(new: NewToken, actor: Asking, system: TheSystem) -> Response:
    """Issue a token. Its text is in this answer alone, and kept nowhere."""
    holder = Actor(
        role=new.role,
        name=new.name,
        lines=frozenset(LineId(line) for line in new.line) if new.line else None,
        agents=frozenset(new.agent) if new.agent else None,
        agent_id=new.own_agent_id,
    )
    token, text = system.token_desk.issue(actor, holder, lasts=at_most(new.lasts), once=new.once)
    return as_json({**token_row(token), "token": text}, status=201)


@router.get("", responses=answers(page_of(thing(**_ROW))))
@does(Act.TOKEN_LIST)
def list_tokens(actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100) -> Response:
    """Every token ever issued, newest first, without its secret."""
    rows = [
        ((token.issued_at.isoformat(), token.token_id), token_row(token)) for token in system.token_desk.listed(actor)
    ]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.post("/{token_id}/revoke", responses=answers(thing(**_ROW)))
@does(Act.TOKEN_REVOKE)
def revoke_token(token_id: Id, actor: Asking, system: TheSystem) -> Response:
    """Revoke a token now."""
    return as_json(token_row(system.token_desk.revoke(actor, TokenId(token_id))))
