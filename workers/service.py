"""Workers as a service: several steps in one process, stopped gently by SIGTERM or Ctrl-C."""

import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from types import FrameType
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import CallwardenError, RetryableError
from pipeline.ports.log import SecondSequencerError
from pipeline.wiring import System
from workers import metrics
from workers.log_figures import LogFigures
from workers.running import SPEECH, possible, speech_of, sweep, worker_of
from workers.watch import serve as serve_watch

if TYPE_CHECKING:
    from pipeline.wiring.log import LogBook
    from pipeline.wiring.speech import Speech

log = structlog.get_logger()

AGAIN_S = 5.0
"""After an outage that kept the log's sequencer from beginning."""
EXPIRE_EVERY_S = 86_400.0
STANDBY_S = 10.0
"""How long a process that found the log's sequencer at work waits before it looks again."""


def serve(system: System, names: Sequence[str], *, stop: Event | None = None) -> None:
    """Run these steps until told to stop; what is in hand is finished first.

    Raises the first error that stopped a step: the others are stopped too, so that whatever supervises the process
    starts it again as a whole.
    """
    stop = stop or Event()
    _listen(stop)
    failures: list[BaseException] = []
    todo = possible(names, system)
    speech = speech_of(system) if set(todo) & set(SPEECH) else None
    for one in system.exposures():
        log.warning(one.code, subject=one.subject, what_to_do=one.what_to_do)
    bodies = {name: _body(system, name, speech, stop) for name in todo}  # builds every part before threads share them
    threads = [
        Thread(target=_guarded, args=(body, stop, failures), name=name, daemon=True) for name, body in bodies.items()
    ]
    with _watched(system):
        for thread in threads:
            thread.start()
        log.info("working", steps=list(todo))
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
    if failures:
        raise failures[0]
    log.info("stopped", steps=list(todo))


def _body(system: System, name: str, speech: "Speech | None", stop: Event) -> Callable[[], object]:
    match name:
        case "dispose":
            _ = system.sweep
            return lambda: _sweep_for_ever(system, stop)
        case "log":
            book = _book(system)
            return lambda: _number_for_ever(system, book, stop)
        case _:
            worker = worker_of(system, name, speech=speech)
            return lambda: worker.run(stop)


def _sweep_for_ever(system: System, stop: Event) -> None:
    while not stop.is_set():
        try:
            gone = sweep(system)
        except RetryableError as error:
            log.warning("sweep_will_try_again", error=type(error).__name__)
        else:
            metrics.disposed.inc(gone)
            log.info("swept", disposed=gone)
        stop.wait(system.settings.sweep_every_s)


def _book(system: System) -> "LogBook | None":
    """The log; None while a part of it is out of reach. Raises: ConfigurationError."""
    from pipeline.wiring.log import log_book

    try:
        return log_book(system)
    except RetryableError as error:
        log.warning("log_will_try_again", error=str(error))
        return None


def _number_for_ever(system: System, book: "LogBook | None", stop: Event) -> None:
    """Be the log's sequencer, or stand by for it: only one builds the tree, and another takes over when it is gone.
    Before that, months past the policy's age go (L3). An outage, also of a place of checkpoints, is waited out: the age
    of the tail tells of it, and the other steps go on."""
    while not stop.is_set():
        book = book or _book(system)
        if book is None:
            stop.wait(AGAIN_S)
            continue
        try:
            _expire(system, book)
            book.run(_Until(stop, EXPIRE_EVERY_S), checkpoint_every_s=system.settings.checkpoint_every_s)
        except SecondSequencerError:
            log.info("standing_by_for_the_log")
            stop.wait(STANDBY_S)
        except RetryableError as error:
            log.warning("log_will_try_again", error=str(error))
            stop.wait(AGAIN_S)


def _expire(system: System, book: "LogBook") -> None:
    """Numbers are given and tried to be anchored all the same when this could not."""
    from pipeline.wiring.log import expire_log

    try:
        gone = expire_log(system, book, system.policy.log_retention)
    except RetryableError as error:
        log.warning("log_expiry_will_try_again", error=str(error))
    else:
        log.info("log_expired", entries=gone)


class _Until(Event):
    """Set when `stop` is, or when so many seconds are over."""

    def __init__(self, stop: Event, seconds: float) -> None:
        super().__init__()
        self._stop = stop
        self._end = time.monotonic() + seconds

    def is_set(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._end

    def wait(self, timeout: float | None = None) -> bool:
        left = max(0.0, self._end - time.monotonic())
        self._stop.wait(left if timeout is None else min(timeout, left))
        return self.is_set()


@contextmanager
def _watched(system: System) -> Iterator[None]:
    """Figures and the log's page on `CALLWARDEN_METRICS_PORT`, where that is set, for the length of the block."""
    port = system.settings.metrics_port
    if port is None:
        yield
        return
    figures = _LogFigures(system)
    metrics.watch_log(tail_age=figures.tail_age, stamp_age=figures.stamp_age)
    watch = serve_watch(port, address=system.settings.metrics_address, figures=figures)
    try:
        yield
    finally:
        watch.close()


class _LogFigures:
    """Reads how the log stands. It is opened when it is first asked for: what watches must not stop what works."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._opening = Lock()

    def __call__(self) -> LogFigures:
        with self._opening:
            reader = self._system.log_reader
        return LogFigures(
            status=reader.status(),
            now=self._system.clock.now(),
            checkpoint_every=timedelta(seconds=self._system.settings.checkpoint_every_s),
        )

    def tail_age(self) -> float:
        try:
            return self().tail_age.total_seconds()
        except CallwardenError:
            return math.nan

    def stamp_age(self) -> float:
        try:
            found = self()
        except CallwardenError:
            return math.nan
        stamp = found.status.timestamp
        return math.nan if stamp is None else (found.now - stamp.at).total_seconds()


def _guarded(body: Callable[[], object], stop: Event, failures: list[BaseException]) -> None:
    try:
        body()
    except BaseException as error:  # noqa: BLE001 -- a thread that dies must take the service down, whatever killed it
        failures.append(error)
    finally:
        stop.set()


def _listen(stop: Event) -> None:
    def told(number: int, _frame: FrameType | None) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
