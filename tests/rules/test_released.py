"""What may leave, what is to be done again, and what a reviewer's report covers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import RecordingId
from callwarden.model.recording import Artefact, ArtefactKind
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import TimeRange, Transcript, TranscriptTurn, Word
from callwarden.rules.released import is_released, needs_redaction
from callwarden.rules.reported_misses import reported_spans

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def record(
    status: RedactionStatus = RedactionStatus.RELEASED, *, generation: int = 1, reasons: tuple[str, ...] = ()
) -> RedactionRecord:
    return RedactionRecord(
        recording_id=RecordingId("rec-1"),
        generation=generation,
        version="v1",
        status=status,
        reasons=reasons,
        decided_at=NOON,
    )


def artefact(generation: int) -> Artefact:
    return Artefact(
        recording_id=RecordingId("rec-1"),
        kind=ArtefactKind.BEEPED_AUDIO,
        generation=generation,
        key="k",
        version_id="v",
        size=1,
        stored_size=1,
        sha256="",
        media_type="audio/flac",
        stored_at=NOON,
    )


@given(status=st.sampled_from(RedactionStatus), recorded=st.integers(0, 3), stored=st.integers(1, 3))
def test_only_the_released_generation_leaves(status: RedactionStatus, recorded: int, stored: int) -> None:
    """I8."""
    leaves = is_released(record(status, generation=recorded), artefact(stored))
    assert leaves == (status is RedactionStatus.RELEASED and recorded == stored)


def test_nothing_leaves_without_a_record_or_without_an_artefact() -> None:
    assert not is_released(None, artefact(1))
    assert not is_released(record(), None)


@pytest.mark.parametrize(
    ("known", "version", "needed"),
    [
        (None, "v1", True),
        (record(), "v1", False),
        (record(), "v2", True),
        (record(RedactionStatus.WITHHELD, reasons=("low_confidence",)), "v1", True),
        (record(RedactionStatus.WITHDRAWN, reasons=("reported_missed",)), "v1", False),
        (record(RedactionStatus.WITHDRAWN, reasons=("reported_missed",)), "v2", False),
        (record(RedactionStatus.WITHDRAWN, reasons=("reported_missed", "place_reported")), "v1", True),
    ],
)
def test_recognisers_work_on_what_they_can_do_better(known: RedactionRecord | None, version: str, needed: bool) -> None:
    assert needs_redaction(known, version=version) is needed


def transcript(*turns: str) -> Transcript:
    """One word a second, each lasting 0.8 s."""
    made, at = [], 0
    for text in turns:
        words = [
            Word(text=word, start_s=at + number, end_s=at + number + 0.8, probability=1, channel=0)
            for number, word in enumerate(text.split())
        ]
        made.append(TranscriptTurn(speaker="caller", words=tuple(words), start_s=at, end_s=at + len(words)))
        at += len(words)
    return Transcript(
        recording_id=RecordingId("rec-1"),
        language="fr",
        model="none",
        duration_s=at,
        turns=tuple(made),
        speech_without_words=(),
        pauses=(),
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1.1, 1.2, ["deux"]),
        (0.9, 2.0, ["deux trois"]),
        (2.5, 3.5, ["trois", "quatre"]),
        (4.9, 4.95, []),
        (0.0, 9.0, ["un deux trois", "quatre cinq"]),
    ],
)
def test_every_word_spoken_at_a_reported_place_goes(start: float, end: float, expected: list[str]) -> None:
    call = transcript("un deux trois", "quatre cinq")
    spans = reported_spans(call, [TimeRange(start_s=start, end_s=end)])
    assert [call.turns[span.turn].text[span.start : span.end] for span in spans] == expected


def test_places_apart_are_spans_apart() -> None:
    call = transcript("un deux trois")
    spans = reported_spans(call, [TimeRange(start_s=0, end_s=0.5), TimeRange(start_s=2, end_s=2.5)])
    assert [(span.start, span.end) for span in spans] == [(0, 2), (8, 13)]
