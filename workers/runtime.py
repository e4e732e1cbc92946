"""The one loop every consuming worker runs: poll → begin → carry out → finish → publish → clean up → commit.

Slow work of many deliveries overlaps in threads, inside one partition too; rows are written for many at once;
an offset is committed only when everything before it is finished. Deliveries of one key are taken one after the
other, because they may be about one call.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Generic, TypeVar

import structlog

from pipeline.errors import RetryableError
from pipeline.model.outcome import Position
from pipeline.ports.bus import Delivery, EventBus, Subscription
from pipeline.ports.catalogue import Catalogue
from pipeline.ports.step import AfterT, DoneT, PlanT, Step
from workers import metrics
from workers.offsets import OffsetTracker
from workers.relay import Relay
from workers.unread import UnreadWatch

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker spends its time; seconds."""

    threads: int = 8
    cleaners: int = 2
    """Threads for what follows a result, such as deleting the landing copy: behind the queue of slow work it would hold
    back the offsets."""
    window: int = 128
    """Deliveries in the worker's hands at once: enough to keep the threads busy while results are written."""
    batch: int = 32
    """Results are written together once there are so many …"""
    linger_s: float = 0.25
    """… or the first of them has waited so long, or nothing else is under way."""
    idle_poll_s: float = 0.5
    busy_wait_s: float = 0.02
    keep_alive_s: float = 1.0
    """How often the bus hears of a worker whose hands are full."""
    housekeeping_s: float = 1.0
    commit_every_s: float = 0.1
    first_retry_s: float = 0.2
    longest_retry_s: float = 30.0
    last_retries: int = 6
    """How often one piece of work is tried before a drain, or a worker told to stop, gives up."""


@dataclass(slots=True)
class _Work(Generic[T]):
    """A phase to run in a thread, with the number of times it has failed."""

    run: Callable[[], T]
    delivery: Delivery
    failures: int = 0
    not_before: float = 0.0


