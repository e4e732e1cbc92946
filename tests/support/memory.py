"""Ports in memory, for the tests of the steps: a vault, a landing area, a journal, and a probe that hears by prefix."""

import hashlib
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from callwarden.accesslog.proof.values import JournalMark
from callwarden.errors import ConfigurationError, InvariantError, RetryableError
from callwarden.model.act import Act
from callwarden.model.audio import AudioCaps, AudioFacts, AudioFault
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryId, LogEntry, Operation
from callwarden.ports.audio import BadAudioError
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.clock import Clock
from callwarden.ports.journal import ActsRecord, ErasureRecord, JournalRecord, JournalState, OldJournal
from callwarden.ports.landing import (
    Fetched,
    Landed,
    LandingAwayError,
    LandingMissingError,
    LandingOversizedError,
    LandingRefusedError,
    Upload,
)
from callwarden.ports.log import LoggedEntry
from callwarden.ports.vault import (
    LifecycleRule,
    ObjectHeldError,
    ObjectMissingError,
    ObjectVersion,
    StoredVersion,
    UnfinishedUpload,
)
from callwarden.rules.landing import outermost
from callwarden.rules.landing_uri import allowed
from tests.fakes.catalogue import FakeCatalogue


@dataclass(slots=True)
class _Object:
    version: ObjectVersion
    content: bytes
    tags: Mapping[str, str]
    held: bool = False


