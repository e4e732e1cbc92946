"""``/api/v1/people``: who may log in, and what they may do there."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId
from callwarden.rules.rights import Act
from callwarden.workers.shapes.people import person_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.api.tokens import Account, of_a_person
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Flag, Id, Name, Names, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import INSTANT, TEXT, answers, many, maybe, page_of, thing

router = APIRouter(prefix="/people", tags=["people"])

_ROW = {"name": TEXT, "role": TEXT, "lines": maybe(many(TEXT)), "added_at": INSTANT, "removed_at": maybe(INSTANT)}
Password = Annotated[str, Field(min_length=1, max_length=1000)]
PersonsRole = Annotated[Role, AfterValidator(of_a_person)]


class NewPerson(Body):
    """Who they are, what for, and with which password; with `from_provider` they log in at the identity provider."""

    model_config = example(name="alice", role="trainer", from_provider=True)

    name: Account
    role: PersonsRole
    lines: Names | None = Field(default=None, description="Only these lines.")
    agents: Names | None = Field(default=None, description="Only these agents' calls.")
    own_agent_id: Name | None = None
    password: Password | None = None
    from_provider: Flag = False


class Changed(Body):
    """What they may do from now on; what is left out stays. An empty list: every line, everybody's calls."""

    model_config = example(lines=["customer-service"])

    role: PersonsRole | None = None
    lines: Names | None = None
    agents: Names | None = None
    own_agent_id: Name | None = None


class NewPassword(Body):
    """Another password."""

    model_config = example(password="dix neuf tortues vertes")  # noqa: S106 -- an example

    password: Password


@router.post("", status_code=201, responses=answers(thing(**_ROW), status=201))
@does(Act.PEOPLE_ADD)
def add_person(new: NewPerson, actor: Asking, system: TheSystem) -> Response:
    """Let somebody log in."""
    if (new.password is None) != new.from_provider:
        raise UsageError("give a password, or from_provider")
    holder = Actor(
        role=new.role,
        name=new.name,
        lines=_lines(new.lines) if new.lines else None,
        agents=frozenset(new.agents) if new.agents else None,
        agent_id=new.own_agent_id,
    )
    return as_json(person_row(system.people_desk.add(actor, holder, new.password)), status=201)


@router.get("", responses=answers(page_of(thing(**_ROW))))
@does(Act.PEOPLE_LIST)
def list_people(actor: Asking, system: TheSystem, cursor: paging.Cursor = None, limit: paging.Limit = 100) -> Response:
    """Everybody who may log in, or might once."""
    rows = [((one.person_id,), person_row(one)) for one in system.people_desk.listed(actor)]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit))


@router.patch("/{name}", responses=answers(thing(**_ROW)))
@does(Act.PEOPLE_CHANGE)
def change_person(name: Id, changed: Changed, actor: Asking, system: TheSystem) -> Response:
    """Change what somebody may do, from their next request on."""

    def how(before: Actor) -> Actor:
        return Actor(
            role=changed.role or before.role,
            name=before.name,
            lines=before.lines if changed.lines is None else _lines(changed.lines) or None,
            agents=before.agents if changed.agents is None else frozenset(changed.agents) or None,
            agent_id=changed.own_agent_id or before.agent_id,
        )

    return as_json(person_row(system.people_desk.change(actor, name, how)))


@router.post("/{name}/password", responses=answers(thing(**_ROW)))
@does(Act.PEOPLE_PASSWORD)
def set_password(name: Id, new: NewPassword, actor: Asking, system: TheSystem) -> Response:
    """Give somebody another password. Every session of theirs ends."""
    return as_json(person_row(system.people_desk.set_password(actor, name, new.password)))


@router.post("/{name}/sign-out", responses=answers(thing(**_ROW)))
@does(Act.PEOPLE_SIGN_OUT)
def sign_person_out(name: Id, actor: Asking, system: TheSystem) -> Response:
    """End every session somebody has."""
    return as_json(person_row(system.people_desk.sign_out(actor, name)))


@router.post("/{name}/remove", responses=answers(thing(**_ROW, revoked=many(TEXT))))
@does(Act.PEOPLE_REMOVE)
def remove_person(name: Id, actor: Asking, system: TheSystem) -> Response:
    """Send somebody away: their sessions end, their password is forgotten, their tokens are revoked."""
    person, tokens = system.people_desk.remove(actor, name)
    return as_json({**person_row(person), "revoked": [token.token_id for token in tokens]})


def _lines(names: tuple[str, ...]) -> frozenset[LineId]:
    return frozenset(LineId(name) for name in names)
