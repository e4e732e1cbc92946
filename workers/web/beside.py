"""A process of its own for the API and the portal, beside the workers of `callwarden up`: a page never waits for the
recognition of speech."""

import signal
import subprocess
import sys
from threading import Event
from typing import Final

from callwarden.errors import RetryableError

_LOOK_S: Final = 1.0
_STOP_WITHIN_S: Final = 18


def keep_web(stop: Event) -> None:
    """Serve in a process of its own, with this one's settings, until `stop` is set. It ends with this one, however that
    ends: its standard input is closed then. Raises RetryableError when it ends before that."""
    process = subprocess.Popen([sys.executable, "-m", "callwarden.workers.web"], stdin=subprocess.PIPE)
    try:
        while process.poll() is None and not stop.wait(_LOOK_S):
            pass
        if not stop.is_set():
            raise RetryableError(f"the web process has ended with {process.returncode}", part="web")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
