"""Takes revoked items out of an exported folder, offline: nothing is asked but the folder and the list (U5).

The folder has to be what was exported, less what lists under its own key have taken out before: every line and every
sound is compared with the signed manifest first. Interrupted, it is applied again: the list lies in the folder before
anything is removed.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, Final

from callwarden.accesslog.proof.note import NoteFault, TrustedKey
from callwarden.datasets.items import CACHE, LINES, digest_of_line, read_lines
from callwarden.datasets.manifest import DATA_SET
from callwarden.datasets.parquet import TABLE, write_parquet
from callwarden.datasets.revocation import LIST, Applied, certificate_of, listed_for, names_digest, read_certificate
from callwarden.errors import RefusedError
from callwarden.evidence.manifest import MANIFEST, is_inside
from callwarden.rules.signed_document import (
    DocumentKind,
    SignedDocumentError,
    SignedStatement,
    digest_of,
    open_document,
)

KEPT: Final = "revocations"
"""The folder of the lists that were applied, and of what was stated of each."""
_PORTION: Final = 1 << 20
_UNFINISHED: Final = re.compile(r"\.[0-9a-f]{16}(\.applied)?\.json")


class ApplyRefusal(StrEnum):
    """Why a list is not applied to a folder; closed vocabulary."""

    NOT_A_DATA_SET = "not_a_data_set"
    NOT_A_LIST = "not_a_revocation_list"
    OTHER_KEY = "other_key"
    BAD_SIGNATURE = "bad_signature"
    OTHER_EXPERIMENT = "other_experiment"
    FOLDER_ALTERED = "folder_altered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done: the statement to send back, where it lies, and how many items are left."""

    applied: Applied
    certificate: Path
    left: int


def apply_revocations(
    folder: Path, revocations: Path, *, trust: Callable[[str], TrustedKey], at: str, keys: Sequence[TrustedKey] = ()
) -> Outcome:
    """Apply this list to this folder. `trust` makes a key of its line; both have to be signed under one of `keys`,
    where any are given, else under the manifest's own. `at` is the instant that is stated.

    Raises RefusedError, with an `ApplyRefusal`, and nothing is changed then; OSError.
    """
    written = _bytes(folder / MANIFEST, ApplyRefusal.NOT_A_DATA_SET)
    keys = keys or (_key_in(written, trust),)
    manifest = _opened(written, DATA_SET, ApplyRefusal.NOT_A_DATA_SET, keys)
    document = _bytes(revocations, ApplyRefusal.NOT_A_LIST)
    wanted = _opened(document, LIST, ApplyRefusal.NOT_A_LIST, keys)
    if wanted.statement["experiment"] != manifest.statement["experiment"]:
        raise _refused(ApplyRefusal.OTHER_EXPERIMENT, "this list is of another experiment than the folder")
    exported: Mapping[str, Mapping[str, Any]] = manifest.statement["items"]
    export = manifest.statement["export"]
    earlier = [_list(folder / KEPT / name, keys) for name in _kept(folder)]
    _check_kept(folder, {one.digest for one in earlier}, manifest)
    before = {item for one in earlier for item in listed_for(one.statement, export)}
    listed = listed_for(wanted.statement, export) & frozenset(exported)
    _check(folder, manifest, gone=before | listed)
    _keep(folder / KEPT / f"{wanted.digest[:16]}.json", document)
    left = _take_out(folder, exported, gone=(before | listed) & frozenset(exported))
    applied = Applied(
        experiment=manifest.statement["experiment"],
        export=export,
        manifest=manifest.digest,
        revocations=wanted.digest,
        removed=frozenset(exported) - left,
        left=names_digest(left),
        applied_at=at,
    )
    certificate = folder / KEPT / f"{wanted.digest[:16]}.applied.json"
    _keep(certificate, certificate_of(applied))
    return Outcome(applied=applied, certificate=certificate, left=len(left))


def _take_out(folder: Path, exported: Mapping[str, Mapping[str, Any]], *, gone: Collection[str]) -> frozenset[str]:
    """The items that are left, once the others are removed."""
    left, unfinished = [], folder / f".{LINES}"
    with unfinished.open("wb") as file:
        for said, line in read_lines(folder):
            if said["item"] not in gone:
                left.append(said["item"])
                file.write(line)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / LINES)
    if (folder / TABLE).exists():
        write_parquet(folder)
    for item in gone:
        if name := exported[item].get("file"):
            (folder / name).unlink(missing_ok=True)
    for path in (folder / KEPT).glob(".*.json"):  # what a kill left
        path.unlink()
    if (folder / CACHE).is_dir():
        shutil.rmtree(folder / CACHE)
    _sync(folder)
    return frozenset(left)


