"""`callwarden up` answers for its figures and serves the portal, each on a port of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers.places import repository
from tests.servers.process import free_port
from tests.support.processes import environment, until


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.timeout(240)
def test_the_figures_and_the_portal_are_served_at_once_and_the_portal_ends_with_the_service(tmp_path: Path) -> None:
    figures, portal = free_port(), free_port()
    settings = {"home": tmp_path, "metrics_port": figures, "portal_port": portal}
    service = subprocess.Popen(
        [sys.executable, "-c", "from callwarden.workers.command import main; main()", "up"],
        cwd=repository(),
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{portal}/readyz"), seconds=120)
        until(lambda: answers(f"http://127.0.0.1:{figures}/metrics"), seconds=60)
        service.send_signal(signal.SIGKILL)  # nobody tells the web process: its standard input ends
        service.wait(30)
        until(lambda: not answers(f"http://127.0.0.1:{portal}/healthz"), seconds=60)
    finally:
        service.kill()
        service.wait()
