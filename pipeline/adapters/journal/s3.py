"""The journal as a bucket: one object a record, and the record is the object's key.

A listing therefore shows the whole journal; only what has content is fetched. Every version is listed, so that a delete
marker or a second version hides nothing; with Object Lock on the bucket an administrator cannot remove a record either.
Use another bucket than the vault's, and replicate it as the vault's is not.

Writers do not wait for one another. Each record names the newest ones its writer saw: usually one; several where two
writers wrote at the same moment, and then the next record joins them. No condition on a write is relied on (Ceph
ignores them in buckets with versions): records written at once have different keys.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from callwarden.accesslog.proof.values import JournalMark
from callwarden.adapters.aws import code_of, translated
from callwarden.adapters.journal import record
from callwarden.adapters.journal.content import acts_entry, adopted_entry, records_of
from callwarden.adapters.journal.old_record import read_old
from callwarden.adapters.journal.record import MOST_BEFORE, Entry, Kind, Record
from callwarden.adapters.journal.seal import JournalSeal
from callwarden.adapters.s3_buckets import create_if_missing
from callwarden.errors import InvariantError
from callwarden.model.act import Act
from callwarden.model.ids import RecordingId
from callwarden.ports.journal import JournalDamagedError, JournalRecord, JournalState, OldJournal, mark_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_PREFIX: Final = "journal/"
_OLD_PREFIX: Final = "erasures/"
_ALREADY_THERE: Final = frozenset({"PreconditionFailed", "412"})
_LOOK_BACK: Final = 100
"""How many records before the newest are looked at again for what a slow writer has put in meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A name in the bucket, the record in it, if it is one, and its versions, newest first."""

    name: str
    record: Record | None
    versions: tuple[str, ...]


@dataclass(slots=True)
class _Ends:
    """The records nobody has followed yet, with their numbers, and the highest number there is."""

    open: dict[str, int] = field(default_factory=dict)
    top: int = 0

    def add(self, found: Record) -> None:
        for code in found.after:
            self.open.pop(code, None)
        self.open[found.code] = found.number
        self.top = max(self.top, found.number)


class S3Journal:
    """`callwarden.ports.journal.Journal` in a bucket."""

    def __init__(self, client: "S3Client", bucket: str, seal: JournalSeal) -> None:
        self._client = client
        self._bucket = bucket
        self._seal = seal
        self._ends: _Ends | None = None
        self._lock = threading.Lock()

    def ensure_bucket(self) -> bool:
        """Create the bucket, with versions and Object Lock, where it is missing; True if so. Raises RetryableError."""
        with translated(f"setting up the bucket {self._bucket}", part="journal"):
            return create_if_missing(self._client, self._bucket)

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        self._append(record.erased(recording_id, destroyed_at=destroyed_at, reason=reason))

    def append_acts(self, acts: Sequence[Act], *, at: datetime) -> None:
        if acts:
            self._append(acts_entry(acts, at=at, seal=self._seal))

    def adopt(self, old: OldJournal) -> None:
        # What lay there before stays: nobody looks at it any more once the journal holds something.
        at = max((erased.destroyed_at for erased in old.records), default=datetime.now(UTC))
        self._append(adopted_entry(old, at=at))

    def position(self) -> str:
        """The end a listing shows: a bucket has none to ask for."""
        with self._lock:
            ends = self._look_everywhere()
        if not ends.open:
            return ""
        [head, *others] = sorted(ends.open)
        if others:
            head = "several:" + sha256("".join(sorted(ends.open)).encode()).hexdigest()
        return f"{ends.top}/{head}"

    def mark(self) -> JournalMark | None:
        with self._lock:
            ends = self._look_back()
            if not ends.open:
                return None
            if len(ends.open) > 1:
                self._put(Entry(at=datetime.now(UTC), kind=Kind.JOINED), ends)
            [(head, count)] = sorted(ends.open.items(), key=lambda one: one[1])[-1:]
        return JournalMark(count=count, head=head)

    def iterate(self, *, since: str = "", marks: Sequence[JournalMark] = ()) -> Iterator[JournalRecord]:
        problems: list[str] = []
        before = mark_of(since)
        known: dict[str, int] = {}
        for found, content in self._checked(problems, known):
            try:
                yield from records_of(found, content, seal=self._seal)
            except InvariantError as error:
                problems.append(str(error))
        top = max(known.values(), default=0)
        for what, one in [
            ("the catalogue knows", before),
            *(("a checkpoint of the access log proves", mark) for mark in marks),
        ]:
            if one is None:
                continue
            if one.count > top:
                problems.append(f"{what} {one.count} records one after the other, it holds {top}")
            elif not one.head.startswith("several:") and known.get(one.head) != one.count:
                problems.append(f"{what} another record {one.count} than the one it holds")
        if problems:
            raise JournalDamagedError(len(problems), problems[0])

    def inspect(self) -> JournalState:
        problems: list[str] = []
        readable = 0
        for found, content in self._checked(problems, {}):
            try:
                list(records_of(found, content, seal=self._seal))
                readable += 1
            except InvariantError as error:
                problems.append(str(error))
        return JournalState(records=readable, unfinished=0, damaged=len(problems), problems=tuple(problems))

    def old(self) -> OldJournal | None:
        if self.position():
            return None
        with self._reading():
            names = [name.removeprefix(_OLD_PREFIX) for name, _ in self._names(_OLD_PREFIX)]
        return read_old(names, position=len(names)) if names else None

    def _append(self, entry: Entry) -> None:
        with self._lock:
            self._put(entry, self._look_back())

    def _put(self, entry: Entry, ends: _Ends) -> None:
        after = tuple(sorted(ends.open, key=lambda code: -ends.open[code])[:MOST_BEFORE])
        text = record.write(entry, number=ends.top + 1, after=after, seal=self._seal)
        with translated(f"writing to the journal {self._bucket}", part="journal"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=_PREFIX + text,
                    Body=text.encode() if entry.content is None else entry.content,
                    ContentType="text/plain" if entry.content is None else "application/octet-stream",
                    # The same record again is the same key: nothing to write. A server that ignores the condition
                    # adds an equal version, which reads as one.
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in _ALREADY_THERE:
                    raise
        ends.top += 1
        for code in after:
            del ends.open[code]
        ends.open[text.rpartition("/")[2]] = ends.top

    def _look_everywhere(self) -> _Ends:
        """The ends of the journal, by a listing of all of it."""
        ends = _Ends()
        for stored in self._stored():
            if stored.record is None:
                raise JournalDamagedError(1, f"{_PREFIX}{stored.name} is no authentic record")
            ends.add(stored.record)
        if self._ends is not None and ends.top < self._ends.top:
            raise JournalDamagedError(1, f"it held record {self._ends.top} and ends with {ends.top}")
        self._ends = ends
        return ends

    def _look_back(self) -> _Ends:
        """The same, by a listing of what is new and a little before."""
        if self._ends is None:
            return self._look_everywhere()
        ends, first = self._ends, max(0, self._ends.top - _LOOK_BACK)
        expected = {code: number for code, number in ends.open.items() if number > first}
        for stored in self._stored(after=f"{_PREFIX}{first:012d}" if first else ""):
            if stored.record is None:
                raise JournalDamagedError(1, f"{_PREFIX}{stored.name} is no authentic record")
            ends.add(stored.record)
            expected.pop(stored.record.code, None)
        if expected:
            raise JournalDamagedError(len(expected), f"record {min(expected.values())} is not there any more")
        return ends

    def _checked(self, problems: list[str], known: dict[str, int]) -> Iterator[tuple[Record, bytes | None]]:
        """Every authentic record in the order of the numbers, with what is wrong put down in `problems`; `known` fills
        with their codes and numbers."""
        wanted: dict[str, int] = {}
        for stored in self._stored():
            found = stored.record
            if found is None:
                problems.append(f"{_PREFIX}{stored.name} is no authentic record")
                continue
            if (not found.after) != (found.number == 1) or any(
                known.get(code, 0) >= found.number for code in found.after
            ):
                problems.append(f"record {found.number} is not in its place")
            wanted.update((code, found.number) for code in found.after if code not in known)
            known[found.code] = found.number
            yield found, None if found.digest == "-" else self._content(stored)
        if wanted:
            # A listing takes its time: what was put in meanwhile may show without what it follows. Another one tells.
            there = {stored.record.code for stored in self._stored() if stored.record is not None}
            problems += [
                f"a record before record {number} is missing" for code, number in wanted.items() if code not in there
            ]

    def _content(self, one: _Stored) -> bytes | None:
        """The content a record names, whatever version of the object holds it: somebody may have put others over it."""
        assert one.record is not None
        with self._reading():
            for version in one.versions:
                answer = self._client.get_object(Bucket=self._bucket, Key=_PREFIX + one.name, VersionId=version)
                content = answer["Body"].read()
                if record.digest_of(content) == one.record.digest:
                    return content
        return None

    def _stored(self, *, after: str = "") -> Iterator[_Stored]:
        with self._reading():
            for key, versions in self._names(_PREFIX, after=after):
                name = key.removeprefix(_PREFIX)
                yield _Stored(name=name, record=record.read(name, seal=self._seal), versions=tuple(versions))

    def _names(self, prefix: str, *, after: str = "") -> Iterator[tuple[str, list[str]]]:
        """Every key below `prefix` beyond `after`, in order, with the ids of its versions."""
        key, versions = "", list[str]()
        beyond: dict[str, str] = {"KeyMarker": after} if after else {}
        while True:
            page = self._client.list_object_versions(Bucket=self._bucket, Prefix=prefix, **beyond)  # type: ignore[arg-type]  # two names of it
            for version in page.get("Versions", []):
                if version["Key"] != key:  # versions of one key stand together
                    if versions:
                        yield key, versions
                    key, versions = version["Key"], []
                versions.append(version["VersionId"])
            if not page["IsTruncated"]:
                break
            beyond = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
        if versions:
            yield key, versions

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with translated(f"reading the journal {self._bucket}", part="journal"):
            yield
