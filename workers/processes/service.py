"""Workers as a service: several steps in one process, stopped gently by SIGTERM or Ctrl-C.

Each step is a thread of its own. What it needs and cannot reach at its start is waited for; one that cannot go on is
tried again by and by, and the others go on meanwhile.
"""

import math
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread, current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING

from callwarden.diagnostics import log
from callwarden.errors import CallwardenError, LackingError, RetryableError
from callwarden.model.access import service
from callwarden.ports.log import SecondSequencerError
from callwarden.wiring import System
from callwarden.workers.processes import metrics
from callwarden.workers.processes.beats import Beating, Beats, StepState, written
from callwarden.workers.processes.errands import pause
from callwarden.workers.processes.left import why_of
from callwarden.workers.processes.log_figures import LogFigures
from callwarden.workers.processes.outages import OUTAGES
from callwarden.workers.processes.running import SPEECH, speech_of, sweep, worker_of
from callwarden.workers.processes.watch import serve as serve_watch

if TYPE_CHECKING:
    from callwarden.accesslog.book.book import SqlLogBook
    from callwarden.wiring.speech import Speech


AGAIN_S = 5.0
"""After an outage, before a step tries to begin again; one that cannot go on waits longer each time."""
LONGEST_AGAIN_S = 300.0
SWEEP_AGAIN_S = 60.0
EXPIRE_EVERY_S = 86_400.0
STANDBY_S = 10.0
"""How long a process that found the log's sequencer at work waits before it looks again."""
STOP_WITHIN_S = 22.0
"""How long the steps may take to end; then the process ends without them, and what they were at comes again."""


def serve(system: System, names: Sequence[str], *, stop: Event | None = None, watched: bool = True) -> None:
    """Run these steps until asked to stop; what threads are at is finished first, for `STOP_WITHIN_S` at most.

    A step alone in its process raises what it cannot go on with, for whatever supervises the process. One of several is
    tried again, and raised at the end where it still could not go on. Who is not `watched` has somebody else on this
    machine to answer on the port of the figures.
    """
    stop = stop or Event()
    _listen(stop)
    for exposure in system.exposures():
        log.warning(exposure.code, subject=exposure.subject, what_to_do=exposure.what_to_do)
    service = _Service(system=system, stop=stop, beats=Beats(names), alone=len(names) == 1)
    threads = [Thread(target=service.keep_going, args=(name,), name=name, daemon=True) for name in names]
    with written(service.beats, system.home), _watched(system, service.beats) if watched else nullcontext():
        for thread in threads:
            thread.start()
        log.info("working", steps=list(names))
        _join(threads, stop)
    if service.failures:
        raise next(iter(service.failures.values()))
    log.info("stopped", steps=list(names))


def _join(threads: Sequence[Thread], stop: Event) -> None:
    gives_up_at = math.inf
    while alive := [thread for thread in threads if thread.is_alive()]:
        if stop.is_set() and gives_up_at == math.inf:
            gives_up_at = time.monotonic() + STOP_WITHIN_S
        if time.monotonic() > gives_up_at:
            log.warning("ended_without", steps=[thread.name for thread in alive])
            return
        alive[0].join(1.0 if gives_up_at == math.inf else 0.2)


