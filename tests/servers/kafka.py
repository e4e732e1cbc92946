"""Apache Kafka itself: one node that is broker and controller (KRaft), PLAINTEXT on 127.0.0.1.

The jars are put under `.servers/kafka/lib` by `install/install.sh`. Two things make it start in two seconds, and both
are made once by `prepare()`: a formatted data directory to copy, and an archive of the loaded classes (AppCDS).
"""

import os
import shutil
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from tests.servers.places import servers_folder
from tests.servers.process import TetheredProcess, free_port, run

_CLUSTER_ID = "Y2FsbHdhcmRlbi10ZXN0cw"  # any 16 bytes in base64url; the data directory is formatted with it
_JVM = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xlog:cds=off")
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.network.threads=2
num.io.threads=2
background.threads=2
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
auto.create.topics.enable=false
controlled.shutdown.enable=false
broker.heartbeat.interval.ms=400
broker.session.timeout.ms=2000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningKafka:
    """Where a Kafka-protocol broker listens. `bootstrap` is host:port."""

    bootstrap: str


def missing() -> str | None:
    """Why Kafka cannot start on this machine, or None when it can."""
    if _java() is None:
        return "no java on PATH (tests/servers/install/install.sh kafka)"
    if not list(_lib().glob("kafka_2.13-*.jar")):
        return f"no jars in {_lib().name}/ of .servers/kafka (tests/servers/install/install.sh kafka)"
    return None


def prepare() -> None:
    """Make, once, the formatted data directory and the class archive. Takes about 12 s; later starts take 2 s."""
    if not _archive().exists():
        server = KafkaServer(servers_folder() / "kafka" / "prepare", archive_classes=True)
        server.start()
        server.stop(seconds=60)
        shutil.rmtree(servers_folder() / "kafka" / "prepare", ignore_errors=True)


class KafkaServer:
    """One broker whose data live in `workdir` and survive `stop`, `kill` and a new `start` on the same port.

    A second start takes 2 s longer: the node waits until its former self is given up (broker.session.timeout.ms).
    """

    def __init__(self, workdir: Path, *, archive_classes: bool = False) -> None:
        self._workdir = workdir
        self._port, self._controller = free_port(), free_port()
        self._archive_classes = archive_classes
        self._process: TetheredProcess | None = None

    def start(self) -> RunningKafka:
        """Start, or start again, and wait until clients are served. Raises: ServerStartError."""
        self._workdir.mkdir(parents=True, exist_ok=True)
        settings, data = self._workdir / "server.properties", self._workdir / "data"
        settings.write_text(_SETTINGS.format(port=self._port, controller=self._controller, data=data))
        if not data.exists():
            self._format(settings, data)
        command = [*self._jvm(), "kafka.Kafka", str(settings)]
        self._process = TetheredProcess("Apache Kafka", command, self._workdir / "kafka.log")
        self._process.until(lambda: answers(self._port))
        return RunningKafka(bootstrap=f"127.0.0.1:{self._port}")

    def stop(self, *, seconds: float = 10) -> None:
        if self._process is not None:
            self._process.stop(seconds=seconds)

    def kill(self) -> None:
        """kill -9; the log segments stay as they were."""
        if self._process is not None:
            self._process.kill()

    def _format(self, settings: Path, data: Path) -> None:
        """Copy the formatted directory; make it first if no one has. It holds no port and no path."""
        template = servers_folder() / "kafka" / f"formatted-{_version()}"
        if not template.exists():
            tool = [*self._jvm(), "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(settings)]
            run("kafka storage format", tool, self._workdir / "format.log")
            half = template.with_name(f"{template.name}.{os.getpid()}")
            shutil.copytree(data, half)
            try:
                half.rename(template)
            except OSError:  # somebody else was first
                shutil.rmtree(half)
        else:
            shutil.copytree(template, data)

    def _jvm(self) -> list[str]:
        # The class archive is valid for exactly this order of jars, hence sorted and never a wildcard.
        jars = ":".join(str(jar) for jar in sorted(_lib().glob("*.jar")))
        flags = [*_JVM, "-Dorg.slf4j.simpleLogger.showDateTime=true"]
        if self._archive_classes:
            flags.append(f"-XX:ArchiveClassesAtExit={_archive()}")
        elif _archive().exists():
            flags.append(f"-XX:SharedArchiveFile={_archive()}")
        return [str(_java()), *flags, "-cp", jars]


def answers(port: int) -> bool:
    """Whether a broker answers an ApiVersions request (version 0) there without an error."""
    request = struct.pack(">hhih4s", 18, 0, 7, 4, b"wait")
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            reply = connection.recv(10, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(reply) == 10 and struct.unpack(">iih", reply)[1:] == (7, 0)


def _lib() -> Path:
    return servers_folder() / "kafka" / "lib"


def _version() -> str:
    return next(_lib().glob("kafka_2.13-*.jar")).stem.removeprefix("kafka_2.13-")


def _archive() -> Path:
    return servers_folder() / "kafka" / f"classes-{_version()}.jsa"


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "java")) if home and Path(home, "bin", "java").exists() else shutil.which("java")
