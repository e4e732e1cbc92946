"""``/calls/{rec}``: one call, read and heard."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable
from callwarden.model.content import About
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.search import Place
from callwarden.model.transcript import TimeRange
from callwarden.rules.places import cursor_of
from callwarden.rules.rights import Act
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.portal.beside import beside
from callwarden.workers.web.portal.outline import Outline, outline
from callwarden.workers.web.portal.pages import page
from callwarden.workers.web.portal.purposes import PARAMETER, chosen, chosen_or_asked
from callwarden.workers.web.portal.turns import pieces, times
from callwarden.workers.web.routes import does

router = APIRouter(prefix="/calls/{rec}")

Second = Annotated[float, Query(ge=0, allow_inf_nan=False)]
TURNS: Final = 40
"""Of a portion: so many turns and the outline stay far below 60 kB."""
_OWN: Final = frozenset({PARAMETER, "turn", "at", "lang", "play", "cursor", "before"})


@router.get("")
@does(Readable.REDACTED_TRANSCRIPT, Readable.WAVEFORM, Act.NOTE_LIST, Act.EVALUATION_LIST, Act.COURSE_LIST)
def show(
    request: Request,
    rec: str,
    actor: Asking,
    system: TheSystem,
    turn: Annotated[int | None, Query(ge=0)] = None,
    at: Second = 0.0,
) -> Response:
    """The page of a call; before a purpose is chosen, the choice."""
    purpose = chosen_or_asked(request, actor, system)
    if isinstance(purpose, Response):
        return purpose
    if _only_as_it_was(system, actor, purpose, RecordingId(rec)):
        return RedirectResponse(f"/calls/{rec}/original?{request.url.query}", status_code=303)
    opened = system.transcript_desk.opened(
        actor, purpose, RecordingId(rec), first=turn, from_s=0.0 if turn is not None else at, limit=TURNS
    )
    drawn, silent = _sound(system, actor, purpose, RecordingId(rec), opened.portion.transcript.beeped)
    return page(
        request,
        "call.html",
        actor=actor,
        rec=rec,
        opened=opened,
        outline=drawn,
        silent=silent,
        at=at,
        place=_place(opened.about, RecordingId(rec)),
        failed=None,
        done=None,
        **beside(system, actor, purpose, RecordingId(rec)),
        keeps=bool(system.gate.purposes(actor, Readable.ORIGINAL_AUDIO)),
        hears=purpose in system.gate.purposes(actor, Readable.ORIGINAL_AUDIO),
        **_turns(request, purpose),
    )


@router.get("/original")
@does(Readable.METADATA, Readable.ORIGINAL_TRANSCRIPT)
def original(
    request: Request,
    rec: str,
    actor: Asking,
    system: TheSystem,
    turn: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The call as it was, for those the policy opens originals to; its sound is read, and written down, when played."""
    purpose, recording_id = chosen(request), RecordingId(rec)
    if purpose not in system.gate.purposes(actor, Readable.ORIGINAL_AUDIO):
        system.gate.read(actor, purpose, recording_id, Readable.ORIGINAL_AUDIO, length=1)  # in an emergency, or refused
    row = system.gate.describe(actor, purpose, recording_id)
    spoken, unread = None, tuple[str, ...]()
    try:
        spoken = system.transcript_desk.spoken(actor, purpose, recording_id, first=turn, limit=TURNS)
    except RefusedError as error:
        unread = error.reasons
    return page(
        request,
        "call_original.html",
        actor=actor,
        rec=rec,
        about=About.of(row, purpose),
        spoken=spoken,
        unread=unread,
        **_turns(request, purpose),
    )


@router.get("/turns")
@does(Readable.REDACTED_TRANSCRIPT)
def more_turns(
    request: Request,
    rec: str,
    actor: Asking,
    system: TheSystem,
    turn: Annotated[int | None, Query(ge=0)] = None,
    at: Second = 0.0,
) -> Response:
    """A portion of turns, for a page that shows others of them already."""
    purpose = chosen(request)
    opened = system.transcript_desk.opened(actor, purpose, RecordingId(rec), first=turn, from_s=at, limit=TURNS)
    return page(request, "turns.html", actor=actor, rec=rec, opened=opened, **_turns(request, purpose))


@router.post("/missed")
@does(Act.REDACTION_REPORT)
def report(
    request: Request,
    rec: str,
    actor: Asking,
    system: TheSystem,
    from_s: Annotated[float, Form(ge=0, allow_inf_nan=False)],
    to_s: Annotated[float, Form(ge=0, allow_inf_nan=False)],
) -> Response:
    """Something was missed at this place: nobody reads the call from now on, until it is redacted again."""
    if to_s < from_s:
        raise UsageError("the place ends before it begins")
    system.redaction_desk.report_missed(actor, RecordingId(rec), places=[TimeRange(start_s=from_s, end_s=to_s)])
    query = request.url.query
    return RedirectResponse(f"/calls/{rec}/missed{f'?{query}' if query else ''}", status_code=303)


@router.get("/missed")
@does(Act.REDACTION_SHOW)
def reported(request: Request, rec: str, actor: Asking, system: TheSystem) -> Response:
    """What has become of a call in which something was missed."""
    record = system.redaction_desk.status(actor, RecordingId(rec))
    return page(request, "missed.html", actor=actor, rec=rec, record=record, query=request.url.query)


def _only_as_it_was(system: TheSystem, actor: Actor, purpose: Purpose, recording_id: RecordingId) -> bool:
    """Whether this purpose opens its original to them while its redaction is not released."""
    if purpose not in system.gate.purposes(actor, Readable.ORIGINAL_AUDIO):
        return False
    readable = (Readable.REDACTED_TRANSCRIPT, Readable.ORIGINAL_AUDIO)
    redacted, as_it_was = (system.gate.permitted(actor, purpose, one, [recording_id]) for one in readable)
    return bool(as_it_was) and not redacted


def _place(about: About, recording_id: RecordingId) -> str | None:
    """Where this call stands among the results."""
    return None if about.ended_at is None else cursor_of(Place(ended_at=about.ended_at, recording_id=recording_id))


def _sound(
    system: TheSystem, actor: Actor, purpose: Purpose, recording_id: RecordingId, beeped: Sequence[TimeRange]
) -> tuple[Outline | None, tuple[str, ...]]:
    """The outline of the sound, or why there is none to hear."""
    try:
        content = system.gate.read(actor, purpose, recording_id, Readable.WAVEFORM)
    except RefusedError as error:
        return None, error.reasons
    return outline(content.read_all(), beeped=beeped), ()


def _turns(request: Request, purpose: Purpose) -> dict[str, Any]:
    """What every portion of turns needs; `listing` is the query of the list the call was opened from."""
    listing = [(name, value) for name, value in request.query_params.multi_items() if name not in _OWN]
    return {"pieces": pieces, "times": times, "listing": listing, "purpose": purpose}
