"""The embedded vault: immutable files under one directory.

    callwarden-vault              marks the root: without it the disk is not mounted, and nothing is "missing"
    objects/<key>/@<version>      the bytes of one version; written elsewhere, then renamed here whole
    objects/<key>/@<version>.held the legal hold on that version
    uploads/<upload>@<key>        bytes on their way

A version is durable and complete from the instant its name appears, so a killed process leaves at worst an
unfinished upload. Holds and destruction of a key take turns on a lock of its folder. This vault has no
lifecycle of its own; tags steer lifecycles, so it keeps none.
"""

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from callwarden.adapters.durable_files import make_folders, private, sync_folder, translated
from callwarden.errors import ConfigurationError, InvariantError, OvertakenError, RetryableError
from callwarden.ports.vault import (
    LifecycleRule,
    ObjectHeldError,
    ObjectMissingError,
    ObjectVersion,
    StoredVersion,
    UnfinishedUpload,
)

_COPY_BYTES = 1 << 20
_KEY = re.compile(r"(?!.{161})[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_VERSION = re.compile(r"@([0-9]{20}-[0-9a-f]{8})")
_UPLOAD = re.compile(r"([0-9]{20}-[0-9a-f]{8})@(.+)")


class DirectoryVault:
    """`callwarden.ports.whole_vault.Vault` over a directory, which is made where it is missing."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = root / "objects"
        self._uploads = root / "uploads"
        self._mark = root / "callwarden-vault"
        with translated(f"opening the vault {root}", part="vault"):
            for folder in (root, self._objects, self._uploads):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._mark.exists():
                self._mark.touch(mode=0o600)
                sync_folder(root)

    # writing

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> StoredVersion:
        folder = self._folder(key)
        version_id = _new_name()
        upload = self._uploads / f"{version_id}@{quote(key, safe='')}"
        try:
            self._receive(upload, body, size)
            with translated("storing an object", part="vault"):
                self._publish(upload, folder, version_id)
        except BaseException:
            with suppress(OSError):
                upload.unlink(missing_ok=True)
            raise
        return StoredVersion(key=key, version_id=version_id, size=size)

    def _receive(self, upload: Path, body: BinaryIO, size: int) -> None:
        with translated("storing an object", part="vault"):
            self._require_root()
            descriptor = private(upload, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            received = 0
            while received <= size and (chunk := body.read(_COPY_BYTES)):
                received += len(chunk)
                with translated("storing an object", part="vault"):
                    _write_all(descriptor, chunk)
            if received != size:
                raise InvariantError(f"an object of {size} bytes was announced, its body has another length")
            with translated("storing an object", part="vault"):
                os.fsync(descriptor)
                written = os.fstat(descriptor).st_size
            if written != size:
                raise RetryableError("storing an object failed: the file has another length than was written")
        finally:
            os.close(descriptor)

    def _publish(self, upload: Path, folder: Path, version_id: str) -> None:
        while True:
            try:
                make_folders(folder, top=self._objects)
                upload.rename(folder / f"@{version_id}")
                try:
                    sync_folder(folder)
                except OSError:
                    (folder / f"@{version_id}").unlink()  # not durable, so not stored
                    raise
            except FileNotFoundError:
                if not self._objects.is_dir():
                    raise
                if not upload.exists():
                    raise OvertakenError("storing an object failed: the upload was given up meanwhile") from None
                # A destroyer removed an emptied folder between its making and its use: once more.
            else:
                return

    # reading

    def read(self, key: str, version_id: str, *, start: int, length: int) -> bytes:
        with translated("reading an object", part="vault"):
            try:
                descriptor = os.open(self._version(key, version_id), os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                raise self._missing(key, version_id) from None
            try:
                pieces = []
                while length > 0 and (piece := os.pread(descriptor, length, start)):
                    pieces.append(piece)
                    start, length = start + len(piece), length - len(piece)
            finally:
                os.close(descriptor)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    # keeping

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        with translated("listing the vault", part="vault"):
            self._require_root()
        for key in self._keys(self._objects, "", prefix):
            with translated("listing the vault", part="vault"):
                yield from self._versions_of(key)

    def _keys(self, folder: Path, above: str, prefix: str) -> Iterator[str]:
        """Keys in the order of their text: a key before what continues it, "a-b" before "a/b"."""
        with translated("listing the vault", part="vault"):
            try:
                names = _folders(folder)
            except FileNotFoundError:
                return  # emptied and removed while we walked
        for name in sorted([*names, *(f"{name}/" for name in names)]):
            path = above + name
            if path.endswith("/"):
                if path.startswith(prefix) or prefix.startswith(path):
                    yield from self._keys(folder / name[:-1], path, prefix)
            elif path.startswith(prefix):
                yield path

    def _versions_of(self, key: str) -> list[ObjectVersion]:
        found: list[ObjectVersion] = []
        with suppress(FileNotFoundError):
            for name in sorted(_names(self._objects / key), reverse=True):
                match = _VERSION.fullmatch(name)
                if match is None:
                    continue
                with suppress(FileNotFoundError):
                    stat = (self._objects / key / name).stat()
                    found.append(
                        ObjectVersion(
                            key=key,
                            version_id=match[1],
                            size=stat.st_size,
                            modified_at=datetime.fromtimestamp(stat.st_mtime, UTC),
                            is_current=not found,
                        )
                    )
        return found

    def unfinished_uploads(self, prefix: str) -> Iterator[UnfinishedUpload]:
        with translated("listing the vault's uploads", part="vault"):
            self._require_root()
            names = sorted(_names(self._uploads))
        for name in names:
            match = _UPLOAD.fullmatch(name)
            if match is not None and (key := unquote(match[2])).startswith(prefix):
                started_at = datetime.fromtimestamp(int(match[1][:20]) / 1e9, UTC)
                yield UnfinishedUpload(key=key, upload_id=match[1], started_at=started_at)

    def foreign_files(self) -> Iterator[str]:
        with translated("listing the vault", part="vault"):
            self._require_root()
            for folder, _, names in os.walk(self._root):
                here = Path(folder)
                yield from (
                    str((here / name).relative_to(self._root)) for name in sorted(names) if self._foreign(here, name)
                )

    def _foreign(self, folder: Path, name: str) -> bool:
        if folder == self._root:
            return name != self._mark.name
        if folder == self._uploads:
            return _UPLOAD.fullmatch(name) is None
        version = name.removesuffix(".held")
        inside = folder.is_relative_to(self._objects) and _KEY.fullmatch(str(folder.relative_to(self._objects)))
        return not inside or _VERSION.fullmatch(version) is None or not (folder / version).exists()

    def destroy(self, versions: Sequence[ObjectVersion]) -> None:
        held = []
        for version in versions:
            path = self._version(version.key, version.version_id)
            with translated("destroying an object", part="vault"), self._turn(path.parent) as folder:
                if folder is None:
                    self._require_root()
                elif _hold_of(path).exists():
                    held.append(version)
                else:
                    path.unlink(missing_ok=True)
                    os.fsync(folder)  # not by its name: another sweep may have taken the empty folder away
            self._remove_empty(path.parent)
        if held:
            raise ObjectHeldError(f"{len(held)} version(s) under legal hold, such as {held[0].version_id}")

    def give_up(self, upload: UnfinishedUpload) -> None:
        with translated("giving up an upload", part="vault"):
            self._require_root()
            (self._uploads / f"{upload.upload_id}@{quote(upload.key, safe='')}").unlink(missing_ok=True)
            sync_folder(self._uploads)

    def set_hold(self, key: str, version_id: str, *, held: bool, tags: Mapping[str, str]) -> None:
        path = self._version(key, version_id)
        with translated("setting a hold", part="vault"), self._turn(path.parent):
            if not path.exists():
                raise self._missing(key, version_id)
            if held:
                flag = private(_hold_of(path), os.O_WRONLY | os.O_CREAT)
                os.close(flag)
            else:
                _hold_of(path).unlink(missing_ok=True)
            # An empty file is nothing but its name, and the folder keeps names.
            sync_folder(path.parent)

    def is_held(self, key: str, version_id: str) -> bool:
        path = self._version(key, version_id)
        with translated("asking for a hold", part="vault"):
            if not path.exists():
                raise self._missing(key, version_id)
            return _hold_of(path).exists()

    def tags(self, key: str, version_id: str) -> Mapping[str, str] | None:
        path = self._version(key, version_id)
        with translated("asking for tags", part="vault"):
            if not path.exists():
                raise self._missing(key, version_id)
        return None

    def lifecycle(self) -> Sequence[LifecycleRule] | None:
        return None

    def apply_lifecycle(self, rules: Sequence[LifecycleRule]) -> None:
        raise ConfigurationError("a vault in a directory has no lifecycle of its own: `dispose` is the one sweep")

    # names

    def _folder(self, key: str) -> Path:
        if _KEY.fullmatch(key) is None:
            raise InvariantError("not an object key the vault layout could have written")
        return self._objects / key

    def _version(self, key: str, version_id: str) -> Path:
        name = f"@{version_id}"
        if _VERSION.fullmatch(name) is None:
            raise ObjectMissingError("this vault never gave out such a version id")
        return self._folder(key) / name

    def _missing(self, key: str, version_id: str) -> ObjectMissingError:
        self._require_root()
        return ObjectMissingError(f"no version {version_id} of {key}")

    def _require_root(self) -> None:
        if not self._mark.exists():
            raise RetryableError(f"the vault {self._root} is out of reach: its mark is not there (disk not mounted?)")

    @contextmanager
    def _turn(self, folder: Path) -> Iterator[int | None]:
        """One at a time among all processes: the folder's descriptor, None when there is no such folder."""
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield None
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _remove_empty(self, folder: Path) -> None:
        with suppress(OSError):  # not empty, or already gone
            while folder != self._objects:
                folder.rmdir()
                folder = folder.parent


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _folders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]


def _hold_of(version: Path) -> Path:
    return version.with_name(version.name + ".held")


def _new_name() -> str:
    """Sorts by time; unique without asking anybody."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
