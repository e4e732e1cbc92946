"""``ETag`` and ``If-None-Match`` (RFC 9110, 13.1.2) for what is answered in JSON: who has it already is told that it
is the same. That they asked is in the access log all the same."""

import hashlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LENGTH: Final = 32


class Tagged:
    """Tags what comes as a whole. Streams, and what has a tag, pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        known = {tag.strip().removeprefix("W/") for tag in Headers(scope=scope).get("if-none-match", "").split(",")}
        start: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _may_have_one(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            begun, start = start, None
            if message.get("more_body", False):
                await send(begun)
                await send(message)
                return
            body = message.get("body", b"")
            headers = MutableHeaders(scope=begun)
            tag = headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:_LENGTH]}"'
            if known & {tag, "*"}:
                begun["status"], body = 304, b""
                for name in ("content-length", "content-type"):
                    del headers[name]
            await send(begun)
            await send({**message, "body": body})

        await self.app(scope, receive, tagged)


def _may_have_one(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == 200
        and headers.get("content-type", "").startswith("application/json")
        and headers.get("etag") is None
    )
