"""``Idempotency-Key``: what a program sends again, because it did not hear the answer, is done once.

What came in is kept until it is known who asks (`once`): only they are told again, the status and ids of what was done.
What only reads is read again. A call that is pushed has receipts instead (`api/pushes.py`).
"""

import json
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callwarden.model.given_answer import GivenAnswer
from callwarden.wiring import System
from callwarden.workers.web.limits import again, whole
from callwarden.workers.web.problems import Problem
from callwarden.workers.web.sent_again import BEGUN, ONCE, SENT, AnsweredBeforeError, Sent, ids_of

NAME: Final = "idempotency-key"
REPLAYED: Final = "Idempotency-Replayed"
_LONGEST: Final = 200
_LARGEST: Final = 1 << 20


async def answered_before(_request: Request, error: Exception) -> Response:
    """The status that was given before, and the ids."""
    assert isinstance(error, AnsweredBeforeError)  # it is installed for that
    return JSONResponse(error.ids, status_code=error.status, headers={REPLAYED: "true"})


class Repeatable:
    """Holds a body together with its word, and keeps what is answered to it before it is sent."""

    def __init__(self, app: ASGIApp, *, system: System) -> None:
        self.app = app
        self.system = system

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        word = _word(scope)
        if word is None:
            await self.app(scope, receive, send)
            return
        if not (0 < len(word) <= _LONGEST and word.isascii() and word.isprintable()):
            field = {"field": "Idempotency-Key", "message": f"1 to {_LONGEST} printable ASCII characters"}
            problem = Problem(status=422, code="usage", detail="wrong: Idempotency-Key", fields=[field])
            await problem.response()(scope, receive, send)
            return
        body = await whole(receive)
        state = scope.setdefault("state", {})
        state[SENT] = Sent(word=word, body=body)
        await self.app(scope, again(body, receive), _Keeper(self.system, state, send).take)


class _Keeper:
    """Takes an answer as it is sent, and keeps it first."""

    def __init__(self, system: System, state: Scope, send: Send) -> None:
        self._system = system
        self._state = state
        self._send = send
        self._start: Message | None = None
        self._body = b""
        self._ended = False

    async def take(self, message: Message) -> None:
        begun: GivenAnswer | None = self._state.get(BEGUN)
        if begun is None or self._ended:
            await self._send(message)
            return
        if message["type"] == "http.response.start":
            self._start = message
            return
        assert self._start is not None  # ASGI: a start comes first
        self._body += message.get("body", b"")
        if message.get("more_body", False) and len(self._body) <= _LARGEST:
            return
        self._ended, status = True, self._start["status"]
        if 200 <= status < 300:
            await run_in_threadpool(self._system.repeats.end, begun, status=status, answer=self._kept())
        elif status < 500 or status == 503:
            await run_in_threadpool(self._system.repeats.drop, begun)  # nothing was done
        await self._send(self._start)
        await self._send({**message, "body": self._body})

    def _kept(self) -> str | None:
        """What is given again; None for what is too large, no JSON, or was shown once."""
        assert self._start is not None
        is_json = Headers(raw=self._start["headers"]).get("content-type", "").startswith("application/json")
        if not is_json or len(self._body) > _LARGEST or self._state.get(ONCE):
            return None
        return json.dumps(ids_of(self._body))


def _word(scope: Scope) -> str | None:
    """The word of what may be sent again, where it is that."""
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/api/"):
        return None
    headers = Headers(scope=scope)
    is_form = headers.get("content-type", "").lower().startswith("multipart/")
    return None if is_form else headers.get(NAME)
