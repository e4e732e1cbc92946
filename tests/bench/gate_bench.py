"""The first byte through the gate, log entry included, beside the same file served plainly; and a range in the middle
of a two-hour recording beside one at its start."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.cipher import Binding
from callwarden.rules.vault_layout import object_key
from callwarden.wiring import System
from tests.support.catalogue_rows import at, recording
from tests.support.site import MovableClock, Site

SECONDS = 2 * 3600
SIZE = SECONDS * 8000 * 2  # two channels of A-law at 8 kHz
READINGS = 300
PIECE = 64 << 10
LEGAL = Actor(role=Role.LEGAL, name="bench")
TWO_HOURS = RecordingId("rec-" + "2" * 32)


def run() -> dict[str, Mapping[str, Any]]:
    """`gate_first_byte_over_plain_ms`: `ours` is by how many ms the 95th percentile through the gate lies above that of
    a plain read (the baseline). `gate_range_middle_vs_start`: medians in ms and their ratio."""
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "home", clock=MovableClock(at(0))) as site:
        plain = Path(folder) / "plain.wav"
        content = os.urandom(SIZE)
        plain.write_bytes(content)
        _store(site.system, content)
        os.sync()  # or the log's first entries wait behind the recording's own hundred megabytes
        gate = site.system.gate

        def through_the_gate(start: int) -> None:
            got = gate.read(LEGAL, Purpose.DISPUTE, TWO_HOURS, Readable.ORIGINAL_AUDIO, start=start, length=PIECE)
            assert len(next(got.pieces)) > 0

        def plainly(start: int) -> None:
            with plain.open("rb") as file:
                file.seek(start)
                assert len(file.read(PIECE)) > 0

        middle = SIZE // 2 + 12_345
        taken = _side_by_side(
            {
                "gate": lambda: through_the_gate(0),
                "plain": lambda: plainly(0),
                "middle": lambda: through_the_gate(middle),
            }
        )
    gate_p95, plain_p95 = (statistics.quantiles(taken[name], n=20)[-1] for name in ("gate", "plain"))
    start, mid = (statistics.median(taken[name]) for name in ("gate", "middle"))
    return {
        "gate_first_byte_over_plain_ms": {
            "ours": gate_p95 - plain_p95,
            "baseline": plain_p95,
            "ratio": gate_p95 / plain_p95,
            "runs": READINGS,
        },
        "gate_range_middle_vs_start": {"ours": mid, "baseline": start, "ratio": mid / start, "runs": READINGS},
    }


def _side_by_side(ways: Mapping[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Milliseconds of each way, taken in turns so that whatever else the machine does falls on all."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(READINGS + 10):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if number >= 10:
                taken[name].append((time.perf_counter() - began) * 1000)
    return taken


def _store(system: System, content: bytes) -> None:
    made = system.keys.new_data_key({"recording": TWO_HOURS})
    binding = Binding(recording_id=TWO_HOURS, kind=ArtefactKind.ORIGINAL_AUDIO, generation=1)
    encrypted = system.cipher.encrypting(BytesIO(content), data_key=made.plaintext, binding=binding)
    key = object_key(TWO_HOURS, binding.kind, 1)
    stored = system.vault.put(key, encrypted, size=system.cipher.stored_size(len(content)), tags={})
    row = recording(recording_id=TWO_HOURS, ended_at=at(-1), keep_until=at(1000))
    with system.catalogue.transaction() as tx:
        tx.recordings.insert([row])
        tx.keys.add([WrappedKey(recording_id=TWO_HOURS, wrapped=made.wrapped, master_key_id=made.master_key_id)])
        tx.artefacts.add(
            [
                Artefact(
                    recording_id=TWO_HOURS,
                    kind=binding.kind,
                    generation=1,
                    key=stored.key,
                    version_id=stored.version_id,
                    size=len(content),
                    stored_size=stored.size,
                    sha256="00" * 32,
                    media_type="audio/wav",
                    stored_at=at(-1),
                )
            ]
        )
