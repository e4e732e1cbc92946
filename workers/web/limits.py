"""Before any route of the API: how much may be sent to it, and what no address has."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callwarden.workers.web.problems import Problem

LARGEST_BODY: Final = 1 << 20
"""Bytes of JSON. Calls that are pushed have a limit of their own."""
LONGEST_ADDRESS: Final = 8192
_PUSHED: Final = ("/api/v1/calls", "/api/v1/decisions")


class TooLargeError(Exception):
    """More came in than is taken."""


class Bounded:
    """Answers 413, 414 and 422 before anything else is done. Streams pass as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

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
            body = await whole(receive, at_most=LARGEST_BODY)
        except TooLargeError:
            await _TOO_LARGE.response()(scope, receive, send)
        else:
            await self.app(scope, again(body, receive), send)


async def whole(receive: Receive, *, at_most: int = LARGEST_BODY) -> bytes:
    """All of a body. Raises TooLargeError, ClientDisconnect."""
    body = bytearray()
    while True:
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
