"""Steps of one process read their first events at the same time."""

import subprocess
import sys

_READ_AT_ONCE = """
import importlib, sys, threading
from callwarden.adapters.events import ordinary

sys.setswitchinterval(1e-6)
DATA = {
    "call_id": "c-1", "line": "customer-service", "channels": ["agent"], "objections": [], "audio": {"uri": "spool:a"},
    "started_at": "2026-11-27T10:00:00+01:00", "ended_at": "2026-11-27T10:00:33+01:00",
}
for _ in range(30):
    importlib.reload(ordinary)  # as in a process that has just begun
    together, read = threading.Barrier(4), []

    def one():
        together.wait()
        read.append(ordinary.ordinary("e-1", dict(DATA)))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 4 and None not in read
"""


def test_threads_that_read_their_first_event_at_once_do_not_crash_the_process() -> None:
    """msgspec lets them see what it has built of a type so far."""
    assert subprocess.run([sys.executable, "-c", _READ_AT_ONCE], check=False, timeout=120).returncode == 0
