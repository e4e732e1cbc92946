"""A file that appears under its name when all of it is there, and is nowhere before: what a killed process leaves of
somebody's voice is nothing.

On Linux it is written without any name (``O_TMPFILE``), so that nothing is left whatever ends the process. File systems
that cannot do that (and other systems) get a hidden name beside it, under a lock that dies with its writer: the next
attempt removes what a dead one left.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from callwarden.errors import UsageError

_OWN_FILES = Path("/proc/self/fd")
_NO_SUCH_THING = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT})
"""What a file system, or a kernel, without ``O_TMPFILE`` answers (open(2))."""


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """A new private file (0600) to write; it stands under `target` once the block has ended without an error.

    Raises UsageError where no file can be made there, and when something has come to stand under the name.
    """
    nameless = _nameless(target)
    if nameless is None:
        with _hidden(target) as file:
            yield file
        return
    with os.fdopen(nameless, "wb") as file:
        yield file
        with _said_of(target):
            file.flush()
            os.fsync(nameless)
            _name(nameless, target)


def _nameless(target: Path) -> int | None:
    """A file without a name in the folder of `target`; None where there is no such thing."""
    if not hasattr(os, "O_TMPFILE") or not _OWN_FILES.is_dir():
        return None
    try:
        return os.open(target.parent, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in _NO_SUCH_THING and target.parent.is_dir():
            return None
        raise _no_file(target, error) from error


def _name(descriptor: int, target: Path) -> None:
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Given relative to a folder: os.link follows the link to a nameless file only then (linkat(2)).
        os.link(_OWN_FILES / str(descriptor), target.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


@contextmanager
def _hidden(target: Path) -> Iterator[BinaryIO]:
    # Not of the name itself: that may be as long as a name can be.
    partial = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.partial")
    _remove_of_the_dead(partial)
    try:
        file = os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb")
    except OSError as error:
        raise _no_file(target, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
            with _said_of(target):
                file.flush()
                os.fsync(file.fileno())
                os.link(partial, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                partial.unlink()


def _remove_of_the_dead(partial: Path) -> None:
    """Remove what a process left that is not there any more. Raises UsageError where one is writing it."""
    try:
        descriptor = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _no_file(partial, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        partial.unlink(missing_ok=True)
    except BlockingIOError as error:
        raise UsageError(f"another process is writing {partial}: wait for it, or choose another name") from error
    finally:
        os.close(descriptor)


@contextmanager
def _said_of(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise UsageError(f"{target} exists already: choose another name") from error
    except OSError as error:
        raise _no_file(target, error) from error


def _no_file(target: Path, error: OSError) -> UsageError:
    return UsageError(f"{target.parent} cannot be written to: {error.strerror}")
