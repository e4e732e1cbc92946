"""Before any route of the API: how much may be sent to it and how slowly, and what no address has."""

from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callwarden.workers.web.problems import Problem

LARGEST_BODY: Final = 1 << 20
"""Bytes of JSON. Calls that are pushed have a limit of their own."""
LONGEST_ADDRESS: Final = 8192
_PUSHED: Final = ("/api/v1/calls", "/api/v1/decisions")


PAUSE_S: Final = 30.0
"""How long a sender may send nothing; and how long one may take altogether, beside what the slowest needs."""
SLOWEST: Final = 1024
"""Bytes a second: a sender that trickles is no sender."""


def latest(*, began: float, now: float, taken: int, pause: float = PAUSE_S) -> float:
    """When more of a body has to be there, of which `taken` bytes are: in the clock of `began` and `now`."""
    return min(now + pause, began + pause + taken / SLOWEST)


class TooLargeError(Exception):
    """More came in than is taken."""


class Bounded:
    """Answers 408, 413, 414 and 422 before anything else is done. Streams pass as they come."""

    def __init__(self, app: ASGIApp, *, pause: float = PAUSE_S) -> None:
        self.app = app
        self.pause = pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = _refused(scope)
        if refused is not None:
            await refused.response()(scope, receive, send)
            return
        if not scope["path"].startswith("/api/") or scope["path"] in _PUSHED:
            await self.app(scope, receive, send)
            return
        try:
            body = await whole(receive, at_most=LARGEST_BODY, pause=self.pause)
        except TooLargeError:
            await _TOO_LARGE.response()(scope, receive, send)
        except TimeoutError:
            await TOO_SLOW.response()(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self.app(scope, again(body, receive), send)


async def whole(receive: Receive, *, at_most: int = LARGEST_BODY, pause: float = PAUSE_S) -> bytes:
    """All of a body. Raises TooLargeError, TimeoutError, ClientDisconnect."""
    body, began = bytearray(), anyio.current_time()
    while True:
        with anyio.fail_at(latest(began=began, now=anyio.current_time(), taken=len(body), pause=pause)):
            message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > at_most:
            raise TooLargeError
        if not message.get("more_body", False):
            return bytes(body)


def again(body: bytes, receive: Receive) -> Receive:
    """The body as if it had just come in; then whatever comes."""
    given = False

    async def first() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return first


TOO_SLOW: Final = Problem(status=408, code="usage", detail="the body came too slowly")
_TOO_LARGE: Final = Problem(status=413, code="usage", detail=f"a body has {LARGEST_BODY} bytes at most")


def _refused(scope: Scope) -> Problem | None:
    query = scope.get("query_string", b"")
    if len(scope["path"]) + len(query) > LONGEST_ADDRESS:
        return Problem(status=414, code="usage", detail=f"an address has {LONGEST_ADDRESS} characters at most")
    if "\x00" in scope["path"] or b"%00" in query:
        return Problem(status=422, code="usage", detail="an address has no null character")
    if scope["path"].startswith("/api/") and scope["path"] not in _PUSHED:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > LARGEST_BODY:
            return _TOO_LARGE
    return None
