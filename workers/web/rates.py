"""How often one token may ask: beyond it 429 with Retry-After. Counted in this process, which nothing survives."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from callwarden.errors import TooOftenError
from callwarden.model.access import Actor
from callwarden.rules.attempts import Pace, charged, wait

_FORGET_BEYOND = 10_000
TOO_OFTEN = "too_often"


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class Rates:
    """Thread-safe. `now` is the time that passes outside, whatever the system's own clock says."""

    def __init__(self, per_minute: int, *, now: Callable[[], datetime] = _wall_clock) -> None:
        self._pace = Pace(burst=per_minute, each=timedelta(minutes=1) / per_minute)
        self._now = now
        self._free_at: dict[str, datetime] = {}
        self._lock = Lock()

    def charge(self, actor: Actor) -> None:
        """Count one. Raises TooOftenError."""
        now = self._now()
        with self._lock:
            free_at = self._free_at.get(actor.account, now)
            pause = wait(free_at, self._pace, now=now)
            if not pause:
                if len(self._free_at) >= _FORGET_BEYOND:
                    self._free_at = {name: until for name, until in self._free_at.items() if until > now}
                self._free_at[actor.account] = charged(free_at, self._pace, now=now)
        if pause:
            seconds = max(1, math.ceil(pause.total_seconds()))
            raise TooOftenError((TOO_OFTEN,), f"too often: try again in {seconds} s", retry_after_s=seconds)
