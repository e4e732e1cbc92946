"""Opens each bus for the contract suite. Session time-outs are short, so that time-outs can be waited for."""

import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import kafka
import pytest

from callwarden.adapters.bus.kafka import KafkaBus
from callwarden.adapters.bus.kafka_clients import new_admin
from callwarden.adapters.bus.settings import KafkaBusSettings, SqliteBusSettings
from callwarden.adapters.bus.sqlite import SqliteBus
from callwarden.adapters.bus.sqlite_log import SPAN
from callwarden.ports.bus import EventBus
from tests.fakes.bus import MemoryBus
from tests.support.event_buses import Backend, SystemClock


def backend_named(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    match name:
        case "memory":
            return memory_backend()
        case "sqlite":
            return sqlite_backend(tmp_path)
        case "tansu" | "kafka":
            return kafka_backend(name, request.getfixturevalue(f"{name}_server").bootstrap, request)
        case _:
            raise ValueError(name)


def memory_backend() -> Backend:
    bus = MemoryBus()  # one object: what is in memory has no second process

    def unreachable() -> EventBus:
        cut_off = MemoryBus()
        cut_off.fail_next(1_000)
        return cut_off

    def delete(topic: str, before: int) -> None:
        bus.delete(topic, before=before)

    return Backend(
        name="memory", connect=lambda: bus, unreachable=unreachable, delete=delete, session_s=0.2, settles_s=20
    )


def sqlite_settings(path: Path) -> SqliteBusSettings:
    return SqliteBusSettings(path=path, session_timeout=timedelta(seconds=0.6), busy_timeout=timedelta(seconds=5))


def sqlite_backend(tmp_path: Path) -> Backend:
    def unreachable() -> EventBus:
        (tmp_path / "in-the-way").mkdir()  # a directory where the file should be
        return SqliteBus(sqlite_settings(tmp_path / "in-the-way"), clock=SystemClock())

    def delete(topic: str, before: int) -> None:
        with closing(sqlite3.connect(tmp_path / "bus.db")) as database, database:
            (slot,) = database.execute("SELECT slot FROM slots WHERE topic = ? AND partition = 0", [topic]).fetchone()
            database.execute("DELETE FROM messages WHERE slot = ? AND id < ?", [slot, slot * SPAN + before])

    return Backend(
        name="sqlite",
        address=str(tmp_path / "bus.db"),
        connect=lambda: SqliteBus(sqlite_settings(tmp_path / "bus.db"), clock=SystemClock()),
        unreachable=unreachable,
        delete=delete,
        session_s=0.6,
        settles_s=20,
    )


def kafka_settings(name: str, bootstrap: str) -> KafkaBusSettings:
    # tansu's JoinGroup waits half a session; Apache Kafka accepts no session below the server's minimum.
    session = timedelta(seconds=1) if name == "tansu" else timedelta(seconds=2)
    return KafkaBusSettings(
        bootstrap=(bootstrap,),
        session_timeout=session,
        request_timeout=timedelta(seconds=5),
        replication_factor=1,
    )


def kafka_backend(name: str, bootstrap: str, request: pytest.FixtureRequest) -> Backend:
    settings = kafka_settings(name, bootstrap)
    # Takes connections and says nothing. (Refused connections end the same way, but kafka-python 3.0.12 leaves
    # their sockets to the garbage collector, which is a warning in whatever test runs then.)
    silent = socket.create_server(("127.0.0.1", 0))
    request.addfinalizer(silent.close)
    nobody = KafkaBusSettings(
        bootstrap=(f"127.0.0.1:{silent.getsockname()[1]}",),
        session_timeout=timedelta(seconds=1),
        request_timeout=timedelta(seconds=1),
    )

    def delete(topic: str, before: int) -> None:
        admin = new_admin(settings)
        try:
            admin.delete_records({kafka.TopicPartition(topic, 0): before})
        finally:
            admin.close()

    return Backend(
        name=name,
        address=bootstrap,
        connect=lambda: KafkaBus(settings),
        unreachable=lambda: KafkaBus(nobody),
        delete=delete,
        session_s=settings.session_timeout.total_seconds(),
        settles_s=20,
    )
