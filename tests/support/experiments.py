"""Calls that are ready for an experiment: taken in, with a redacted transcript and a beeped sound as the step stores
them; and experiments over them."""

import io
from dataclasses import replace
from datetime import timedelta

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.model.access import Actor, Role
from callwarden.model.experiment import Carried, Experiment, Wish
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.recording import ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import RedactedTranscript, RedactedTurn
from callwarden.steps.redact.said import REDACTOR
from tests.support.scenarios import DPO
from tests.support.site import Site, sample

ADA = Actor(role=Role.ANALYST, name="ada")
NAME = "silences-2026"
WAV = sample("01.wav")


def transcript(recording_id: RecordingId, *said: str, version: str = "v1") -> RedactedTranscript:
    """One turn each, agent and caller in turn, three seconds apart."""
    turns = tuple(
        RedactedTurn(speaker=("agent", "caller")[number % 2], text=text, start_s=3.0 * number, end_s=3.0 * number + 2.0)
        for number, text in enumerate(said)
    )
    return RedactedTranscript(
        recording_id=recording_id,
        language="fr",
        redaction_version=version,
        duration_s=30.0,
        turns=turns,
        beeped=(),
        verified=True,
    )


def redact(shop: Site, recording_id: RecordingId, *said: str, generation: int = 1, sound: bytes | None = None) -> None:
    """Store a released redaction of this generation: its words, and its `sound` where there is any."""
    system = shop.system
    with system.catalogue.snapshot() as tx:
        row = tx.recordings.get([recording_id])[recording_id]
        attempt = tx.recordings.attempts([recording_id])[recording_id]
    words = JsonTranscriptCodec().encode_redacted(transcript(recording_id, *said, version=f"v{generation}"))
    bodies = {ArtefactKind.REDACTED_TRANSCRIPT: (words, "application/json")}
    if sound is not None:
        bodies[ArtefactKind.BEEPED_AUDIO] = (sound, "audio/wav")
    stored = [
        system.store.derived(
            row, kind, generation, io.BytesIO(body), attempt=attempt, media_type=media_type, actor=REDACTOR
        )
        for kind, (body, media_type) in bodies.items()
    ]
    record = RedactionRecord(
        recording_id=recording_id,
        generation=generation,
        version=f"v{generation}",
        status=RedactionStatus.RELEASED,
        reasons=(),
        decided_at=system.clock.now(),
    )
    with system.catalogue.transaction() as tx:
        tx.artefacts.add(stored)
        tx.redactions.save([record])


def wish(shop: Site, **changes: object) -> Wish:
    """For the calls of two months, by `ADA`."""
    today = shop.clock.now().date()
    return replace(
        Wish(
            name=NAME,
            purpose="Mesurer les silences, dit Élise",
            owner="ada",
            line=LineId("customer-service"),
            first=today - timedelta(days=30),
            last=today + timedelta(days=30),
            until=today + timedelta(days=60),
            carries=frozenset({Carried.TEXT}),
        ),
        **changes,  # type: ignore[arg-type]
    )


def approved(shop: Site, **changes: object) -> Experiment:
    """One that may be built."""
    wanted = wish(shop, **changes)
    shop.system.experiment_desk.open(ADA, wanted)
    return shop.system.experiment_desk.approve(DPO, wanted.name)
