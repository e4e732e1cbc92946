"""The moto server: an imitation of S3 and KMS. It does not run lifecycle rules, accepts any credentials and wrong
checksums, and forgets everything when it stops; Ceph is the judge."""

import importlib.util
import sys
from pathlib import Path

from tests.servers.process import TetheredProcess, accepts_connections, free_port
from tests.servers.s3 import RunningS3


def missing() -> str | None:
    """Why moto cannot start on this machine, or None when it can."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        return "the package moto[server] is not installed (development dependencies)"
    return None


class MotoServer:
    """One moto server; S3 and KMS at the same address."""

    def __init__(self, workdir: Path) -> None:
        self._workdir, self._port = workdir, free_port()
        self._process: TetheredProcess | None = None

    def start(self) -> RunningS3:
        """Start, empty, and wait until it accepts connections. Raises: ServerStartError."""
        self._workdir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._process = TetheredProcess("moto", command, self._workdir / "moto.log")
        self._process.until(lambda: accepts_connections(self._port), seconds=30)
        return RunningS3(
            endpoint_url=f"http://127.0.0.1:{self._port}",
            access_key="moto-accepts-any",
            secret_key="moto-accepts-any",
            region="eu-west-3",
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(seconds=3)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
