"""Works around a fault of kafka-python 3.0.12 that keeps a group from settling while its members poll briefly.

A member joins its group in the background. When that ends between two polls, the next poll throws the finished join
away and starts another, which sends every other member back to joining too: with polls shorter than a join, for ever.
(`BaseCoordinator.join_group_async`: the task is replaced when it `is_done`, not when its result was used.)

So a finished join is held back until a poll is there to use it. Without the parts named here (another version of the
library) nothing is changed.
"""

import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from kafka import KafkaConsumer

_LOOK_EVERY_S = 0.02


class RejoinGuard:
    """Knows whether the polling thread is inside `poll`, and holds finished joins back while it is not.

    Meanwhile it sends the heartbeats that the library only takes up again with the next poll, thrice in a session: a
    member at work for longer than that must not be expelled. Like the library it stops after `max_poll_interval`.
    """

    def __init__(self, *, session_timeout: timedelta, max_poll_interval: timedelta) -> None:
        self._beat_every = session_timeout.total_seconds() / 3
        self._max_poll = max_poll_interval.total_seconds()
        self._free = threading.Event()

    @contextmanager
    def polling(self) -> Iterator[None]:
        self._free.set()
        try:
            yield
        finally:
            self._free.clear()

    def watch(self, consumer: KafkaConsumer) -> None:
        """Call once, before the consumer's first poll."""
        coordinator: Any = getattr(consumer, "_coordinator", None)
        join = getattr(coordinator, "_do_join_and_sync_async", None)
        beat = getattr(coordinator, "_send_heartbeat_request", None)
        sleep = getattr(getattr(coordinator, "_net", None), "sleep", None)
        if join is None or beat is None or sleep is None:
            return

        async def join_when_awaited() -> Any:
            assignment = await join()
            await self._hold(beat, sleep)
            return assignment

        coordinator._do_join_and_sync_async = join_when_awaited  # noqa: SLF001 - there is no public way in

    def let_go(self) -> None:
        """The consumer closes: nothing waits for a poll any more."""
        self._free.set()

    async def _hold(self, beat: Callable[[], Awaitable[object]], sleep: Callable[[float], Awaitable[object]]) -> None:
        """Runs on the library's thread. An error of a heartbeat (the group is agreeing anew, or has expelled this
        member) makes the finished join worthless; raised from here, it makes the next poll join again."""
        joined_at = beaten_at = time.monotonic()
        while not self._free.is_set():
            await sleep(_LOOK_EVERY_S)
            now = time.monotonic()
            if now - beaten_at >= self._beat_every and now - joined_at < self._max_poll:
                beaten_at = now
                await beat()
