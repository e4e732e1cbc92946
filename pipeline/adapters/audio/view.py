"""A part of a file, as a file: what a demuxer is given, so that it never sees what is not sound."""

import os
from typing import BinaryIO


class View:
    """`lead`, and then the bytes of `file` from `start` to before `end`. As binary files are, seekable and read-only;
    raises what `file` raises."""

    def __init__(self, file: BinaryIO, *, start: int, end: int, lead: bytes = b"") -> None:
        self._file = file
        self._shift = start - len(lead)
        self._size = len(lead) + end - start
        self._lead = lead
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        wanted = left if size < 0 else min(size, left)
        found = self._lead[self._at : self._at + wanted]
        if len(found) < wanted:
            self._file.seek(self._at + len(found) + self._shift)
            found += self._file.read(wanted - len(found))
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    @property
    def left(self) -> int:
        """Bytes behind what was read last."""
        return self._size - self._at

    def tell(self) -> int:
        return self._at
