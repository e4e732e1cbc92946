"""A step that only notes what it is asked, and fails where a test tells it to."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from callwarden.errors import InvalidMessageError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, Message, TopicSettings
from callwarden.ports.step import Begun, Finished
from callwarden.workers.processes.pace import Pace
from callwarden.workers.processes.runtime import Worker
from tests.fakes.bus import MemoryBus
from tests.fakes.catalogue import FakeCatalogue

TOPIC = "t"
QUICK = Pace(
    threads=4, window=8, idle_poll_s=0.01, busy_wait_s=0.002, housekeeping_s=0.01, commit_every_s=0, first_retry_s=0.005
)


@dataclass(frozen=True, slots=True)
class Work:
    """A delivery on its way through the phases."""

    position: Position
    key: bytes | None
    value: str


@dataclass(slots=True)
class Echo:
    """`callwarden.ports.step.Step`. `wrong` is asked before each phase of each delivery and may raise."""

    wrong: Callable[[str, str], None] = lambda phase, value: None
    takes_s: float = 0.0
    late: list[Delivery] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    tells: bool = False
    records: bool = False
    at_once: int = 0
    most_at_once: int = 0
    again: Counter[str] = field(default_factory=Counter)
    _lock: Any = field(default_factory=threading.Lock)
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    name: str = "echo"
    group: str = "echo"
    topics: tuple[str, ...] = (TOPIC,)

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[Work]:
        for one in deliveries:
            self.wrong("begin", one.value.decode())
        plans = [Work(one.position, one.key, one.value.decode()) for one in deliveries]
        self.said += [("begin", one.value) for one in plans]
        with self._lock:
            self.at_once += len(plans)
            self.most_at_once = max(self.most_at_once, self.at_once)
        return Begun(plans=plans)

    def reject(self, delivery: Delivery, error: InvalidMessageError) -> Work | None:
        value = delivery.value.decode()
        with self._lock:
            self.said.append(("reject", value))
        return Work(delivery.position, delivery.key, value) if self.records else None

    def carry_out(self, plan: Work) -> Work:
        self.wrong("carry_out", plan.value)
        time.sleep(self.takes_s)
        with self._lock:
            self.said.append(("carry_out", plan.value))
        return plan

    def finish(self, done: Sequence[Work]) -> Finished[Work]:
        for one in done:
            self.wrong("finish", one.value)
        again = [one for one in done if self.again[one.value] > 0]
        self.again -= Counter(one.value for one in again)
        with self.catalogue.transaction() as tx:
            told = [Message(topic="told", key=one.value, value=b"done") for one in done] if self.tells else []
            outbox = tx.outbox.append(told)
        self.said += [("finish", one.value) for one in done]
        return Finished(outbox=outbox, aftermaths=done, again=[one.position for one in again])

    def clean_up(self, aftermath: Work) -> None:
        self.wrong("clean_up", aftermath.value)
        with self._lock:
            self.at_once -= 1
            self.said.append(("clean_up", aftermath.value))

    def at_most_one(self, delivery: Delivery) -> Collection[str]:
        return ()

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        late, self.late = self.late[:limit], self.late[limit:]
        return late

    def of(self, phase: str) -> list[str]:
        """The values that went through a phase, in that order."""
        return [value for said, value in self.said if said == phase]


def bus_with(*messages: tuple[str, str], partitions: int = 1) -> MemoryBus:
    """A bus with these keys and values on it."""
    bus = MemoryBus()
    settings = [TopicSettings(name=name, partitions=partitions, retention=None) for name in (TOPIC, "told")]
    bus.ensure_topics(settings)
    if messages:
        bus.publish([Message(topic=TOPIC, key=key, value=value.encode()) for key, value in messages])
    return bus


def worker(step: Echo, bus: MemoryBus, pace: Pace = QUICK) -> Worker[Any, Any, Any]:
    return Worker(step, bus, step.catalogue, pace=pace)


def committed(bus: MemoryBus) -> list[int]:
    """The group's offsets, partition by partition."""
    return list(bus.committed(TOPIC, group="echo").values())


__all__ = ["QUICK", "TOPIC", "Echo", "bus_with", "committed", "worker"]
