"""Before any route: how slowly a body may come, be it a call's audio, a program's or a form's, and how much of a form.
Whoever reads one waits for its sender, and not for ever."""

from contextlib import suppress
from typing import Any, Final

import anyio
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callwarden.rules.pushing import LONGEST_PUSH
from callwarden.workers.web.problems import Problem

PAUSE_S: Final = 30.0
"""How long a sender may send nothing; and how long one may take altogether, beside what the slowest needs."""
SLOWEST: Final = 1024
"""Bytes a second: a sender that trickles is no sender."""
LARGEST_FORM: Final = 16 * 1024 * 1024
"""Bytes of a body outside the API, whose routes say themselves what they take."""
LARGEST_LOG_IN: Final = 64 * 1024
"""Of the one form that strangers send."""
TOO_SLOW: Final = Problem(status=408, code="usage", detail="the body came too slowly")
_TOO_LARGE: Final = Problem(status=413, code="usage", detail="this is more than a form takes")


def latest(*, began: float, now: float, taken: int, pause: float = PAUSE_S) -> float:
    """When more of a body has to be there, of which `taken` bytes are: in the clock of `began` and `now`."""
    return min(now + pause, began + pause + taken / SLOWEST, began + LONGEST_PUSH.total_seconds())


class Senders:
    """Answers 408 where a body comes too slowly, 413 where a form is too large. To the route it is as if the sender had
    gone: nothing of what it answers to that is sent. `page` shows a problem to a browser."""

    def __init__(self, app: ASGIApp, *, page: Any, pause: float = PAUSE_S) -> None:
        self.app = app
        self.page = page
        self.pause = pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, send, most=_most(scope["path"]), pause=self.pause)
        body.announced(next((value for name, value in scope["headers"] if name == b"content-length"), b"0"))
        if body.wrong is None:
            with suppress(ClientDisconnect):  # half a form, of which nothing was done
                await self.app(scope, body.receive, body.send)
        if body.wrong is not None and not body.is_answered:
            is_form = body.most is not None
            answer = self.page(Request(scope), body.wrong) if is_form else body.wrong.response()
            answer.headers["Connection"] = "close"  # what is still to come of it is not waited for either
            await answer(scope, receive, send)


class _Body:
    """One, as it comes in; what is wrong with it, and whether its answer has begun."""

    def __init__(self, receive: Receive, send: Send, *, most: int | None, pause: float) -> None:
        self.most = most
        self.wrong: Problem | None = None
        self.is_answered = False
        self._receive, self._send, self._pause = receive, send, pause
        self._began, self._taken, self._is_whole = anyio.current_time(), 0, False

    def announced(self, length: bytes) -> None:
        if self.most is not None and (not length.isdigit() or int(length[:20]) > self.most):
            self.wrong = _TOO_LARGE

    async def receive(self) -> Message:
        if self._is_whole:
            return await self._receive()  # whether the sender is there still
        if self.wrong is None:
            until = latest(began=self._began, now=anyio.current_time(), taken=self._taken, pause=self._pause)
            with anyio.move_on_at(until):
                return self._taken_in(await self._receive())
            self.wrong = TOO_SLOW
        return {"type": "http.disconnect"}

    def _taken_in(self, message: Message) -> Message:
        self._taken += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self.most is None or self._taken <= self.most:
            return message
        self.wrong, self._is_whole = _TOO_LARGE, False
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.wrong is None or self.is_answered:
            self.is_answered = True
            await self._send(message)


def _most(path: str) -> int | None:
    """Bytes of a body sent there; None where the route says."""
    if path.startswith("/api/"):
        return None
    return LARGEST_LOG_IN if path.startswith("/login") else LARGEST_FORM
