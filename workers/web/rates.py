"""How often one token may ask, whichever process is asked: beyond it 429 with Retry-After.

The database counts for all of them. It is asked for some of what is left at a time, and this process counts those by
itself: a request costs no write of its own until little is left.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from callwarden.custody.throttle import Throttle, Tried
from callwarden.errors import TooOftenError
from callwarden.model.access import Actor
from callwarden.ports.clock import Clock
from callwarden.rules.attempts import Pace

TOO_OFTEN: Final = "too_often"
_MINUTE: Final = timedelta(minutes=1)
_FORGET_BEYOND: Final = 10_000


class _Outside:
    """The time that passes outside, whatever the system's own clock says."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class _Held:
    """So many may still be asked for here, until then: what a process does not use is nobody's."""

    count: int
    until: datetime


class Rates:
    """Thread-safe. `kind` is what is counted."""

    def __init__(self, throttle: Throttle, kind: str, per_minute: int, *, clock: Clock | None = None) -> None:
        self._throttle = replace(throttle, clock=clock or _Outside())
        self._kind = kind
        self._pace = Pace(burst=per_minute, each=max(_MINUTE / per_minute, timedelta.resolution))
        self._held: dict[str, _Held] = {}
        self._lock = Lock()

    def charge(self, actor: Actor) -> None:
        """Count one. Raises TooOftenError, RetryableError."""
        if self._one_of_held(actor.account):
            return
        portion = self._throttle.portion(Tried(kind=self._kind, value=actor.account, pace=self._pace))
        if not portion.count:
            seconds = max(1, math.ceil(portion.wait.total_seconds()))
            raise TooOftenError((TOO_OFTEN,), f"too often: try again in {seconds} s", retry_after_s=seconds)
        self._hold(actor.account, portion.count - 1)

    def _one_of_held(self, account: str) -> bool:
        now = self._throttle.clock.now()
        with self._lock:
            held = self._held.get(account)
            if held is None or not held.count or held.until <= now:
                return False
            held.count -= 1
            return True

    def _hold(self, account: str, count: int) -> None:
        now = self._throttle.clock.now()
        with self._lock:
            if len(self._held) >= _FORGET_BEYOND:
                self._held = {name: held for name, held in self._held.items() if held.until > now}
            before = self._held.get(account)
            there = before.count if before is not None and before.until > now else 0
            self._held[account] = _Held(there + count, now + _MINUTE)