def _check(folder: Path, manifest: SignedStatement, *, gone: Collection[str]) -> None:
    """Raises RefusedError unless everything is as it was exported; what is in `gone` may be missing."""
    statement = manifest.statement
    exported: Mapping[str, Mapping[str, Any]] = statement["items"]
    files = {one["name"]: one["sha256"] for one in statement["files"]}
    sound = {one["file"]: one["sha256"] for one in exported.values() if "file" in one}
    may_miss = {one["file"] for item, one in exported.items() if item in gone and "file" in one}
    if not all(map(is_inside, (*files, *sound))):
        raise _altered("the manifest names a file outside the folder")
    there = set(_names(folder)) - {MANIFEST, f".{LINES}", f".{TABLE}"}
    changes = {LINES, TABLE} if _kept(folder) else set()  # what an earlier list has written anew
    for name, digest in sorted((files | sound).items()):
        if name not in there:
            if name in may_miss or (name in changes and not set(exported) - set(gone)):
                continue
            raise _altered(f"{name} is missing")
        if name not in changes and _digest(folder / name) != digest:
            raise _altered(f"{name} is not what was exported: its SHA-256 differs")
    ours = (f"{KEPT}/", f"{CACHE}/")
    folders = {f"{parent}/" for name in (*files, *sound) for parent in PurePosixPath(name).parents}
    if added := sorted(name for name in there - set(files) - set(sound) - folders if not name.startswith(ours)):
        raise _altered(f"{added[0]} was added")
    found = set()
    try:
        for said, line in read_lines(folder):
            item = said["item"]
            if item in found or item not in exported or digest_of_line(line) != exported[item]["line"]:
                raise _altered(f"{LINES} says something else of {item} than was exported")
            found.add(item)
    except ValueError as error:
        raise _altered(str(error)) from None
    if missing := sorted(set(exported) - found - set(gone)):
        raise _altered(f"{LINES} does not have {missing[0]}")


def _list(path: Path, keys: Sequence[TrustedKey]) -> SignedStatement:
    try:
        return open_document(path.read_bytes(), LIST, trusted=keys)
    except SignedDocumentError:
        raise _altered(f"{KEPT}/{path.name} is no list that was signed for it") from None


def _check_kept(folder: Path, lists: Collection[str], manifest: SignedStatement) -> None:
    """Raises RefusedError unless every statement beside the lists is of one of them and of this export."""
    for path in sorted((folder / KEPT).glob("*")):
        unfinished = _UNFINISHED.fullmatch(path.name)
        if path.is_symlink() or not path.is_file() or (path.name.startswith(".") and not unfinished):
            raise _altered(f"{KEPT}/{path.name} was added")
        if unfinished or not path.name.endswith(".applied.json"):
            continue
        try:
            stated = read_certificate(path.read_bytes())
        except ValueError:
            raise _altered(f"{KEPT}/{path.name} is no statement of what was taken out") from None
        if stated.manifest != manifest.digest or stated.revocations not in lists:
            raise _altered(f"{KEPT}/{path.name} is of another export or list")
        about = manifest.statement
        if (stated.experiment, stated.export) != (about["experiment"], about["export"]) or not (
            stated.removed <= about["items"].keys()
        ):
            raise _altered(f"{KEPT}/{path.name} says more than what was taken out")
        if path.read_bytes() != certificate_of(stated):
            raise _altered(f"{KEPT}/{path.name} says more than what was taken out")


def _kept(folder: Path) -> list[str]:
    kept = folder / KEPT
    if not kept.is_dir():
        return []
    return sorted(
        one.name for one in kept.iterdir() if not one.name.startswith(".") and not one.name.endswith(".applied.json")
    )


def _key_in(written: bytes, trust: Callable[[str], TrustedKey]) -> TrustedKey:
    try:
        return trust(str(json.loads(written)["key"]))
    except (ValueError, KeyError, TypeError):
        raise _refused(ApplyRefusal.NOT_A_DATA_SET, "its manifest names no key that signed it") from None


def _opened(written: bytes, kind: DocumentKind, otherwise: ApplyRefusal, keys: Sequence[TrustedKey]) -> SignedStatement:
    why = {NoteFault.OTHER_KEY: ApplyRefusal.OTHER_KEY, NoteFault.BAD_SIGNATURE: ApplyRefusal.BAD_SIGNATURE}
    try:
        opened = open_document(written, kind, trusted=keys)
    except SignedDocumentError as error:
        raise _refused(why.get(error.fault, otherwise), str(error)) from None
    if kind is DATA_SET and digest_of(written) != opened.digest:
        raise _altered("the manifest holds bytes beyond what is signed")
    return opened


def _bytes(path: Path, otherwise: ApplyRefusal) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refused(otherwise, f"{path} cannot be read: {error.strerror}") from None


def _keep(path: Path, document: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    _sync(path.parent)


def _names(folder: Path) -> Iterator[str]:
    """A folder's ends with a slash."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        yield f"{name}/" if path.is_dir() and not path.is_symlink() else name


def _digest(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise _altered(f"{path.name} is no ordinary file")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PORTION):
            digest.update(piece)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(why: ApplyRefusal, message: str) -> RefusedError:
    return RefusedError((why.value,), message)


def _altered(message: str) -> RefusedError:
    return _refused(ApplyRefusal.FOLDER_ALTERED, f"the folder was altered after the export: {message}")
