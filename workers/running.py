"""Running the steps of a system: one worker, or all of them until nothing is left."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any

import structlog

from pipeline.ports.step import Step
from pipeline.steps.clear_landing import Cleared
from pipeline.steps.dispose import SweepBatch
from pipeline.wiring import System

if TYPE_CHECKING:
    from pipeline.wiring.speech import Speech
from workers import metrics
from workers.relay import Relay
from workers.runtime import Pace, Worker

log = structlog.get_logger()

SPEECH = ("transcribe", "redact")
"""Steps that need the speech model; where it is not in place they are left out, and `doctor` says so."""
CONSUMERS = ("objections", "ingest", "holds", *SPEECH)
"""Steps that consume the bus, in their order in a batch: its objections are known before a voice is stored (R3)."""
STEPS = (*CONSUMERS, "dispose", "log")

SPEECH_THREADS = 2
"""Calls transcribed at once; each takes a core for most of its length."""

IN_HAND = 16
"""Deliveries a worker takes in hand for each of its threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What one step did in a drain: deliveries finished, or recordings disposed of."""

    step: str
    handled: int


def possible(names: Sequence[str], system: System) -> tuple[str, ...]:
    """Those of several steps that can run here. A single one is not doubted: it says itself what it lacks."""
    if len(names) == 1 or system.has_speech_model:
        return tuple(names)
    return tuple(name for name in names if name not in SPEECH)


def worker_of(
    system: System, name: str, *, pace: Pace | None = None, speech: "Speech | None" = None
) -> Worker[Any, Any, Any]:
    """A worker for a consuming step."""
    threads = SPEECH_THREADS if name in SPEECH else system.settings.threads
    chosen = pace or Pace(threads=threads, window=threads * IN_HAND)
    return Worker(_step(system, name, speech), system.bus, system.catalogue, pace=chosen)


def speech_of(system: System) -> "Speech":
    """The speech steps; heavy to load, so they are asked for only where they run."""
    from pipeline.wiring.speech import Speech

    return Speech(system)


def _step(system: System, name: str, speech: "Speech | None") -> Step[Any, Any, Any]:
    steps: dict[str, Callable[[], Step[Any, Any, Any]]] = {
        "ingest": lambda: system.ingest,
        "objections": lambda: system.objections,
        "holds": lambda: system.holds,
        "transcribe": lambda: (speech or speech_of(system)).transcribe,
        "redact": lambda: (speech or speech_of(system)).redact,
    }
    return steps[name]()


def drain(
    system: System, names: tuple[str, ...] = STEPS, *, pace: Pace | None = None, speech: "Speech | None" = None
) -> Iterator[Drained]:
    """Run the steps one after the other, again and again, until a whole round finds nothing to do.

    Yields what each step did as it is done. Raises RetryableError when something stays out of reach.
    """
    todo = possible(names, system)
    if speech is None and set(todo) & set(SPEECH):
        speech = speech_of(system)
    busy = True
    while busy:
        busy = False
        for name in todo:
            handled = _drain_one(system, name, pace=pace, speech=speech)
            busy = busy or (handled > 0 and name != "log" and len(todo) > 1)
            yield Drained(step=name, handled=handled)


def _drain_one(system: System, name: str, *, pace: Pace | None, speech: "Speech | None") -> int:
    match name:
        case "dispose":
            return sweep(system)
        case "log":
            return number_log(system)
        case _:
            return worker_of(system, name, pace=pace, speech=speech).run(Event(), drain=True)


def number_log(system: System) -> int:
    """Give every waiting log entry its number and anchor the tree; returns how many entries the log has."""
    from pipeline.wiring.log import log_book

    return log_book(system).checkpoint(wait_s=system.settings.checkpoint_every_s + 10).size


def sweep(system: System) -> int:
    """Dispose of everything that is due, and clear the landing areas; returns how many recordings went."""
    gone = sum(count_gone(batch) for batch in sweep_batches(system))
    clear_landing(system)
    return gone


def clear_landing(system: System, *, now: datetime | None = None) -> list[Cleared]:
    """Remove what lies too long in the landing areas. `now` stands in for the clock."""
    relay, done = Relay(system.bus, system.catalogue), list[Cleared]()
    for area in system.landing_sweep.rounds(now=now):
        relay.send(area.outbox)
        done.append(area)
        if area.out_of_reach is not None:
            log.warning("landing_area_out_of_reach", area=area.area, error=area.out_of_reach)
    metrics.landing_removed.inc(sum(area.removed for area in done))
    metrics.landing_spared.set(sum(area.spared for area in done))
    return done


def sweep_batches(system: System, *, now: datetime | None = None, confirmed: bool = False) -> Iterator[SweepBatch]:
    """The sweep, a batch at a time, each told on the bus before the next is begun. `now` is an instant a person gives,
    `confirmed` by two.
    What was opened in an emergency and is over is written down first, and what was begun with keys is finished."""
    relay = Relay(system.bus, system.catalogue)
    system.key_rotation.finish()
    system.glass_desk.end_expired()
    for batch in system.sweep.rounds(now=now, confirmed=confirmed):
        relay.send(batch.outbox)
        yield batch


def count_gone(batch: SweepBatch) -> int:
    """How many recordings of a batch are gone now."""
    return sum(1 for one in batch.disposed if one.erasure is not None)
