"""Checkpoints (C2SP tlog-checkpoint) and segment seals as the text of a signed note.

A checkpoint is origin, size, base64 root, and our extension lines: ``time <instant>``; ``journal <count> <head>``, how
far the journal of erasures and acts reached; where one key hands over to another, ``next-key <public key>``; and where
that one begins anew over a database that was set back, ``lost <size> <root>``, the largest state that was signed.
A seal begins with a line no checkpoint can begin with and continue from, so neither signature can be taken for the
other.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from callwarden.accesslog.proof.note import NoteError, NoteFault, TrustedKey, format_key, open_note, parse_key
from callwarden.accesslog.proof.tree import EMPTY_ROOT, cover
from callwarden.accesslog.proof.values import Checkpoint, Hash, JournalMark, LostState, SegmentSeal, VerifierKey

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_SEAL_MARK: Final = " segment seal v1"
_TIME_MARK: Final = "time "
_NEXT_MARK: Final = "next-key "
_JOURNAL_MARK: Final = "journal "
_LOST_MARK: Final = "lost "
_HEAD: Final = re.compile(r"[a-z2-7]{52}")


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text a checkpoint's signature covers."""
    time = "" if checkpoint.at is None else f"{_TIME_MARK}{_format_instant(checkpoint.at)}\n"
    mark = checkpoint.journal
    journal = "" if mark is None else f"{_JOURNAL_MARK}{mark.count} {mark.head}\n"
    successor = "" if checkpoint.successor is None else f"{_NEXT_MARK}{format_key(checkpoint.successor)}\n"
    gone = checkpoint.lost
    lost = "" if gone is None else f"{_LOST_MARK}{gone.size} {_format_hash(gone.root)}\n"
    return f"{checkpoint.origin}\n{checkpoint.size}\n{_format_hash(checkpoint.root)}\n{time}{journal}{successor}{lost}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Reads a checkpoint's text; extension lines of others are passed over. Raises `NoteError` (malformed)."""
    lines = _lines(text)
    if len(lines) < 3 or not all(lines):
        raise _malformed("a checkpoint has three lines or more, none empty")
    size, root = _number(lines[1]), _hash(lines[2])
    if size == 0 and root != EMPTY_ROOT:
        raise _malformed("the root of an empty log is the hash of nothing")
    times = [line.removeprefix(_TIME_MARK) for line in lines[3:] if line.startswith(_TIME_MARK)]
    at = _instant(times[0]) if times else None
    following = [line.removeprefix(_NEXT_MARK) for line in lines[3:] if line.startswith(_NEXT_MARK)]
    if len(following) > 1:
        raise _malformed("a checkpoint names one successor at most")
    successor = parse_key(following[0]) if following else None
    reached = [line.removeprefix(_JOURNAL_MARK) for line in lines[3:] if line.startswith(_JOURNAL_MARK)]
    if len(reached) > 1:
        raise _malformed("a checkpoint says once how far the journal reached")
    journal = _journal_mark(reached[0]) if reached else None
    gone = [line.removeprefix(_LOST_MARK) for line in lines[3:] if line.startswith(_LOST_MARK)]
    if len(gone) > 1:
        raise _malformed("a checkpoint names one lost state at most")
    lost = _lost(gone[0]) if gone else None
    if lost is not None and (successor is None or lost.size <= size):
        raise _malformed("what is lost is larger than what is there, and a successor begins anew after it")
    return Checkpoint(origin=lines[0], size=size, root=root, at=at, successor=successor, journal=journal, lost=lost)


def open_checkpoint(note: bytes, *, trusted: Sequence[TrustedKey]) -> Checkpoint:
    """The checkpoint in a note signed by a trusted key, whose name is the log's origin. Raises `NoteError`."""
    return open_signed(note, trusted=trusted)[0]


def open_signed(note: bytes, *, trusted: Sequence[TrustedKey]) -> tuple[Checkpoint, tuple[VerifierKey, ...]]:
    """As `open_checkpoint`, with every one of the trusted keys that signed it."""
    text, signers = open_note(note, trusted=trusted)
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin != signers[0].name:
        raise _malformed(f"the checkpoint is of the log {checkpoint.origin}, the key of {signers[0].name}")
    return checkpoint, signers


def format_seal(seal: SegmentSeal) -> str:
    """The text a seal's signature covers."""
    head = (
        f"{seal.origin}{_SEAL_MARK}\n{seal.segment}\n{seal.first}\n{seal.end}\n"
        f"{_format_instant(seal.sealed_at)}\n{_format_hash(seal.root)}\n"
    )
    pieces = zip(cover(seal.first, seal.end), seal.hashes, strict=True)
    return head + "".join(f"{piece.level} {piece.index} {_format_hash(top)}\n" for piece, top in pieces)


def parse_seal(text: str) -> SegmentSeal:
    """Reads a seal's text. Raises `NoteError` (malformed)."""
    lines = _lines(text)
    if len(lines) < 7 or not lines[0].endswith(_SEAL_MARK) or not _MONTH.fullmatch(lines[1]):
        raise _malformed("not a segment seal")
    first, end = _number(lines[2]), _number(lines[3])
    pieces = list(cover(first, end))
    if first >= end or len(pieces) != len(lines) - 6:
        raise _malformed("the seal's subtrees do not make up its segment")
    hashes = []
    for piece, line in zip(pieces, lines[6:], strict=True):
        prefix = f"{piece.level} {piece.index} "
        if not line.startswith(prefix):
            raise _malformed("the seal's subtrees do not make up its segment")
        hashes.append(_hash(line.removeprefix(prefix)))
    return SegmentSeal(
        origin=lines[0].removesuffix(_SEAL_MARK),
        segment=lines[1],
        first=first,
        end=end,
        sealed_at=_instant(lines[4]),
        root=_hash(lines[5]),
        hashes=tuple(hashes),
    )


def open_seal(note: bytes, *, trusted: Sequence[TrustedKey]) -> SegmentSeal:
    """The seal in a note signed by a trusted key, whose name is the log's origin. Raises `NoteError`."""
    text, signers = open_note(note, trusted=trusted)
    seal = parse_seal(text)
    if seal.origin != signers[0].name:
        raise _malformed(f"the seal is of the log {seal.origin}, the key of {signers[0].name}")
    return seal


def _lines(text: str) -> list[str]:
    if not text.endswith("\n"):
        raise _malformed("the text does not end in a newline")
    return text[:-1].split("\n")


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _malformed("a size is a decimal number without leading zeroes")
    return int(text)


def _journal_mark(text: str) -> JournalMark:
    count, _, head = text.partition(" ")
    if not _HEAD.fullmatch(head):
        raise _malformed("the journal's mark is a count and the code of its newest record")
    return JournalMark(count=_number(count), head=head)


def _lost(text: str) -> LostState:
    size, _, root = text.partition(" ")
    return LostState(size=_number(size), root=_hash(root))


def _hash(text: str) -> Hash:
    try:
        decoded = b64decode(text, validate=True)
    except ValueError as error:
        raise _malformed("a hash is base64") from error
    if len(decoded) != 32 or _format_hash(Hash(decoded)) != text:
        raise _malformed("a hash is the base64 of 32 bytes")
    return Hash(decoded)


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise _malformed("an instant is in UTC, ending in Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _malformed("an instant that does not exist") from error


def _format_instant(at: datetime) -> str:
    if at.utcoffset() != timedelta(0):
        raise ValueError("an instant of the log is aware and in UTC")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _format_hash(value: Hash) -> str:
    return b64encode(value).decode()


def _malformed(detail: str) -> NoteError:
    return NoteError(NoteFault.MALFORMED, detail)
