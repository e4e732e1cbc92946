"""``/operations/quarantine`` and ``/operations/dead-letters``: what was set aside, why, and what people do about it.

Codes, sizes, digests and times; what anybody said or is called is for the commands of legal and the data protection
officer alone.
"""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.outcome import Position
from callwarden.rules.clearing import Correction
from callwarden.rules.dead_letter import dead_letter_place, position_at
from callwarden.rules.rights import Act, ActRefusal
from callwarden.workers.cli.opening import send_outbox
from callwarden.workers.cli.output import shown as shown_value
from callwarden.workers.shapes.set_aside import act_row, dead_letter_row, set_aside_row, set_aside_shape
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.export import exported, exports
from callwarden.workers.web.portal.forms import Failed, TheForm, Typed, attempt, may
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/operations")

_QUARANTINE = ("recording_id", "call_id", "leg", "segment", "line", "reason", "field", "since", "keep_until")
_LETTERS = ("place", "reason", "field", "call_id", "bytes", "at", "state", "keep_until")


@router.get("/quarantine")
@does(Act.QUARANTINE_LIST, Act.TABLE_EXPORT)
def quarantine(request: Request, actor: Asking, system: TheSystem, reason: str = "") -> Response:
    """What is in quarantine, the longest first."""
    now = system.clock.now()
    rows = [set_aside_row(one, now) for one in system.quarantine_desk.listed(actor, reason=reason or None)]
    file = exported(request, actor, table="quarantine", columns=_QUARANTINE, rows=rows)
    return file or page(
        request, "quarantine.html", actor=actor, rows=rows, reason=reason, done=_done(request), files=exports(request)
    )


@router.get("/quarantine/{rec}")
@does(Act.QUARANTINE_SHOW)
def aside(request: Request, rec: str, actor: Asking, system: TheSystem) -> Response:
    """One of them: what was expected, what was found, and what can be done."""
    return _aside(request, system, actor, RecordingId(rec))


