"""The journal as one file of lines, each bound to the one before. Put its folder where backups of the database do not
go."""

import base64
import binascii
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callwarden.accesslog.proof.values import JournalMark
from callwarden.adapters.durable_files import private, sync_folder, translated
from callwarden.adapters.journal import record
from callwarden.adapters.journal.content import acts_entry, adopted_entry, records_of
from callwarden.adapters.journal.old_record import read_old
from callwarden.adapters.journal.record import Entry, Record
from callwarden.adapters.journal.seal import JournalSeal
from callwarden.errors import InvariantError, RetryableError
from callwarden.model.act import Act
from callwarden.model.ids import RecordingId
from callwarden.ports.journal import JournalDamagedError, JournalRecord, JournalState, OldJournal, mark_of

_BLOCK = 1 << 20
_OLD_FILE = "erasures.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A finished line: the record in it, if it is one, its content, and where the line ends."""

    record: Record | None
    content: bytes | None
    end: int


class DirectoryJournal:
    """`callwarden.ports.journal.Journal` in a folder, which is made where it is missing.

    An append writes one line and syncs the file under a lock, so processes take turns. A crash in the middle leaves
    a line without its end; nobody was told of it, and the next append cuts it off. A line is the record's text and,
    where it has content, a space and that in base64.
    """

    def __init__(self, folder: Path, seal: JournalSeal) -> None:
        self._folder = folder
        self._file = folder / "journal.log"
        self._seal = seal
        self._newest = 0
        """The highest number seen: a file that reaches less far was cut."""
        with translated(f"opening the journal {folder}", part="journal"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(private(self._file, os.O_WRONLY | os.O_CREAT))
            sync_folder(folder)

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        self._append(record.erased(recording_id, destroyed_at=destroyed_at, reason=reason))

    def append_acts(self, acts: Sequence[Act], *, at: datetime) -> None:
        if acts:
            self._append(acts_entry(acts, at=at, seal=self._seal))

    def adopt(self, old: OldJournal) -> None:
        at = max((erased.destroyed_at for erased in old.records), default=datetime.now(UTC))
        self._append(adopted_entry(old, at=at))
        file = self._folder / _OLD_FILE
        with translated("putting the journal of the format before aside", part="journal"):
            if file.exists():
                file.rename(file.with_name(_OLD_FILE + ".adopted"))
                sync_folder(self._folder)

    def position(self) -> str:
        with translated("reading the journal", part="journal"), self._opened(os.O_RDONLY) as descriptor:
            last = self._last(descriptor)
        return "" if last is None else f"{last[0].number}/{last[0].code}/{last[1]}"

    def mark(self) -> JournalMark | None:
        return mark_of(self.position())

    def iterate(self, *, since: str = "", marks: Sequence[JournalMark] = ()) -> Iterator[JournalRecord]:
        problems: list[str] = []
        for found, content in self._checked(since, marks, problems):
            try:
                yield from records_of(found, content, seal=self._seal)
            except InvariantError as error:
                problems.append(str(error))
        if problems:
            raise JournalDamagedError(len(problems), problems[0])

    def inspect(self) -> JournalState:
        problems: list[str] = []
        readable = 0
        for found, content in self._checked("", (), problems):
            try:
                list(records_of(found, content, seal=self._seal))
                readable += 1
            except InvariantError as error:
                problems.append(str(error))
        with translated("reading the journal", part="journal"), self._opened(os.O_RDONLY) as descriptor:
            unfinished = _end_of_lines(descriptor) != os.fstat(descriptor).st_size
        return JournalState(
            records=readable, unfinished=int(unfinished), damaged=len(problems), problems=tuple(problems)
        )

    def old(self) -> OldJournal | None:
        if self.position():
            return None
        with translated("reading the journal of the format before", part="journal"):
            try:
                content = (self._folder / _OLD_FILE).read_bytes()
            except FileNotFoundError:
                return None
        whole = content[: content.rfind(b"\n") + 1]
        return read_old(whole.decode("ascii", "replace").splitlines(), position=len(whole)) if whole else None

    def _append(self, entry: Entry) -> None:
        with translated("writing to the journal", part="journal"), self._opened(os.O_RDWR) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            last = self._last(descriptor)
            number, after, end = (1, (), 0) if last is None else (last[0].number + 1, (last[0].code,), last[1])
            line = record.write(entry, number=number, after=after, seal=self._seal).encode()
            if entry.content is not None:
                line += b" " + base64.b64encode(entry.content)
            os.ftruncate(descriptor, end)
            if os.pwrite(descriptor, line + b"\n", end) != len(line) + 1:
                raise RetryableError("writing to the journal failed: the line was cut")
            os.fsync(descriptor)
            self._newest = number

    def _last(self, descriptor: int) -> tuple[Record, int] | None:
        """The newest record and where its line ends. Raises JournalDamagedError."""
        newest = self._newest  # before the file is looked at: another thread may append meanwhile
        end = _end_of_lines(descriptor)
        found = None
        if end:
            line = self._read(_line_before(descriptor, end), end)
            found = line.record
            if found is None:
                raise JournalDamagedError(1, "its last line is no authentic record")
        number = 0 if found is None else found.number
        if number < newest:
            raise JournalDamagedError(newest - number, f"it held {newest} records and holds {number}")
        self._newest = max(self._newest, number)
        return None if found is None else (found, end)

    def _checked(
        self, since: str, marks: Sequence[JournalMark], problems: list[str]
    ) -> Iterator[tuple[Record, bytes | None]]:
        """The authentic records from `since` on, with what is wrong with the file put down in `problems`."""
        before, start = mark_of(since), int(since.rpartition("/")[2]) if "/" in since else 0
        at = {known.count: known.head for known in marks}
        number = 0 if before is None else before.count
        code = None if before is None else before.head
        for line in self._lines(start, before):
            found = line.record
            if found is None:
                problems.append(f"the line after record {number} is no authentic record")
                number, code = number + 1, ""
                continue
            if found.number != number + 1 or (code != "" and found.after != (() if code is None else (code,))):
                problems.append(f"record {found.number} does not follow record {number}")
            number, code = found.number, found.code
            if at.get(number, code) != code:
                problems.append(f"record {number} is not the one a checkpoint of the access log has signed")
            yield found, line.content
        for mark in marks:
            if mark.count > number:
                problems.append(f"a checkpoint of the access log proves {mark.count} records, it holds {number}")

    def _lines(self, start: int, before: JournalMark | None) -> Iterator[_Line]:
        """Every finished line there is now from byte `start` on; what is appended meanwhile is not waited for."""
        with translated("reading the journal", part="journal"), self._opened(os.O_RDONLY) as descriptor:
            size = _end_of_lines(descriptor)
            if before is not None:
                known = self._read(_line_before(descriptor, start), start).record if 0 < start <= size else None
                if known is None or (known.number, known.code) != (before.count, before.head):
                    raise JournalDamagedError(
                        1, f"{self._file} is not the one the catalogue knows, of {before.count} records or more"
                    )
            done, rest = start, b""
            while done < size:
                block = os.pread(descriptor, min(_BLOCK, size - done), done)
                if not block:
                    raise RetryableError("reading the journal failed: the file shrank meanwhile")
                done += len(block)
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    yield self._read(line, done)

    def _read(self, line: bytes, end: int) -> _Line:
        text, _, encoded = line.partition(b" ")
        try:
            content = base64.b64decode(encoded, validate=True) if encoded else None
        except binascii.Error:
            content = b""
        if content is not None and base64.b64encode(content) != encoded:
            content = b""  # the same bytes written otherwise: nobody of ours writes them so
        found = record.read(text.decode("ascii", "replace"), seal=self._seal)
        return _Line(record=found, content=content, end=end)

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        # Never made anew here: a journal that vanished is an outage, not an empty one.
        descriptor = os.open(self._file, flags | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _line_before(descriptor: int, end: int) -> bytes:
    """The finished line whose newline is the byte before `end`."""
    line, start = b"", end - 1
    while start:
        size = min(start, 4096 if not line else _BLOCK)
        block = os.pread(descriptor, size, start - size)
        newline = block.rfind(b"\n")
        line = block[newline + 1 :] + line
        if newline >= 0:
            break
        start -= size
    return line


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
