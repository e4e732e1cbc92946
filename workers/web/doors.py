"""Before any route: the portal's own name, and bodies of a size that a form may have."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_FORM: Final = 16 * 1024 * 1024
"""Bytes of a body outside the API, whose routes say themselves what they take."""
LARGEST_LOG_IN: Final = 64 * 1024
"""Of the one form that strangers send."""

_ANY_NAME: Final = frozenset({"/healthz", "/readyz"})
"""What watchers ask, by whatever address a machine has just now: the answer is the same for everybody."""


class KnownHosts:
    """Answers 421 to who asks for somebody else's pages here, or for somebody else's API."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.hosts is not None and scope["path"] not in _ANY_NAME:
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
            name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
            if name.lower() not in self.hosts:
                await PlainTextResponse("this is not served here", 421)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class SmallForms:
    """Answers 413 to a body outside the API that no form of ours has, before it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        most = LARGEST_LOG_IN if scope["path"].startswith("/login") else LARGEST_FORM
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > most:
            await PlainTextResponse("too large", 413)(scope, receive, send)
            return
        taken = 0

        async def at_most() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return {"type": "http.disconnect"} if taken > most else message

        await self.app(scope, at_most, send)
