"""Keeps the memberships of this process alive while its threads work between two polls."""

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from callwarden.adapters.bus.sqlite_groups import Member, renew
from callwarden.adapters.bus.sqlite_log import connect, transaction, translated
from callwarden.adapters.sqlite.file import Patience, PatientConnection
from callwarden.errors import RetryableError


@dataclass(slots=True)
class _Lease:
    member: Member
    polled_at: float = field(default_factory=time.monotonic)


class LeaseKeeper:
    """One thread for all subscriptions of a bus, started with the first and ended with the last.

    Renews each lease thrice in its time-out, for as long as the subscription was polled within
    `max_poll_interval`: a stuck worker must not keep its partitions for ever. Thread-safe.
    """

    def __init__(self, path: Path, *, every: timedelta, max_poll_interval: timedelta) -> None:
        self._path = path
        self._every = every.total_seconds()
        self._max_poll = max_poll_interval.total_seconds()
        self._lock = threading.Lock()
        self._leases: dict[str, _Lease] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, member: Member) -> None:
        with self._lock:
            self._leases[member.id] = _Lease(member)
            if self._thread is None:
                self._stop = threading.Event()
                self._thread = threading.Thread(target=self._run, args=(self._stop,), name="bus-leases", daemon=True)
                self._thread.start()

    def polled(self, member: Member) -> None:
        """The subscription shows that it is not stuck."""
        lease = self._leases.get(member.id)
        if lease is not None:
            lease.polled_at = time.monotonic()

    def release(self, member: Member) -> None:
        with self._lock:
            self._leases.pop(member.id, None)
            if self._leases or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._stop.set()
        thread.join()

    def _run(self, stop: threading.Event) -> None:
        db: PatientConnection | None = None
        try:
            while not stop.wait(self._every):
                with self._lock:
                    oldest = time.monotonic() - self._max_poll
                    alive = [member for member, lease in self._leases.items() if lease.polled_at >= oldest]
                try:
                    with translated("renew leases"):
                        db = db or connect(self._path, patience=Patience(self._every), durable=False)
                        with transaction(db):
                            renew(db, alive)
                except RetryableError:
                    continue  # tried again at the next turn; the lease outlives two misses
        finally:
            if db is not None:
                db.close()
