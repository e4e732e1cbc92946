"""Waiting for a write to the file of the embedded bus: one thread of a process looks for all that wait."""

import threading
import time

from callwarden.adapters.bus.settings import SqliteBusSettings
from callwarden.adapters.bus.sqlite_log import connect
from callwarden.adapters.sqlite.file import Patience, PatientConnection

_NAP_FIRST_S, _NAP_LAST_S = 0.001, 0.05
"""Between two looks: the first nap after a change, doubled up to the last. `data_version` costs microseconds to ask."""


class Arrivals:
    """Counts the changes of a file by whatever process, itself included. Thread-safe.

    Whoever takes the count before reading, and then waits for another, misses nothing.
    """

    def __init__(self, settings: SqliteBusSettings) -> None:
        self._settings = settings
        self._patience = Patience(settings.busy_timeout.total_seconds())
        self._changed = threading.Condition()
        self._looking = False
        self._db: PatientConnection | None = None
        self._version: int | None = None
        self._nap = _NAP_FIRST_S
        self._count = 0

    @property
    def count(self) -> int:
        return self._count

    def wait(self, since: int, *, until: float) -> None:
        """Return when there was a change after the count was `since`, or at `until` of the monotonic clock. Raises
        sqlite3.Error."""
        with self._changed:
            while self._count == since and (left := until - time.monotonic()) > 0:
                if self._looking:
                    self._changed.wait(left)
                    continue
                self._looking = True
                try:
                    while self._count == since and (left := until - time.monotonic()) > 0:
                        self._look(left)
                finally:
                    self._looking = False
                    self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            while self._looking:
                self._changed.wait()
            if self._db is not None:
                self._db.close()
                self._db = None

    def _look(self, at_most_s: float) -> None:
        """Nap, and count a change. The lock is free meanwhile; only one thread comes here at a time."""
        self._changed.release()
        try:
            time.sleep(min(self._nap, at_most_s))
            if self._db is None:
                self._db = connect(self._settings.path, patience=self._patience, durable=False)
            version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        finally:
            self._changed.acquire()
        self._nap = min(self._nap * 2, _NAP_LAST_S)
        if version != self._version:
            self._version = version
            self._count += 1
            self._nap = _NAP_FIRST_S
