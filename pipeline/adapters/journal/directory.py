"""The erasure journal as one file of checksummed lines. Put its folder where backups of the database do not go."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.adapters.durable_files import private, sync_folder, translated
from pipeline.adapters.journal import record
from pipeline.errors import InvariantError, RetryableError
from pipeline.model.ids import RecordingId
from pipeline.ports.journal import ErasureRecord, JournalDamagedError, JournalState

_BLOCK = 1 << 20


class DirectoryJournal:
    """`pipeline.ports.journal.ErasureJournal` in a folder, which is made where it is missing.

    An append writes one line and syncs the file under a lock, so processes take turns. A crash in the middle leaves
    a line without its end; nobody was told of it, and the next append cuts it off.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "erasures.log"
        with translated(f"opening the erasure journal {folder}", part="journal"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(private(self._file, os.O_WRONLY | os.O_CREAT))
            sync_folder(folder)

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        line = record.write(recording_id, destroyed_at=destroyed_at, reason=reason).encode() + b"\n"
        with translated("writing to the erasure journal", part="journal"), self._opened(os.O_RDWR) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            end = _end_of_lines(descriptor)
            os.ftruncate(descriptor, end)
            if os.pwrite(descriptor, line, end) != len(line):
                raise RetryableError("writing to the erasure journal failed: the line was cut")
            os.fsync(descriptor)

    def position(self) -> str:
        with translated("reading the erasure journal", part="journal"), self._opened(os.O_RDONLY) as descriptor:
            return str(_end_of_lines(descriptor))

    def iterate(self, *, since: str = "") -> Iterator[ErasureRecord]:
        damaged = 0
        for line in self._lines(int(since or 0)):
            found = record.read(line)
            if found is None:
                damaged += 1
            else:
                yield found
        if damaged:
            raise JournalDamagedError(damaged)

    def inspect(self) -> JournalState:
        readable = damaged = 0
        for line in self._lines():
            if record.read(line) is None:
                damaged += 1
            else:
                readable += 1
        with translated("reading the erasure journal", part="journal"), self._opened(os.O_RDONLY) as descriptor:
            unfinished = _end_of_lines(descriptor) != os.fstat(descriptor).st_size
        return JournalState(records=readable, unfinished=int(unfinished), damaged=damaged)

    def _lines(self, start: int = 0) -> Iterator[str]:
        """Every finished line there is now from byte `start` on; what is appended meanwhile is not waited for."""
        with translated("reading the erasure journal", part="journal"), self._opened(os.O_RDONLY) as descriptor:
            size = _end_of_lines(descriptor)
            if start > size:
                raise InvariantError(
                    f"the erasure journal {self._file} is shorter than it was: put its newest copy back before serving"
                )
            done, rest = start, b""
            while done < size:
                block = os.pread(descriptor, min(_BLOCK, size - done), done)
                if not block:
                    raise RetryableError("reading the erasure journal failed: the file shrank meanwhile")
                done += len(block)
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    yield line.decode("ascii", "replace")

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        # Never made anew here: a journal that vanished is an outage, not an empty one.
        descriptor = os.open(self._file, flags | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _end_of_lines(descriptor: int) -> int:
    """Where the last finished line ends."""
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 4096)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
