"""Pages of a list. A cursor is the place of the last row that was given, and nothing that a server remembers: rows that
come or go meanwhile move no other ones. What stands in it is nobody's business but ours."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

from fastapi import Query

from callwarden.errors import UsageError
from callwarden.workers.shapes import Row, to_json

MOST: Final = 1000
Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many.")]
Cursor = Annotated[
    str | None, Query(min_length=1, max_length=1000, description="`next` of the page before; left out: the first.")
]


def written(place: Sequence[object]) -> str:
    """A place as a cursor."""
    return urlsafe_b64encode(to_json(list(place)).encode()).decode().rstrip("=")


def read(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The place in a cursor, of these kinds of values. Raises UsageError for something that we have not written."""
    if cursor is None:
        return None
    try:
        place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise UsageError("cursor: not one of ours; begin without one") from error
    fits = isinstance(place, list) and [type(each) for each in place] == list(kinds)
    if not fits or any(isinstance(each, int) and not 0 <= each < 2**63 for each in place):
        raise UsageError("cursor: not one of this list; begin without one")
    return list(place)


def page_shape(items: Sequence[Row], *, following: str | None = None) -> Row:
    """One page."""
    return {"items": list(items), "next": following}


def portion(
    rows: Iterable[tuple[tuple[str, ...], Row]], *, cursor: str | None, limit: int, newest_first: bool = False
) -> Row:
    """A page of what a desk gave as a whole: rows with their places, in the order of these. The last text of a place
    tells it from all others."""
    ordered = sorted(rows, key=lambda row: row[0], reverse=newest_first)
    if cursor is not None and ordered:
        place = tuple(read(cursor, *(str for _ in ordered[0][0])) or ())
        ordered = [row for row in ordered if (row[0] < place if newest_first else row[0] > place)]
    shown = ordered[:limit]
    following = written(shown[-1][0]) if len(ordered) > limit else None
    return page_shape([row for _, row in shown], following=following)
