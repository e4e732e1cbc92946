"""``POST /api/v1/calls`` and ``/decisions``: what a telephone system hands over, and what it may try."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Final, TypeVar
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Depends, Header, Request
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from callwarden.desks.pushes import Pushed
from callwarden.model.access import Actor
from callwarden.rules.rights import Act
from callwarden.workers.cli.opening import relay
from callwarden.workers.shapes import to_json
from callwarden.workers.shapes.pushes import pushed_shape, trial_shape
from callwarden.workers.web.answers import as_json
from callwarden.workers.web.api.push_body import MAX_EVENT_BYTES, PushBody, attributes_of
from callwarden.workers.web.api.push_words import DECISION, PUSH
from callwarden.workers.web.asking import Asking, TheSystem
from callwarden.workers.web.parts import boundary_of, broken
from callwarden.workers.web.problems import Problem, ProblemError
from callwarden.workers.web.rates import Rates
from callwarden.workers.web.routes import does

router = APIRouter(tags=["telephony"])

Given = TypeVar("Given")

_PORTION: Final = 1 << 19
"""Taken in at once, in a thread: the rest waits at its sender."""
_AT_ONCE: Final = 16
"""Threads that take in portions; pages have others."""
_OVERHEAD: Final = 1 << 16
_KEY_LENGTH: Final = 200


def rates_of(request: Request, system: TheSystem) -> Rates:
    """How often each token pushes."""
    state = request.app.state
    if not hasattr(state, "pushes"):
        state.pushes = Rates(system.throttle, "pushes", system.settings.pushes_per_minute)
    found: Rates = state.pushes
    return found


def within_rate(actor: Asking, rates: Annotated[Rates, Depends(rates_of)]) -> Actor:
    """Who asks, unless too often. Raises TooOftenError."""
    rates.charge(actor)
    return actor


Pushing = Annotated[Actor, Depends(within_rate)]


@router.post("/calls", status_code=202, **PUSH)
@does(Act.CALLS_PUSH)
async def push(
    request: Request,
    actor: Pushing,
    system: TheSystem,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=_KEY_LENGTH, pattern="^[ -~]+$")] = None,
) -> Response:
    """Hand over one call: event and audio. The receipt means that both are safe; the same call gives the same one."""
    await _in_thread(request, lambda: system.push_desk.admit(actor))
    boundary = boundary_of(request.headers.get("content-type", ""))
    longest = system.policy.limits.max_audio_bytes + MAX_EVENT_BYTES + _OVERHEAD
    body = PushBody(system.push_desk, actor, boundary=boundary, attributes=attributes_of(request.headers.raw))
    try:
        pushed = await _taken_in(request, body, _portions(request, at_most=longest), key=idempotency_key)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await _in_thread(request, body.close)
        raise
    return Response(
        to_json(pushed_shape(pushed)),
        status_code=202,
        media_type="application/json",
        headers={"Location": f"{request.url.path}/{quote(pushed.call_id, safe='')}"},
        background=BackgroundTask(_tell, system, pushed),
    )


@router.post("/decisions", **DECISION)
@does(Act.CALLS_TRY)
async def decide(request: Request, actor: Pushing, system: TheSystem) -> Response:
    """What would become of an event, and why; nothing is done. Looks at no audio and at nothing that is stored."""
    value = bytearray()
    async for portion in _portions(request, at_most=MAX_EVENT_BYTES):
        value += b"".join(portion)
    if not value:
        raise ProblemError(Problem(status=422, code="usage", detail="the body is empty: send an event"))
    headers = attributes_of(request.headers.raw)
    content_type = request.headers.get("content-type", "").encode("latin-1")
    trial = await _in_thread(
        request, lambda: system.push_desk.tried(actor, bytes(value), (*headers, ("content-type", content_type)))
    )
    return as_json(trial_shape(trial, policy_version=system.policy.version))


def _tell(system: TheSystem, pushed: Pushed) -> None:
    """The bus learns of it after the sender has its receipt: what is in the outbox does not get lost."""
    relay(system).tell(pushed.outbox)


async def _taken_in(
    request: Request, body: PushBody, portions: AsyncIterator[list[bytes]], *, key: str | None
) -> Pushed:
    """One portion is digested and written while the next comes in."""
    writing: asyncio.Task[None] | None = None
    try:
        async for portion in portions:
            if writing is not None:
                await writing
            writing = asyncio.create_task(_in_thread(request, partial(body.write, portion)))
        if writing is not None:
            await writing
        return await _in_thread(request, partial(body.finish, key=key))
    finally:
        if writing is not None:
            with anyio.CancelScope(shield=True):
                await asyncio.wait([writing])


async def _portions(request: Request, *, at_most: int) -> AsyncIterator[list[bytes]]:
    """The body, some of it at a time; none of what says itself that it is too long. Raises ProblemError where it is
    cut or too long."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > at_most:
        raise _too_long(at_most)
    portion, size, whole = list[bytes](), 0, 0
    try:
        async for chunk in request.stream():
            portion.append(chunk)
            size, whole = size + len(chunk), whole + len(chunk)
            if whole > at_most:
                raise _too_long(at_most)
            if size >= _PORTION:
                yield portion
                portion, size = [], 0
        yield portion
    except ClientDisconnect:
        raise broken("was cut on its way") from None


def _too_long(limit: int) -> ProblemError:
    return ProblemError(Problem(status=413, code="usage", detail=f"the body is longer than {limit} bytes"))


async def _in_thread(request: Request, call: Callable[[], Given]) -> Given:
    state = request.app.state
    if not hasattr(state, "push_threads"):
        state.push_threads = anyio.CapacityLimiter(_AT_ONCE)
    return await anyio.to_thread.run_sync(call, limiter=state.push_threads)
