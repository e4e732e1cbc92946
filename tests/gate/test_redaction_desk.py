"""A reviewer says "this was missed": nobody reads it any more, and it never comes back as it was (I8, U4)."""

from dataclasses import replace
from typing import Any

import pytest

from callwarden.desks.redactions import MAX_PLACES, RedactionDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.redaction import AudioLevel
from callwarden.model.redaction_record import RedactionRecord, RedactionStatus
from callwarden.model.transcript import TimeRange
from tests.support.redacting import Redacting
from tests.support.redactions import redacted
from tests.support.workshop import Workshop

OPERATOR = Actor(role=Role.OPERATOR, name="olga")
TRAINER = Actor(role=Role.TRAINER, name="t.martin")
SAID = "mon chat se nomme tournesol voilà"
MISSED = TimeRange(start_s=4.1, end_s=4.6)


@pytest.fixture
def redacting(shop: Workshop) -> Redacting:
    return Redacting(shop)


@pytest.fixture
def one(shop: Workshop, redacting: Redacting) -> RecordingId:
    recording_id = shop.stored()
    redacting.transcribed(recording_id, SAID)
    redacting.deliver(recording_id)
    return recording_id


def desk(shop: Workshop) -> RedactionDesk:
    return shop.system.redaction_desk


def record_of(shop: Workshop, recording_id: RecordingId) -> RedactionRecord:
    record = desk(shop).status(TRAINER, recording_id)
    assert record is not None
    return record


def text(shop: Workshop, recording_id: RecordingId) -> str:
    content = shop.system.gate.read(TRAINER, Purpose.QUALITY, recording_id, Readable.REDACTED_TRANSCRIPT)
    return content.read_all().decode()


def found(shop: Workshop, words: str) -> list[str]:
    return [hit.recording_id for hit in shop.system.gate.search(TRAINER, Purpose.QUALITY, words, limit=9)]


def messages(shop: Workshop) -> list[Any]:
    unsent = shop.system.catalogue.unsent(older_than_s=0, limit=99)
    return [one.message for one in unsent if one.message.topic == "transcripts.ready"]


def test_what_is_reported_is_neither_read_nor_found_from_that_moment(shop: Workshop, one: RecordingId) -> None:
    assert "tournesol" in text(shop, one)
    assert found(shop, "tournesol") == [one]
    record = desk(shop).report_missed(TRAINER, one)
    assert (record.status, record.reasons) == (RedactionStatus.WITHDRAWN, ("reported_missed",))
    assert found(shop, "tournesol") == []
    with pytest.raises(RefusedError) as refused:
        text(shop, one)
    assert refused.value.reasons == ("redaction_incomplete",)
    assert list(desk(shop).not_released(OPERATOR, limit=9)) == [record]


def test_a_report_is_in_the_log_and_asks_for_another_redaction_in_one_transaction(
    shop: Workshop, one: RecordingId
) -> None:
    desk(shop).report_missed(TRAINER, one, places=[MISSED])
    [message] = messages(shop)
    assert (message.key, b'"generation":1' in message.value) == (one, True)
    withdrawn, reported = shop.parts["catalogue"].log[-2:]
    assert (reported.operation, reported.outcome) == (Operation.REDACTION_REPORTED, EntryOutcome.DONE)
    assert (withdrawn.operation, withdrawn.outcome) == (Operation.RECORDING_REDACTED, EntryOutcome.REFUSED)
    assert {entry.subject for entry in (withdrawn, reported)} == {one}
    assert {entry.reasons for entry in (withdrawn, reported)} == {("reported_missed",)}
    assert reported.count == 1


