"""Ceph's S3 gateway over a whole one-node cluster kept in memory: monitor, object store daemon, gateway. No systemd.

A judge for S3 semantics: it enforces Object Lock and really runs lifecycle rules. Known gaps (16.2): `If-None-Match`
on a versioned bucket overwrites silently, and checksums sent by clients are not verified.
"""

import base64
import os
import shutil
import struct
import uuid
from pathlib import Path

from tests.servers.process import TetheredProcess, accepts_connections, free_port, run
from tests.servers.s3 import RunningS3

_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool")
_ACCESS_KEY, _SECRET_KEY = "callwarden-tests", "callwarden-tests-secret"
_REGION = "default"  # Ceph calls its only zone group so
_CONF = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {dir}/keyring
run dir = {dir}
admin socket = {dir}/$name.asok
pid file =
log file =
log to file = false
log to stderr = true
err to stderr = true
mon cluster log file = /dev/null
crash dir = {dir}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
osd crush chooseleaf type = 0
mon max pg per osd = 1000
paxos propose interval = 0.05
paxos min wait = 0.01
ms bind ipv6 = false
[mon.a]
mon data = {dir}/mon
mon osd full ratio = .99
mon data avail warn = 1
mon data avail crit = 0
[osd.0]
osd data = {dir}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd op num shards = 2
osd op num threads per shard = 1
osd class load list = *
osd class default list = *
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{rgw}
rgw dns name =
rgw thread pool size = 64
rgw enable usage log = false
rgw gc obj min wait = 5
rgw multipart min part size = 5242880
{lifecycle}
"""


def missing() -> str | None:
    """Why Ceph cannot start on this machine, or None when it can."""
    absent = [program for program in _PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"{', '.join(absent)} not on PATH (tests/servers/install/install.sh ceph)"
    return None


class CephServer:
    """A cluster that forgets everything when it stops. With `lifecycle_day_s`, a lifecycle day lasts so many seconds
    and rules run that often; without it, they count real days."""

    def __init__(self, workdir: Path, *, lifecycle_day_s: int | None = None) -> None:
        self._dir, self._lifecycle_day_s = workdir, lifecycle_day_s
        self._mon_port, self._rgw_port = free_port(), free_port()
        self._running: list[TetheredProcess] = []

    def start(self) -> RunningS3:
        """Start an empty cluster with one S3 user and wait until it serves. Raises: ServerStartError."""
        shutil.rmtree(self._dir, ignore_errors=True)
        (self._dir / "osd").mkdir(parents=True)
        fsid = str(uuid.uuid4())
        day = self._lifecycle_day_s
        self._conf.write_text(
            _CONF.format(
                fsid=fsid,
                dir=self._dir,
                mon=self._mon_port,
                rgw=self._rgw_port,
                lifecycle="" if day is None else f"rgw lc debug interval = {day}",
            )
        )
        self._start_monitor(fsid)
        self._start_object_store()
        self._tool(
            "radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=callwarden", "--display-name=callwarden",
            f"--access-key={_ACCESS_KEY}", f"--secret-key={_SECRET_KEY}",
        )  # fmt: skip
        gateway = self._daemon("radosgw", "-n", "client.rgw")
        gateway.until(lambda: accepts_connections(self._rgw_port))
        return RunningS3(
            endpoint_url=f"http://127.0.0.1:{self._rgw_port}",
            access_key=_ACCESS_KEY,
            secret_key=_SECRET_KEY,
            region=_REGION,
            lifecycle_day_s=day,
        )

    def stop(self) -> None:
        """End the gateway, then the store, then the monitor; nothing is worth a polite end, all of it is in memory."""
        self.kill()

    def kill(self) -> None:
        while self._running:
            self._running.pop().kill()

    @property
    def _conf(self) -> Path:
        return self._dir / "ceph.conf"

    def _start_monitor(self, fsid: str) -> None:
        keyring, monmap = self._dir / "keyring", self._dir / "monmap"
        everything = "".join(f'\tcaps {service} = "allow *"\n' for service in ("mon", "osd", "mgr"))
        names = ("mon.", "client.admin", "client.rgw", "osd.0")
        keyring.write_text("".join(f"[{name}]\n\tkey = {_new_key()}\n{everything}" for name in names))
        address = f"[v2:127.0.0.1:{self._mon_port}]"
        self._tool("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, str(monmap))
        self._tool("ceph-mon", "--mkfs", "-i", "a", "--monmap", str(monmap), "--keyring", str(keyring))
        monitor = self._daemon("ceph-mon", "-i", "a")
        monitor.until(lambda: accepts_connections(self._mon_port))

    def _start_object_store(self) -> None:
        osd = str(uuid.uuid4())
        self._tool("ceph", "osd", "new", osd, "0")
        self._tool("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._daemon("ceph-osd", "-i", "0")
        self._tool("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=localhost")

    def _tool(self, program: str, *arguments: str) -> None:
        command = [program, *arguments]
        if program != "monmaptool":
            command += ["-c", str(self._conf)]
        run(f"{program} {arguments[0]}", command, self._dir / "setup.log", seconds=60)

    def _daemon(self, program: str, *arguments: str) -> TetheredProcess:
        log = self._dir / f"{program}.log"
        process = TetheredProcess(program, [program, "-f", "-c", str(self._conf), *arguments], log)
        self._running.append(process)
        return process


def _new_key() -> str:
    """A cephx secret as keyrings hold it: type 1 (AES), seconds and nanoseconds of its making, length, 16 bytes."""
    return base64.b64encode(struct.pack("<HIIH", 1, 0, 0, 16) + os.urandom(16)).decode()
