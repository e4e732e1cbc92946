"""``/api/v1/recordings``: content, at the gate. Streamed: nothing is held in memory, however long the audio."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from callwarden.custody.gate import Gate
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor
from callwarden.model.content import Content
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.rules.ranges import read_range
from callwarden.rules.reading import ReadRefusal
from callwarden.rules.turn_portions import MOST_TURNS
from callwarden.workers.shapes.reading import READABLE, What
from callwarden.workers.shapes.turns import portion_shape
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.routes import reads
from callwarden.workers.web.schemas import ANYTHING, COUNT, NUMBER, TEXT, answers, many, maybe, thing

router = APIRouter(prefix="/recordings", tags=["recordings"])

PurposeParameter = Annotated[Purpose, Query(description="What it is for; it stands in the access log.")]
_NO_SUCH_RANGE: Final = (ReadRefusal.RANGE_NOT_SATISFIABLE.value,)


_TURN = thing(
    number=COUNT, speaker=TEXT, start_s=NUMBER, end_s=NUMBER, text=TEXT, words=many(ANYTHING), badges=many(ANYTHING)
)
_PORTION = thing(
    recording_id=TEXT,
    language=TEXT,
    duration_s=NUMBER,
    turn_count=COUNT,
    turns=many(_TURN),
    previous=maybe(COUNT),
    next=maybe(COUNT),
)


@router.get("/{recording}/turns", responses=answers(_PORTION))
@reads
def turns(
    recording: str,
    purpose: PurposeParameter,
    actor: Asking,
    system: TheSystem,
    from_s: Annotated[float, Query(ge=0, allow_inf_nan=False, description="From this second of the call on.")] = 0.0,
    to_s: Annotated[float | None, Query(ge=0, allow_inf_nan=False, description="Up to this second.")] = None,
    first: Annotated[
        int | None, Query(ge=0, description="From the turn of this number on, in place of from_s.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_TURNS)] = 200,
) -> Response:
    """A portion of the redacted transcript, with the time of each word."""
    found = system.transcript_desk.turns(
        actor, purpose, RecordingId(recording), first=first, from_s=from_s, to_s=to_s, limit=limit
    )
    return as_json(portion_shape(found))


@router.head("/{recording}/{what}", include_in_schema=False)
@router.get("/{recording}/{what}")
@reads
def content(
    request: Request, recording: str, what: What, purpose: PurposeParameter, actor: Asking, system: TheSystem
) -> Response:
    """What is stored of a recording. Takes one Range of bytes, If-Range and If-None-Match; each answer with content is
    an entry of what it holds, HEAD and 304 one of the first byte."""
    name = RecordingId(recording)
    if what is What.CAPTIONS:
        return _whole(system.transcript_desk.captions(actor, purpose, name), request)
    return _of_gate(request, system.gate, actor, purpose, name, what)


def _of_gate(
    request: Request, gate: Gate, actor: Actor, purpose: Purpose, recording: RecordingId, what: What
) -> Response:
    readable = READABLE[what]
    unless, only_if = request.headers.get("if-none-match"), request.headers.get("if-range")
    wanted = _wanted(request.headers.get("range"))
    if request.method == "HEAD" or unless is not None or (wanted is not None and only_if is not None):
        known = gate.read(actor, purpose, recording, readable, length=1)
        if unless is not None and _tag(known) in (tag.strip() for tag in unless.split(",")):
            return Response(status_code=304, headers={"ETag": _tag(known)})
        if request.method == "HEAD":
            return Response(headers=_headers(known, length=known.size), media_type=known.media_type)
        if only_if is not None and only_if != _tag(known):
            wanted = None
    if wanted is None:
        return _whole(gate.read(actor, purpose, recording, readable), request)
    start, length = wanted
    try:
        found = gate.read(actor, purpose, recording, readable, start=start, length=length)
    except RefusedError as error:
        if error.reasons != _NO_SUCH_RANGE:
            raise
        size = gate.read(actor, purpose, recording, readable, length=1).size
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    last = found.start + found.length - 1
    return StreamingResponse(
        _pieces(found),
        status_code=206,
        media_type=found.media_type,
        headers={**_headers(found, length=found.length), "Content-Range": f"bytes {found.start}-{last}/{found.size}"},
    )


def _whole(found: Content, request: Request) -> Response:
    headers = _headers(found, length=found.length)
    if request.method == "HEAD":
        return Response(headers=headers, media_type=found.media_type)
    return StreamingResponse(_pieces(found), media_type=found.media_type, headers=headers)


def _pieces(found: Content) -> Iterator[bytes]:
    yield from found.pieces


def _headers(found: Content, *, length: int) -> dict[str, str]:
    return {"Accept-Ranges": "bytes", "Content-Length": str(length), "ETag": _tag(found)}


def _tag(found: Content) -> str:
    return f'"{found.artefact.sha256[:32]}"'


def _wanted(header: str | None) -> tuple[int, int | None] | None:
    """One range as the gate takes it; None for none, and for what RFC 9110 has a server pass over."""
    if header is None:
        return None
    try:
        return read_range(header)
    except UsageError:
        return None
