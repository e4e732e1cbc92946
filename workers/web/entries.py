"""Which entries of the access log an answer has made: a page names them, so that whoever reads knows where it is
written down (U3)."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from callwarden.desks.acts import witnessed
from callwarden.model.log_entry import LogEntry


class Witness:
    """Keeps the entries of each request by itself; routes run in threads that see the same list."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = witnessed.set([])
        try:
            await self.app(scope, receive, send)
        finally:
            witnessed.reset(before)


def entries() -> Sequence[LogEntry]:
    """Those of this request so far, oldest first."""
    return tuple(witnessed.get() or ())
