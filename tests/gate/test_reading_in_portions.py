"""A redacted transcript is read in portions and as captions; each is a reading, decided and logged (U3)."""

import pytest

from callwarden.adapters.speech.codec import JsonTranscriptCodec
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from tests.gate.conftest import NotingLog
from tests.rules.test_turn_portions import LONG
from tests.support.redactions import redacted
from tests.support.workshop import Workshop

TRAINER = Actor(role=Role.TRAINER, name="t.martin")


@pytest.fixture
def call(shop: Workshop) -> RecordingId:
    recording_id = shop.stored()
    redacted(shop, recording_id, JsonTranscriptCodec().encode_redacted(LONG).decode())
    return recording_id


def readings(log: NotingLog) -> list[EntryOutcome]:
    wanted = (Operation.CONTENT_READ, Operation.ACCESS_REFUSED)
    return [entry.outcome for entry in log.entries if entry.operation in wanted and entry.actor.startswith("trainer")]


def test_each_portion_is_a_reading_of_its_own(shop: Workshop, call: RecordingId, log: NotingLog) -> None:
    desk = shop.system.transcript_desk
    found = desk.turns(TRAINER, Purpose.TRAINING, call, from_s=300, limit=5)
    assert [shown.number for shown in found.turns] == [30, 31, 32, 33, 34]
    assert [shown.number for shown in desk.turns(TRAINER, Purpose.TRAINING, call, first=35, limit=2).turns] == [35, 36]
    assert readings(log) == [EntryOutcome.ALLOWED, EntryOutcome.ALLOWED]


def test_captions_are_the_redacted_text(shop: Workshop, call: RecordingId, log: NotingLog) -> None:
    content = shop.system.transcript_desk.captions(TRAINER, Purpose.TRAINING, call)
    text = content.read_all().decode()
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:05.000\n<v caller>tour 0\n")
    assert len(text.encode()) == content.length
    assert readings(log) == [EntryOutcome.ALLOWED]


def test_who_may_not_read_it_gets_no_portion_and_no_captions(shop: Workshop, call: RecordingId, log: NotingLog) -> None:
    desk = shop.system.transcript_desk
    with pytest.raises(RefusedError):
        desk.turns(TRAINER, Purpose.DISPUTE, call)
    with pytest.raises(RefusedError):
        desk.captions(TRAINER, Purpose.DISPUTE, call)
    assert readings(log) == [EntryOutcome.REFUSED, EntryOutcome.REFUSED]


def test_an_impossible_portion_is_wrong_usage_and_no_reading(shop: Workshop, call: RecordingId, log: NotingLog) -> None:
    with pytest.raises(UsageError):
        shop.system.transcript_desk.turns(TRAINER, Purpose.TRAINING, call, limit=0)
    assert readings(log) == []
