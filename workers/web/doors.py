"""Before any route: the portal's own name."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

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
