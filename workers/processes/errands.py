"""What a worker's threads are at: errands run, come back, rest after an outage and go again."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery

T = TypeVar("T")


@dataclass(slots=True)
class Errand(Generic[T]):
    """A phase to run in a thread, with the number of times it has failed."""

    run: Callable[[], T]
    delivery: Delivery
    failures: int = 0
    not_before: float = 0.0


class Errands(Generic[T]):
    """One kind of errand and its threads. Not thread-safe: it belongs to the loop."""

    def __init__(self, threads: int, name: str, returned: "SimpleQueue[Future[Any]]") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._returned = returned
        self._under_way: dict[Future[T], Errand[T]] = {}
        self._resting: list[Errand[T]] = []

    def send(self, errand: Errand[T]) -> None:
        """Run it as soon as a thread is free."""
        future = self._pool.submit(errand.run)
        self._under_way[future] = errand
        future.add_done_callback(self._returned.put)

    def rest(self, errand: Errand[T], *, until: float) -> None:
        """Run it again at this moment of the monotonic clock."""
        errand.not_before = until
        self._resting.append(errand)

    def resume(self, now: float) -> None:
        """Send those that have rested."""
        for errand in [resting for resting in self._resting if resting.not_before <= now]:
            self._resting.remove(errand)
            self.send(errand)

    def take(self, future: Future[Any]) -> Errand[T] | None:
        """The errand that came back with this, if it is one of these."""
        return self._under_way.pop(future, None)

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    @property
    def resting(self) -> int:
        return len(self._resting)

    def stop_resting(self) -> None:
        """Forget what rests."""
        self._resting.clear()

    def give_back(self) -> None:
        """Forget what rests, and what no thread has begun."""
        self.stop_resting()
        for future in [pending for pending in self._under_way if pending.cancel()]:
            del self._under_way[future]

    def positions(self) -> Iterator[Position]:
        """What threads are at, or are about to be."""
        return (errand.delivery.position for errand in self._under_way.values())

    def close(self) -> None:
        """Begin nothing more. What runs is left to itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def come_back(returned: "SimpleQueue[Future[Any]]", *, wait_s: float) -> list[Future[Any]]:
    """What threads have done with since the last look; waits so long for the first."""
    back: list[Future[Any]] = []
    try:
        back.append(returned.get(timeout=wait_s) if wait_s else returned.get_nowait())
        while True:
            back.append(returned.get_nowait())
    except Empty:
        return back


def pause(failures: int, *, first_s: float, longest_s: float) -> float:
    """Seconds to wait after so many failures in a row."""
    return float(min(first_s * 2.0 ** min(failures - 1, 30), longest_s))


def later(seconds: float) -> float:
    """That moment of the monotonic clock."""
    return time.monotonic() + seconds
