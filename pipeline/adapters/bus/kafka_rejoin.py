"""Works around a fault of kafka-python 3.0.12 that keeps a group from settling while its members poll briefly.

A member joins its group in the background. When that ends between two polls, the next poll throws the finished join
away and starts another, which sends every other member back to joining too: with polls shorter than a join, for ever.
(`BaseCoordinator.join_group_async`: the task is replaced when it `is_done`, not when its result was used.)

So a finished join is held back until a poll is there to use it. Without the parts named here (another version of the
library) nothing is changed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer

_LOOK_EVERY_S = 0.02


class RejoinGuard:
    """Knows whether the polling thread is inside `poll`, and holds joins back while it is not."""

    def __init__(self) -> None:
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
        sleep = getattr(getattr(coordinator, "_net", None), "sleep", None)
        if join is None or sleep is None:
            return

        async def join_when_awaited() -> Any:
            assignment = await join()
            while not self._free.is_set():
                await sleep(_LOOK_EVERY_S)
            return assignment

        coordinator._do_join_and_sync_async = join_when_awaited  # noqa: SLF001 - there is no public way in

    def let_go(self) -> None:
        """The consumer closes: nothing waits for a poll any more."""
        self._free.set()
