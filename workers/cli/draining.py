"""`callwarden work … --drain`: how far it is while it works, and at the end what could not be done, and why."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from signal import SIGINT, SIGTERM, default_int_handler, signal
from threading import Event

from rich.console import Console
from rich.live import Live
from rich.table import Table

from callwarden.diagnostics import log
from callwarden.errors import CallwardenError, LackingError
from callwarden.model.outcome import Position
from callwarden.ports.catalogue import Waits
from callwarden.workers.cli.opening import System
from callwarden.workers.cli.output import Row, visible
from callwarden.workers.processes.left import Left
from callwarden.workers.processes.running import Drained, drain

_SHOW_EVERY_S = 0.5
_SAY_EVERY_S = 10.0
_MANY = 5


class UnfinishedError(CallwardenError):
    """A drain did what it could, and not everything. Names what is left and why."""


@dataclass(slots=True)
class DrainReport:
    """What each step has done, left, or could not do."""

    names: Sequence[str]
    handled: dict[str, int] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)
    """Finished in the round that is running."""
    left: dict[str, tuple[Left, ...]] = field(default_factory=dict)
    errors: dict[str, CallwardenError] = field(default_factory=dict)
    waits: Sequence[Waits] = ()
    """What events wait for when all is done."""
    interrupted: bool = False

    def add(self, done: Drained) -> None:
        self.under_way.pop(done.step, None)
        self.handled[done.step] = self.handled.get(done.step, 0) + done.handled
        self.left[done.step] = done.left
        if done.error is not None:
            self.errors[done.step] = done.error

    def rows(self) -> list[Row]:
        """One a step, for people and programs."""
        return [
            {
                "step": name,
                "handled": self.handled.get(name, 0) + self.under_way.get(name, 0),
                "left": len(self.left.get(name, ())),
                "why": self._why(name),
            }
            for name in self.names
        ]

    def left_out(self) -> list[str]:
        """Of each step that needs something that is not installed, where it is one of several."""
        if len(self.names) == 1:
            return []
        return [f"{name} left out: {error}" for name, error in self.errors.items() if isinstance(error, LackingError)]

    def raise_what_all_have(self) -> None:
        """Where not one step could go on, that is no matter of steps: raises the first error as it is."""
        if self.errors and self.errors.keys() == set(self.names):
            raise next(iter(self.errors.values()))

    def raise_what_is_left(self) -> None:
        """Raises UnfinishedError naming everything that is not as it should be."""
        if faults := self.faults():
            raise UnfinishedError("; ".join(faults))

    def faults(self) -> list[str]:
        """What is not as it should be, a sentence each; empty when everything is done."""
        found = ["interrupted: unfinished work is delivered again"] if self.interrupted else []
        for name, error in self.errors.items():
            if not isinstance(error, LackingError) or len(self.names) == 1:
                found.append(f"{name} could not go on: {error}")
        for wait in self.waits:
            if wait.place:
                since = "" if wait.since is None else f" since {wait.since:%Y-%m-%d %H:%M:%S}Z"
                found.append(f"{wait.events} events wait for {wait.place}{since}: {wait.why}")
        for name, left in self.left.items():
            for why, those in _by_reason(left).items():
                places = [f"{position.topic}/{position.partition}/{position.offset}" for position in those[:_MANY]]
                more = f" and {len(those) - _MANY} more" if len(those) > _MANY else ""
                found.append(f"{name} left {len(those)} for the next time ({', '.join(places)}{more}): {why}")
        return found

    def _why(self, name: str) -> str | None:
        if (error := self.errors.get(name)) is not None:
            return str(error)
        left = self.left.get(name, ())
        return left[0].why if left else None


def drain_to_the_end(system: System, names: Sequence[str]) -> DrainReport:
    """Drain these steps, showing how far they are. A first Ctrl-C or SIGTERM ends it gently."""
    report, stop = DrainReport(names), Event()
    with _stopped_gently(stop), _shown(report):
        for done in drain(system, tuple(names), stop=stop, count=report.under_way.__setitem__):
            report.add(done)
    if "ingest" in names and report.errors.keys() != set(names):
        report.waits = system.catalogue.waits()
    report.interrupted = stop.is_set()
    return report


@contextmanager
def _stopped_gently(stop: Event) -> Iterator[None]:
    """SIGTERM and the first Ctrl-C set `stop`; the second Ctrl-C is one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(_number: int, _frame: object) -> None:
        stop.set()
        signal(SIGINT, default_int_handler)

    before = signal(SIGTERM, asked), signal(SIGINT, asked)
    try:
        yield
    finally:
        signal(SIGTERM, before[0])
        signal(SIGINT, before[1])


@contextmanager
def _shown(report: DrainReport) -> Iterator[None]:
    """On a terminal a line a step, as it goes; elsewhere a line of the log every few seconds."""
    console, ended = Console(stderr=True), Event()
    show = _on_terminal if console.is_terminal else _as_lines
    shower = threading.Thread(target=show, args=(report, console, ended), name="progress", daemon=True)
    shower.start()
    try:
        yield
    finally:
        ended.set()
        shower.join()


def _on_terminal(report: DrainReport, console: Console, ended: Event) -> None:
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while not ended.wait(_SHOW_EVERY_S):
            table = Table(box=None, show_header=False)
            for row in report.rows():
                state = "…" if row["step"] in report.under_way else ""
                table.add_row(str(row["step"]), str(row["handled"]), state, visible(str(row["why"] or "")))
            live.update(table, refresh=True)


def _as_lines(report: DrainReport, _console: Console, ended: Event) -> None:
    while not ended.wait(_SAY_EVERY_S):
        log.info("draining", **{str(row["step"]): row["handled"] for row in report.rows()})


def _by_reason(left: Sequence[Left]) -> dict[str, list[Position]]:
    found: dict[str, list[Position]] = {}
    for reason in left:
        found.setdefault(reason.why, []).append(reason.delivery.position)
    return found