class MemoryVault:
    """`callwarden.ports.whole_vault.Vault`. Uploads that broke off are put into `uploads` by the test, keys whose flags
    cannot be set into `refused`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._objects: dict[tuple[str, str], _Object] = {}
        self._numbered = 0
        self.uploads: list[UnfinishedUpload] = []
        self.refused: set[str] = set()

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> StoredVersion:
        content = body.read()
        if len(content) != size:
            raise InvariantError("the body is not as long as it was said to be")
        self._numbered += 1
        version = ObjectVersion(key=key, version_id=f"v{self._numbered}", size=size, modified_at=self._clock.now())
        self._objects[key, version.version_id] = _Object(version, content, dict(tags))
        return StoredVersion(key=key, version_id=version.version_id, size=size)

    def read(self, key: str, version_id: str, *, start: int, length: int) -> bytes:
        return self._one(key, version_id).content[start : start + length]

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        found = [one.version for one in self._objects.values() if one.version.key.startswith(prefix)]
        newest = {one.key: one.version_id for one in found}
        for one in sorted(found, key=lambda version: version.key):
            yield replace(one, is_current=newest[one.key] == one.version_id)

    def foreign_files(self) -> Iterator[str]:
        return iter(())

    def unfinished_uploads(self, prefix: str) -> Iterator[UnfinishedUpload]:
        yield from [one for one in self.uploads if one.key.startswith(prefix)]

    def destroy(self, versions: Sequence[ObjectVersion]) -> None:
        for version in versions:
            known = self._objects.get((version.key, version.version_id))
            if known is not None and known.held:
                raise ObjectHeldError(f"{version.key} is under legal hold")
            self._objects.pop((version.key, version.version_id), None)

    def give_up(self, upload: UnfinishedUpload) -> None:
        self.uploads = [one for one in self.uploads if one != upload]

    def set_hold(self, key: str, version_id: str, *, held: bool, tags: Mapping[str, str]) -> None:
        one = self._one(key, version_id)
        if key in self.refused:
            raise RetryableError("setting a hold failed (AccessDenied)", part="vault")
        one.held, one.tags = held, dict(tags)

    def is_held(self, key: str, version_id: str) -> bool:
        return self._one(key, version_id).held

    def tags(self, key: str, version_id: str) -> Mapping[str, str]:
        return self._one(key, version_id).tags

    def lifecycle(self) -> Sequence[LifecycleRule] | None:
        return None

    def apply_lifecycle(self, rules: Sequence[LifecycleRule]) -> None:
        raise ConfigurationError("a vault in memory expires nothing by itself")

    def _one(self, key: str, version_id: str) -> _Object:
        try:
            return self._objects[key, version_id]
        except KeyError:
            raise ObjectMissingError(f"{key} has no version {version_id}") from None


@dataclass(slots=True)
class MemoryLanding:
    """`callwarden.ports.landing.LandingArea` and its keeper: `files` by URI, with when each was left.
    `asked` notes every address that was looked for."""

    allowed: tuple[str, ...]
    clock: Clock
    files: dict[str, bytes] = field(default_factory=dict)
    left_at: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    """Places that cannot be reached (``spool:``, ``s3://landing``), each with the reason."""
    kept: dict[str, str] = field(default_factory=dict)
    """Places where nothing may be deleted, each with the reason."""

    def fetch(self, uri: str, *, max_bytes: int) -> Fetched:
        content = self._content(uri)
        if content is None:
            raise LandingMissingError("nothing lies there")
        if len(content) > max_bytes:
            raise LandingOversizedError("too large")
        return Fetched(file=io.BytesIO(content), instance=f"{uri} {self.left_at.get(uri)} {digest(content)}")

    def delete(self, uri: str) -> None:
        self._content(uri)
        for place, why in self.kept.items():
            if uri.startswith(place):
                raise LandingAwayError(why, place=place)
        self.files.pop(uri, None)

    def exists(self, uri: str) -> bool:
        return self._content(uri) is not None

    def begin(self, area: str, name: str) -> Upload:
        uri = f"{area}{name}" if area.endswith(":") else f"{area}/{name}"
        if allowed(uri, self.allowed) is None:
            raise LandingRefusedError("outside every area")
        return MemoryUpload(landing=self, uri=uri)

    def areas(self) -> tuple[str, ...]:
        return outermost(self.allowed)

    def lying(self, area: str) -> Iterator[Landed]:
        for uri, content in list(self.files.items()):
            place = allowed(uri, (area,))
            if place is not None:
                yield Landed(place=place, left_at=self.left_at.get(uri, self.clock.now()), size=len(content))

    def remove(self, landed: Landed) -> bool:
        return self.files.pop(landed.place.uri, None) is not None

    def check(self, area: str) -> None:
        if area not in self.allowed:
            raise LandingRefusedError("none of the areas")

    def _content(self, uri: str) -> bytes | None:
        if allowed(uri, self.allowed) is None:
            raise LandingRefusedError("outside every area")
        self.asked.append(uri)
        for place, why in self.away.items():
            if uri.startswith(place):
                raise LandingAwayError(why, place=place)
        return self.files.get(uri)


@dataclass(slots=True)
class MemoryUpload:
    """`callwarden.ports.landing.Upload`."""

    landing: MemoryLanding
    uri: str
    content: bytearray = field(default_factory=bytearray)

    def write(self, chunk: bytes) -> None:
        self.content += chunk

    def finish(self) -> str:
        for place, why in self.landing.away.items():
            if self.uri.startswith(place):
                raise LandingAwayError(why, place=place)
        self.landing.files[self.uri] = bytes(self.content)
        self.landing.left_at[self.uri] = self.landing.clock.now()
        return self.uri

    def abandon(self) -> None:
        self.content.clear()


@dataclass(slots=True)
class MemoryJournal:
    """`callwarden.ports.journal.Journal`, which nobody can write past."""

    records: list[JournalRecord] = field(default_factory=list)

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        self.records.append(ErasureRecord(recording_id=recording_id, destroyed_at=destroyed_at, reason=reason))

    def append_acts(self, acts: Sequence[Act], *, at: datetime) -> None:
        if acts:
            self.records.append(ActsRecord(at=at, acts=tuple(acts)))

    def position(self) -> str:
        mark = self.mark()
        return "" if mark is None else f"{mark.count}/{mark.head}"

    def iterate(self, *, since: str = "", marks: Sequence[JournalMark] = ()) -> Iterator[JournalRecord]:
        yield from self.records[int(since.partition("/")[0] or 0) :]

    def mark(self) -> JournalMark | None:
        count = len(self.records)
        return JournalMark(count=count, head=digest(repr(self.records).encode())[:52]) if count else None

    def inspect(self) -> JournalState:
        return JournalState(records=len(self.records), unfinished=0, damaged=0)

    def old(self) -> OldJournal | None:
        return None

    def adopt(self, old: OldJournal) -> None:
        self.records += old.records


class PrefixProbe:
    """`callwarden.ports.audio.AudioProbe` for audio that says what it is: ``silent…``, ``noise…`` (unreadable),
    ``long…`` (over a cap), ``short…`` (shorter than its header says); anything else is a call, ``mono…``
    of one channel."""

    def inspect(self, file: BinaryIO, *, caps: AudioCaps, hint: str | None = None) -> AudioFacts:
        file.seek(0)
        content = file.read()
        faults = {
            b"noise": AudioFault.UNREADABLE,
            b"long": AudioFault.OVERSIZED,
            b"short": AudioFault.LENGTH_MISMATCH,
        }
        for prefix, fault in faults.items():
            if content.startswith(prefix):
                raise BadAudioError(fault, "expected 2.00 s, found 1.00 s")
        return AudioFacts(
            container="wav",
            codec="pcm_alaw",
            media_type="audio/wav",
            sample_rate_hz=8000,
            channels=1 if content.startswith(b"mono") else 2,
            frames=len(content),
            duration_s=len(content) / 8000,
            silent=content.startswith(b"silent"),
        )


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal, as a telephone system gives it."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class MemoryLogWriter:
    """`callwarden.ports.log.LogWriter` with one transaction for each entry."""

    catalogue: Catalogue

    def append(self, entry: LogEntry) -> EntryId:
        with self.catalogue.transaction() as tx:
            tx.log.append([entry])
        return entry.entry_id

    def append_all(self, entries: Sequence[LogEntry]) -> None:
        with self.catalogue.transaction() as tx:
            tx.log.append(entries)


@dataclass(frozen=True, slots=True)
class MemoryLogReader:
    """What `callwarden.ports.log.LogReader` says of entries that nobody can have altered."""

    catalogue: FakeCatalogue

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        case: str | None = None,
        operations: Collection[Operation] | None = None,
        limit: int | None = None,
    ) -> Iterator[LoggedEntry]:
        found = (
            LoggedEntry(index=None, entry=one)
            for one in reversed(self.catalogue.rows.log.values())
            if (subjects is None or one.subject in subjects)
            and (case is None or one.case == case)
            and (operations is None or one.operation in operations)
        )
        return islice(found, limit)

    def noted(self, subject: str, operation: Operation, *, waiting: bool = True) -> bool:
        return any(True for _ in self.entries(subjects=(subject,), operations=(operation,)))

    def noted_among(self, subjects: Collection[str], operation: Operation) -> frozenset[str]:
        return frozenset(subject for subject in subjects if self.noted(subject, operation, waiting=False))
