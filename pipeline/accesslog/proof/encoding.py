"""The bytes of a log entry. They are fixed once and for all, because the log's proofs are proofs about bytes.

``docs/log.md`` describes them for an auditor who has only the export.
"""

import json
import re
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from callwarden.model.log_entry import ByteRange, EntryId, EntryOutcome, InvalidEntryError, LogEntry, Operation

ENTRY_VERSION: Final = 1
MAX_ENTRY_BYTES: Final = 4096

_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_TEXT_FIELDS: Final = ("purpose", "artefact", "subject", "policy_version", "case", "correlation", "digest")
_ALL_FIELDS: Final = frozenset(
    {"v", "entry_id", "at", "actor", "operation", "outcome", "reasons", "byte_range", "count"}
).union(_TEXT_FIELDS)

_Member = TypeVar("_Member", bound=StrEnum)


def encode_entry(entry: LogEntry) -> bytes:
    """The one encoding of an entry: JSON, keys sorted, no white space, absent fields left out, ASCII.

    Written out field by field, because this is the hot path of every reading: no value an entry can hold
    contains anything JSON would escape.
    """
    at = entry.at.replace(tzinfo=None).isoformat(timespec="microseconds")
    covered = entry.byte_range
    parts = (
        f'{{"actor":"{entry.actor}"',
        _member_text("artefact", entry.artefact),
        f',"at":"{at}Z"',
        "" if covered is None else f',"byte_range":[{covered.first},{covered.end}]',
        _member_text("case", entry.case),
        _member_text("correlation", entry.correlation),
        "" if entry.count is None else f',"count":{entry.count}',
        _member_text("digest", entry.digest),
        f',"entry_id":"{entry.entry_id}","operation":"{entry.operation.value}","outcome":"{entry.outcome.value}"',
        _member_text("policy_version", entry.policy_version),
        _member_text("purpose", entry.purpose),
        "" if not entry.reasons else ',"reasons":["' + '","'.join(entry.reasons) + '"]',
        _member_text("subject", entry.subject),
        f',"v":{ENTRY_VERSION}}}',
    )
    return "".join(parts).encode("ascii")


def decode_entry(data: bytes) -> LogEntry:
    """The entry that encodes to exactly these bytes.

    Raises: `InvalidEntryError` for another version, an unknown or missing field, a value out of its
    vocabulary, or bytes that are not the canonical encoding.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise InvalidEntryError("entry", f"longer than {MAX_ENTRY_BYTES} bytes")
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidEntryError("entry", "not JSON") from error
    if not isinstance(fields, dict):
        raise InvalidEntryError("entry", "not a JSON object")
    if fields.get("v") != ENTRY_VERSION:
        raise InvalidEntryError("v", f"this reader knows version {ENTRY_VERSION} only")
    if not fields.keys() <= _ALL_FIELDS:
        raise InvalidEntryError("entry", "an unknown field")
    entry = LogEntry(
        entry_id=EntryId(_text(fields, "entry_id")),
        at=_instant(_text(fields, "at")),
        actor=_text(fields, "actor"),
        operation=_member("operation", Operation, _text(fields, "operation")),
        outcome=_member("outcome", EntryOutcome, _text(fields, "outcome")),
        reasons=_reasons(fields.get("reasons", [])),
        byte_range=_byte_range(fields.get("byte_range")),
        count=_whole("count", fields["count"]) if "count" in fields else None,
        **{name: _text(fields, name) for name in _TEXT_FIELDS if name in fields},
    )
    if encode_entry(entry) != data:
        raise InvalidEntryError("entry", "not the canonical encoding")
    return entry


def _member_text(name: str, value: str | None) -> str:
    return "" if value is None else f',"{name}":"{value}"'


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise InvalidEntryError(name, "must be there, as text")
    return value


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidEntryError(name, "must be a whole number")
    return value


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise InvalidEntryError("at", "must be YYYY-MM-DDTHH:MM:SS.ffffffZ")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidEntryError("at", "is not an instant") from error


def _member(field: str, vocabulary: type[_Member], value: str) -> _Member:
    try:
        return vocabulary(value)
    except ValueError as error:
        raise InvalidEntryError(field, "is not in the vocabulary") from error


def _reasons(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(reason, str) for reason in value):
        raise InvalidEntryError("reasons", "must be a list of codes")
    return tuple(value)


def _byte_range(value: object) -> ByteRange | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise InvalidEntryError("byte_range", "must be [first, end]")
    return ByteRange(first=_whole("byte_range", value[0]), end=_whole("byte_range", value[1]))