class Worker(Generic[PlanT, DoneT, AfterT]):
    """One member of a step's consumer group."""

    def __init__(
        self,
        step: Step[PlanT, DoneT, AfterT],
        bus: EventBus,
        catalogue: Catalogue,
        *,
        pace: Pace | None = None,
    ) -> None:
        self._step = step
        self._bus = bus
        self._relay = Relay(bus, catalogue)
        self._pace = pace or Pace()
        self._offsets = OffsetTracker()
        self._unread = UnreadWatch(bus, step=step.name, group=step.group)
        self._ready: deque[Delivery] = deque()
        self._after_another: list[Delivery] = []
        self._behind: dict[bytes, deque[Delivery]] = {}
        self._in_hand: dict[Position, Delivery] = {}
        self._carrying: dict[Future[DoneT], _Work[DoneT]] = {}
        self._cleaning: dict[Future[None], _Work[None]] = {}
        self._returned: SimpleQueue[Future[Any]] = SimpleQueue()
        self._resting: list[_Work[DoneT]] = []
        self._resting_cleanups: list[_Work[None]] = []
        self._done: list[DoneT] = []
        self._done_since = 0.0
        self._again_once_clean: set[Position] = set()
        self._stop = Event()
        self._draining = False
        self._failed_polls = 0
        self._last_poll = 0.0
        self._last_commit = 0.0
        self._last_housekeeping = 0.0
        self.handled = 0

    def run(self, stop: Event, *, drain: bool = False) -> int:
        """Work until `stop` is set, or with `drain` until nothing is left; returns how many deliveries were finished.

        What is in hand when `stop` is set is finished and committed first. Raises InvariantError (a person has to
        look), and with `drain` or `stop` RetryableError when something stays out of reach: what is not finished
        comes again.
        """
        self._stop = stop
        self._draining = drain
        with (
            self._bus.subscribe(self._step.topics, group=self._step.group) as subscription,
            ThreadPoolExecutor(self._pace.threads, thread_name_prefix=self._step.name) as carriers,
            ThreadPoolExecutor(self._pace.cleaners, thread_name_prefix=f"{self._step.name}-clean") as cleaners,
        ):
            try:
                while not (self._idle() and (stop.is_set() or (drain and self._retrying(self._nothing_left)))):
                    if not stop.is_set():
                        self._housekeeping()
                    self._take_deliveries(subscription, stopping=stop.is_set())
                    self._begin(carriers)
                    self._resume_resting(carriers, cleaners)
                    self._collect()
                    self._finish(cleaners)
                    self._commit(subscription)
                self._commit(subscription, now=True)
            except BaseException:
                for pool in (carriers, cleaners):
                    pool.shutdown(wait=False, cancel_futures=True)
                raise
        return self.handled

    # deliveries
    def _take_deliveries(self, subscription: Subscription, *, stopping: bool) -> None:
        room = self._pace.window - len(self._in_hand)
        now = time.monotonic()
        if stopping or room < max(1, self._pace.window // 4):
            if now - self._last_poll < self._pace.keep_alive_s:
                return
            subscription.pause()
            polled = self._poll(subscription, limit=1, timeout_s=0.0)
            subscription.resume()
        else:
            polled = self._poll(subscription, limit=room, timeout_s=0.0 if self._in_hand else self._pace.idle_poll_s)
        self._last_poll = now
        held = subscription.assigned()
        self._offsets.hold(held)
        self._unread.see(polled, held=held)
        for delivery in polled:
            if self._offsets.start(delivery.position):
                self._admit(delivery)

    def _poll(self, subscription: Subscription, *, limit: int, timeout_s: float) -> Sequence[Delivery]:
        try:
            polled = subscription.poll(limit=limit, timeout_s=timeout_s)
        except RetryableError as error:
            self._failed_polls += 1
            if self._gives_up(self._failed_polls):
                raise
            log.warning("bus_out_of_reach", step=self._step.name, error=type(error).__name__)
            self._stop.wait(self._pace.first_retry_s)
            return ()
        self._failed_polls = 0
        return polled

    def _admit(self, delivery: Delivery) -> None:
        """Take a delivery in hand; behind another one of its key it waits for its turn."""
        if delivery.position in self._in_hand:
            return
        self._in_hand[delivery.position] = delivery
        if delivery.key is None:
            self._ready.append(delivery)
        elif (queue := self._behind.get(delivery.key)) is not None:
            queue.append(delivery)
        else:
            self._behind[delivery.key] = deque()
            self._ready.append(delivery)

    def _let_go(self, position: Position) -> None:
        delivery = self._in_hand.pop(position)
        self._offsets.finish(position)
        self.handled += 1
        metrics.handled.labels(self._step.name).inc()
        metrics.in_hand.labels(self._step.name).set(len(self._in_hand))
        self._ready.extend(self._after_another)
        self._after_another.clear()
        if delivery.key is None:
            return
        queue = self._behind[delivery.key]
        if queue:
            self._ready.append(queue.popleft())
        else:
            del self._behind[delivery.key]

    # the four phases
    def _begin(self, carriers: ThreadPoolExecutor) -> None:
        if not self._ready:
            return
        batch = list(self._ready)
        begun = self._retrying(lambda: self._step.begin(batch))
        self._ready.clear()
        self._after_another.extend(begun.again)
        for plan in begun.plans:
            work = _Work(run=_bind(self._step.carry_out, plan), delivery=self._in_hand[plan.position])
            self._carrying[self._submit(carriers, work)] = work

    def _submit(self, pool: ThreadPoolExecutor, work: _Work[T]) -> "Future[T]":
        future = pool.submit(work.run)
        future.add_done_callback(self._returned.put)
        return future

    def _collect(self) -> None:
        """Gather what has come back from the threads, waiting a moment when there is nothing else to do."""
        if not self._carrying and not self._cleaning:
            if self._resting or self._resting_cleanups:
                time.sleep(self._pace.busy_wait_s)
            return
        for future in self._come_back():
            if future in self._carrying:
                self._carried(self._carrying.pop(future), future)
            else:
                self._cleaned_up(self._cleaning.pop(future), future)

    def _come_back(self) -> list[Future[Any]]:
        """What the threads have done with since the last look; waits a moment for the first unless work is ready."""
        back: list[Future[Any]] = []
        try:
            back.append(self._returned.get(timeout=0.0 if self._ready else self._pace.busy_wait_s))
            while True:
                back.append(self._returned.get_nowait())
        except Empty:
            return back

    def _carried(self, work: _Work[DoneT], future: Future[DoneT]) -> None:
        try:
            self._done.append(future.result())
        except RetryableError as error:
            self._resting.append(self._rest(work, error))
        else:
            self._done_since = self._done_since or time.monotonic()

    def _cleaned_up(self, work: _Work[None], future: Future[None]) -> None:
        try:
            future.result()
        except RetryableError as error:
            self._resting_cleanups.append(self._rest(work, error))
        else:
            self._cleaned(work.delivery)

    def _finish(self, cleaners: ThreadPoolExecutor) -> None:
        if not self._done or self._more_is_coming():
            return
        finished = self._retrying(lambda: self._step.finish(self._done))
        self._done = []
        self._done_since = 0.0
        self._retrying(lambda: self._relay.send(finished.outbox))
        to_clean = {aftermath.position for aftermath in finished.aftermaths}
        self._again_once_clean |= to_clean.intersection(finished.again)
        self._ready.extend(self._in_hand[position] for position in finished.again if position not in to_clean)
        for aftermath in finished.aftermaths:
            work = _Work(run=_bind(self._step.clean_up, aftermath), delivery=self._in_hand[aftermath.position])
            self._cleaning[self._submit(cleaners, work)] = work

    def _cleaned(self, delivery: Delivery) -> None:
        if delivery.position in self._again_once_clean:
            self._again_once_clean.remove(delivery.position)
            self._ready.append(delivery)
        else:
            self._let_go(delivery.position)

    def _more_is_coming(self) -> bool:
        """Whether waiting a moment makes one transaction of several."""
        waited = time.monotonic() - self._done_since
        return bool(self._carrying) and len(self._done) < self._pace.batch and waited < self._pace.linger_s

    def _commit(self, subscription: Subscription, *, now: bool = False) -> None:
        moment = time.monotonic()
        if not now and moment - self._last_commit < self._pace.commit_every_s:
            return
        offsets = self._offsets.committable()
        if not offsets:
            return
        self._last_commit = moment
        try:
            subscription.commit(offsets)
        except RetryableError as error:
            # A rebalance: the deliveries come again, to us or to another, and find themselves done.
            log.info("commit_refused", step=self._step.name, error=type(error).__name__)
        else:
            self._offsets.committed(offsets)

    # retries, waiting events, orphans
    def _rest(self, work: _Work[T], error: RetryableError) -> _Work[T]:
        work.failures += 1
        metrics.retries.labels(self._step.name).inc()
        if self._gives_up(work.failures):
            raise error
        work.not_before = time.monotonic() + self._pause(work.failures)
        position = work.delivery.position
        log.warning(
            "will_try_again",
            step=self._step.name,
            topic=position.topic,
            partition=position.partition,
            offset=position.offset,
            error=type(error).__name__,
            why=str(error),
            failures=work.failures,
        )
        return work

    def _resume_resting(self, carriers: ThreadPoolExecutor, cleaners: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        for work in [one for one in self._resting if one.not_before <= now]:
            self._resting.remove(work)
            self._carrying[self._submit(carriers, work)] = work
        for cleanup in [one for one in self._resting_cleanups if one.not_before <= now]:
            self._resting_cleanups.remove(cleanup)
            self._cleaning[self._submit(cleaners, cleanup)] = cleanup

    def _retrying(self, run: Callable[[], T]) -> T:
        """Run a phase that belongs to the loop itself until it succeeds: without it nothing else can go on."""
        failures = 0
        while True:
            try:
                return run()
            except RetryableError as error:
                failures += 1
                if self._gives_up(failures):
                    raise
                log.warning("will_try_again", step=self._step.name, error=type(error).__name__, failures=failures)
                self._stop.wait(self._pause(failures))

    def _gives_up(self, failures: int) -> bool:
        return failures > self._pace.last_retries and (self._draining or self._stop.is_set())

    def _pause(self, failures: int) -> float:
        return min(self._pace.first_retry_s * 2.0 ** (failures - 1), self._pace.longest_retry_s)

    def _housekeeping(self) -> None:
        now = time.monotonic()
        if now - self._last_housekeeping < self._pace.housekeeping_s:
            return
        self._last_housekeeping = now
        self._retrying(self._relay.send_orphans)
        self._take_overdue()

    def _take_overdue(self) -> None:
        room = self._pace.window - len(self._in_hand)
        if room > 0:
            for delivery in self._retrying(lambda: self._step.overdue(limit=room)):
                self._admit(delivery)

    def _idle(self) -> bool:
        return not self._in_hand

    def _nothing_left(self) -> bool:
        """Whether the whole group has committed everything there is, no wait is over and the outbox is empty."""
        for topic in self._step.topics:
            committed = self._bus.committed(topic, group=self._step.group)
            ends, begins = self._bus.end_offsets(topic), self._bus.begin_offsets(topic)
            mine = self._offsets.committable()
            if any(max(committed.get(one, 0), mine.get(one, 0), begins[one]) < end for one, end in ends.items()):
                return False
        if self._relay.send_orphans(older_than_s=0.0):
            return False  # some of it may be for this group
        self._take_overdue()
        return self._idle()


def _bind(phase: Callable[[PlanT], T], value: PlanT) -> Callable[[], T]:
    return lambda: phase(value)
