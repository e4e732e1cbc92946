"""The manifest of a pack: every file with its SHA-256, what was asked for and what came of it, signed (K3, U10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from callwarden.accesslog.proof.note import Signer, format_key
from callwarden.model.disclosure import Disclosure
from callwarden.model.ids import CallId, CaseId, RecordingId
from callwarden.rules.signed_document import DocumentKind, canonical, document_of

MANIFEST: Final = "manifest.json"
PACK: Final = DocumentKind(
    name="manifest of an evidence pack",
    format="callwarden-evidence-pack/1",
    prefix=b"callwarden-evidence-pack/1\n",
)

ANSWER: Final = DocumentKind(
    name="manifest of an answer", format="callwarden-answer/1", prefix=b"callwarden answer v1\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """A file of the pack; `name` is relative, with ``/``; `size` is in bytes, `sha256` in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRecording:
    """One recording in the pack, and the files about it."""

    recording_id: RecordingId
    call_id: CallId
    leg: str
    segment: int
    line: str
    started_at: datetime | None
    ended_at: datetime | None
    unbroken: bool
    """Whether every object is what was stored, and the audio what the telephone system sent."""
    audio_ended: str | None
    """The digest of the certificate, where the audio had ended before it was held."""
    files: tuple[PackedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneRecording:
    """One that was destroyed before it could be held, with the digests of its certificates."""

    recording_id: RecordingId
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a pack says of itself."""

    case_id: CaseId
    made_at: datetime
    made_by: str
    disclosure: Disclosure | None
    disclosed_by: Sequence[str]
    """The access log's entries of the disclosure, one about each recording, written before the first byte was read."""
    query: Sequence[Mapping[str, Any]]
    """What was asked to be held for the case, oldest first, with the count each found then."""
    recordings: Sequence[PackedRecording]
    gone: Sequence[GoneRecording]
    left_out: Mapping[RecordingId, tuple[str, ...]]
    """Held, but not in the pack, and why: reason codes."""
    log_entries: int
    other_cases_entries: int
    """Entries about these recordings that name another case: left out, because they are its people's alone."""
    files: Sequence[PackedFile]


def signed_manifest(contents: Contents, *, signer: Signer) -> bytes:
    """The manifest as it lies in the pack."""
    statement = canonical(_statement(contents))
    return document_of(statement, key=format_key(signer.key), signature=signer.sign(PACK.prefix + statement))


def is_inside(name: object) -> bool:
    """Whether a name in a manifest is that of a file inside its pack."""
    if not isinstance(name, str) or not name or "\\" in name or "\0" in name or name == MANIFEST:
        return False
    path = PurePosixPath(name)
    return str(path) == name and not path.is_absolute() and ".." not in path.parts


def instant(at: datetime | None) -> str | None:
    """An instant as every file of a pack has it: UTC, ISO 8601."""
    return None if at is None else at.astimezone(UTC).isoformat()


def _statement(contents: Contents) -> dict[str, Any]:
    told = contents.disclosure
    return {
        "format": PACK.format,
        "case": contents.case_id,
        "made_at": instant(contents.made_at),
        "made_by": contents.made_by,
        "disclosure": None
        if told is None
        else {
            "disclosure": told.disclosure_id,
            "recipient": told.recipient,
            "basis": told.basis,
            "log_entries": list(contents.disclosed_by),
        },
        "query": [dict(one) for one in contents.query],
        "count": {
            "held": len(contents.recordings) + len(contents.left_out),
            "in_the_pack": len(contents.recordings),
            "left_out": len(contents.left_out),
            "gone": len(contents.gone),
        },
        "recordings": [
            {
                "recording": one.recording_id,
                "call": one.call_id,
                "unbroken": one.unbroken,
                **({} if one.audio_ended is None else {"audio_ended": one.audio_ended}),
                "files": [file.name for file in one.files],
            }
            for one in contents.recordings
        ],
        "gone": [{"recording": one.recording_id, "certificates": list(one.certificates)} for one in contents.gone],
        "left_out": [
            {"recording": recording_id, "reasons": list(reasons)}
            for recording_id, reasons in sorted(contents.left_out.items())
        ],
        "log": {"entries": contents.log_entries, "entries_of_other_cases_left_out": contents.other_cases_entries},
        "files": [
            {"name": file.name, "bytes": file.size, "sha256": file.sha256}
            for file in sorted(contents.files, key=lambda file: file.name)
        ],
    }
