"""A call is transcribed, redacted, listened to again and released, with the real model; or it is not released."""

import io
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.purpose import Purpose
from callwarden.model.recording import ArtefactKind
from callwarden.model.redaction_record import RedactionStatus
from callwarden.wiring import speech as wired_speech
from tests.support.site import Site, sample

TRAINER = Actor(role=Role.TRAINER, name="alice")
MODELS = Path(__file__).parents[2] / ".cache" / "models"
"""Kept between runs: putting a model together from its packages writes 150 MB."""


pytestmark = pytest.mark.timeout(300)  # a real model listens to whole calls


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One system for all: a speech model and a French model take seconds to load."""
    wired_speech.fetch("base", directory=MODELS, source=wired_speech.ModelSource.PACKAGES)
    with Site(tmp_path_factory.mktemp("speech") / "home", overrides={"models": MODELS}) as built:
        built.speech = wired_speech.Speech(built.system)
        yield built


def _stored(site: Site, call: str) -> RecordingId:
    return next(one.recording_id for one in site.outcomes() if one.call_id == call and one.recording_id)


def _frames(content: bytes) -> int:
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(stream))


def test_a_trainer_gets_redacted_words_and_beeped_sound_and_nothing_before_they_are_complete(site: Site) -> None:
    """U4, D6, I8, I9, U3"""
    site.publish(site.event("c-read"))
    site.drain("ingest")
    recording = _stored(site, "c-read")
    with pytest.raises(RefusedError) as refused:
        site.system.gate.read(TRAINER, Purpose.TRAINING, recording, Readable.REDACTED_TRANSCRIPT)
    assert refused.value.reasons == ("redaction_incomplete",)
    site.drain("transcribe", "redact")
    codec = wired_speech.transcript_codec()
    read = site.system.gate.read(TRAINER, Purpose.TRAINING, recording, Readable.REDACTED_TRANSCRIPT)
    released = codec.decode_redacted(read.read_all())
    words = " ".join(turn.text for turn in released.turns)
    assert released.verified
    assert "[SECRET_1]" in words
    assert "[PHONE_1]" in words
    assert "tourne" not in words.lower()
    assert "12-34" not in words
    sound = site.system.gate.read(TRAINER, Purpose.TRAINING, recording, Readable.BEEPED_AUDIO).read_all()
    assert _frames(sound) == _frames(sample("01.wav"))
    assert site.report().breaches == ()
    with site.system.catalogue.transaction() as tx:
        kinds = {one.kind for one in tx.artefacts.get([recording])}
    assert kinds == set(ArtefactKind)


def test_what_was_derived_goes_with_the_recording(site: Site) -> None:
    """K1, R3"""
    before = site.report().versions
    site.publish(site.event("c-gone", audio=sample("02_mono_alaw.wav")))
    site.drain("ingest", "transcribe", "redact")
    recording = _stored(site, "c-gone")
    hits = site.system.gate.search(TRAINER, Purpose.TRAINING, "bonjour", limit=5)
    assert recording in [hit.recording_id for hit in hits]
    site.publish(
        site.envelope(
            "call.objected",
            {"call_id": "c-gone", "purposes": ["recording"], "channel": "phone", "at": site.clock.now().isoformat()},
        )
    )
    site.drain("objections")
    assert site.report().versions == before
    assert site.report().breaches == ()
    with pytest.raises(RefusedError) as refused:
        site.system.gate.read(TRAINER, Purpose.TRAINING, recording, Readable.REDACTED_TRANSCRIPT)
    assert refused.value.reasons == ("disposed",)
    hits = site.system.gate.search(TRAINER, Purpose.TRAINING, "bonjour", limit=5)
    assert recording not in [hit.recording_id for hit in hits]


def test_nobody_listens_to_a_call_whose_caller_objected_to_every_use_that_needs_it(site: Site) -> None:
    """R4, U5"""
    objections = ["quality", "training", "ai_experiment", "staff_protection"]
    site.publish(site.event("c-objects", objections=objections))
    site.drain("ingest", "transcribe", "redact")
    recording = _stored(site, "c-objects")
    with site.system.catalogue.transaction() as tx:
        assert [one.kind for one in tx.artefacts.get([recording])] == [ArtefactKind.ORIGINAL_AUDIO]
    assert Operation.CONTENT_READ not in _log(site, recording)


def test_a_replay_makes_no_second_transcript_and_no_second_redaction(site: Site) -> None:
    """I11"""
    site.publish(site.event("c-again", audio=sample("02_mono_alaw.wav")))
    site.drain("ingest", "transcribe", "redact")
    recording = _stored(site, "c-again")
    with site.system.catalogue.transaction() as tx:
        before = {one.version_id for one in tx.artefacts.get([recording])}
        record = tx.redactions.get([recording])[recording]
    assert record.status is RedactionStatus.RELEASED
    for topic in ("recordings.stored", "transcripts.ready"):
        site.publish_again(topic)
    site.drain("transcribe", "redact")
    with site.system.catalogue.transaction() as tx:
        assert {one.version_id for one in tx.artefacts.get([recording])} == before
    assert site.report().breaches == ()


def _log(site: Site, recording: RecordingId) -> list[Operation]:
    return [one.entry.operation for one in site.system.log_book.reader.entries(subjects=[recording])]
