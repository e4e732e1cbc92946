"""Sending what the shapes give, in JSON as the commands print it."""

import json
from typing import Any

from starlette.responses import Response

from callwarden.workers.shapes import to_json


def as_json(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A list as an array, a thing as an object."""
    return Response(to_json(value), status_code=status, media_type="application/json", headers=headers)


def plain(value: object) -> Any:
    """The same as values of JSON: instants as texts, and so on."""
    return json.loads(to_json(value))


def as_file(content: bytes, *, name: str, media_type: str) -> Response:
    """Something to keep; `name` is ours, never what anybody wrote."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
