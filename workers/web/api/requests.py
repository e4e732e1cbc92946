"""``/api/v1/requests``: what people ask of their own data, from receipt to answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from callwarden.desks.request_enclosures import HowToAnswer
from callwarden.errors import UsageError
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.letter import Language, LetterKind
from callwarden.model.rectification import Correction
from callwarden.model.request import RefusalGround, RequestId, RequestType
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes import requests as shapes
from callwarden.workers.web import packs, paging
from callwarden.workers.web.answers import as_file, as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import (
    Body,
    Day,
    Flag,
    Id,
    Instant,
    Name,
    Names,
    Purposes,
    Text,
    exactly_one,
    example,
)
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import (
    COUNT,
    DAY,
    INSTANT,
    TEXT,
    answers,
    answers_with,
    many,
    maybe,
    one_of,
    page_of,
    thing,
)

router = APIRouter(prefix="/requests", tags=["requests"])

_HEAD = {"request": TEXT, "type": one_of(*RequestType), "state": TEXT, "due_on": DAY}
_ITEM = thing(recording_id=TEXT, found_by=TEXT, decision=maybe(TEXT), reason=maybe(TEXT), done_at=maybe(INSTANT))
_DECIDED = thing(**_HEAD, items=many(_ITEM), by_purpose=many({"type": "object"}))


class NewRequest(Body):
    """What is asked, and whose data it is about: a number or a customer."""

    model_config = example(type="access", customer="C-88213", received="2026-11-20")

    type: RequestType
    number: Name | None = None
    customer: Name | None = None
    received: Day | None = Field(default=None, description="The day it came in. Left out: today.")
    purpose: Purposes = Field(default=(), description="Of an objection: to what.")


class Identity(Body):
    """How you know who asks, by what is enough and no more; or that you have asked."""

    model_config = example(how="called back at the number on file")

    how: Text | None = None
    ask: Flag = False


class Finding(Body):
    """Also calls of others this name or number is said in: every transcript is read."""

    model_config = example(named=["Mme Durand"])

    named: Annotated[Names, Field(max_length=20)] | None = None


class ItemDecision(Body):
    """Which items, all undecided ones where none is named; and exactly one of both."""

    model_config = example(item=["rec-3f0c"], grant=True)

    item: Names = ()
    grant: Flag = False
    refuse: RefusalGround | None = None


class Why(Body):
    """Why; it is told to the person."""

    model_config = example(reason="the calls are many")

    reason: Text


class Lifting(Body):
    """How the person was told, where it was not by our letter; with `tell` that is noted and nothing lifted yet."""

    model_config = example(told_by="by telephone, on 20 November")

    told_by: Text | None = None
    tell: Flag = False


class LetterWanted(Body):
    """Which letter, in which language, to which lines of an address."""

    model_config = example(letter="acknowledgement", to=["12 rue des Lilas", "79000 Niort"])

    letter: LetterKind
    language: Language = Language.FR
    reason: Text | None = Field(default=None, description="Why a restriction is lifted.")
    to: Annotated[Names, Field(max_length=20)] = ()


class AnswerWanted(Body):
    """How it is answered. What is given here is kept nowhere."""

    model_config = example(language="fr", own=["Mme Durand"])

    language: Language = Language.FR
    own: Annotated[Names, Field(max_length=100)] = Field(
        default=(), description="A name, address or number known to be the person's own: it stays readable."
    )
    unmask: Annotated[dict[Name, Names], Field(max_length=1000)] = Field(
        default_factory=dict,
        description="By recording, placeholders that stand for what is the person's own, such as LOCATION_1.",
    )
    to: Annotated[Names, Field(max_length=20)] = ()
    sound: Flag = True


class Rectifying(Body):
    """What a field ought to say; a label without a value goes."""

    model_config = example(item="rec-3f0c", customer="C-88214")

    item: Name
    number: Name | None = None
    customer: Name | None = None
    name: Name | None = None
    agent: Name | None = None
    line: Name | None = None
    started: Instant | None = None
    ended: Instant | None = None
    label: Annotated[dict[Name, Name | None], Field(max_length=100)] = Field(default_factory=dict)


class Acknowledged(Body):
    """Which disclosure, as the recipients list it."""

    disclosure: Name


@router.post("", status_code=201, responses=answers(thing(**_HEAD, meets=many(TEXT), customers=COUNT), status=201))
@does(Act.REQUEST_OPEN)
def open_request(new: NewRequest, actor: Asking, system: TheSystem) -> Response:
    """Enter a request. From now on nothing it asks for is destroyed until it is answered."""
    exactly_one(number=new.number, customer=new.customer)
    if new.type is RequestType.OBJECTION and not new.purpose:
        raise UsageError("purpose: say what is objected to")
    opened = system.request_desk.open(
        actor,
        new.type,
        number=new.number,
        customer_id=new.customer,
        received=new.received,
        purposes=frozenset(new.purpose),
    )
    return as_json(shapes.opened_shape(opened), status=201)


@router.get("", responses=answers(page_of(thing(**_HEAD, nearness=TEXT, received_on=DAY))))
@does(Act.REQUEST_LIST)
def list_requests(
    actor: Asking,
    system: TheSystem,
    *,
    overdue: Annotated[bool, Query(description="Only what should have been answered.")] = False,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> Response:
    """Every request, newest first, with the last day to answer it."""
    rows = [
        ((one.request.received_at.isoformat(), one.request.request_id), shapes.listed_request(one))
        for one in system.request_desk.listed(actor, overdue=overdue)
    ]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit, newest_first=True))


@router.get("/{request}", responses=answers(thing(**_HEAD, items=many(_ITEM), history=many({"type": "object"}))))
@does(Act.REQUEST_SHOW)
def show_request(request: Id, actor: Asking, system: TheSystem) -> Response:
    """One request: its items, and every step so far."""
    return as_json(shapes.request_shape(system.request_desk.shown(actor, RequestId(request))))


@router.post("/{request}/verify", responses=answers(thing(**_HEAD)))
@does(Act.REQUEST_VERIFY, Act.REQUEST_ASK_IDENTITY)
def verify_request(request: Id, identity: Identity, actor: Asking, system: TheSystem) -> Response:
    """Note how you know who asks. It is destroyed once the request is answered."""
    if identity.ask == (identity.how is not None):
        raise UsageError("say how you know who asks; or ask: true, that you have asked")
    desk, name = system.request_desk, RequestId(request)
    found = desk.ask_identity(actor, name) if identity.how is None else desk.verify(actor, name, how=identity.how)
    return as_json(shapes.request_head(found))


@router.post("/{request}/find", responses=answers(thing(**_HEAD, items=many(_ITEM), meets=many(TEXT), customers=COUNT)))
@does(Act.REQUEST_FIND, Act.REQUEST_FIND_NAMED)
def find_items(request: Id, finding: Finding, actor: Asking, system: TheSystem) -> Response:
    """Find everything the request is about: by number, customer, other legs, and what was known before."""
    read = (
        None
        if finding.named is None
        else system.request_search_desk.find_named(actor, RequestId(request), finding.named)
    )
    found = system.request_item_desk.find(actor, RequestId(request))
    return as_json(shapes.found_shape(found, read))


@router.post(
    "/{request}/preview",
    responses=answers(
        thing(
            request=TEXT,
            erasable=many(TEXT),
            held=many(thing(recording_id=TEXT, reason=TEXT)),
            kept=many(thing(recording_id=TEXT, reason=TEXT)),
        )
    ),
)
@does(Act.REQUEST_PREVIEW)
def preview_erasure(request: Id, actor: Asking, system: TheSystem) -> Response:
    """Of an erasure: what goes, what is held and what is kept, each with its reason. Somebody else
    approves it."""
    found = system.request_erasure_desk.preview(actor, RequestId(request))
    return as_json(shapes.erasure_shape(RequestId(request), found))


@router.post("/{request}/decide", responses=answers(_DECIDED))
@does(Act.REQUEST_DECIDE)
def decide_items(request: Id, decision: ItemDecision, actor: Asking, system: TheSystem) -> Response:
    """Grant or refuse items. A granted restriction holds at once."""
    if decision.grant == (decision.refuse is not None):
        raise UsageError("say what is decided: grant, or refuse with a reason")
    chosen = [RecordingId(name) for name in decision.item]
    decided = system.request_item_desk.decide(actor, RequestId(request), chosen, refusal=decision.refuse)
    send_outbox(system)
    return as_json(shapes.decided_shape(*decided))


@router.post("/{request}/approve", responses=answers(_DECIDED))
@does(Act.REQUEST_APPROVE, Act.REQUEST_SHOW)
def approve_erasure(request: Id, actor: Asking, system: TheSystem) -> Response:
    """Approve the newest preview of an erasure, as another person than who made it, and erase. Again, it goes on."""
    items = system.request_erasure_desk.approve(actor, RequestId(request))
    send_outbox(system)
    return as_json(shapes.decided_shape(system.request_desk.shown(actor, RequestId(request)).request, items))


@router.post("/{request}/extend", responses=answers(thing(**_HEAD)))
@does(Act.REQUEST_EXTEND)
def extend_request(request: Id, why: Why, actor: Asking, system: TheSystem) -> Response:
    """Take two months more, inside the first month."""
    return as_json(shapes.request_head(system.request_desk.extend(actor, RequestId(request), reason=why.reason)))


@router.post("/{request}/lift", responses=answers(thing(request=TEXT)))
@does(Act.REQUEST_LIFT, Act.REQUEST_LIFT_TELL)
def lift_restriction(request: Id, lifting: Lifting, actor: Asking, system: TheSystem) -> Response:
    """End a restriction: its recordings may be used again, and their period counts. The person is told before."""
    if lifting.tell and lifting.told_by is None:
        raise UsageError("told_by: say how the person was told")
    desk, name = system.request_item_desk, RequestId(request)
    if lifting.told_by is not None:
        told = desk.tell_of_lifting(actor, name, how=lifting.told_by)
        if lifting.tell:
            return as_json(shapes.request_head(told))
    return as_json(shapes.lifted_shape(name, desk.lift(actor, name)))


@router.post("/{request}/letter", responses=answers_with("text/html", says="The letter, as a page to print."))
@does(Act.REQUEST_LETTER)
def write_letter(request: Id, wanted: LetterWanted, actor: Asking, system: TheSystem) -> Response:
    """Write a letter of a request; that it was written is in the request's history."""
    written = system.letter_desk.write(
        actor, RequestId(request), wanted.letter, language=wanted.language, reason=wanted.reason, to=wanted.to
    )
    return as_file(written.page.encode(), name=f"{wanted.letter}.html", media_type="text/html")


