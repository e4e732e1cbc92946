"""A pack is written beside its name and appears under it when all of it is there: interrupted, it is nothing.

What a killed process leaves is hidden, closed to others, and under a lock that died with it: the next attempt removes
it.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callwarden.errors import RetryableError, UsageError
from callwarden.evidence.manifest import MANIFEST, PackedFile

_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EINTR})
"""What may be over soon, without another directory being named."""
_AT_ONCE: Final = 16
"""Files that are made durable together."""


@dataclass(slots=True)
class PackFolder:
    """Writes the files of one pack, and knows the digest of each."""

    root: Path
    files: list[PackedFile] = field(default_factory=list)

    def write(self, name: str, pieces: Iterable[bytes], *, settled: bool = True) -> PackedFile:
        """Write one file, durable when it returns, or where it is not to be `settled` yet, after `settle`. `name` is
        relative, with ``/``. Raises RetryableError."""
        target, digest, size = self.root / name, hashlib.sha256(), 0
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
            for piece in pieces:
                with _said_of(target):
                    file.write(piece)
                digest.update(piece)
                size += len(piece)
            with _said_of(target):
                file.flush()
                if settled:
                    os.fsync(file.fileno())
        packed = PackedFile(name=name, size=size, sha256=digest.hexdigest())
        if name != MANIFEST:
            self.files.append(packed)
        return packed

    def settle(self, names: Iterable[str]) -> None:
        """Make these files durable, several at a time: those share what the disk writes, and thousands take a fraction
        of what one after another would. Raises RetryableError."""

        def settled(name: str) -> None:
            with _said_of(self.root / name), (self.root / name).open("rb") as file:
                os.fsync(file.fileno())

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(settled, names):
                pass

    def take_back(self, place: str) -> None:
        """Remove a folder of it, and its files from what is in the pack."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.root / place)
        self.files = [file for file in self.files if not file.name.startswith(f"{place}/")]

    def read(self, name: str, *, portion: int = 3 << 18) -> Iterator[bytes]:
        """The bytes of a file written before; whole portions, but for the last."""
        with (self.root / name).open("rb") as file:
            while piece := file.read(portion):
                yield piece


@contextmanager
def appearing_folder(target: Path) -> Iterator[PackFolder]:
    """A new private folder to fill; it stands under `target` once the block has ended without an error.

    Raises UsageError where something stands under the name, or another process is writing it; RetryableError.
    """
    target = target.absolute()
    if os.path.lexists(target) and (target.is_symlink() or not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} exists already: name a new directory")
    unfinished = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.unfinished")
    lock = _locked(unfinished, target)
    try:
        yield PackFolder(unfinished)
        with _said_of(target):
            _sync(unfinished)
            unfinished.rename(target)
            _sync(target.parent)
    finally:
        with suppress(OSError):
            shutil.rmtree(unfinished)
        os.close(lock)


def _locked(folder: Path, target: Path) -> int:
    """The folder, empty and ours; its open descriptor is the lock."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _PASSING:
            raise RetryableError(f"{target} cannot be written: {error.strerror}", part="disk") from error
        raise UsageError(f"{target} cannot be made: {error.strerror}; name a directory where you may write") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise UsageError(f"another process is writing this pack in {folder}: wait for it, or name another") from error
    with _said_of(folder):
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    return descriptor


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RetryableError(f"{path} cannot be written: {error.strerror}", part="disk") from error
