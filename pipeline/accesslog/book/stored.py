"""Values as they lie in the database, which somebody may have written past the system."""

import json
from dataclasses import dataclass

from callwarden.accesslog.proof.encoding import MAX_ENTRY_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBy:
    """What an entry is found by. The columns of these names are copies: the bytes are what counts."""

    entry_id: str
    subject: str | None
    case_ref: str | None


def found_by(data: bytes) -> FoundBy | None:
    """What an entry's own bytes say it is found by; None when no export could carry them. Newer vocabularies pass."""
    if len(data) > MAX_ENTRY_BYTES or b"\n" in data:
        return None
    try:
        fields = json.loads(data)
        entry_id = fields["entry_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    subject, case = fields.get("subject"), fields.get("case")
    if not isinstance(entry_id, str):
        return None
    return FoundBy(
        entry_id=entry_id,
        subject=subject if isinstance(subject, str) else None,
        case_ref=case if isinstance(case, str) else None,
    )


def stored_bytes(value: object) -> bytes:
    """A column's bytes. SQLite keeps whatever type it is given: text or a number put there by hand comes back as its
    own bytes, so that it is found to be wrong like any other wrong bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "surrogateescape")
