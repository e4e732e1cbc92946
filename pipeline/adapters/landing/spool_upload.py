"""Audio on its way into a watched folder: without a name until it is whole, so that no half outlives us."""

import os
from contextlib import suppress

from callwarden.adapters.durable_files import translated

_NAMELESS = getattr(os, "O_TMPFILE", 0)
"""Linux, and not every file system there."""
_BEGIN_BYTES = 2 << 20
_WRITES = os.O_RDWR | os.O_CLOEXEC


class SpoolUpload:
    """`callwarden.ports.landing.Upload`. Closes `folder`, the open folder its name will be in."""

    def __init__(self, folder: int, name: str, *, uri: str) -> None:
        self._folder: int | None = folder
        self._name = name
        self._uri = uri
        self._written = self._begun = 0
        self._half: str | None = None
        """What is to go where it is abandoned: the name of a file that cannot be without one, or has its own but is not
        durable. The landing areas' sweep knows both."""
        try:
            self._file = self._opened(folder)
        except BaseException:
            self._close()
            raise

    def write(self, chunk: bytes) -> None:
        with translated("writing to the spool folder", part="landing", names_file=False):
            view = memoryview(chunk)
            while view:
                view = view[os.write(self._file, view) :]
            self._written += len(chunk)
            if self._written - self._begun >= _BEGIN_BYTES and hasattr(os, "posix_fadvise"):
                # Linux begins to write out what is not to stay in memory, and waits for none of it: `finish` then does.
                os.posix_fadvise(self._file, self._begun, self._written - self._begun, os.POSIX_FADV_DONTNEED)
                self._begun = self._written

    def finish(self) -> str:
        assert self._folder is not None  # nobody finishes twice
        try:
            with translated("writing to the spool folder", part="landing", names_file=False):
                if self._half is None:
                    # By way of its descriptor: it has no other name yet (open(2), O_TMPFILE).
                    os.link(f"/proc/self/fd/{self._file}", self._name, dst_dir_fd=self._folder)
                else:
                    os.rename(self._half, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
                self._half = self._name
                # Named first, so that one commit of the file system's journal does for both.
                os.fsync(self._file)
                os.fsync(self._folder)
        except BaseException:
            self.abandon()
            raise
        self._close()
        return self._uri

    def abandon(self) -> None:
        if self._folder is None:
            return
        if self._half is not None:
            with suppress(OSError):
                os.unlink(self._half, dir_fd=self._folder)
        self._close()

    def _opened(self, folder: int) -> int:
        if _NAMELESS:
            with suppress(OSError):  # a full disk says so again below
                return os.open(".", _NAMELESS | _WRITES, 0o600, dir_fd=folder)
        half = f".{self._name}.half"
        descriptor = os.open(half, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | _WRITES, 0o600, dir_fd=folder)
        self._half = half
        return descriptor

    def _close(self) -> None:
        for descriptor in (getattr(self, "_file", None), self._folder):
            if descriptor is not None:
                os.close(descriptor)
        self._folder = None
