"""``/api/v1/calls``: what became of each event."""

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from callwarden.model.ids import LineId, RecordingId
from callwarden.model.outcome import EventOutcome, Outcome, Position, Reason
from callwarden.model.recording import RecordingState
from callwarden.ports.catalogue import OutcomeFilter
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.calls import call_shape, consultation_row, event_row, sums_shape, waiting_rows
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Day, Id, Name, OptionalName, exactly_one, example
from callwarden.workers.web.routes import does, reads
from callwarden.workers.web.schemas import COUNT, DAY, FLAG, INSTANT, TEXT, answers, many, maybe, page_of, thing

router = APIRouter(tags=["calls"])

_EVENT = thing(
    event_id=maybe(TEXT),
    call_id=maybe(TEXT),
    leg=maybe(TEXT),
    segment=maybe(COUNT),
    line=maybe(TEXT),
    outcome=TEXT,
    reason=maybe(TEXT),
    recording_id=maybe(TEXT),
    keep_until=maybe(INSTANT),
    holds=many(TEXT),
    state=maybe(TEXT),
)
_EXAMPLE = {
    "event_id": "pbx/niort-1#0b9d",
    "call_id": "c-20261120-000017",
    "leg": "main",
    "segment": 0,
    "line": "customer-service",
    "outcome": "stored",
    "reason": None,
    "recording_id": "rec-3f0c",
    "keep_until": "2027-05-20T09:31:02+00:00",
    "holds": [],
    "state": "stored",
}
_WAITING = thing(waits_for=TEXT, events=COUNT, since=INSTANT, why=TEXT)
_CERTIFICATE = thing(statement={"type": "object"})


@router.get("/calls", responses=answers(page_of(_EVENT), example={"items": [_EXAMPLE], "next": None}))
@does(Act.CALLS_LIST)
def list_calls(
    actor: Asking,
    system: TheSystem,
    *,
    line: OptionalName = None,
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    reason: Annotated[list[Reason] | None, Query()] = None,
    state: Annotated[list[RecordingState] | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from", description="Calls that ended on this day or later.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Calls that ended by this day.")] = None,
    untranscribed: Annotated[bool, Query(description="Only recordings without a transcript.")] = False,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> Response:
    """Every event, in the order it was decided: its outcome, the reason, how long its recording is kept."""
    zone = system.policy.time_zone
    wanted = OutcomeFilter(
        outcomes=frozenset(outcome or ()),
        reasons=frozenset(reason or ()),
        line=None if line is None else LineId(line),
        states=frozenset(state or ()),
        untranscribed=untranscribed,
        ended_from=None if first is None else datetime.combine(first, time(), zone),
        ended_before=None if last is None else datetime.combine(last, time(), zone) + timedelta(days=1),
    )
    place = paging.read(cursor, str, int, int)
    after = None if place is None else Position(topic=place[0], partition=place[1], offset=place[2])
    found = system.call_desk.listed(actor, wanted, limit=limit, after=after)
    following = paging.written(_place(found.outcomes[-1])) if len(found.outcomes) == limit else None
    return as_json(paging.page_shape([event_row(each, found) for each in found.outcomes], following=following))


def _place(one: EventOutcome) -> tuple[str, int, int]:
    return one.position.topic, one.position.partition, one.position.offset


@router.get(
    "/calls/outcomes",
    responses=answers(thing(published=COUNT, outcomes={"type": "object"}, in_flight=COUNT, balanced=FLAG)),
)
@does(Act.CALLS_OUTCOMES)
def count_outcomes(actor: Asking, system: TheSystem) -> Response:
    """The sums: events published, outcomes, and events in flight; `balanced` says whether they add up."""
    return as_json(sums_shape(*system.call_desk.sums(actor)))


@router.get("/calls/waiting", responses=answers(page_of(_WAITING)))
@does(Act.CALLS_WAITING)
def list_waiting(actor: Asking, system: TheSystem) -> Response:
    """What events in flight wait for, since when, and why."""
    return as_json(paging.page_shape(waiting_rows(system.call_desk.waiting(actor))))


@router.get(
    "/calls/{which}",
    responses=answers(
        thing(events=many(_EVENT), recordings=many({"type": "object"}), artefacts=many({"type": "object"}))
    ),
)
@does(Act.CALLS_SHOW)
def show_call(which: Id, actor: Asking, system: TheSystem) -> Response:
    """One call or recording by its id: its events, its state, what is stored of it."""
    return as_json(call_shape(system.call_desk.shown(actor, which)))


@router.get("/recordings/{rec}/certificate", responses=answers(_CERTIFICATE))
@does(Act.CALLS_CERTIFICATE)
def show_certificate(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """The signed certificate of a recording's disposal: the newest, byte for byte."""
    newest = system.call_desk.certificates(actor, RecordingId(rec))[-1]
    return Response(newest.document, media_type="application/json")


@router.post("/recordings/{rec}/transcribe", responses=answers(thing(recording_id=TEXT, untranscribed=TEXT)))
@does(Act.CALLS_TRANSCRIBE)
def transcribe_again(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """Have a recording without a transcript listened to again, once the cause is corrected; why there was none."""
    why = system.call_desk.transcribed_again(actor, RecordingId(rec))
    send_outbox(system)
    return as_json({"recording_id": rec, "untranscribed": why})


class Whose(Body):
    """Whose calls: exactly one of both."""

    model_config = example(number="+33612345678")

    number: Name | None = None
    customer: Name | None = None


@router.post(
    "/consultations",
    responses=answers(
        thing(
            calls=COUNT,
            items=many(thing(day=DAY, purpose=TEXT, operation=TEXT, recording_id=TEXT, times=COUNT, by_machine=FLAG)),
        )
    ),
)
@reads
def list_consultations(whose: Whose, actor: Asking, system: TheSystem) -> Response:
    """For the person concerned: when their calls were consulted and what for; no names of staff. Asked by POST, so that
    no number stands in an address."""
    exactly_one(number=whose.number, customer=whose.customer)
    found = system.consultations.of(actor, number=whose.number, customer_id=whose.customer)
    return as_json({"calls": found.calls, "items": [consultation_row(one) for one in found.consultations]})
