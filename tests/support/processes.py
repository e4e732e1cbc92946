"""Worker processes to be killed: `python -m callwarden.workers STEP`, as a supervisor starts them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.places import repository
from tests.support.site import Site


@dataclass(slots=True)
class WorkerProcess:
    """A running worker; what it says goes to a file."""

    process: "subprocess.Popen[bytes]"
    said: Path

    def kill(self) -> None:
        """kill -9: nothing is finished, nobody is told."""
        self.process.kill()
        self.process.wait()

    def stop(self, *, seconds: float = 30) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def alive(self) -> bool:
        return self.process.poll() is None


def environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """The variables that set up a worker process so."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALLWARDEN_")}
    kept["CALLWARDEN_PORTAL_PORT"] = "0"  # several of them run at once
    return {**kept, **{f"CALLWARDEN_{name.upper()}": str(value) for name, value in settings.items()}}


@contextmanager
def starter(folder: Path, settings: Mapping[str, Any]) -> Iterator[Callable[[str], WorkerProcess]]:
    """A function that starts workers; all of them are killed at the end."""
    started: list[WorkerProcess] = []

    def start(step: str) -> WorkerProcess:
        said = folder / f"{step}-{len(started)}.log"
        with said.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "callwarden.workers", step],
                cwd=repository(),
                env=environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(WorkerProcess(process, said))
        return started[-1]

    try:
        yield start
    finally:
        for one in started:
            one.kill()


def until(happened: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for something to happen."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def decided(site: Site) -> int:
    """How many events have an outcome."""
    return sum(site.system.catalogue.count_outcomes("telephony.calls").values())
