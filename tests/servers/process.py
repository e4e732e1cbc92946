"""One server process: started in its own session, tethered to us, waited for, and ended with its whole group."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_TETHER = Path(__file__).with_name("tether.py")
_TAIL_BYTES = 3000
_POLL_S = 0.02


class ServerStartError(RuntimeError):
    """A server that is installed did not come up; the message ends with the tail of its log."""

    def __init__(self, what: str, reason: str, log: Path) -> None:
        super().__init__(f"{what} {reason}\n--- tail of {log.name}\n{tail(log)}")


def tail(log: Path) -> str:
    """The last few thousand characters of a log, or a note that there is none."""
    if not log.exists():
        return "(no log was written)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on, below the range the kernel gives to outgoing connections."""
    for _ in range(200):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 20000 and 32000 on 127.0.0.1")


def accepts_connections(port: int) -> bool:
    """Whether something listens on that port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def children(pid: int) -> list[int]:
    """The processes a process has started and that still run; empty where /proc does not tell."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def run(what: str, command: Sequence[str], log: Path, *, user: str = "-", seconds: float = 60) -> None:
    """Run a preparation step to its end. Raises: ServerStartError with the log's tail when it fails or hangs."""
    process = TetheredProcess(what, command, log, user=user)
    try:
        code = process.wait(seconds)
    finally:
        process.kill()
    if code != 0:
        raise ServerStartError(what, "failed" if code is not None else f"took over {seconds:.0f} s", log)


class TetheredProcess:
    """A running program that does not outlive us. Its output is appended to `log`."""

    def __init__(
        self,
        what: str,
        command: Sequence[str],
        log: Path,
        *,
        user: str = "-",
        death_signal: signal.Signals = signal.SIGKILL,
        cwd: Path | None = None,
    ) -> None:
        self.what, self.log = what, log
        tether = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), str(int(death_signal)), user]
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [*tether, *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to handle; stop() ends the whole group
                cwd=cwd or log.parent,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, seconds: float) -> int | None:
        """The exit code, or None when it still runs after that time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait until `ready()`. Raises: ServerStartError when the process ends first, or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            code = self._process.poll()
            if code is not None:
                raise ServerStartError(self.what, f"ended with code {code} while starting", self.log)
            if time.monotonic() > deadline:
                self.kill()
                raise ServerStartError(self.what, f"was not ready after {seconds:.0f} s", self.log)
            time.sleep(_POLL_S)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM, *, seconds: float = 10) -> None:
        """End it politely, then not; also whatever else its process group holds."""
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
            self.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """kill -9 of the whole group: what a power cut leaves behind, apart from the disk's cache."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
