"""Sending what the shapes give, in JSON as the commands print it."""

from starlette.responses import Response

from callwarden.workers.shapes import to_json


def as_json(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A list as an array, a thing as an object."""
    return Response(to_json(value), status_code=status, media_type="application/json", headers=headers)
