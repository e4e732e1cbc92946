"""Fifty people hear a two-hour call at once: the most the server's process holds, beside one who hears it.

Each takes the beeped audio whole, decrypted piece by piece, slowly enough that all fifty are at it together.
"""

import http.client
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Final

from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.steps.redact.said import REDACTOR
from callwarden.wiring import System
from tests.bench.push_bench import Side, free_port, running
from tests.support.site import Site
from tests.support.web import token_of

LISTENERS: Final = 50
SIZE: Final = 40_000_000
"""Two hours of Opus for two channels."""
_PIECE: Final = 1 << 16


def run() -> dict[str, dict[str, float | int]]:
    """`listeners_50_growth_mb`: megabytes that the process grows by, from one listener to fifty."""
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as (side, address):
        _hear(side, address, Barrier(1))
        one = side.peak_mb()
        together = Barrier(LISTENERS)
        with ThreadPoolExecutor(LISTENERS) as pool:
            heard = list(pool.map(lambda _: _hear(side, address, together), range(LISTENERS)))
        assert heard == [SIZE] * LISTENERS
        many = side.peak_mb()
    return {
        "listeners_50_growth_mb": {
            "ours": round(many - one, 1),
            "baseline": one,
            "ratio": round(many / one, 3),
            "runs": 1,
            "spread": 0,
        }
    }


def _hear(side: Side, address: str, together: Barrier) -> int:
    """How many bytes came; halfway everybody waits for everybody."""
    connection = http.client.HTTPConnection("127.0.0.1", side.port, timeout=300)
    connection.request("GET", address, headers={"Authorization": f"Bearer {side.token}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    heard, waited = 0, False
    while piece := answer.read(_PIECE):
        heard += len(piece)
        if not waited and heard > SIZE // 2:
            together.wait(300)
            waited = True
    connection.close()
    return heard


@contextmanager
def _served(folder: Path) -> Iterator[tuple[Side, str]]:
    with Site(folder / "home") as site:
        site.clock.instant = datetime.now(UTC)
        site.publish(site.event("c-1"))
        site.drain("ingest")
        [row] = site.system.catalogue.all_recordings()
        _store(site.system, row.recording_id)
        token = token_of(site.system, Actor(role=Role.TRAINER, name="bench"))
    port = free_port()
    environment = {**os.environ, "CALLWARDEN_HOME": str(folder / "home"), "CALLWARDEN_PORTAL_PORT": str(port)}
    with running([sys.executable, "-m", "callwarden.workers.web"], port, environment) as process:
        yield Side(process, port, token), f"/api/v1/recordings/{row.recording_id}/audio?purpose=training"


def _store(system: System, recording_id: RecordingId) -> None:
    with system.catalogue.transaction() as tx:
        [row] = tx.recordings.get([recording_id]).values()
        attempt = tx.recordings.attempts([recording_id])[recording_id]
    artefact = system.store.derived(
        row,
        ArtefactKind.BEEPED_AUDIO,
        1,
        io.BytesIO(os.urandom(SIZE)),
        attempt=attempt,
        media_type="audio/ogg",
        actor=REDACTOR,
    )
    record = RedactionRecord(
        recording_id=recording_id,
        generation=1,
        version="bench",
        status=RedactionStatus.RELEASED,
        reasons=(),
        decided_at=system.clock.now() - timedelta(seconds=1),
    )
    with system.catalogue.transaction() as tx:
        tx.artefacts.add([artefact])
        tx.redactions.save([record])