@dataclass(slots=True)
class _Service:
    """The steps of one process."""

    system: System
    stop: Event
    beats: Beats
    alone: bool
    failures: dict[str, BaseException] = field(default_factory=dict)
    """What the steps that cannot go on now failed with."""
    _loading: Lock = field(default_factory=Lock)
    _speech: "Speech | None" = None

    def keep_going(self, name: str) -> None:
        """The body of a step's thread."""
        try:
            self._keep_going(name)
        except BaseException as error:  # noqa: BLE001 -- a thread that dies must take the service down, whatever killed it
            self.failures[name] = error
            self.stop.set()
        if self.alone:
            self.stop.set()

    def _keep_going(self, name: str) -> None:
        stop, times = Beating(self.stop, self.beats, name), 0
        while not stop.is_set():
            try:
                body = self._body(name, stop)
                OUTAGES.over("start", step=name)
                self.beats.say(name, StepState.WORKING)
                self.failures.pop(name, None)
                body()
            except RetryableError as error:
                OUTAGES.noticed("start", error, step=name)
                self.beats.say(name, StepState.WAITING, why_of(error))
                stop.wait(AGAIN_S)
            except LackingError as error:
                if self.alone:
                    raise
                log.warning("step_left_out", step=name, why=why_of(error))
                self.beats.say(name, StepState.LEFT_OUT, why_of(error))
                return
            except Exception as error:
                if self.alone:
                    raise
                times += 1
                again_s = pause(times, first_s=AGAIN_S, longest_s=LONGEST_AGAIN_S)
                log.error("step_stopped", step=name, why=why_of(error), again_in_s=again_s)
                self.failures[name] = error
                self.beats.say(name, StepState.STOPPED, why_of(error))
                stop.wait(again_s)

    def _body(self, name: str, stop: Event) -> Callable[[], object]:
        """Builds the parts a step needs. Raises: RetryableError while one of them is out of reach."""
        system = self.system
        match name:
            case "dispose":
                _ = system.sweep
                return lambda: _sweep_for_ever(system, stop)
            case "log":
                _ = system.catalogue
                return lambda: _number_for_ever(system, None, stop)
            case "web" if self.alone:
                from callwarden.workers.web.serving import serve_web  # a worker that answers nobody loads none of it

                return lambda: serve_web(system, stop)
            case "web":
                from callwarden.workers.web.beside import keep_web

                return lambda: keep_web(stop)
            case _:
                worker = worker_of(system, name, speech=self._speech_of(name))
                return lambda: worker.run(stop)

    def _speech_of(self, name: str) -> "Speech | None":
        with self._loading:
            if name in SPEECH and self._speech is None:
                self._speech = speech_of(self.system)
            return self._speech


def _sweep_for_ever(system: System, stop: Event) -> None:
    while not stop.is_set():
        try:
            gone = sweep(system, stop=stop)
        except RetryableError as error:
            OUTAGES.noticed("sweep", error, step="dispose")
            stop.wait(min(SWEEP_AGAIN_S, system.settings.sweep_every_s))
            continue
        OUTAGES.over("sweep", step="dispose")
        metrics.disposed.inc(gone)
        if gone or not stop.is_set():
            log.info("swept", disposed=gone)
        stop.wait(system.settings.sweep_every_s)


def _book(system: System) -> "SqlLogBook | None":
    """The log; None while a part of it is out of reach. Raises: ConfigurationError."""
    try:
        return system.log_book
    except RetryableError as error:
        _heard(error)
        return None


def _heard(error: RetryableError | None) -> None:
    """The log cannot go on, or can again."""
    if error is None:
        OUTAGES.over("log", step="log")
    else:
        OUTAGES.noticed("log", error, step="log")


def _number_for_ever(system: System, book: "SqlLogBook | None", stop: Event) -> None:
    """Be the log's sequencer, or stand by for it: only one builds the tree, and another takes over when it is gone.
    Before that, months past the policy's age go (L3). An outage, also of a place of checkpoints, is waited out: the age
    of the tail tells of it, and the other steps go on."""
    standing_by = False

    def heard(error: RetryableError | None) -> None:
        nonlocal standing_by
        if standing_by and error is None:
            log.info("took_over_the_log")
            standing_by = False
        _heard(error)

    while not stop.is_set():
        book = book or _book(system)
        if book is None:
            stop.wait(AGAIN_S)
            continue
        try:
            _expire(system)
            until = _Until(stop, EXPIRE_EVERY_S)
            book.run(until, checkpoint_every_s=system.settings.checkpoint_every_s, outage=heard)
        except SecondSequencerError:
            if not standing_by:
                log.info("standing_by_for_the_log")
            standing_by = True
            stop.wait(STANDBY_S)
        except RetryableError as error:
            _heard(error)
            stop.wait(AGAIN_S)


def _expire(system: System) -> None:
    """Numbers are given and tried to be anchored all the same when this could not."""
    try:
        gone = system.log_desk.expire(service("log"))
    except RetryableError as error:
        _heard(error)
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
def _watched(system: System, beats: Beats) -> Iterator[None]:
    """Figures, health and the log's page on `CALLWARDEN_METRICS_PORT`, where it is set, for the length of the block."""
    port = system.settings.metrics_port
    if port is None:
        yield
        return
    figures = _LogFigures(system)
    metrics.watch_log(tail_age=figures.tail_age, stamp_age=figures.stamp_age)
    watch = serve_watch(port, address=system.settings.metrics_address, figures=figures, health=beats.report)
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


def _listen(stop: Event) -> None:
    def asked(number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if stop.is_set():
            log.warning("ended_at_once", signal=name)
            os._exit(128 + number)  # whoever asks twice does not want to wait; what was under way comes again
        log.info("stopping", signal=name)
        stop.set()

    if current_thread() is main_thread():  # elsewhere signals are the business of whoever has started us
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, asked)
