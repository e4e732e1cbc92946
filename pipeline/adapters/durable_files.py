"""Files that are there after a power cut, and file-system errors translated."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callwarden.errors import NotWritableError, RetryableError

NOT_WRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
"""What the operating system says where somebody has to change something before a file can be written."""


@contextmanager
def translated(what: str, *, part: str = "disk", names_file: bool = True) -> Iterator[None]:
    """Turn what the file system refuses (no space, no permission, I/O error) into RetryableError, NotWritableError
    where somebody has to change something first. Absence is not decided here: an adapter catches FileNotFoundError
    first, where it surely means absence. Names of files that others chose stay out of the message (`names_file`)."""
    try:
        yield
    except OSError as error:
        named = names_file and error.filename and str(error.filename) not in what
        where = f" ({error.filename})" if named else ""
        fault = NotWritableError if error.errno in NOT_WRITABLE else RetryableError
        raise fault(f"{what}{where} failed: {error.strerror or type(error).__name__}", part=part) from error


def sync_folder(folder: Path) -> None:
    """Make the names in this folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path, *, top: Path) -> None:
    """Make `folder` and what is missing above it, up to `top`, which exists; each name durable."""
    if folder == top or folder.is_dir():
        return
    make_folders(folder.parent, top=top)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def put_new(file: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put these bytes under a name that is not taken: complete before they can be seen. The caller makes the name
    durable (`sync_folder`). Raises FileExistsError, having changed nothing; OSError."""
    unfinished = _unfinished(file)
    _write(unfinished, data, mode)
    try:
        os.link(unfinished, file)  # fails where the name is taken; a rename would replace
    finally:
        unfinished.unlink()


def replace_file(file: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put these bytes in the place of what is there, durably, never half. Raises OSError."""
    unfinished = _unfinished(file)
    _write(unfinished, data, mode)
    unfinished.rename(file)
    sync_folder(file.parent)


def _unfinished(file: Path) -> Path:
    return file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")


def _write(file: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        file.unlink(missing_ok=True)
        raise


def private(path: str | Path, flags: int) -> int:
    """An `opener` for `open`: the file is this user's alone."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