@router.post("/quarantine/{rec}/retry")
@does(Act.QUARANTINE_RETRY)
def retry(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Have it decided again."""

    def do() -> str:
        saved = system.quarantine_desk.retried(actor, RecordingId(rec))
        send_outbox(system)
        return f"/operations/quarantine?done={'sent' if saved is None else 'stored'}"

    return attempt("retry", typed, do, lambda failed: _aside(request, system, actor, RecordingId(rec), failed))


@router.post("/quarantine/{rec}/clear")
@does(Act.QUARANTINE_CLEAR)
def clear(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Store it after all, with what a person put right."""

    def do() -> str:
        system.quarantine_desk.cleared(actor, RecordingId(rec), _correction(typed), reason=typed.text("reason") or "")
        send_outbox(system)
        return "/operations/quarantine?done=stored"

    return attempt("clear", typed, do, lambda failed: _aside(request, system, actor, RecordingId(rec), failed))


@router.post("/quarantine/{rec}/discard")
@does(Act.QUARANTINE_DISCARD)
def discard(request: Request, rec: str, actor: Asking, system: TheSystem, typed: TheForm) -> Response:
    """Destroy it now, with a certificate."""

    def do() -> str:
        typed.confirms(rec)
        system.quarantine_desk.discarded(actor, RecordingId(rec), reason=typed.text("reason") or "")
        return "/operations/quarantine?done=destroyed"

    return attempt("discard", typed, do, lambda failed: _aside(request, system, actor, RecordingId(rec), failed))


@router.get("/dead-letters")
@does(Act.DEADLETTERS_LIST, Act.TABLE_EXPORT)
def letters(request: Request, actor: Asking, system: TheSystem) -> Response:
    """Messages that were no events, newest first."""
    rows = [dead_letter_row(one) for one in system.dead_letter_desk.listed(actor)]
    file = exported(request, actor, table="dead-letters", columns=_LETTERS, rows=rows)
    return file or page(
        request, "dead_letters.html", actor=actor, rows=rows, done=_done(request), files=exports(request)
    )


@router.get("/dead-letters/{topic}/{partition}/{offset}")
@does(Act.DEADLETTERS_SHOW)
def letter(request: Request, topic: str, partition: str, offset: str, actor: Asking, system: TheSystem) -> Response:
    """One of them: why it is none, and what can be done."""
    return _letter(request, system, actor, _position(topic, partition, offset))


@router.post("/dead-letters/{topic}/{partition}/{offset}/retry")
@does(Act.DEADLETTERS_RETRY)
def send_again(
    request: Request, topic: str, partition: str, offset: str, actor: Asking, system: TheSystem, typed: TheForm
) -> Response:
    """Put it on its topic once more."""
    position = _position(topic, partition, offset)

    def do() -> str:
        system.dead_letter_desk.retried(actor, position)
        send_outbox(system)
        return "/operations/dead-letters?done=sent"

    return attempt("retry", typed, do, lambda failed: _letter(request, system, actor, position, failed))


@router.post("/dead-letters/{topic}/{partition}/{offset}/discard")
@does(Act.DEADLETTERS_DISCARD)
def destroy(
    request: Request, topic: str, partition: str, offset: str, actor: Asking, system: TheSystem, typed: TheForm
) -> Response:
    """Destroy its key and its bytes."""
    position = _position(topic, partition, offset)

    def do() -> str:
        typed.confirms(dead_letter_place(position))
        system.dead_letter_desk.discarded(actor, position, reason=typed.text("reason") or "")
        return "/operations/dead-letters?done=destroyed"

    return attempt("discard", typed, do, lambda failed: _letter(request, system, actor, position, failed))


def _aside(
    request: Request, system: TheSystem, actor: Actor, recording_id: RecordingId, failed: Failed | None = None
) -> Response:
    shown = system.quarantine_desk.shown(actor, recording_id)
    return page(
        request,
        "quarantined.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        one=set_aside_shape(shown, now=system.clock.now()),
        address=f"/operations/quarantine/{recording_id}",
        failed=failed,
        lines=sorted(system.policy.lines),
        shown=shown_value,
        may_retry=may(actor, Act.QUARANTINE_RETRY),
        may_clear=may(actor, Act.QUARANTINE_CLEAR),
        may_discard=may(actor, Act.QUARANTINE_DISCARD),
    )


def _letter(
    request: Request, system: TheSystem, actor: Actor, position: Position, failed: Failed | None = None
) -> Response:
    found, acts = system.dead_letter_desk.shown(actor, position)
    return page(
        request,
        "dead_letter.html",
        actor=actor,
        status=200 if failed is None else failed.status,
        one={**dead_letter_row(found), "cut": found.is_cut},
        acts=[act_row(act) for act in acts],
        address=f"/operations/dead-letters/{dead_letter_place(position)}",
        failed=failed,
        may_retry=may(actor, Act.DEADLETTERS_RETRY),
        may_discard=may(actor, Act.DEADLETTERS_DISCARD),
    )


def _position(topic: str, partition: str, offset: str) -> Position:
    position = position_at(f"{topic}/{partition}/{offset}")
    if position is None:
        raise RefusedError((ActRefusal.UNKNOWN.value,), "there is no dead letter there")
    return position


def _correction(typed: Typed) -> Correction:
    segment = typed.text("segment")
    return Correction(
        line=None if typed.text("line") is None else LineId(typed.text("line") or ""),
        started_at=_instant(typed, "started_at"),
        ended_at=_instant(typed, "ended_at"),
        call_id=None if typed.text("call_id") is None else CallId(typed.text("call_id") or ""),
        leg=typed.text("leg"),
        segment=None if segment is None else typed.number("segment"),
        objections=frozenset[str]() if typed.is_on("no_objection") else None,
    )


def _instant(typed: Typed, name: str) -> datetime | None:
    text = typed.text(name)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise UsageError("an instant is written with its offset, such as 2026-11-20T10:25:01+01:00")
    return instant


def _done(request: Request) -> Any:
    return request.query_params.get("done", "")
