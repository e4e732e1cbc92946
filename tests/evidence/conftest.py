"""A case that holds two calls, one of them transcribed, and the pack that was made of it."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from callwarden.accesslog.proof.note import Signer, TrustedKey
from callwarden.desks.evidence import Packed
from callwarden.model.access import Actor, Role
from callwarden.model.ids import CaseId, RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.wiring import trusted_keys
from tests.support.site import Site, sample

LEGAL = Actor(role=Role.LEGAL, name="bruno")
WORDS = {"turns": [{"speaker": "caller", "text": "bonjour, c'est Élise"}]}
CASE = CaseId("DOSSIER-2026-021")
TOLD = {"version": "2026-01", "played": True, "completed": True}
COURT = {"recipient": "Tribunal judiciaire de Niort", "basis": "réquisition 2026/114"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A pack, and what it was made with."""

    site: Site
    directory: Path
    packed: Packed
    held: Sequence[RecordingId]
    trusted: Sequence[TrustedKey]

    def files(self, folder: str) -> list[Path]:
        """What lies in a folder of the pack."""
        return sorted((self.directory / folder).iterdir())

    @property
    def signer(self) -> Signer:
        return self.site.system.signer


def hold(site: Site, *recordings: RecordingId, case: CaseId = CASE) -> None:
    site.system.case_desk.open(LEGAL, case, reason="dispute")
    site.system.hold_desk.place(LEGAL, case, recordings)


def taken_in(site: Site) -> list[RecordingId]:
    """Every recording stored so far, in the order of its call."""
    site.drain("ingest", "objections")
    found = sorted(site.system.catalogue.all_recordings(), key=lambda row: row.call_id)
    return [row.recording_id for row in found]


def transcribe(site: Site, recording_id: RecordingId) -> None:
    """Store these words as the transcriber does."""
    with site.system.catalogue.transaction() as tx:
        row = tx.recordings.get([recording_id])[recording_id]
        attempt = tx.recordings.attempts([recording_id])[recording_id]
    artefact = site.system.store.derived(
        row,
        ArtefactKind.ORIGINAL_TRANSCRIPT,
        1,
        io.BytesIO(json.dumps(WORDS).encode()),
        attempt=attempt,
        media_type="application/json",
        actor=Actor(role=Role.TRANSCRIBER, name="transcribe"),
    )
    with site.system.catalogue.transaction() as tx:
        tx.artefacts.add([artefact])


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    root = tmp_path_factory.mktemp("evidence")
    with Site(root / "home") as site:
        site.publish(site.event("c-1", notice=TOLD), site.event("c-2", audio=sample("05.wav")))
        held = taken_in(site)
        transcribe(site, held[0])
        hold(site, *held)
        packed = site.system.evidence_desk.pack(LEGAL, CASE, root / "pack", **COURT, wait_s=5)
        yield Made(
            site=site,
            directory=root / "pack",
            packed=packed,
            held=held,
            trusted=trusted_keys(None, site.system),
        )
