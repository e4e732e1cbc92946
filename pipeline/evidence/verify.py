"""Is a pack whole, unaltered and genuine? Decided from the folder and the public key; no system is asked (K3, L2)."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

from callwarden.accesslog.proof.note import NoteFault, TrustedKey
from callwarden.evidence.manifest import ANSWER, MANIFEST, PACK, is_inside
from callwarden.evidence.proofs import CHECKPOINTS, PROOFS, ProofError, proven_entries
from callwarden.rules.certificate import check_certificate
from callwarden.rules.signed_document import (
    DocumentKind,
    SignedDocumentError,
    SignedStatement,
    digest_of,
    open_document,
)

CERTIFICATES: Final = "certificates/"
CUSTODY: Final = "custody.json"
_PORTION: Final = 1 << 20


class FaultKind(StrEnum):
    """What is wrong with a pack; closed vocabulary."""

    UNFINISHED = "unfinished"
    """There is no manifest: this is no pack, or one that was interrupted."""
    DAMAGED_MANIFEST = "damaged_manifest"
    OTHER_KEY = "other_key"
    BAD_SIGNATURE = "bad_signature"
    MISSING = "missing"
    ALTERED = "altered"
    SWAPPED = "swapped"
    """It holds the bytes of another file of the pack."""
    ADDED = "added"
    BROKEN_CUSTODY = "broken_custody"
    BAD_CERTIFICATE = "bad_certificate"
    BAD_PROOF = "bad_proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFault:
    """One thing that is wrong, and with which file."""

    kind: FaultKind
    file: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReport:
    """What a verification found. `manifest` is None where there is none to believe."""

    manifest: SignedStatement | None
    faults: tuple[PackFault, ...]
    files: int
    """How many files were compared with the manifest."""
    log_entries: int
    """How many entries of the access log were proven."""
    certificates: int

    @property
    def ok(self) -> bool:
        return not self.faults


_SIGNATURE: Final = {
    NoteFault.MALFORMED: FaultKind.DAMAGED_MANIFEST,
    NoteFault.OTHER_KEY: FaultKind.OTHER_KEY,
    NoteFault.BAD_SIGNATURE: FaultKind.BAD_SIGNATURE,
}


def verify_pack(directory: Path, *, trusted: Sequence[TrustedKey]) -> PackReport:
    """Verify the pack in this folder under these keys. Never raises for what is wrong with the pack."""
    return _verify(directory, PACK, partial(_compared, trusted=trusted), trusted)


def verify_answer(directory: Path, *, trusted: Sequence[TrustedKey]) -> PackReport:
    """Verify the answer to a request in this folder. Never raises for what is wrong with it."""
    return _verify(directory, ANSWER, _answered, trusted)


def _verify(
    directory: Path,
    kind: DocumentKind,
    compared: Callable[[Path, SignedStatement], PackReport],
    trusted: Sequence[TrustedKey],
) -> PackReport:
    try:
        written = _regular(directory / MANIFEST)
        manifest = open_document(written, kind, trusted=trusted)
    except OSError:
        return _unbelieved(
            FaultKind.UNFINISHED,
            f"there is no {MANIFEST}: this is no such pack, or one whose making was interrupted",
        )
    except SignedDocumentError as error:
        return _unbelieved(_SIGNATURE[error.fault], str(error))
    if digest_of(written) != manifest.digest:  # canonical, every byte of it is what was signed
        return _unbelieved(FaultKind.DAMAGED_MANIFEST, "it holds bytes beyond what is signed: it was written anew")
    try:
        return compared(directory, manifest)
    except (KeyError, TypeError, ValueError, OSError) as error:
        return _unbelieved(FaultKind.DAMAGED_MANIFEST, f"it is signed, and says what no pack says ({error!r})")


def _answered(directory: Path, manifest: SignedStatement) -> PackReport:
    listed = _listed(manifest)
    faults = tuple(_files(directory, listed))
    return PackReport(manifest=manifest, faults=faults, files=len(listed), log_entries=0, certificates=0)


def _listed(manifest: SignedStatement) -> dict[str, Mapping[str, Any]]:
    listed = {one["name"]: one for one in manifest.statement["files"]}
    if len(listed) != len(manifest.statement["files"]):
        raise ValueError("a file is named twice")
    return listed


def _compared(directory: Path, manifest: SignedStatement, *, trusted: Sequence[TrustedKey]) -> PackReport:
    """The pack against a manifest whose signature is right."""
    listed = _listed(manifest)
    faults = list(_files(directory, listed))
    wrong = {fault.file for fault in faults}
    sound = [name for name in sorted(listed) if name not in wrong]
    certificates = [name for name in sound if name.startswith(CERTIFICATES)]
    faults += _certificates(directory, certificates, manifest.statement, trusted)
    faults += _custody(directory, [name for name in sound if name.endswith(f"/{CUSTODY}")], listed)
    proven, bad = _log(directory, sound, manifest.statement, trusted)
    return PackReport(
        manifest=manifest,
        faults=(*faults, *bad),
        files=len(listed),
        log_entries=proven,
        certificates=len(certificates),
    )


def _unbelieved(kind: FaultKind, message: str) -> PackReport:
    fault = PackFault(kind=kind, file=MANIFEST, message=message)
    return PackReport(manifest=None, faults=(fault,), files=0, log_entries=0, certificates=0)


def _files(directory: Path, listed: Mapping[str, Mapping[str, Any]]) -> Iterator[PackFault]:
    """Whether the files are those of the manifest, no more and no less."""
    named = {one["sha256"]: name for name, one in listed.items()}
    there = set(_names(directory)) - {MANIFEST}
    for name, one in sorted(listed.items()):
        if not is_inside(name):
            yield PackFault(kind=FaultKind.DAMAGED_MANIFEST, file=name, message="it names a file outside the pack")
            continue
        if name not in there:
            yield PackFault(kind=FaultKind.MISSING, file=name, message="it is in the manifest and not in the pack")
            continue
        try:
            digest = _digest(directory / name)
        except OSError as error:
            message = f"it cannot be read, or is no ordinary file ({error.strerror})"
            yield PackFault(kind=FaultKind.ALTERED, file=name, message=message)
            continue
        if digest == one["sha256"]:
            continue
        other = named.get(digest)
        if other is None:
            yield PackFault(kind=FaultKind.ALTERED, file=name, message="it is not what was packed: its SHA-256 differs")
        else:
            yield PackFault(kind=FaultKind.SWAPPED, file=name, message=f"it holds the bytes of {other}")
    for name in sorted(there - set(listed)):
        yield PackFault(kind=FaultKind.ADDED, file=name, message="it is in the pack and not in the manifest")


def _certificates(
    directory: Path, names: Sequence[str], statement: Mapping[str, Any], trusted: Sequence[TrustedKey]
) -> Iterator[PackFault]:
    expected = {digest: one["recording"] for one in statement["gone"] for digest in one["certificates"]}
    for name in names:
        try:
            found = check_certificate(_regular(directory / name), trusted=trusted)
        except SignedDocumentError as error:
            yield PackFault(kind=FaultKind.BAD_CERTIFICATE, file=name, message=str(error))
            continue
        if expected.pop(found.digest, None) != found.statement["recording"]:
            message = "it is a certificate of something the manifest does not say is gone"
            yield PackFault(kind=FaultKind.BAD_CERTIFICATE, file=name, message=message)


def _custody(directory: Path, names: Sequence[str], listed: Mapping[str, Mapping[str, Any]]) -> Iterator[PackFault]:
    """Whether the audio that lies here is the one the telephone system sent."""
    for name in names:
        told = json.loads(_regular(directory / name))
        folder = name.removesuffix(CUSTODY)
        audio = [one["sha256"] for file, one in listed.items() if file.startswith(f"{folder}original-audio.")]
        source = told["sha256_of_telephone_system"]
        ended = told.get("audio_ended") is not None  # before it was held: the log's proofs have the entry
        if not told["unbroken"] or ended is bool(audio) or (audio and source not in (None, *audio)):
            message = "the audio is not what the telephone system sent, or an object is not what was stored"
            yield PackFault(kind=FaultKind.BROKEN_CUSTODY, file=name, message=message)


def _log(
    directory: Path, sound: Sequence[str], statement: Mapping[str, Any], trusted: Sequence[TrustedKey]
) -> tuple[int, list[PackFault]]:
    """How many entries were proven, and what is wrong with their proofs; of files that are named already, nothing."""
    if PROOFS not in sound or any(
        one["name"] not in sound for one in statement["files"] if one["name"].startswith("log/")
    ):
        return 0, []
    notes = {name: _regular(directory / name) for name in sound if name.startswith(CHECKPOINTS)}
    try:
        entries = {
            entry.entry_id: entry for entry in proven_entries(_regular(directory / PROOFS), notes, trusted=trusted)
        }
    except ProofError as error:
        return 0, [PackFault(kind=FaultKind.BAD_PROOF, file=PROOFS, message=str(error))]
    told = statement["disclosure"]
    if absent := [one for one in (told["log_entries"] if told else ()) if one not in entries]:
        message = f"the entry of the disclosure, {absent[0]}, is not among the proven ones"
        return len(entries), [PackFault(kind=FaultKind.BAD_PROOF, file=PROOFS, message=message)]
    if len(entries) != statement["log"]["entries"]:
        message = f"there are {len(entries)} entries, and the manifest says {statement['log']['entries']}"
        return len(entries), [PackFault(kind=FaultKind.BAD_PROOF, file=PROOFS, message=message)]
    return len(entries), []


def _names(directory: Path) -> Iterator[str]:
    """Everything that lies in the folder and is no folder itself, and folders that are empty."""
    for parent, folders, files in os.walk(directory):
        linked = [one for one in folders if (Path(parent) / one).is_symlink()]
        alone = [] if files or folders or Path(parent) == directory else ["."]
        for one in (*files, *linked, *alone):
            yield (Path(parent) / one).relative_to(directory).as_posix()


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        while piece := file.read(_PORTION):
            digest.update(piece)
    return digest.hexdigest()


def _regular(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return file.read()
