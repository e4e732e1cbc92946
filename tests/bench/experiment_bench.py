"""An experiment of 10,000 items, built and exported, beside copying the same objects through the gate into files."""

import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.model.access import Readable
from callwarden.model.experiment import Carried
from callwarden.model.ids import RecordingId
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.ports.catalogue import WrappedKey
from callwarden.ports.cipher import Binding
from callwarden.rules.seals import key_context
from callwarden.rules.vault_layout import object_key
from callwarden.wiring import System
from tests.support.catalogue_rows import recording
from tests.support.experiments import ADA, NAME, approved, transcript
from tests.support.site import Site

ITEMS = 10_000
SOUND = bytes(range(256)) * 128
"""32 KiB, as eight seconds of beeped speech in FLAC."""
WORDS = ("Bonjour, que puis-je pour vous\N{NO-BREAK SPACE}?", "Je suis [PERSON_1], au [PHONE_1].") * 10
_FORMS = {Readable.REDACTED_TRANSCRIPT: "json", Readable.BEEPED_AUDIO: "wav"}
_PORTION = 500


def run(items: int = ITEMS) -> dict[str, Mapping[str, Any]]:
    """`experiment_10000_vs_copying`: seconds of build and export (`ours`), of copying (`baseline`: half of it before,
    half after), and their ratio. `experiment_10000_growth_mb`: by how many MB the process is larger at its largest
    during build, or export, than after the first hundred items looked at (the baseline)."""
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "home") as site:
        ids = _stored(site, items)
        approved(site, carries=frozenset(Carried), k=2)
        sizes: dict[str, list[int]] = {"build": [], "export": []}

        copying = [_copied(site.system, ids[::2], Path(folder) / "before")]
        began = time.perf_counter()
        built = site.system.experiment_build_desk.build(ADA, NAME, told=_looking(sizes["build"]))
        build_s = time.perf_counter() - began
        exported = site.system.experiment_export_desk.export(
            ADA, NAME, Path(folder) / "set", told=_looking(sizes["export"])
        )
        ours = time.perf_counter() - began
        copying.append(_copied(site.system, ids[1::2], Path(folder) / "after"))
        assert built.included == len(exported.export.items) == items
    baseline = sum(copying)
    grown = max(max(phase) - phase[0] for phase in sizes.values()) / 2**20
    return {
        "experiment_10000_vs_copying": {
            "ours": ours,
            "baseline": baseline,
            "ratio": ours / baseline,
            "build_s": build_s,
            "runs": 1,
            "spread": copying,
        },
        "experiment_10000_growth_mb": {"ours": grown, "baseline": sizes["export"][0] / 2**20, "runs": 1},
    }


def _looking(sizes: list[int]) -> Callable[[int], None]:
    """Notes how large the process is after every hundred items."""
    seen = 0

    def told(number: int) -> None:
        nonlocal seen
        seen += number
        if seen % 100 < number:
            sizes.append(_resident())

    return told


def _copied(system: System, ids: list[RecordingId], folder: Path) -> float:
    folder.mkdir()
    began = time.perf_counter()
    for recording_id in ids:
        for what, extension in _FORMS.items():
            content = system.gate.read(ADA, Purpose.AI_EXPERIMENT, recording_id, what)
            with (folder / f"{recording_id}.{extension}").open("w+b") as file:
                content.copy_to(file)
    taken = time.perf_counter() - began
    shutil.rmtree(folder)
    return taken


def _resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _stored(site: Site, items: int) -> list[RecordingId]:
    system, now = site.system, site.clock.now()
    ids = [RecordingId(f"rec-{number:032x}") for number in range(items)]
    for first in range(0, items, _PORTION):
        portion = ids[first : first + _PORTION]
        keys, artefacts, rows, records = [], [], [], []
        for number, one in enumerate(portion, first):
            made = system.keys.new_data_key(key_context(one))
            keys.append(WrappedKey(recording_id=one, wrapped=made.wrapped, master_key_id=made.master_key_id))
            began = now - timedelta(minutes=number % 20_000)
            rows.append(
                recording(
                    recording_id=one,
                    call_id=f"c-{number}",
                    line="customer-service",
                    started_at=began,
                    ended_at=began + timedelta(seconds=20 + number % 500),
                    keep_until=now + timedelta(days=90),
                    objected=frozenset(),
                )
            )
            words = JsonTranscriptCodec().encode_redacted(transcript(one, *WORDS))
            for kind, body, media_type in (
                (ArtefactKind.REDACTED_TRANSCRIPT, words, "application/json"),
                (ArtefactKind.BEEPED_AUDIO, SOUND, "audio/wav"),
            ):
                binding = Binding(recording_id=one, kind=kind, generation=1)
                stored = system.vault.put(
                    object_key(one, kind, 1),
                    system.cipher.encrypting(BytesIO(body), data_key=made.plaintext, binding=binding),
                    size=system.cipher.stored_size(len(body)),
                    tags={},
                )
                artefacts.append(
                    Artefact(
                        recording_id=one,
                        kind=kind,
                        generation=1,
                        key=stored.key,
                        version_id=stored.version_id,
                        size=len(body),
                        stored_size=stored.size,
                        sha256=f"{number:064x}",
                        media_type=media_type,
                        stored_at=now,
                    )
                )
            records.append(
                RedactionRecord(
                    recording_id=one,
                    generation=1,
                    version="v1",
                    status=RedactionStatus.RELEASED,
                    reasons=(),
                    decided_at=now,
                )
            )
        with system.catalogue.transaction() as tx:
            tx.recordings.insert(rows)
            tx.keys.add(keys)
            tx.artefacts.add(artefacts)
            tx.redactions.save(records)
    return ids
