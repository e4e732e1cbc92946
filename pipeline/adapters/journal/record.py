"""One record of the journal as text, the same for every journal.

``number/instant/kind/subject/reason/digest/after/code``. It sorts by number, fits a file's line and an object's key;
``after`` are the codes of the records it follows, ``digest`` is the SHA-256 of its content, ``code`` authenticates all
of it, the record's place among the others included.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from callwarden.adapters.journal.seal import JournalSeal
from callwarden.errors import InvariantError
from callwarden.model.ids import RecordingId

_INSTANT = "%Y%m%dT%H%M%S.%fZ"
_CODE = "[a-z2-7]{52}"
_RECORD = re.compile(
    r"(?P<number>[0-9]{12})/(?P<at>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)/(?P<kind>[a-z]{4,10})/(?P<subject>-|[a-z0-9-]{1,64})/"
    rf"(?P<reason>-|[a-z0-9_-]{{1,64}})/(?P<digest>-|[0-9a-f]{{64}})/(?P<after>-|{_CODE}(?:\+{_CODE}){{0,7}})/(?P<code>{_CODE})"
)
_FORMAT = "callwarden journal 2\n"
MOST_BEFORE = 8
"""How many records one record follows at most."""


class Kind(StrEnum):
    ERASED = "erased"
    ACTS = "acts"
    JOINED = "joined"
    """Says nothing but that it follows several others, which were written at the same moment."""
    ADOPTED = "adopted"
    """Records of the format before this one, as its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An authentic record. `after` is empty for the first. `content` is not part of the text; `digest` is of it."""

    number: int
    at: datetime
    kind: Kind
    subject: str
    reason: str
    digest: str
    after: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a record is to say, before it has its place. `content` lies beside its text."""

    at: datetime
    kind: Kind
    subject: str = "-"
    reason: str = "-"
    content: bytes | None = None


def erased(recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> Entry:
    """The entry of an erasure. Raises InvariantError for what could not be read back."""
    if not re.fullmatch(r"[a-z0-9-]{2,64}", recording_id) or not re.fullmatch(r"[a-z0-9_-]{2,64}", reason):
        raise InvariantError("not a recording id and a reason code the journal can hold")
    return Entry(at=destroyed_at, kind=Kind.ERASED, subject=recording_id, reason=reason)


def write(entry: Entry, *, number: int, after: tuple[str, ...], seal: JournalSeal) -> str:
    """The text of an entry in its place."""
    if entry.at.tzinfo is None:
        raise InvariantError("an instant of the journal carries its offset from UTC")
    at = entry.at.astimezone(UTC).strftime(_INSTANT).rjust(23, "0")
    digest = "-" if entry.content is None else digest_of(entry.content)
    body = f"{number:012d}/{at}/{entry.kind}/{entry.subject}/{entry.reason}/{digest}/{'+'.join(after) or '-'}"
    text = f"{body}/{seal.code(_FORMAT + body)}"
    if _RECORD.fullmatch(text) is None:
        raise InvariantError("not an entry the journal can hold")
    return text


def read(text: str, *, seal: JournalSeal) -> Record | None:
    """The record in this text; None when nobody with the key has written it."""
    match = _RECORD.fullmatch(text)
    if match is None or seal.code(_FORMAT + text.rpartition("/")[0]) != match["code"]:
        return None
    return Record(
        number=int(match["number"]),
        at=datetime.strptime(match["at"], _INSTANT).replace(tzinfo=UTC),
        kind=Kind(match["kind"]),
        subject=match["subject"],
        reason=match["reason"],
        digest=match["digest"],
        after=() if match["after"] == "-" else tuple(match["after"].split("+")),
        code=match["code"],
    )


def digest_of(content: bytes) -> str:
    """How a record names its content."""
    return hashlib.sha256(content).hexdigest()