def test_a_place_that_was_reported_is_taken_out_of_text_and_sound_ever_after(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    desk(shop).report_missed(TRAINER, one, places=[MISSED])
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.RELEASED
    assert "tournesol" not in text(shop, one)
    assert "[SECRET_1] voilà" in text(shop, one)
    assert found(shop, "tournesol") == []
    assert found(shop, "chat voila") == [one]
    [window] = redacting.beeper.windows[-1]
    assert window.start_s < 4.0 < 4.8 < window.end_s
    redacting.version = "v2"
    redacting.deliver(one)
    assert record_of(shop, one).version == "v2"
    assert "tournesol" not in text(shop, one)


def test_what_was_reported_stays_a_case_of_this_installation_released_again_or_not(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    assert list(desk(shop).reported(OPERATOR, limit=9)) == []
    desk(shop).report_missed(TRAINER, one, places=[MISSED])
    redacting.deliver(one)
    [case] = desk(shop).reported(OPERATOR, limit=9)
    assert (case.recording_id, case.missed, case.status) == (one, (MISSED,), RedactionStatus.RELEASED)
    assert list(desk(shop).not_released(OPERATOR, limit=9)) == []
    elsewhere = Actor(role=Role.TRAINER, name="alice", lines=frozenset({LineId("monitoring-centre")}))
    assert list(desk(shop).reported(elsewhere, limit=9)) == []


def test_without_a_place_no_version_releases_it_before_a_person_has_looked(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    """I8: whoever looked says where, or names the recording."""
    desk(shop).report_missed(TRAINER, one)
    redacting.deliver(one)
    assert [case.status for case in desk(shop).reported(OPERATOR, limit=9)] == [RedactionStatus.WITHDRAWN]
    redacting.version = "v2"
    assert list(desk(shop).redo(OPERATOR, version="v2", withheld=True)) == []
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.WITHDRAWN
    with pytest.raises(RefusedError):
        desk(shop).redo_one(TRAINER, one)
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.WITHDRAWN
    desk(shop).redo_one(OPERATOR, one)
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.RELEASED


def test_a_report_without_a_place_holds_although_one_with_a_place_is_on_its_way(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    desk(shop).report_missed(TRAINER, one, places=[MISSED])
    desk(shop).report_missed(TRAINER, one)
    redacting.deliver(one)
    record = record_of(shop, one)
    assert (record.status, record.reasons) == (RedactionStatus.WITHDRAWN, ("reported_missed",))


def test_a_report_of_what_is_withheld_meanwhile_waits_for_a_person_too(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    withheld = replace(record_of(shop, one), status=RedactionStatus.WITHHELD, reasons=("heard_again",))
    with shop.system.catalogue.transaction() as tx:
        tx.redactions.save([withheld])
    desk(shop).report_missed(TRAINER, one)
    redacting.version = "v2"
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.WITHDRAWN


def test_a_place_after_the_end_of_the_call_is_refused_with_its_length(shop: Workshop, one: RecordingId) -> None:
    row = shop.recording("c-1")
    assert row.started_at
    assert row.ended_at
    lasted = (row.ended_at - row.started_at).total_seconds()
    with pytest.raises(UsageError, match=rf"lasted {lasted:g} s"):
        desk(shop).report_missed(TRAINER, one, places=[MISSED, TimeRange(start_s=lasted + 2, end_s=lasted + 3)])
    assert record_of(shop, one).status is RedactionStatus.RELEASED


@pytest.mark.parametrize("level", [AudioLevel.BALANCED, AudioLevel.TEXT_ONLY])
def test_a_report_of_a_place_where_nothing_can_go_waits_for_a_person(
    shop: Workshop, redacting: Redacting, one: RecordingId, level: AudioLevel
) -> None:
    """I8: after the sound, of six seconds, and before the end that the event gives."""
    redacting.version, redacting.level = level, level
    redacting.deliver(one)
    desk(shop).report_missed(TRAINER, one, places=[MISSED, TimeRange(start_s=6.5, end_s=7)])
    redacting.deliver(one)
    record = record_of(shop, one)
    assert (record.status, record.missed) == (RedactionStatus.WITHDRAWN, (MISSED,))
    assert record.reasons == ("reported_missed", "place_changed_nothing")
    redacting.version = "v2"
    redacting.deliver(one)
    assert list(desk(shop).redo(OPERATOR, version="v3", withheld=True)) == []
    assert record_of(shop, one).status is RedactionStatus.WITHDRAWN
    desk(shop).redo_one(OPERATOR, one)
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.RELEASED
    assert "tournesol" not in text(shop, one)


def test_a_report_of_what_has_gone_already_waits_for_a_person(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    """I8: what was missed lies elsewhere, so the same redaction would be released again."""
    for _ in range(2):
        desk(shop).report_missed(TRAINER, one, places=[MISSED])
        redacting.deliver(one)
    record = record_of(shop, one)
    assert (record.status, record.missed) == (RedactionStatus.WITHDRAWN, (MISSED,))
    assert record.reasons == ("reported_missed", "place_changed_nothing")
    desk(shop).report_missed(TRAINER, one, places=[TimeRange(start_s=1, end_s=1.5)])
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.RELEASED
    assert '"mon [SECRET_1] se' in text(shop, one)


def test_a_second_report_without_a_place_holds_although_the_first_had_one(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    desk(shop).report_missed(TRAINER, one, places=[MISSED])
    redacting.deliver(one)
    desk(shop).report_missed(TRAINER, one)
    redacting.deliver(one)
    record = record_of(shop, one)
    assert (record.status, record.missed) == (RedactionStatus.WITHDRAWN, (MISSED,))
    later = desk(shop).report_missed(TRAINER, one, places=[TimeRange(start_s=0, end_s=1), MISSED])
    assert later.missed == (MISSED, TimeRange(start_s=0, end_s=1))
    redacting.deliver(one)
    assert record_of(shop, one).status is RedactionStatus.RELEASED


def test_a_redaction_on_its_way_when_a_report_comes_does_not_release(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    """I11: reported while the redaction of another version is being made."""
    redacting.version = "v2"
    step, deliver = redacting.step(), redacting.deliver

    class Interrupted:
        def begin(self, deliveries: Any) -> Any:
            begun = step.begin(deliveries)
            desk(shop).report_missed(TRAINER, one)
            return begun

        def __getattr__(self, name: str) -> Any:
            return getattr(step, name)

    redacting.step = Interrupted  # type: ignore[method-assign,assignment]  # a step that is interrupted in its middle
    deliver(one)
    assert record_of(shop, one).status is RedactionStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("actor", "reasons"),
    [
        (Actor(role=Role.OPERATOR, name="x"), ("not_permitted",)),
        (Actor(role=Role.AUDITOR, name="x"), ("not_permitted",)),
        (replace(TRAINER, lines=frozenset({LineId("elsewhere")})), ("unknown",)),
    ],
)
def test_who_may_not_review_a_recording_may_not_have_it_withdrawn_and_the_try_is_logged(
    shop: Workshop, one: RecordingId, actor: Actor, reasons: tuple[str, ...]
) -> None:
    """U2."""
    with pytest.raises(RefusedError) as refused:
        desk(shop).report_missed(actor, one)
    assert refused.value.reasons == reasons
    assert shop.parts["catalogue"].log[-1].operation is Operation.ACCESS_REFUSED
    assert record_of(shop, one).status is RedactionStatus.RELEASED
    assert messages(shop) == []


def test_there_is_nothing_to_report_of_what_is_gone_unknown_or_never_redacted(shop: Workshop, one: RecordingId) -> None:
    never = shop.stored("c-9")
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(shop.recording("c-1"), state=RecordingState.DISPOSED)])
    for recording_id, reason in ((one, "disposed"), ("rec-nobody", "unknown"), (never, "redaction_incomplete")):
        with pytest.raises(RefusedError) as refused:
            desk(shop).report_missed(TRAINER, RecordingId(recording_id))
        assert refused.value.reasons == (reason,)


def test_more_places_than_anybody_listens_to_are_refused_and_change_nothing(shop: Workshop, one: RecordingId) -> None:
    places = [TimeRange(start_s=number, end_s=number) for number in range(MAX_PLACES + 1)]
    with pytest.raises(UsageError):
        desk(shop).report_missed(TRAINER, one, places=places)
    assert record_of(shop, one).status is RedactionStatus.RELEASED


def test_redactions_of_other_versions_are_done_again_while_they_stay_readable(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    other = shop.stored("c-2")
    redacted(shop, other, "withheld", status=RedactionStatus.WITHHELD)
    assert list(desk(shop).redo(OPERATOR, version="v1")) == []
    assert list(desk(shop).redo(OPERATOR, version="v1", withheld=True)) == [other]
    assert messages(shop) == []  # it has no transcript any more
    assert set(desk(shop).redo(OPERATOR, version="v2")) == {one, other}
    assert [message.key for message in messages(shop)] == [one]
    assert "tournesol" in text(shop, one)
    redacting.version = "v2"
    redacting.deliver(one)
    assert list(desk(shop).redo(OPERATOR, version="v2")) == [other]


def test_text_without_sound_is_released_found_and_says_why(
    shop: Workshop, redacting: Redacting, one: RecordingId
) -> None:
    """U4: the level of the redaction file says that no sound is released; what was released before goes."""
    redacting.version, redacting.level = "v2", AudioLevel.TEXT_ONLY
    redacting.deliver(one)
    record = record_of(shop, one)
    assert (record.status, record.reasons) == (RedactionStatus.RELEASED, ("audio_not_wanted",))
    assert "tournesol" in text(shop, one)
    assert found(shop, "tournesol") == [one]
    with pytest.raises(RefusedError) as refused:
        shop.system.gate.read(TRAINER, Purpose.QUALITY, one, Readable.BEEPED_AUDIO)
    assert refused.value.reasons == ("redaction_incomplete",)
