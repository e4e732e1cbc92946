"""Running the steps of a system: one worker, or all of them until nothing is left."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any

from pipeline.ports.step import Step
from pipeline.steps.dispose import SweepBatch
from pipeline.wiring import System
from workers.relay import Relay
from workers.runtime import Pace, Worker

CONSUMERS = ("ingest", "objections", "holds")
"""Steps that consume the bus, in the order of the flow."""
STEPS = (*CONSUMERS, "dispose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What one step did in a drain: deliveries finished, or recordings disposed of."""

    step: str
    handled: int


def step_of(system: System, name: str) -> Step[Any, Any, Any]:
    """The consuming step of this name."""
    steps: dict[str, Callable[[], Step[Any, Any, Any]]] = {
        "ingest": lambda: system.ingest,
        "objections": lambda: system.objections,
        "holds": lambda: system.holds,
    }
    return steps[name]()


def worker_of(system: System, name: str, *, pace: Pace | None = None) -> Worker[Any, Any, Any]:
    """A worker for a consuming step."""
    chosen = pace or Pace(threads=system.settings.threads, window=system.settings.threads * 8)
    return Worker(step_of(system, name), system.bus, system.catalogue, pace=chosen)


def drain(system: System, names: tuple[str, ...] = STEPS, *, pace: Pace | None = None) -> Iterator[Drained]:
    """Run the steps one after the other, again and again, until a whole round finds nothing to do.

    Yields what each step did as it is done. Raises RetryableError when something stays out of reach.
    """
    busy = True
    while busy:
        busy = False
        for name in names:
            handled = (
                sweep(system) if name == "dispose" else worker_of(system, name, pace=pace).run(Event(), drain=True)
            )
            busy = busy or (handled > 0 and len(names) > 1)
            yield Drained(step=name, handled=handled)


def sweep(system: System) -> int:
    """Dispose of everything that is due; returns how many recordings went."""
    return sum(count_gone(batch) for batch in sweep_batches(system))


def sweep_batches(system: System, *, now: datetime | None = None) -> Iterator[SweepBatch]:
    """The sweep, a batch at a time, each told on the bus before the next is begun. `now` stands in for the clock."""
    relay = Relay(system.bus, system.catalogue)
    for batch in system.sweep.rounds(now=now):
        relay.send(batch.outbox)
        yield batch


def count_gone(batch: SweepBatch) -> int:
    """How many recordings of a batch are gone now."""
    return sum(1 for one in batch.disposed if one.erasure is not None)
