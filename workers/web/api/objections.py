"""``/api/v1/objections``: a caller objects, to being recorded or to some uses."""

from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from callwarden.errors import UsageError
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId
from callwarden.model.objection import Ground
from callwarden.rules.rights import Act
from callwarden.workers.shapes.objections import applied_shape, objection_row, withdrawn_row
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Day, Flag, Id, Instant, Name, Purposes, exactly_one, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import FLAG, INSTANT, TEXT, answers, many, maybe, page_of, thing

router = APIRouter(prefix="/objections", tags=["objections"])

_APPLIED = thing(objection_id=TEXT, scope=TEXT, purposes=many(TEXT), dropped=many(TEXT), limited=many(TEXT))
_OBJECTION = thing(
    objection_id=TEXT,
    scope=TEXT,
    about=TEXT,
    purposes=many(TEXT),
    channel=maybe(TEXT),
    objected_at=INSTANT,
    withdrawn_at=maybe(INSTANT),
    granted=maybe(FLAG),
)


class Whose(Body):
    """Whose calls: exactly one of these."""

    number: Name | None = Field(default=None, description="All calls of this telephone number.")
    customer: Name | None = Field(default=None, description="All calls of this customer.")
    call: Name | None = Field(default=None, description="One call.")

    def scope(self) -> ObjectionScope:
        """Raises UsageError unless it is exactly one."""
        exactly_one(number=self.number, customer=self.customer, call=self.call)
        call = None if self.call is None else CallId(self.call)
        return ObjectionScope(number=self.number, customer_id=self.customer, call_id=call)


class NewObjection(Whose):
    """What the caller objects to, how they said so, and for which calls it counts."""

    model_config = example(customer="C-88213", purpose=["training"], channel="letter")

    purpose: Annotated[Purposes, Field(min_length=1)]
    channel: Name | None = Field(default=None, description="phone, letter, mail … Left out: your role.")
    counts_from: Instant | Day | None = Field(
        default=None, alias="from", description="Only calls that end on this day, or at this instant, or later."
    )


@router.post("", status_code=201, responses=answers(_APPLIED, status=201))
@does(Act.OBJECTION_ADD, Act.OBJECTION_ADD_CALL)
def add_objection(new: NewObjection, actor: Asking, system: TheSystem) -> Response:
    """Record an objection and apply it to everything it concerns, stored now or later."""
    match new.counts_from:
        case None | datetime():
            since: AwareDatetime | None = new.counts_from
        case day:
            since = datetime.combine(day, time(), system.policy.time_zone)
    applied = system.objection_desk.add(
        actor, new.scope(), frozenset(new.purpose), channel=new.channel or actor.role, counts_from=since
    )
    return as_json(applied_shape(applied), status=201)


@router.get("", responses=answers(page_of(_OBJECTION)))
@does(Act.OBJECTION_LIST)
def list_objections(
    actor: Asking,
    system: TheSystem,
    *,
    undecided: Annotated[bool, Query(description="Only those to recording, on a line that offers none.")] = False,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> Response:
    """Every objection on file, newest first. Numbers and customers stand as pseudonyms."""
    rows = [
        ((one.objected_at.isoformat(), one.objection_id), objection_row(one))
        for one in system.objection_desk.listed(actor, undecided=undecided)
    ]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


class Withdrawal(Whose):
    """Whose objections, and to what; all purposes where left out."""

    model_config = example(customer="C-88213", purpose=["training"])

    purpose: Purposes = ()


@router.post("/withdraw", responses=answers(page_of(thing(objection_id=TEXT, purposes=many(TEXT)))))
@does(Act.OBJECTION_WITHDRAW, Act.OBJECTION_WITHDRAW_CALL)
def withdraw_objections(withdrawal: Withdrawal, actor: Asking, system: TheSystem) -> Response:
    """Withdraw objections, for calls from now on: what was dropped is gone, and stored calls stay closed."""
    withdrawn = system.objection_desk.withdraw(actor, withdrawal.scope(), frozenset(withdrawal.purpose))
    return as_json(paging.page_shape([withdrawn_row(one) for one in withdrawn]))


class Decision(Body):
    """Exactly one of both: granted, or refused on a ground."""

    model_config = example(refuse="legal_claims")

    grant: Flag = False
    refuse: Ground | None = None


@router.post("/{objection}/decide", responses=answers(_APPLIED))
@does(Act.OBJECTION_DECIDE)
def decide_objection(objection: Id, decision: Decision, actor: Asking, system: TheSystem) -> Response:
    """Decide on an objection to recording where the line offers none (GDPR, article 21)."""
    if decision.grant == (decision.refuse is not None):
        raise UsageError("say what is decided: grant, or refuse with a ground")
    applied = system.objection_desk.decide(actor, objection, granted=decision.grant, ground=decision.refuse)
    return as_json(applied_shape(applied))
