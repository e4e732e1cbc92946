"""What records hold beside their text: acts, sealed; records of the format before, compressed."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter

from callwarden.adapters.journal.old_record import read_old, write_old
from callwarden.adapters.journal.record import Entry, Kind, Record, digest_of
from callwarden.adapters.journal.seal import JournalSeal
from callwarden.errors import InvariantError
from callwarden.model.act import (
    Act,
    AudioEnded,
    CourseRemoved,
    DeadLetterDiscarded,
    EvaluationEnded,
    EvaluationMade,
    HoldReleased,
    NoteRemoved,
    QuarantineCleared,
    Rectified,
    Restriction,
    SessionEnded,
    TokenSpent,
)
from callwarden.model.break_glass import BreakGlass
from callwarden.model.disclosure import Disclosure
from callwarden.model.experiment import Experiment, ExperimentExport, ExperimentItem
from callwarden.model.figure import Closing
from callwarden.model.hold import Case, Hold, Placement
from callwarden.model.ids import RecordingId
from callwarden.model.objection import Objection, Withdrawal
from callwarden.model.permission import Permission
from callwarden.model.person import Person
from callwarden.model.policy_change import PolicyChange
from callwarden.model.recipient_notice import RecipientNotice
from callwarden.model.redaction_record import RedactionRecord
from callwarden.model.request import Request, RequestItem
from callwarden.model.review import Course, Note
from callwarden.model.set_aside import ActReason
from callwarden.model.token import Token
from callwarden.model.webhook import Webhook
from callwarden.ports.cipher import DecryptionError
from callwarden.ports.journal import ActsRecord, ErasureRecord, JournalRecord, OldJournal

_KINDS: Final[Mapping[str, type[Act]]] = {
    "objection": Objection,
    "objection_withdrawal": Withdrawal,
    "case": Case,
    "hold": Hold,
    "hold_released": HoldReleased,
    "placement": Placement,
    "token": Token,
    "token_spent": TokenSpent,
    "person": Person,
    "session_ended": SessionEnded,
    "break_glass": BreakGlass,
    "audio_ended": AudioEnded,
    "restriction": Restriction,
    "quarantine_cleared": QuarantineCleared,
    "rectified": Rectified,
    "recipient_notice": RecipientNotice,
    "dead_letter_discarded": DeadLetterDiscarded,
    "reason": ActReason,
    "redaction": RedactionRecord,
    "request": Request,
    "request_item": RequestItem,
    "disclosure": Disclosure,
    "webhook": Webhook,
    "experiment": Experiment,
    "experiment_item": ExperimentItem,
    "experiment_export": ExperimentExport,
    "policy_change": PolicyChange,
    "testing_permission": Permission,
    "note": Note,
    "note_removed": NoteRemoved,
    "evaluation": EvaluationMade,
    "evaluation_ended": EvaluationEnded,
    "course": Course,
    "course_removed": CourseRemoved,
    "figure_week": Closing,
}
"""Names on disk; they stay."""
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_BINARY: Final = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


def acts_entry(acts: Sequence[Act], *, at: datetime, seal: JournalSeal) -> Entry:
    """The entry of what was decided together."""
    values = [
        {"act": name, "value": value}
        for name, alike in groupby(acts, key=lambda act: _NAMES[type(act)])
        for value in _codec(name).dump_python(tuple(alike), mode="json")
    ]
    content = seal.seal(json.dumps(values, separators=(",", ":")).encode())
    return Entry(at=at, kind=Kind.ACTS, content=content)


def adopted_entry(old: OldJournal, *, at: datetime) -> Entry:
    """The entry that takes a journal of the format before over."""
    text = "\n".join(write_old(record) for record in old.records)
    return Entry(at=at, kind=Kind.ADOPTED, content=zlib.compress(text.encode()))


def records_of(found: Record, content: bytes | None, *, seal: JournalSeal) -> Iterator[JournalRecord]:
    """What an authentic record says. Raises InvariantError when its content is not what it names."""
    if found.digest != ("-" if content is None else digest_of(content)):
        raise InvariantError(f"the content of record {found.number} is altered or missing")
    match found.kind:
        case Kind.ERASED:
            yield ErasureRecord(recording_id=RecordingId(found.subject), destroyed_at=found.at, reason=found.reason)
        case Kind.JOINED:
            pass
        case Kind.ACTS:
            yield _acts(found.at, content or b"", seal)
        case Kind.ADOPTED:
            yield from read_old(zlib.decompress(content or b"").decode().split("\n"), position=0).records


def _acts(at: datetime, sealed: bytes, seal: JournalSeal) -> ActsRecord:
    try:
        values: list[dict[str, Any]] = json.loads(seal.open(sealed))
    except DecryptionError as error:  # authentic, so it was sealed by us: only another key can be the reason
        raise InvariantError("acts of the journal are sealed under another key than this key store's") from error
    acts: list[Act] = []
    unreadable: list[str] = []
    for value in values:
        try:
            acts += _codec(value["act"]).validate_json(json.dumps([value["value"]]))
        except (KeyError, ValueError):  # a version that knows more of it wrote this, or one that knew less
            unreadable.append(str(value["act"]))
    return ActsRecord(at=at, acts=tuple(acts), unreadable=tuple(unreadable))


@cache
def _codec(name: str) -> TypeAdapter[Any]:
    """Of a tuple of them, because a dataclass by itself takes no configuration from outside."""
    kind: Any = _KINDS[name]
    return TypeAdapter(tuple[kind, ...], config=_BINARY)
