"""The log in a directory, for whoever verifies it elsewhere. ``docs/log.md`` describes every file to the byte."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from callwarden.accesslog.key.signer import trust
from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.proof.export import ExpiredSegment, Exported, Fault, Kind, LiveSegment, Report, Segment
from callwarden.accesslog.proof.naming import with_misnamed
from callwarden.accesslog.proof.note import TrustedKey, format_key
from callwarden.accesslog.proof.stamps import CheckStamp
from callwarden.accesslog.proof.values import Hash, KeptTimestamp, Piece, PublishedCheckpoint
from callwarden.accesslog.proof.verify import verify_export
from callwarden.errors import CallwardenError, RetryableError, UsageError

FORMAT: Final = "callwarden-log-export"
VERSION: Final = 1
MANIFEST: Final = "log.json"
_NAME: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
_NO_HEAD: Final = Fault(kind=Kind.MISSING, message="the file head, the log's newest checkpoint, is not in the export")


class DamagedExportError(CallwardenError):
    """A file of the export is missing or cannot be read as what it should be. Names the file."""


def write_export(
    directory: Path,
    segments: Iterable[Segment],
    *,
    head: bytes | None,
    trusted: Sequence[TrustedKey],
    outside: Sequence[PublishedCheckpoint],
    stamps: Sequence[KeptTimestamp] = (),
) -> Exported:
    """Write the log of one moment into ``directory``, which is made and must be empty. ``outside`` and its ``stamps``
    have been read before that moment; ``trusted`` begins with the key that signs now, whose name is the log's origin.

    Raises: `UsageError` when something is in it, RetryableError.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty: name a new directory")
        folder, beside = directory / "segments", directory / "checkpoints"
        folder.mkdir()
        beside.mkdir()
        listed: list[dict[str, Any]] = []
        entries = 0
        for segment in segments:
            listed.append(_write_segment(folder, segment))
            entries += segment.entries.count(b"\n") if isinstance(segment, LiveSegment) else len(segment.kept)
        if head is not None:
            (directory / "head").write_bytes(head)
        for copy in outside:
            (beside / copy.name).write_bytes(copy.note)
        for stamp in stamps:
            (beside / stamp.name).write_bytes(stamp.token)
        (directory / "public-key.txt").write_text(
            "".join(f"{format_key(trusted_key.key)}\n" for trusted_key in trusted)
        )
        manifest = {"format": FORMAT, "version": VERSION, "origin": trusted[0].key.name, "segments": listed}
        (directory / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    except OSError as error:
        raise RetryableError(f"{directory}: the export cannot be written ({error.strerror})") from error
    return Exported(
        directory=directory,
        segments=len(listed),
        entries=entries,
        checkpoints=len(outside),
        timestamps=len({kept.name for kept in stamps}),
    )


def verify_directory(
    directory: Path,
    *,
    trusted: Sequence[TrustedKey],
    checkpoints: Path | None = None,
    check_stamp: CheckStamp | None = None,
) -> Report:
    """Verify an export and, where given, hold it against the checkpoints and time-stamps of a directory elsewhere.
    Those that lie in the export have to agree as well, and prove no roll-back: they are set back together with it.

    Raises: `DamagedExportError` when it cannot be read as an export at all, RetryableError for that directory.
    """
    place = None if checkpoints is None else CheckpointDirectory(checkpoints)
    stamps = () if place is None else tuple(place.timestamps())  # first: what they were made for is there by then
    outside = () if place is None else tuple(place.iterate())
    manifest = _manifest(directory)
    head, copies = directory / "head", CheckpointDirectory(directory / "checkpoints")
    own, elsewhere = tuple(copies.iterate()), {(copy.name, copy.note) for copy in outside}
    report = verify_export(
        (_read_segment(directory / "segments", listed) for listed in manifest["segments"]),
        head=_bytes(head) if head.exists() else None,
        outside=outside,
        copies=[copy for copy in own if (copy.name, copy.note) not in elsewhere],
        trusted=trusted,
        stamps=(*copies.timestamps(), *stamps),
        check_stamp=check_stamp,
        believe=trust,
    )
    report = with_misnamed(report, (*outside, *own))
    return report if head.exists() else replace(report, faults=(_NO_HEAD, *report.faults))


def _write_segment(folder: Path, segment: Segment) -> dict[str, Any]:
    if segment.seal is not None:
        (folder / f"{segment.name}.seal").write_bytes(segment.seal)
    match segment:
        case LiveSegment():
            (folder / f"{segment.name}.entries").write_bytes(segment.entries)
            if segment.leaves is not None:
                (folder / f"{segment.name}.leaves").write_bytes(segment.leaves)
            state = "live"
        case ExpiredSegment():
            pieces = (f"{piece.level} {piece.index} {b64encode(top).decode()}\n" for piece, top in segment.pieces)
            (folder / f"{segment.name}.pieces").write_text("".join(pieces))
            kept = (b"%d %s\n" % (index, data) for index, data in sorted(segment.kept.items()))
            (folder / f"{segment.name}.kept").write_bytes(b"".join(kept))
            state = "expired"
    return {"name": segment.name, "first": segment.first, "state": state}


def _manifest(directory: Path) -> dict[str, Any]:
    path = directory / MANIFEST
    try:
        manifest = json.loads(_bytes(path))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            raise DamagedExportError(f"{path}: not an export of the log in version {VERSION}")
        for segment in manifest["segments"]:
            if not _NAME.fullmatch(segment["name"]) or not isinstance(segment["first"], int):
                raise DamagedExportError(f"{path}: a segment without a month or a first number")
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedExportError(f"{path}: not the manifest of an export") from error
    return dict(manifest)


def _read_segment(folder: Path, listed: dict[str, Any]) -> Segment:
    name, first = listed["name"], listed["first"]
    seal, leaves = folder / f"{name}.seal", folder / f"{name}.leaves"
    sealed = _bytes(seal) if seal.exists() else None
    if listed.get("state") == "expired":
        return ExpiredSegment(
            name=name,
            first=first,
            pieces=tuple(_pieces(folder / f"{name}.pieces")),
            seal=sealed,
            kept=dict(_kept(folder / f"{name}.kept")),
        )
    return LiveSegment(
        name=name,
        first=first,
        entries=_bytes(folder / f"{name}.entries"),
        leaves=_bytes(leaves) if leaves.exists() else None,
        seal=sealed,
    )


def _pieces(path: Path) -> Iterator[tuple[Piece, Hash]]:
    for number, line in enumerate(_bytes(path).splitlines(), 1):
        try:
            level, index, text = line.split(b" ")
            piece, top = Piece(int(level), int(index)), Hash(b64decode(text, validate=True))
        except ValueError as error:
            raise DamagedExportError(f"{path}, line {number}: reads level, index, base64") from error
        if len(top) != 32 or not 0 <= piece.level < 63 or piece.index < 0:
            raise DamagedExportError(f"{path}, line {number}: not a subtree and its hash")
        yield piece, top


def _kept(path: Path) -> Iterator[tuple[int, bytes]]:
    if not path.exists():
        return
    for number, line in enumerate(_bytes(path).split(b"\n")[:-1], 1):
        index, gap, data = line.partition(b" ")
        if not gap or not index.isdigit():
            raise DamagedExportError(f"{path}, line {number}: reads number, entry")
        yield int(index), data


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedExportError(f"{path}: cannot be read ({error.strerror})") from error
