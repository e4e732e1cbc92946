"""Running the steps of a system: one worker, or all of them until nothing is left."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

from callwarden.custody.disposal import DisposedBatch
from callwarden.desks.break_glass import ENDS
from callwarden.desks.disposal import SweepOrder
from callwarden.desks.experiments import ENDS as ENDS_EXPERIMENTS
from callwarden.desks.testing import ENDS as ENDS_TESTING
from callwarden.diagnostics import log
from callwarden.errors import CallwardenError, RetryableError
from callwarden.model.access import service
from callwarden.ports.catalogue import OutboxEntry
from callwarden.ports.step import Step
from callwarden.rules.sweeping import SweepStop
from callwarden.steps.clear_landing import Cleared
from callwarden.steps.dispose import DISPOSE
from callwarden.wiring import System

if TYPE_CHECKING:
    from callwarden.wiring.speech import Speech
from callwarden.workers.processes import metrics
from callwarden.workers.processes.left import Left
from callwarden.workers.processes.outages import OUTAGES
from callwarden.workers.processes.pace import Pace
from callwarden.workers.processes.relay import Relay
from callwarden.workers.processes.runtime import Worker

SPEECH = ("transcribe", "redact")
"""Steps that need the speech model; where it is not in place they are left out, and `doctor` says so."""
CONSUMERS = ("objections", "ingest", "holds", *SPEECH, "webhooks")
"""Steps that consume the bus, in their order in a batch: its objections are known before a voice is stored (R3)."""
STEPS = (*CONSUMERS, "dispose", "log")

SPEECH_THREADS = 2
"""Calls transcribed at once; each takes a core for most of its length."""

IN_HAND = 16
"""Deliveries a worker takes in hand for each of its threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What one step did in a round of a drain: deliveries finished, or recordings disposed of."""

    step: str
    handled: int
    left: tuple[Left, ...] = ()
    """Deliveries it could not finish; they come again."""
    error: CallwardenError | None = None
    """Why it could not go on as a whole; it is not tried again in this drain."""


def worker_of(
    system: System,
    name: str,
    *,
    pace: Pace | None = None,
    speech: "Speech | None" = None,
    count: Callable[[int], None] = lambda _finished: None,
    after: Worker[Any, Any, Any] | None = None,
) -> Worker[Any, Any, Any]:
    """A worker for a consuming step; `count` and `after` as `Worker` has them."""
    chosen = pace or pace_of(name, threads=system.settings.threads)
    return Worker(_step(system, name, speech), system.bus, system.catalogue, pace=chosen, count=count, after=after)


def pace_of(name: str, *, threads: int) -> Pace:
    """How a step spends its time. A call that waits for the speech model in one worker's hands is missing in another's,
    so of those only as many are taken as are listened to at once."""
    if name in SPEECH:
        return Pace(threads=SPEECH_THREADS, window=SPEECH_THREADS)
    return Pace(threads=threads, window=threads * IN_HAND)


def speech_of(system: System) -> "Speech":
    """The speech steps; heavy to load, so they are asked for only where they run."""
    from callwarden.wiring.speech import Speech

    return Speech(system)


def _step(system: System, name: str, speech: "Speech | None") -> Step[Any, Any, Any]:
    steps: dict[str, Callable[[], Step[Any, Any, Any]]] = {
        "ingest": lambda: system.ingest,
        "objections": lambda: system.objections,
        "holds": lambda: system.holds,
        "webhooks": lambda: system.webhooks,
        "transcribe": lambda: (speech or speech_of(system)).transcribe,
        "redact": lambda: (speech or speech_of(system)).redact,
    }
    return steps[name]()


def drain(
    system: System,
    names: tuple[str, ...] = STEPS,
    *,
    pace: Pace | None = None,
    speech: "Speech | None" = None,
    stop: Event | None = None,
    count: Callable[[str, int], None] = lambda _step, _finished: None,
) -> Iterator[Drained]:
    """Run the steps one after the other, again and again, until a whole round finds nothing to do.

    Yields what each step did as it is done, and why one could not go on: the others go on all the same, the sweep and
    the log among them. `count` hears how many deliveries a step has finished in this round; `stop` ends it early.
    """
    stop = stop or Event()
    todo, busy = list(names), True
    earlier: dict[str, Worker[Any, Any, Any]] = {}
    while busy and not stop.is_set():
        busy = False
        for name in tuple(todo):
            if stop.is_set():
                break
            try:
                if speech is None and name in SPEECH:
                    speech = speech_of(system)
                done, fresh = _drain_one(
                    system, name, pace=pace, speech=speech, stop=stop, count=count, earlier=earlier
                )
            except CallwardenError as error:
                todo.remove(name)
                done, fresh = Drained(step=name, handled=0, error=error), 0
            busy = busy or (fresh > 0 and len(names) > 1)
            yield done


def _drain_one(
    system: System,
    name: str,
    *,
    pace: Pace | None,
    speech: "Speech | None",
    stop: Event,
    count: Callable[[str, int], None],
    earlier: dict[str, Worker[Any, Any, Any]],
) -> tuple[Drained, int]:
    """What it did, and how much of that was new."""
    match name:
        case "dispose":
            gone = sweep(system, stop=stop)
            return Drained(step=name, handled=gone), gone
        case "log":
            return Drained(step=name, handled=number_log(system)), 0
        case _:
            worker = worker_of(
                system,
                name,
                pace=pace,
                speech=speech,
                count=lambda finished: count(name, finished),
                after=earlier.get(name),
            )
            worker.run(stop, drain=True)
            earlier[name] = worker
            return Drained(step=name, handled=worker.fresh, left=tuple(worker.left)), worker.fresh


def number_log(system: System) -> int:
    """Give every waiting log entry its number and anchor the tree; returns how many entries the log has."""
    return system.log_book.checkpoint(wait_s=system.settings.checkpoint_every_s + 10).size


def sweep(system: System, *, stop: Event | None = None) -> int:
    """Dispose of everything that is due, a batch at a time, and clear the landing areas; returns how many recordings
    went. Once `stop` is set, nothing more is begun."""
    gone, stop = 0, stop or Event()
    for batch in sweep_batches(system, stop=stop):
        gone += count_gone(batch)
        if stop.is_set():
            return gone
    if not stop.is_set():
        clear_landing(system)
    return gone


def clear_landing(system: System, order: SweepOrder | None = None) -> list[Cleared]:
    """Remove what lies too long in the landing areas: the service's own sweep of them, or one a person has ordered."""
    order = order or SweepOrder(by=DISPOSE)
    done, sent = list[Cleared](), True
    for area in system.landing_sweep.rounds(now=order.at, actor=order.by):
        sent = sent and _send(system, area.outbox)
        done.append(area)
        if area.out_of_reach is not None:
            log.warning("landing_area_out_of_reach", area=area.area, error=area.out_of_reach)
    metrics.landing_removed.inc(sum(area.removed for area in done))
    metrics.landing_spared.set(sum(area.spared for area in done))
    return done


