"""Where a list goes on, as a text for programs and addresses. It opens nothing: whoever makes one up gets what they may
read anyway, from another place on."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

from callwarden.model.ids import RecordingId
from callwarden.model.search import Place

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def cursor_of(place: Place) -> str:
    """Letters, digits, hyphens and underscores."""
    text = json.dumps([(place.ended_at - _EPOCH) // _MICROSECOND, place.recording_id], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """Raises ValueError for what `cursor_of` has not made."""
    try:
        ended, recording_id = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        place = Place(ended_at=_EPOCH + timedelta(microseconds=ended), recording_id=RecordingId(recording_id))
        genuine = isinstance(recording_id, str) and cursor_of(place) == cursor
    except (TypeError, ValueError, OverflowError):
        genuine = False
    if not genuine:
        raise ValueError("not a cursor of ours")
    return place
