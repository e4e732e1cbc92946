"""Workers as a service: several steps in one process, stopped gently by SIGTERM or Ctrl-C."""

import signal
from collections.abc import Callable, Sequence
from threading import Event, Thread
from types import FrameType

import structlog

from pipeline.errors import RetryableError
from pipeline.wiring import System
from workers.running import sweep, worker_of

log = structlog.get_logger()


def serve(system: System, names: Sequence[str], *, stop: Event | None = None) -> None:
    """Run these steps until told to stop; what is in hand is finished first.

    Raises the first error that stopped a step: the others are stopped too, so that whatever supervises the process
    starts it again as a whole.
    """
    stop = stop or Event()
    _listen(stop)
    failures: list[BaseException] = []
    for part in names:
        if part != "dispose":
            worker_of(system, part)  # builds every part before threads share them
    threads = [
        Thread(target=_guarded, args=(_body(system, name, stop), stop, failures), name=name, daemon=True)
        for name in names
    ]
    for thread in threads:
        thread.start()
    log.info("working", steps=list(names))
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
    if failures:
        raise failures[0]
    log.info("stopped", steps=list(names))


def _body(system: System, name: str, stop: Event) -> Callable[[], object]:
    if name == "dispose":
        return lambda: _sweep_for_ever(system, stop)
    return lambda: worker_of(system, name).run(stop)


def _sweep_for_ever(system: System, stop: Event) -> None:
    while not stop.is_set():
        try:
            gone = sweep(system)
        except RetryableError as error:
            log.warning("sweep_will_try_again", error=type(error).__name__)
        else:
            log.info("swept", disposed=gone)
        stop.wait(system.settings.sweep_every_s)


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
