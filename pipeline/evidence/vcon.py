"""Each call as a vCon (draft-ietf-vcon-vcon-core-04, unsigned form): an export, for programs that read that format.

The sound lies inside, as base64url without padding. What the draft says and this follows: instants are RFC 3339; each
channel of the audio names its party; a transcript is an analysis of the dialog it was made of.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from callwarden.evidence.manifest import instant
from callwarden.model.event import CallRecorded
from callwarden.model.ids import CallId, RecordingId

VENDOR: Final = "callwarden"
_PLACE: Final = "\x00body of dialog %d\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """One recording of the call. `sound` gives its bytes in portions of a multiple of three, but for the last; `event`
    is what the telephone system told of it, where that may be told."""

    recording_id: RecordingId
    started_at: datetime | None
    ended_at: datetime | None
    media_type: str
    filename: str
    sound: Callable[[], Iterable[bytes]]
    event: CallRecorded | None
    transcript: bytes | None


def vcon_of(call_id: CallId, dialogs: Sequence[Dialog], *, made_at: datetime) -> Iterator[bytes]:
    """The vCon of one call, in pieces: it is never in memory as a whole."""
    parties: list[dict[str, Any]] = []
    said = [_dialog(one, parties, index) for index, one in enumerate(dialogs)]
    whole = {
        "vcon": "0.4.0",
        "uuid": str(_uuid(call_id, made_at)),
        "created_at": instant(made_at),
        "subject": call_id,
        "parties": parties,
        "dialog": said,
        "analysis": [
            {
                "type": "transcript",
                "dialog": index,
                "vendor": VENDOR,
                "schema": "callwarden-transcript",
                "mediatype": "application/json",
                "encoding": "json",
                "body": json.loads(one.transcript),
            }
            for index, one in enumerate(dialogs)
            if one.transcript is not None
        ],
    }
    rest = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    for index, one in enumerate(dialogs):
        before, rest = rest.split(json.dumps(_PLACE % index)[1:-1], 1)
        yield before.encode()
        for portion in one.sound():
            yield urlsafe_b64encode(portion).rstrip(b"=")
    yield rest.encode()


def _dialog(one: Dialog, parties: list[dict[str, Any]], index: int) -> dict[str, Any]:
    started = one.started_at or one.ended_at
    said: dict[str, Any] = {
        "type": "recording",
        "start": instant(started),
        "parties": [_party(one, speaker, parties) for speaker in _speakers(one)],
        "mediatype": one.media_type,
        "filename": one.filename,
        "encoding": "base64url",
        "body": _PLACE % index,
    }
    if one.started_at is not None and one.ended_at is not None:
        said["duration"] = (one.ended_at - one.started_at).total_seconds()
    return said


def _speakers(one: Dialog) -> tuple[str, ...]:
    return () if one.event is None else one.event.channels or ("caller", "agent")


def _party(one: Dialog, speaker: str, parties: list[dict[str, Any]]) -> int:
    """The index of whoever this is, who is added where nobody is the same."""
    assert one.event is not None
    party: dict[str, Any] = {"name": speaker}
    match speaker:
        case "caller":
            party["name"] = one.event.caller.name or speaker
            if one.event.caller.number:
                party["tel"] = one.event.caller.number
        case "agent" if one.event.agent.id:
            party["name"] = f"agent {one.event.agent.id}"
    if party not in parties:
        parties.append(party)
    return parties.index(party)


def _uuid(call_id: CallId, made_at: datetime) -> UUID:
    """A version 8 UUID: of this call and this export, and no other."""
    data = bytearray(sha256(f"{call_id}\n{made_at.isoformat()}".encode()).digest()[:16])
    data[6], data[8] = 0x80 | data[6] & 0x0F, 0x80 | data[8] & 0x3F
    return UUID(bytes=bytes(data))
