"""Content in the part that was asked for (RFC 9110, Range): players fetch no more than they play."""

import re
from collections.abc import Callable
from typing import Final

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from callwarden.errors import RefusedError
from callwarden.model.content import Content
from callwarden.rules.reading import ReadRefusal

_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")


def asked(header: str | None) -> tuple[int, int | None] | None:
    """``(start, length)`` as the gate takes it; None for the whole, also where several parts are asked for, or
    something that is no range."""
    found = _RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return (-int(suffix), None) if int(suffix) else None
    start = int(first)
    if last is None:
        return start, None
    return (start, int(last) - start + 1) if int(last) >= start else None


def answer(request: Request, read: Callable[[int, int | None], Content], *, name: str | None = None) -> Response:
    """What `read` (start, length) has from the gate, as a stream: 200, 206, or 416 past its end. With a `name` browsers
    keep it as a file."""
    part = asked(request.headers.get("range"))
    try:
        content = read(*(part or (0, None)))
    except RefusedError as error:
        if ReadRefusal.RANGE_NOT_SATISFIABLE.value in error.reasons:
            return Response(status_code=416, headers={"Accept-Ranges": "bytes"})
        raise
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(content.length),
        "ETag": f'"{content.artefact.sha256}"',
        "Content-Disposition": "inline" if name is None else f'attachment; filename="{name}"',
        "Callwarden-Entry": content.entry_id,
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {content.start}-{content.start + content.length - 1}/{content.size}"
    return StreamingResponse(
        content.pieces, status_code=200 if part is None else 206, media_type=content.media_type, headers=headers
    )
