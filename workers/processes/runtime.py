"""The one loop every consuming worker runs: poll → begin → carry out → finish → publish → clean up → commit.

Slow work of many deliveries overlaps in threads, inside one partition too; rows are written for many at once;
an offset is committed only when everything before it is finished. Deliveries of one key are taken one after the
other, because they may be about one call.

A fault of one delivery is that delivery's alone: it is left where it is, uncommitted and with its reason, and the
others go on. Asked to stop, a worker gives back what it has not begun, and what it cannot finish in time.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from queue import SimpleQueue
from threading import Event
from typing import Any, Generic, TypeVar

from callwarden.diagnostics import log
from callwarden.errors import ConfigurationError, InvalidMessageError, RetryableError
from callwarden.model.outcome import Position
from callwarden.ports.bus import Delivery, EventBus, Subscription, TopicPartition
from callwarden.ports.catalogue import Catalogue
from callwarden.ports.step import AfterT, DoneT, Finished, PlanT, Step
from callwarden.workers.processes import metrics
from callwarden.workers.processes.errands import Errand, Errands, come_back, later, pause
from callwarden.workers.processes.hands import Hands
from callwarden.workers.processes.left import Left, LeftBehind, why_of
from callwarden.workers.processes.offsets import OffsetTracker, partition_of
from callwarden.workers.processes.outages import OUTAGES
from callwarden.workers.processes.pace import Pace
from callwarden.workers.processes.relay import Relay
from callwarden.workers.processes.unread import UnreadWatch

T = TypeVar("T")


class Worker(Generic[PlanT, DoneT, AfterT]):
    """One member of a step's consumer group."""

    def __init__(
        self,
        step: Step[PlanT, DoneT, AfterT],
        bus: EventBus,
        catalogue: Catalogue,
        *,
        pace: Pace | None = None,
        count: Callable[[int], None] = lambda _finished: None,
        after: "Worker[PlanT, DoneT, AfterT] | None" = None,
    ) -> None:
        """`count` hears of every delivery that is finished: how many in this run. `after` is the worker of an
        earlier round of the same drain: what that one left is left, and what it had is nothing new."""
        self._count = count
        self._step = step
        self._bus = bus
        self._relay = Relay(bus, catalogue)
        self._pace = pace or Pace()
        self._offsets = OffsetTracker()
        self._hands = Hands(step.at_most_one)
        self._unread = UnreadWatch(bus, step=step.name, group=step.group)
        metrics.begin(step.name)
        self._returned: SimpleQueue[Future[Any]] = SimpleQueue()
        self._carrying: Errands[DoneT]
        self._cleaning: Errands[None]
        self._done: list[DoneT] = []
        self._done_since = 0.0
        self._again_once_clean: set[Position] = set()
        self._refused: set[Position] = set()
        self._rejected: list[tuple[PlanT, Delivery]] = []
        self.left: LeftBehind = LeftBehind() if after is None else after.left
        self._seen: dict[TopicPartition, int] = {} if after is None else after.seen()
        self._stop = Event()
        self._draining = False
        self._failed_polls = 0
        self._last_poll = 0.0
        self._last_commit = 0.0
        self._last_housekeeping = 0.0
        self._last_orphans = float("-inf")
        self.handled = 0
        self.fresh = 0
        """Those among `handled` that no earlier round had: a delivery past one that is left comes again in each."""

    def run(self, stop: Event, *, drain: bool = False) -> int:
        """Work until `stop` is set, or with `drain` until nothing is left to do; returns how many deliveries were
        finished. What could not be finished is in `left`, and comes again.

        Asked to stop, it finishes what its threads are at, for `stop_within_s` at most, and gives the rest back. Raises
        ConfigurationError, and with `drain` RetryableError when the step as a whole cannot go on.
        """
        self._stop = stop
        self._draining = drain
        self._carrying = Errands(self._pace.threads, self._step.name, self._returned)
        self._cleaning = Errands(self._pace.cleaners, f"{self._step.name}-clean", self._returned)
        try:
            with self._bus.subscribe(self._step.topics, group=self._step.group) as subscription:
                self._work(subscription)
        except RetryableError as error:
            if not stop.is_set():
                raise
            log.info("given_back", step=self._step.name, deliveries=len(self._hands), why=str(error))
        finally:
            self._carrying.close()
            self._cleaning.close()
            OUTAGES.forget(self._step.name)
        return self.handled

    def seen(self) -> dict[TopicPartition, int]:
        """For each partition the offset after the last delivery this worker or an earlier one has had."""
        return {**self._seen, **self._offsets.reached()}

    def _work(self, subscription: Subscription) -> None:
        stop, gives_up_at = self._stop, 0.0
        while len(self._hands) or not (stop.is_set() or (self._draining and self._retrying(self._nothing_left))):
            if stop.is_set():
                gives_up_at = gives_up_at or time.monotonic() + self._pace.stop_within_s
                self._give_back()
                if time.monotonic() > gives_up_at:
                    log.info("given_back", step=self._step.name, deliveries=len(self._hands), why="takes too long")
                    break
            else:
                self._housekeeping()
            self._take_deliveries(subscription, stopping=stop.is_set())
            self._begin()
            self._resume()
            self._collect()
            self._finish()
            self._commit(subscription)
        self._commit(subscription, now=True)

    def _give_back(self) -> None:
        """Let go of everything no thread is at, uncommitted: it comes again, to this worker or another."""
        self._carrying.give_back()
        self._cleaning.stop_resting()  # what follows a result is short, and spares whoever is next a look
        self._hands.keep_only(
            {*self._carrying.positions(), *self._cleaning.positions(), *(done.position for done in self._done)}
        )

    # deliveries
    def _take_deliveries(self, subscription: Subscription, *, stopping: bool) -> None:
        room = self._room()
        now = time.monotonic()
        if stopping or room < max(1, self._pace.window // 4):
            if now - self._last_poll < self._pace.keep_alive_s:
                return
            subscription.pause()
            polled = self._poll(subscription, limit=1, timeout_s=0.0)
            subscription.resume()
        else:
            polled = self._poll(subscription, limit=room, timeout_s=0.0 if len(self._hands) else self._pace.idle_poll_s)
        self._last_poll = now
        held = subscription.assigned()
        self.left.forget(self._offsets.hold(held))
        self._unread.see(polled, held=held)
        for delivery in polled:
            if self._offsets.start(delivery.position) and delivery.position not in self.left:
                self._hands.take(delivery)

    def _poll(self, subscription: Subscription, *, limit: int, timeout_s: float) -> Sequence[Delivery]:
        try:
            polled = subscription.poll(limit=limit, timeout_s=timeout_s)
        except RetryableError as error:
            self._failed_polls += 1
            if self._gives_up(self._failed_polls):
                raise
            OUTAGES.noticed("poll", error, step=self._step.name)
            self._stop.wait(self._pace.first_retry_s)
            return ()
        self._failed_polls = 0
        OUTAGES.over("poll", step=self._step.name)
        return polled

    def _room(self) -> int:
        """How many more deliveries may be taken. Up to a limit, those that rest take no room from the others."""
        in_hand = len(self._hands)
        resting = self._carrying.resting + self._cleaning.resting
        return min(self._pace.window - in_hand + resting, self._pace.window * _MANY_WINDOWS - in_hand)

    def _let_go(self, position: Position) -> None:
        self._hands.finish(position)
        self._offsets.finish(position)
        self.handled += 1
        self.fresh += position.offset >= self._seen.get(partition_of(position), 0)
        metrics.handled.labels(self._step.name).inc()
        metrics.in_hand.labels(self._step.name).set(len(self._hands))
        self._count(self.handled)

    def _leave(self, delivery: Delivery, error: Exception) -> None:
        """Leave a delivery, and those of its key behind it, where they are. Raises `error` when there are so many that
        it is no fault of theirs."""
        log.error("left_behind", step=self._step.name, why=why_of(error), **asdict(delivery.position))
        metrics.left.labels(self._step.name).inc()
        OUTAGES.over(delivery.position, step=self._step.name)
        for waiting in self._hands.leave(delivery):
            self.left.add(Left(delivery=waiting, why=why_of(error), at=time.monotonic()))
        if len(self.left) > self._pace.window * (1 if self._draining else _MANY_WINDOWS):
            raise error

    # the four phases
    def _begin(self) -> None:
        if not self._hands.ready:
            return
        batch = self._hands.begin()
        for begun in self._one_by_one_if_need_be(self._step.begin, batch):
            self._hands.after_another(begun.again)
            for plan in begun.plans:
                self._carry(plan, self._hands[plan.position])

    def _carry(self, plan: PlanT, delivery: Delivery) -> None:
        self._carrying.send(Errand(partial(self._step.carry_out, plan), delivery))

    def _one_by_one_if_need_be(self, run: Callable[[Sequence[Any]], T], these: Sequence[Any]) -> list[T]:
        """Do these together; when that fails through a fault of one of them, each by itself, and leave that one."""
        try:
            return [self._retrying(lambda: run(these))]
        except (RetryableError, ConfigurationError):
            raise
        except Exception as error:  # noqa: BLE001 -- whatever one delivery does, the others go on
            if len(these) == 1:
                self._at_fault(self._hands[these[0].position], error)
                return []
        return [result for delivery in these for result in self._one_by_one_if_need_be(run, [delivery])]

    def _at_fault(self, delivery: Delivery, error: Exception) -> None:
        """One delivery cannot be processed: the step says what becomes of it, or it is left."""
        if isinstance(error, InvalidMessageError) and delivery.position not in self._refused:
            self._refused.add(delivery.position)
            try:
                plan = self._step.reject(delivery, error)
            except RetryableError as outage:
                self._leave(delivery, outage)
                return
            if plan is not None:
                self._rejected.append((plan, delivery))
                return
            log.error("message_set_aside", step=self._step.name, why=why_of(error), **asdict(delivery.position))
            self._let_go(delivery.position)
        else:
            self._leave(delivery, error)

    def _collect(self) -> None:
        """Gather what has come back from the threads, waiting a moment when there is nothing else to do."""
        if self._carrying.under_way or self._cleaning.under_way:
            for future in come_back(self._returned, wait_s=0.0 if self._hands.ready else self._pace.busy_wait_s):
                if (carried := self._carrying.take(future)) is not None:
                    self._carried(carried, future)
                elif (cleaned := self._cleaning.take(future)) is not None:
                    self._cleaned_up(cleaned, future)
        elif self._carrying.resting or self._cleaning.resting:
            time.sleep(self._pace.busy_wait_s)

    def _carried(self, work: Errand[DoneT], future: Future[DoneT]) -> None:
        try:
            done = future.result()
        except RetryableError as error:
            self._rest(work, error, self._carrying)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever one delivery does, the others go on
            self._at_fault(work.delivery, error)
        else:
            OUTAGES.over(work.delivery.position, step=self._step.name)
            self._done.append(done)
            self._done_since = self._done_since or time.monotonic()

    def _cleaned_up(self, work: Errand[None], future: Future[None]) -> None:
        try:
            future.result()
        except RetryableError as error:
            self._rest(work, error, self._cleaning)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever one delivery does, the others go on
            self._leave(work.delivery, error)
        else:
            OUTAGES.over(work.delivery.position, step=self._step.name)
            self._cleaned(work.delivery)

    def _finish(self) -> None:
        if not self._done or self._more_is_coming():
            return
        done, self._done, self._done_since = self._done, [], 0.0
        for finished in self._one_by_one_if_need_be(self._step.finish, done):
            self._follow_up(finished)

    def _follow_up(self, finished: Finished[AfterT]) -> None:
        self._retrying(lambda: self._relay.send(finished.outbox))
        to_clean = {aftermath.position for aftermath in finished.aftermaths}
        self._again_once_clean |= to_clean.intersection(finished.again)
        for position in finished.again:
            if position not in to_clean:
                self._hands.again(position)
        for aftermath in finished.aftermaths:
            self._cleaning.send(Errand(partial(self._step.clean_up, aftermath), self._hands[aftermath.position]))

    def _cleaned(self, delivery: Delivery) -> None:
        if delivery.position in self._again_once_clean:
            self._again_once_clean.remove(delivery.position)
            self._hands.again(delivery.position)
        else:
            self._let_go(delivery.position)

    def _more_is_coming(self) -> bool:
        """Whether waiting a moment makes one transaction of several."""
        waited = time.monotonic() - self._done_since
        return bool(self._carrying.under_way) and len(self._done) < self._pace.batch and waited < self._pace.linger_s

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
    def _rest(self, work: Errand[T], error: RetryableError, errands: Errands[T]) -> None:
        work.failures += 1
        metrics.retries.labels(self._step.name).inc()
        if self._gives_up(work.failures):
            self._leave(work.delivery, error)
            return
        OUTAGES.noticed(work.delivery.position, error, step=self._step.name)
        errands.rest(work, until=later(self._pause(work.failures)))

    def _resume(self) -> None:
        while self._rejected:
            self._carry(*self._rejected.pop())
        now = time.monotonic()
        self._carrying.resume(now)
        self._cleaning.resume(now)

    def _retrying(self, run: Callable[[], T]) -> T:
        """Run a phase that belongs to the loop itself until it succeeds: without it nothing else can go on."""
        failures = 0
        while True:
            try:
                result = run()
            except RetryableError as error:
                failures += 1
                if self._gives_up(failures) or self._stop.is_set():
                    raise
                OUTAGES.noticed("loop", error, step=self._step.name)
                self._stop.wait(self._pause(failures))
            else:
                OUTAGES.over("loop", step=self._step.name)
                return result

    def _gives_up(self, failures: int) -> bool:
        return failures > self._pace.last_retries and self._draining

    def _pause(self, failures: int) -> float:
        return pause(failures, first_s=self._pace.first_retry_s, longest_s=self._pace.longest_retry_s)

    def _housekeeping(self) -> None:
        now = time.monotonic()
        if now - self._last_housekeeping < self._pace.housekeeping_s:
            return
        self._last_housekeeping = now
        if now - self._last_orphans >= self._pace.orphans_every_s:
            self._last_orphans = now
            self._retrying(self._relay.send_orphans)
        if not self._draining:
            for delivery in self.left.take(before=now - self._pace.left_again_s):
                self._hands.take(delivery)
        self._take_overdue()

    def _take_overdue(self) -> None:
        room = self._room()
        if room > 0:
            for delivery in self._retrying(lambda: self._step.overdue(limit=room)):
                if delivery.position not in self.left:
                    self._hands.take(delivery)

    def _nothing_left(self) -> bool:
        """Whether the whole group has committed everything there is but what is left, no wait is over and the outbox is
        empty."""
        for topic in self._step.topics:
            committed = self._bus.committed(topic, group=self._step.group)
            ends, begins = self._bus.end_offsets(topic), self._bus.begin_offsets(topic)
            mine = self._offsets.reached()
            if any(
                max(committed.get(partition, 0), mine.get(partition, 0), begins[partition]) < end
                for partition, end in ends.items()
            ):
                return False
        if self._relay.send_orphans(older_than_s=0.0):
            return False  # some of it may be for this group
        self._take_overdue()
        return not len(self._hands)


_MANY_WINDOWS = 4  # of deliveries a worker holds at most, when all but one of them rest or are left
