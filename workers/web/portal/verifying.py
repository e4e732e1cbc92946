"""The verification of the whole log, begun by one click: it goes on while the page is closed, in this process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Final

from fastapi import FastAPI

from callwarden.accesslog.proof.export import Report
from callwarden.diagnostics import log
from callwarden.errors import CallwardenError
from callwarden.ports.clock import Clock

_LOCK: Final = Lock()


@dataclass(slots=True, kw_only=True)
class Run:
    """One verification: of `total` entries `done` have been gone over; over once there is a `report`, or why there is
    none."""

    began_at: datetime
    total: int
    done: int = 0
    report: Report | None = None
    failed: str | None = None
    ended_at: datetime | None = None
    over: Event = field(default_factory=Event)

    @property
    def runs(self) -> bool:
        return self.ended_at is None


def newest(app: FastAPI) -> Run | None:
    """The one that runs, or ran last, in this process."""
    found: Run | None = getattr(app.state, "log_verification", None)
    return found


def begin(app: FastAPI, verify: Callable[[Callable[[int], None]], Report], *, total: int, clock: Clock) -> None:
    """Begin one, unless one runs."""
    with _LOCK:
        found = newest(app)
        if found is not None and found.runs:
            return
        run = app.state.log_verification = Run(began_at=clock.now(), total=total)
    Thread(target=_run, args=(run, verify, clock), name="log-verification", daemon=True).start()


def _run(run: Run, verify: Callable[[Callable[[int], None]], Report], clock: Clock) -> None:
    def told(done: int) -> None:
        run.done = done

    try:
        run.report = verify(told)
    except CallwardenError as error:
        run.failed = str(error)
    except Exception as error:  # noqa: BLE001 -- whoever waits for the end is told of any
        run.failed = "something failed here; whoever runs this system sees what"
        log.error("log_verification_failed", error=type(error).__name__)
    run.ended_at = clock.now()
    run.over.set()