def sweep_batches(
    system: System, order: SweepOrder | None = None, *, stop: Event | None = None
) -> Iterator[DisposedBatch]:
    """The sweep, a batch at a time, each published: the service's own, or one that a person has ordered. What was
    opened in an emergency and is over is written down first, what was begun with keys is finished, and erasures that
    waited go on.

    A bus out of reach stops no sweep: what is to be published waits in the outbox, from where any worker sends it.
    """
    firsts: Sequence[Callable[[], object]] = (
        lambda: system.key_desk.finish(service("keys")),
        lambda: system.break_glass_desk.end_expired(ENDS),
        lambda: _resume_erasures(system),
        lambda: system.experiment_desk.end_due(ENDS_EXPERIMENTS),
        lambda: system.revocation_desk.revoke_due(ENDS_EXPERIMENTS),
        lambda: system.request_desk.remind(service("requests")),
        lambda: system.testing_desk.end_due(ENDS_TESTING),
        lambda: system.evaluation_desk.end_due(service("evaluations")),
    )
    stop = stop or Event()
    for first in firsts:
        if not stop.is_set():
            first()
    if stop.is_set():
        return
    sent = True
    order = order or system.disposal_desk.order(DISPOSE)
    for batch in system.sweep.rounds(now=order.at, confirmed=order.confirmed, actor=order.by):
        sent = sent and _send(system, batch.outbox)
        yield batch


def _resume_erasures(system: System) -> None:
    stopped = system.sweep.stopped()
    if stopped is None or SweepStop.CLOCK_AHEAD not in stopped.reasons:  # else a hold's delay may only seem over
        system.request_erasure_desk.resume(service("requests"))


def _send(system: System, outbox: Sequence[OutboxEntry]) -> bool:
    try:
        Relay(system.bus, system.catalogue).send(outbox)
    except RetryableError as error:
        OUTAGES.noticed("publish", error, step="dispose")
        return False
    OUTAGES.over("publish", step="dispose")
    return True


def count_gone(batch: DisposedBatch) -> int:
    """How many recordings of a batch are gone now."""
    return sum(1 for disposed in batch.disposed if disposed.erasure is not None)