@router.post("/{request}/answer", responses=answers_with(packs.MEDIA_TYPE, says="Letter and pack, as an archive."))
@does(Act.REQUEST_ANSWER)
def answer_request(request: Id, wanted: AnswerWanted, actor: Asking, system: TheSystem) -> Response:
    """Write letter and, for access, the pack of what is kept; then note that the request is answered. Copies masked by
    hand go with `callwarden request answer`."""
    how = HowToAnswer(
        language=wanted.language,
        own=tuple(wanted.own),
        unmask={RecordingId(name): frozenset(masks) for name, masks in wanted.unmask.items()},
        to=tuple(wanted.to),
        sound=wanted.sound,
    )
    return packs.as_archive(
        lambda folder: system.answer_desk.answer(actor, RequestId(request), folder, how),
        name="answer",
        digest=lambda done: done.digest,
    )


@router.post(
    "/{request}/rectify",
    responses=answers(thing(request=TEXT, recording_id=TEXT, changes={"type": "object"}, keep_until=maybe(INSTANT))),
)
@does(Act.REQUEST_RECTIFY)
def rectify_recording(request: Id, wanted: Rectifying, actor: Asking, system: TheSystem) -> Response:
    """Put right what is known of a call, and keep what stood there before."""
    correction = Correction(
        number=wanted.number,
        customer=wanted.customer,
        name=wanted.name,
        agent=wanted.agent,
        line=None if wanted.line is None else LineId(wanted.line),
        started_at=wanted.started,
        ended_at=wanted.ended,
        labels=tuple(wanted.label.items()),
    )
    done = system.rectification_desk.rectify(actor, RequestId(request), RecordingId(wanted.item), correction)
    send_outbox(system)
    return as_json(shapes.rectified_shape(RequestId(request), done))


