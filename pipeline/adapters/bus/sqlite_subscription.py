"""One member of a consumer group of the embedded bus."""

import json
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Self

from callwarden.adapters.bus import sqlite_groups as groups
from callwarden.adapters.bus.arrivals import Arrivals
from callwarden.adapters.bus.lease import LeaseKeeper
from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.sqlite_log import SPAN, connect, transaction, translated
from callwarden.adapters.sqlite.file import Patience
from callwarden.errors import RetryableError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, TopicPartition


class SqliteSubscription:
    """See `callwarden.ports.bus.Subscription`."""

    def __init__(
        self,
        settings: SqliteBusSettings,
        leases: LeaseKeeper,
        arrivals: Arrivals,
        topics: Sequence[str],
        *,
        group: str,
        on_poll: Callable[[], None],
    ) -> None:
        session_s = settings.session_timeout.total_seconds()
        self._member = groups.Member(id=uuid.uuid4().hex, group=group, topics=tuple(topics), timeout_s=session_s)
        self._beat_every = session_s / 3
        self._leases = leases
        self._arrivals = arrivals
        self._on_poll = on_poll  # retention also ends the messages of a topic nobody publishes to any more
        self._standing: groups.Standing | None = None
        self._beat_at = 0.0
        self._positions: dict[int, int] = {}
        self._nothing_at: int | None = None
        """The count of changes at which there was nothing to read: as long as it is that, there still is nothing."""
        self._turn = 0
        self._paused = False
        self._closed = False
        with translated("join"):
            patience = Patience(settings.busy_timeout.total_seconds())
            self._db = connect(settings.path, patience=patience, durable=True)
            try:
                # Leases and claims need no disk: a power cut ends every member anyway.
                self._member_db = connect(settings.path, patience=patience, durable=False)
            except BaseException:
                self._db.close()
                raise
        leases.watch(self._member)

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery]:
        self._on_poll()
        until = time.monotonic() + timeout_s
        with translated("poll"):
            self._leases.polled(self._member)
            while True:
                seen = self._arrivals.count
                if seen != self._nothing_at or timeout_s <= 0 or self._is_due():
                    self._keep_standing()
                    if not self._paused and (found := self._read(limit)):
                        return found
                    self._nothing_at = None if self._paused else seen
                # Nothing new until somebody writes, or the lease wants renewing.
                self._arrivals.wait(seen, until=min(until, self._beat_at + self._beat_every))
                if time.monotonic() >= until:
                    return ()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def assigned(self) -> frozenset[TopicPartition]:
        return frozenset(self._standing.held.values()) if self._standing else frozenset()

    def commit(self, next_offsets: Mapping[TopicPartition, int]) -> None:
        if not next_offsets:
            return
        held = self.assigned()
        for place in next_offsets:
            if place not in held:
                raise RetryableError(f"commit of {place.topic}[{place.partition}]: not held by this member")
        with translated("commit"), transaction(self._db):
            groups.commit(self._db, self._member, next_offsets)

    def seek(self, position: Position) -> None:
        place = TopicPartition(topic=position.topic, partition=position.partition)
        held = self._standing.held if self._standing else {}
        self._nothing_at = None
        for slot, mine in held.items():
            if mine == place:
                self._positions[slot] = position.offset

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._leases.release(self._member)
        self._standing = None
        try:
            with translated("leave"), transaction(self._member_db):
                groups.leave(self._member_db, self._member)
        except RetryableError:
            pass  # the lease is no longer renewed: the others take over when it has run out
        finally:
            self._member_db.close()
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_due(self) -> bool:
        return time.monotonic() >= self._beat_at + self._beat_every

    def _keep_standing(self) -> None:
        """Renew the lease when it is time; take over and give up partitions when the group has changed."""
        before = self._standing
        if (
            before is not None
            and not self._is_due()
            and groups.generation(self._db, self._member.group) == before.generation
        ):
            return
        with transaction(self._member_db):
            now = groups.beat(self._member_db, self._member)
        self._standing, self._beat_at = now, time.monotonic()
        # A partition kept goes on where it was; one gained starts at what the group has committed.
        kept = {} if now.joined else {slot: at for slot, at in self._positions.items() if slot in now.held}
        gained = [slot for slot in now.held if slot not in kept]
        self._positions = kept | (groups.committed(self._db, self._member.group, gained) if gained else {})

    def _ends(self, slots: Collection[int]) -> Mapping[int, int]:
        """The next offset of each: one look for all of them."""
        marks = ",".join("?" * len(slots))
        return dict(self._db.execute(f"SELECT slot, end_offset FROM slots WHERE slot IN ({marks})", tuple(slots)))  # noqa: S608 -- question marks

    def _read(self, limit: int) -> list[Delivery]:
        held = self._standing.held if self._standing else {}
        ends = self._ends(held)
        slots = [slot for slot in held if self._positions[slot] < ends[slot]]
        found: list[Delivery] = []
        self._turn += 1  # a busy partition must not starve the others: each poll starts with another
        for at in range(len(slots)):
            slot = slots[(self._turn + at) % len(slots)]
            place = held[slot]
            base = slot * SPAN
            rows = self._db.execute(
                "SELECT id, key, headers, value FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (base + self._positions[slot], base + SPAN, limit - len(found)),
            ).fetchall()
            if not rows:
                continue
            topic, partition = place.topic, place.partition
            found += [
                Delivery(
                    position=Position(topic=topic, partition=partition, offset=row_id - base),
                    key=key,
                    value=value,
                    headers=() if headers is None else unpack_headers(headers),
                )
                for row_id, key, headers, value in rows
            ]
            self._positions[slot] = rows[-1][0] - base + 1
            if len(found) >= limit:
                break
        return found


def pack_headers(headers: tuple[tuple[str, bytes], ...]) -> bytes | None:
    """Headers as stored: None for none, else JSON with the bytes as Latin-1, one character for each."""
    if not headers:
        return None
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers]).encode()


def unpack_headers(stored: bytes) -> tuple[tuple[str, bytes], ...]:
    """The inverse of `pack_headers`."""
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(stored))
