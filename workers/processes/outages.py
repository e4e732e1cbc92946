"""Outages, each logged once when it begins and once when it ends, whoever in this process notices it and how often."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock

from callwarden.diagnostics import log
from callwarden.errors import OvertakenError, RetryableError

SOMETHING = "unknown"
"""The part of an error that does not name one."""


@dataclass(slots=True)
class _Outage:
    since: float
    noticed_by: set[tuple[str, Hashable]] = field(default_factory=set)


class Outages:
    """The parts that are out of reach now. Thread-safe; `OUTAGES` is the process's.

    An outage begins with the first who cannot go on, and ends when everybody who could not has gone on or given up.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, _Outage] = {}

    def noticed(self, who: Hashable, error: RetryableError, *, step: str) -> None:
        """`who`, an operation of a step, cannot go on because of this."""
        if isinstance(error, OvertakenError):
            return
        part = error.part or SOMETHING
        with self._lock:
            outage = self._open.get(part)
            if outage is None:
                outage = self._open[part] = _Outage(time.monotonic())
                log.warning("outage_began", part=part, step=step, why=str(error) or type(error).__name__)
            outage.noticed_by.add((step, who))

    def over(self, who: Hashable, *, step: str) -> None:
        """`who` goes on, or has given up: no outage is its business any more."""
        if not self._open:
            return
        with self._lock:
            for part, outage in list(self._open.items()):
                outage.noticed_by.discard((step, who))
                if not outage.noticed_by:
                    del self._open[part]
                    log.info("outage_ended", part=part, step=step, lasted_s=round(time.monotonic() - outage.since, 1))

    def forget(self, step: str) -> None:
        """A step has ended: what it could not do is nobody's business here any more."""
        with self._lock:
            mine = [who for outage in self._open.values() for by, who in outage.noticed_by if by == step]
        for who in mine:
            self.over(who, step=step)

    def now(self) -> tuple[str, ...]:
        """The parts out of reach."""
        with self._lock:
            return tuple(sorted(self._open))


OUTAGES = Outages()
