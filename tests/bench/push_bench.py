"""Pushing a 30 MB call against a bare Starlette upload of the same body, each served by a process of its own.

Ours: token, event checked, audio digested on its way to the landing area and durable there, receipt, log entry and
event durable in the catalogue, then 202. The bare one does what uploads do in examples: `await request.form()`, copy
the file into a folder, 202; nothing is checked, digested or made durable.

Memory is the peak of our process: after one push, and after 20 at once. Beside megabytes a second stand milliseconds of
processor a push, which say the same on a busy machine.
"""

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callwarden.model.access import Actor, Role
from callwarden.settings import Settings
from callwarden.wiring import open_system
from callwarden.workers.web.serving import listen
from tests.servers.s3 import RunningS3
from tests.support.policies import write_policy
from tests.support.web import token_of

SIZE = 30_000_000
RUNS = 9
PARALLEL = 20
BOUNDARY = "callwarden-bench"
_WITHIN_S = 60.0


def run(s3: RunningS3) -> dict[str, dict[str, float | int]]:
    """Megabytes a second of each, the median of pushes taken in turn; and megabytes of memory, with a watched folder
    and with a landing bucket."""
    return {**_side_by_side(), "push_20_at_once_s3_growth_mb": _into_a_bucket(s3)}


def _into_a_bucket(s3: RunningS3) -> dict[str, float | int]:
    audio, landing = os.urandom(SIZE), f"landing-{uuid.uuid4().hex[:12]}"
    s3.client().create_bucket(Bucket=landing)
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "policy": str(
                write_policy(Path(folder) / "policy.yaml", ("s3://landing", f"s3://{landing}"), region=s3.region)
            ),
            "vault": "s3",
            "s3_endpoint": s3.endpoint_url,
            "s3_region": s3.region,
            "s3_access_key": s3.access_key,
            "s3_secret_key": s3.secret_key,
            "s3_bucket": f"vault-{uuid.uuid4().hex[:12]}",
        }
        with _ours(Path(folder), **settings) as ours:
            ours.push(audio)
            one = ours.peak_mb()
            _at_once(ours, audio)
            return _growth(one, ours.peak_mb())


def _at_once(side: "Side", audio: bytes) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda _: side.push(audio), range(PARALLEL)))


def _growth(one: float, many: float) -> dict[str, float | int]:
    return {"ours": round(many - one, 1), "baseline": one, "ratio": round(many / one, 3), "runs": 1, "spread": 0}


def _side_by_side() -> dict[str, dict[str, float | int]]:
    audio = os.urandom(SIZE)
    with tempfile.TemporaryDirectory() as folder, _ours(Path(folder)) as ours, _bare() as bare:
        for side in (ours, bare):
            side.push(audio)
        one = ours.peak_mb()
        mine, theirs = [], []
        before = ours.cpu_seconds(), bare.cpu_seconds()
        for _ in range(RUNS):
            theirs.append(bare.push(audio))
            mine.append(ours.push(audio))
        cpu_ours = 1000 / RUNS * (ours.cpu_seconds() - before[0])
        cpu_bare = 1000 / RUNS * (bare.cpu_seconds() - before[1])
        _at_once(ours, audio)
        many = ours.peak_mb()
    ratios = [their / my for my, their in zip(mine, theirs, strict=True)]
    return {
        "push_30mb_vs_bare_upload": {
            "ours": round(SIZE / 1e6 / statistics.median(mine), 1),
            "baseline": round(SIZE / 1e6 / statistics.median(theirs), 1),
            "ratio": round(statistics.median(ratios), 3),
            "runs": RUNS,
            "spread": round(max(ratios) - min(ratios), 3),
            "cpu_ms_ours": round(cpu_ours, 1),
            "cpu_ms_baseline": round(cpu_bare, 1),
        },
        "push_20_at_once_growth_mb": _growth(one, many),
    }


class Side:
    """A server in a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, token: str = "") -> None:
        self._process = process
        self.port = port
        self.token = token

    def push(self, audio: bytes) -> float:
        """Seconds from the first byte to the answer."""
        head, tail = _around(_event())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_WITHIN_S)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + len(audio) + len(tail)),
        }
        began = time.perf_counter()
        connection.request("POST", "/api/v1/calls", body=iter((head, audio, tail)), headers=headers)
        answer = connection.getresponse()
        said = answer.read()
        took = time.perf_counter() - began
        connection.close()
        assert answer.status == 202, said
        return took

    def cpu_seconds(self) -> float:
        """What its process has used, user and system, every thread."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> float:
        """The most its process has held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return round(int(kilobytes) / 1024, 1)


def _event() -> bytes:
    ended = datetime.now(UTC) - timedelta(minutes=1)
    data = {
        "call_id": f"c-{uuid.uuid4().hex}",
        "line": "customer-service",
        "started_at": (ended - timedelta(minutes=30)).isoformat(),
        "ended_at": ended.isoformat(),
        "objections": [],
    }
    envelope = {"specversion": "1.0", "type": "call.recorded", "source": "pbx/bench", "id": uuid.uuid4().hex}
    return json.dumps({**envelope, "data": data}).encode()


def _around(event: bytes) -> tuple[bytes, bytes]:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="event"; filename="e.json"\r\n'
        "Content-Type: application/json\r\n\r\n"
    ).encode()
    middle = (
        f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="17.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    ).encode()
    return head + event + middle, f"\r\n--{BOUNDARY}--\r\n".encode()


@contextmanager
def _ours(folder: Path, **settings: str) -> Iterator[Side]:
    with open_system(Settings(home=folder / "home", **settings)) as system:  # type: ignore[arg-type]  # parsed by pydantic
        system.make()
        token = token_of(system, Actor(role=Role.TELEPHONY, name="bench"))
    port = free_port()
    chosen = {**settings, "home": str(folder / "home"), "portal_port": str(port)}
    environment = {**os.environ, **{f"CALLWARDEN_{name.upper()}": value for name, value in chosen.items()}}
    with running([sys.executable, "-m", "callwarden.workers.web"], port, environment) as process:
        yield Side(process, port, token)


@contextmanager
def _bare() -> Iterator[Side]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.push_bench", str(port)]
    with running(command, port, dict(os.environ)) as process:
        yield Side(process, port)


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + _WITHIN_S
            while not _answers(port):
                assert process.poll() is None, "the server has ended"
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.05)
            yield process
        finally:
            process.kill()


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status in {200, 404}
    except OSError:
        return False


def free_port() -> int:
    with listen("127.0.0.1", 0) as listening:
        return int(listening.getsockname()[1])


def _serve_bare(port: int) -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    async def upload(request: Request) -> Response:
        async with request.form() as form:
            audio = form["audio"]
            assert isinstance(audio, UploadFile)
            with tempfile.NamedTemporaryFile() as kept:
                await run_in_threadpool(shutil.copyfileobj, audio.file, kept, 1 << 20)
            return JSONResponse({"parts": len(form)}, status_code=202)

    app = Starlette(routes=[Route("/api/v1/calls", upload, methods=["POST"])])
    uvicorn.run(app, port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    _serve_bare(int(sys.argv[1]))
