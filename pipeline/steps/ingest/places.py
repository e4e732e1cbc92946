"""Landing places that cannot be reached now: their calls wait, those of other places do not.

A place that has just failed is not asked again for a while, longer each time: thousands of calls that lie there would
otherwise keep the threads from all others.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from callwarden.diagnostics import log
from callwarden.ports.landing import LandingAwayError

FIRST_REST_S = 5.0
LONGEST_REST_S = 300.0
GIVEN_UP_AFTER_S = 5.0
"""A place that has failed for so long: what is only to be tidied up there is left to the sweep of the landing areas."""


@dataclass(slots=True)
class _Away:
    since: float
    why: str
    failures: int = 0
    until: float = 0.0


class Places:
    """What is known of the places in this process, for one thing that is done there. Thread-safe."""

    def __init__(self, doing: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._doing = doing
        self._clock = clock
        self._lock = Lock()
        self._away: dict[str, _Away] = {}

    def check(self, place: str) -> None:
        """Raises LandingAwayError while this place rests after a failure; asks nobody."""
        with self._lock:
            away = self._away.get(place)
            if away is not None and self._clock() < away.until:
                raise LandingAwayError(away.why, place=place)

    def failed(self, error: LandingAwayError) -> None:
        """It could not be reached, or did not let us in."""
        now = self._clock()
        with self._lock:
            away = self._away.get(error.place)
            if away is None:
                away = self._away[error.place] = _Away(since=now, why=str(error))
                self._say(log.warning, "outage_began", error.place, why=str(error))
            if now >= away.until:  # one failure of many at once
                away.failures += 1
                away.until = now + min(FIRST_REST_S * 2.0 ** min(away.failures - 1, 10), LONGEST_REST_S)
            away.why = str(error)

    def answered(self, place: str) -> None:
        """It can be reached."""
        if place not in self._away:
            return
        with self._lock:
            away = self._away.pop(place, None)
        if away is not None:
            self._say(log.info, "outage_ended", place, lasted_s=round(self._clock() - away.since, 1))

    def _say(self, level: Callable[..., None], event: str, place: str, **more: object) -> None:
        level(event, part="landing", place=place, doing=self._doing, step="ingest", **more)

    def resting(self) -> frozenset[str]:
        """The places that are not asked now."""
        now = self._clock()
        with self._lock:
            return frozenset(place for place, away in self._away.items() if now < away.until)

    def is_given_up(self, place: str) -> bool:
        """Whether it has failed for so long that nothing is to wait for it that another will do later."""
        away = self._away.get(place)
        return away is not None and self._clock() - away.since >= GIVEN_UP_AFTER_S
