"""PostgreSQL from the distribution, a fresh cluster on 127.0.0.1.

`fsync` is off: what a killed *process* has written is in the kernel's cache and survives; only a power cut would
lose it.
"""

import contextlib
import os
import pwd
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.process import TetheredProcess, children, free_port, run

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "autovacuum": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPostgres:
    """A PostgreSQL server. `dsn` is a libpq URL of the maintenance database, with rights to create others."""

    dsn: str

    def database(self, name: str) -> str:
        """The same address for another database."""
        return urlsplit(self.dsn)._replace(path=f"/{name}").geturl()


def missing() -> str | None:
    """Why PostgreSQL cannot start on this machine, or None when it can."""
    if _binaries() is None:
        return "no initdb of PostgreSQL found (tests/servers/install/install.sh postgres)"
    if os.geteuid() == 0 and _account() == "-":
        return "we are root, PostgreSQL refuses to run as root, and there is no user postgres"
    return None


class PostgresServer:
    """One cluster whose data live in `workdir` and survive `stop`, `kill` and a new `start` on the same port."""

    def __init__(self, workdir: Path) -> None:
        self._workdir, self._port = workdir, free_port()
        self._process: TetheredProcess | None = None

    def start(self) -> RunningPostgres:
        """Start, or start again, and wait until it takes connections. Raises: ServerStartError."""
        binaries, user = _binaries(), _account()
        assert binaries is not None, "missing() says when there is none"
        self._workdir.mkdir(parents=True, exist_ok=True)
        data, log = self._workdir / "data", self._workdir / "postgres.log"
        if not data.exists():
            data.mkdir(mode=0o700)
            if user != "-":
                shutil.chown(data, user, user)
            initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "callwarden", "-A", "trust", "-N"]
            run("initdb", [*initdb, "-E", "UTF8", "--locale=C.UTF-8"], self._workdir / "initdb.log", user=user)
        options = [f"-c{name}={value}" for name, value in _OPTIONS.items()]
        self._process = TetheredProcess(
            "PostgreSQL",
            [str(binaries / "postgres"), "-D", str(data), "-p", str(self._port), *options],
            log,
            user=user,
            death_signal=signal.SIGQUIT,  # the postmaster then ends its children at once, itself
            cwd=data if user == "-" else Path("/"),
        )
        self._process.until(lambda: _serves(binaries, self._port, self._workdir))
        return RunningPostgres(dsn=f"postgresql://callwarden@127.0.0.1:{self._port}/postgres")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(signal.SIGINT)  # "fast": does not wait for clients to leave

    def kill(self) -> None:
        """kill -9 of the postmaster and every backend: the next start has to recover from the write-ahead log."""
        if self._process is not None:
            backends = children(self._process.pid)  # each leads a group of its own
            self._process.kill()
            for pid in backends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _serves(binaries: Path, port: int, workdir: Path) -> bool:
    probe = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return TetheredProcess("pg_isready", probe, workdir / "pg_isready.log").wait(5) == 0


def _binaries() -> Path | None:
    """The folder of initdb and postgres: Debian keeps one per version, newest first; else what is on PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: -float(p.parts[-3]))
    on_path = shutil.which("initdb")
    folders = [p.parent for p in found] + ([Path(on_path).resolve().parent] if on_path else [])
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _account() -> str:
    """Whom to run as: postgres when we are root, else ourselves ("-")."""
    if os.geteuid() != 0:
        return "-"
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "-"