@router.get("/{request}/rectifications", responses=answers(page_of(thing(at=INSTANT, recording_id=TEXT, field=TEXT))))
@does(Act.REQUEST_RECTIFICATIONS)
def list_rectifications(request: Id, actor: Asking, system: TheSystem) -> Response:
    """What was put right in the recordings of a request, and what stood there before."""
    made = system.rectification_desk.history(actor, RequestId(request))
    return as_json(paging.page_shape([row for one in made for row in shapes.rectification_rows(one)]))


_RECIPIENT = thing(disclosure=TEXT, recipient=TEXT, told_at=maybe(INSTANT), acknowledged_at=maybe(INSTANT))


@router.get("/{request}/recipients", responses=answers(page_of(_RECIPIENT)))
@does(Act.REQUEST_RECIPIENTS)
def list_recipients(request: Id, actor: Asking, system: TheSystem) -> Response:
    """Who had copies of what a request rectified, erased or restricted."""
    found = system.recipient_desk.listed(actor, RequestId(request))
    return as_json(paging.page_shape([shapes.recipient_row(one) for one in found]))


class TellingIn(Body):
    """The letters' language."""

    language: Language = Language.FR


@router.post("/{request}/recipients", responses=answers_with(packs.MEDIA_TYPE, says="A letter to each, as an archive."))
@does(Act.REQUEST_TELL)
def tell_recipients(request: Id, telling: TellingIn, actor: Asking, system: TheSystem) -> Response:
    """Tell those who were not told yet: a letter to each."""
    return packs.as_archive(
        lambda folder: system.recipient_desk.tell(actor, RequestId(request), folder, language=telling.language),
        name="letters",
        digest=lambda _: "",
    )


@router.post(
    "/{request}/acknowledge",
    responses=answers(thing(request=TEXT, disclosure=TEXT, told_at=INSTANT, acknowledged_at=maybe(INSTANT))),
)
@does(Act.REQUEST_ACKNOWLEDGE)
def acknowledge_recipient(request: Id, known: Acknowledged, actor: Asking, system: TheSystem) -> Response:
    """Note that a recipient has said that they know."""
    notice = system.recipient_desk.acknowledge(actor, RequestId(request), known.disclosure)
    return as_json(shapes.acknowledged_shape(notice))
