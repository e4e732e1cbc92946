"""One record of the journal as text, the same for every journal."""

import hashlib
import re
from datetime import UTC, datetime

from pipeline.errors import InvariantError
from pipeline.model.ids import RecordingId
from pipeline.ports.journal import ErasureRecord

_INSTANT = "%Y%m%dT%H%M%S.%fZ"
_RECORD = re.compile(
    r"(?P<at>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)/(?P<id>[a-z0-9-]{1,64})/(?P<reason>[a-z0-9_-]{1,64})/(?P<digest>[0-9a-f]{32})"
)


def write(recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> str:
    """``instant/recording/reason/digest``: sorts by time, fits a file's line and an object's key, and shows any
    change of itself. The digest finds damage; it keeps nobody from writing a record."""
    if destroyed_at.tzinfo is None:
        raise InvariantError("an instant of the erasure journal carries its offset from UTC")
    body = f"{destroyed_at.astimezone(UTC).strftime(_INSTANT)}/{recording_id}/{reason}"
    text = f"{body}/{_digest(body)}"
    if _RECORD.fullmatch(text) is None:
        raise InvariantError("not a recording id and a reason code the erasure journal can hold")
    return text


def read(text: str) -> ErasureRecord | None:
    """The record in this text; None when it is damaged."""
    match = _RECORD.fullmatch(text)
    if match is None or _digest(text.rpartition("/")[0]) != match["digest"]:
        return None
    return ErasureRecord(
        recording_id=RecordingId(match["id"]),
        destroyed_at=datetime.strptime(match["at"], _INSTANT).replace(tzinfo=UTC),
        reason=match["reason"],
    )


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:32]
