"""``/api/v1/quarantine``: what was set aside, and what people do about it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from callwarden.desks.quarantine import SetAside
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.outcome import Reason
from callwarden.model.purpose import Purpose
from callwarden.rules.clearing import Correction
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.shapes.set_aside import cleared_row, discarded_row, set_aside_row, set_aside_shape
from callwarden.workers.web import paging
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.bodies import Body, Count, Id, Instant, Name, ObjectedTo, OptionalName, Text, example
from callwarden.workers.web.routes import does
from callwarden.workers.web.schemas import (
    COUNT,
    FLAG,
    INSTANT,
    TEXT,
    answers,
    answers_with,
    many,
    maybe,
    page_of,
    thing,
)

router = APIRouter(prefix="/quarantine", tags=["quarantine"])

_ROW = {
    "recording_id": TEXT,
    "call_id": maybe(TEXT),
    "line": maybe(TEXT),
    "reason": maybe(TEXT),
    "field": maybe(TEXT),
    "since": maybe(INSTANT),
    "age_days": maybe(COUNT),
    "keep_until": maybe(INSTANT),
    "audio_kept": FLAG,
}
_STORED = thing(recording_id=TEXT, state=TEXT, keep_until=maybe(INSTANT))


@router.get("", responses=answers(page_of(thing(**_ROW))))
@does(Act.QUARANTINE_LIST)
def list_quarantine(
    actor: Asking,
    system: TheSystem,
    *,
    reason: Annotated[Reason | None, Query()] = None,
    line: OptionalName = None,
    older_than: Annotated[int | None, Query(ge=0, le=36_600, description="In days.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> Response:
    """Recordings in quarantine, the longest first."""
    found = system.quarantine_desk.listed(
        actor,
        reason=reason,
        line=None if line is None else LineId(line),
        older_than=None if older_than is None else timedelta(days=older_than),
    )
    now = system.clock.now()
    rows = [((_since(one), one.recording.recording_id), set_aside_row(one, now)) for one in found]
    return as_json(paging.portion(rows, cursor=cursor, limit=limit))


def _since(one: SetAside) -> str:
    return "" if one.outcome is None else one.outcome.decided_at.isoformat()


@router.get(
    "/{rec}", responses=answers(thing(**_ROW, differences=many(thing(field=TEXT)), noted=many(thing(field=TEXT))))
)
@does(Act.QUARANTINE_SHOW)
def show_quarantined(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """What was expected and what was found: codes, sizes, digests and times, nothing that anybody said or is called."""
    shown = system.quarantine_desk.shown(actor, RecordingId(rec))
    return as_json(set_aside_shape(shown, now=system.clock.now()))


@router.get("/{rec}/event", responses=answers(thing(**_ROW, event=TEXT)))
@does(Act.QUARANTINE_SHOW, Act.QUARANTINE_OPEN)
def open_quarantined(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """The same with the event itself, what stood in wrong fields, and the reasons people gave: for legal and the data
    protection officer."""
    opened = system.quarantine_desk.opened(actor, RecordingId(rec))
    shown = system.quarantine_desk.shown(actor, RecordingId(rec))
    return as_json(set_aside_shape(shown, now=system.clock.now(), opened=opened))


@router.get("/{rec}/audio", responses=answers_with("audio/*", says="As it came."))
@does(Act.QUARANTINE_HEAR)
def hear_quarantined(rec: Id, purpose: Purpose, actor: Asking, system: TheSystem) -> Response:
    """Its original audio: for legal and the data protection officer, who decide about it, where the policy gives them
    originals anyway."""
    found = system.gate.hear_set_aside(actor, purpose, RecordingId(rec))
    return StreamingResponse(
        iter(found.pieces), media_type=found.media_type, headers={"Content-Length": str(found.length)}
    )


class Clearing(Body):
    """What a needed field ought to have said; what is left out stays. `objections` are purposes; an empty list says
    that there were none."""

    model_config = example(reason="the recorder's clock was wrong", started_at="2026-11-20T10:25:01+01:00")

    reason: Text
    line: Name | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    call: Name | None = None
    leg: Name | None = None
    segment: Count | None = None
    objections: ObjectedTo | None = None


@router.post("/{rec}/clear", responses=answers(_STORED))
@does(Act.QUARANTINE_CLEAR)
def clear_quarantined(rec: Id, clearing: Clearing, actor: Asking, system: TheSystem) -> Response:
    """Store it after all, with your corrections. Audio that you have checked is taken as it is."""
    correction = Correction(
        line=None if clearing.line is None else LineId(clearing.line),
        started_at=clearing.started_at,
        ended_at=clearing.ended_at,
        call_id=None if clearing.call is None else CallId(clearing.call),
        leg=clearing.leg,
        segment=clearing.segment,
        objections=None if clearing.objections is None else frozenset(clearing.objections),
    )
    saved = system.quarantine_desk.cleared(actor, RecordingId(rec), correction, reason=clearing.reason)
    send_outbox(system)
    return as_json(cleared_row(saved))


@router.post("/{rec}/retry", responses=answers(thing(recording_id=TEXT, state=TEXT)))
@does(Act.QUARANTINE_RETRY)
def retry_quarantined(rec: Id, actor: Asking, system: TheSystem) -> Response:
    """Have it decided again: after the policy was changed, or its audio was put where the event says."""
    saved = system.quarantine_desk.retried(actor, RecordingId(rec))
    send_outbox(system)
    return as_json({"recording_id": rec, "state": "sent_again"} if saved is None else cleared_row(saved))


class Reasoned(Body):
    """Why. It is stored encrypted."""

    model_config = example(reason="a test call")

    reason: Text


@router.post("/{rec}/discard", responses=answers(thing(recording_id=TEXT, state=TEXT, gone_at=maybe(INSTANT))))
@does(Act.QUARANTINE_DISCARD)
def discard_quarantined(rec: Id, reasoned: Reasoned, actor: Asking, system: TheSystem) -> Response:
    """Destroy it now, with a certificate."""
    gone = system.quarantine_desk.discarded(actor, RecordingId(rec), reason=reasoned.reason)
    return as_json(discarded_row(gone))
