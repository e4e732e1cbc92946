"""Signs of life: each step's loop is heard of whenever it asks whether to stop; whoever watches sees how long ago.

A loop that hangs is not heard of any more; a process that is stopped tells nothing at all. `health.py` reads the file.
"""

import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Final

from callwarden.diagnostics import log
from callwarden.workers.processes.health import FOLDER, STUCK_AFTER_S, WRITTEN_EVERY_S
from callwarden.workers.processes.outages import OUTAGES

_SLICE_S: Final = 5.0
"""A wait is no silence: it is heard of this often."""


class StepState(StrEnum):
    """What a step of a process is at."""

    STARTING = "starting"
    WAITING = "waiting"
    """Something is out of reach that it needs to begin."""
    WORKING = "working"
    STOPPED = "stopped"
    """It cannot go on; it is tried again by and by."""
    LEFT_OUT = "left_out"
    """What it needs is not installed."""


@dataclass(slots=True)
class _Step:
    state: StepState
    why: str
    beat: float


class Beats:
    """The steps of this process. Thread-safe."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._lock = Lock()
        self._steps = {name: _Step(StepState.STARTING, "", time.monotonic()) for name in steps}

    def beat(self, name: str) -> None:
        self._steps[name].beat = time.monotonic()

    def say(self, name: str, state: StepState, why: str = "") -> None:
        with self._lock:
            step = self._steps[name]
            step.state, step.why, step.beat = state, why, time.monotonic()

    def why(self, state: StepState) -> dict[str, str]:
        """The steps in this state, with their reasons."""
        with self._lock:
            return {name: step.why for name, step in self._steps.items() if step.state is state}

    def report(self) -> dict[str, Any]:
        """For programs. ``alive``: every loop has been heard of lately; ``ready``: and every step works."""
        now = time.monotonic()
        with self._lock:
            steps = {
                name: {"state": step.state.value, "heard_s_ago": round(now - step.beat, 1)}
                | ({"why": step.why} if step.why else {})
                for name, step in self._steps.items()
            }
            alive = all(_is_alive(step, now) for step in self._steps.values())
            ready = all(step.state in (StepState.WORKING, StepState.LEFT_OUT) for step in self._steps.values())
        return {"alive": alive, "ready": alive and ready, "steps": steps, "out_of_reach": list(OUTAGES.now())}


def _is_alive(step: _Step, now: float) -> bool:
    return step.state is StepState.LEFT_OUT or now - step.beat < STUCK_AFTER_S


class Beating(Event):
    """Set when `stop` is; a loop that asks is heard of."""

    def __init__(self, stop: Event, beats: Beats, name: str) -> None:
        super().__init__()
        self._stop, self._beats, self._step = stop, beats, name

    def is_set(self) -> bool:
        self._beats.beat(self._step)
        return self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = end - time.monotonic()
            if left <= 0:
                break
            self._stop.wait(min(left, _SLICE_S))
        return self.is_set()


@contextmanager
def written(beats: Beats, home: Path) -> Iterator[None]:
    """A file of this process under `home`, written every few seconds for the length of the block."""
    file = home / FOLDER / f"{socket.gethostname()}.{os.getpid()}.json"
    ended = Event()

    def write_for_ever() -> None:
        noted = False
        while True:
            try:
                _write(file, beats.report())
            except OSError as error:
                if not noted:
                    log.warning("health_not_written", part="disk", why=error.strerror or type(error).__name__)
                noted = True
            if ended.wait(WRITTEN_EVERY_S):
                return

    writer = Thread(target=write_for_ever, name="health", daemon=True)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join(1)
        with suppress(OSError):
            file.unlink()


def _write(file: Path, report: dict[str, Any]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = file.with_suffix(".part")
    half.write_text(json.dumps({"pid": os.getpid(), **report}), encoding="utf-8")
    half.replace(file)
