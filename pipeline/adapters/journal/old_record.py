"""The journal's format before it was authenticated: ``instant/recording/reason/digest``.

The digest finds damage; it keeps nobody from writing a record. Read to be taken over once, never written.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from callwarden.model.ids import RecordingId
from callwarden.ports.journal import ErasureRecord, OldJournal

_INSTANT = "%Y%m%dT%H%M%S.%fZ"
_RECORD = re.compile(
    r"(?P<at>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)/(?P<id>[a-z0-9-]{1,64})/(?P<reason>[a-z0-9_-]{1,64})/(?P<digest>[0-9a-f]{32})"
)


def read_old(texts: Iterable[str], *, position: int) -> OldJournal:
    """Everything in a journal of that format."""
    found, damaged = [], 0
    for text in texts:
        match = _RECORD.fullmatch(text)
        if match is None or _digest(text.rpartition("/")[0]) != match["digest"]:
            damaged += 1
            continue
        at = datetime.strptime(match["at"], _INSTANT).replace(tzinfo=UTC)
        found.append(ErasureRecord(recording_id=RecordingId(match["id"]), destroyed_at=at, reason=match["reason"]))
    return OldJournal(records=tuple(found), position=position, damaged=damaged)


def write_old(record: ErasureRecord) -> str:
    """The text of one, as it then was."""
    body = f"{record.destroyed_at.astimezone(UTC).strftime(_INSTANT)}/{record.recording_id}/{record.reason}"
    return f"{body}/{_digest(body)}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:32]
