"""What was set aside is seen, cleared, decided again or destroyed by people, each act with its entry (K7, U2, U3)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callwarden.desks.quarantine import QuarantineDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import CallId, LineId, RecordingId
from callwarden.model.log_entry import Operation
from callwarden.model.note import NoteWhy
from callwarden.model.policy import WhenUnlike
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.rules.clearing import Correction
from callwarden.rules.vault_layout import recording_prefix
from tests.support.memory import digest
from tests.support.workshop import DPO, LEGAL, LINE, Workshop

OPERATOR = Actor(role=Role.OPERATOR, name="otto")
TRAINER = Actor(role=Role.TRAINER, name="alice")
ELSEWHERE = Actor(role=Role.DPO, name="chloe", lines=frozenset({LineId("monitoring-centre")}))
NOTHING = Correction()


def desk(shop: Workshop) -> QuarantineDesk:
    return shop.system.quarantine_desk


def aside(shop: Workshop, call_id: str = "c-1", /, **changes: Any) -> RecordingId:
    """Publish a call that is set aside, and take it in."""
    event = shop.event(call_id)
    for name, value in changes.items():
        part, _, inner = name.partition("__")
        if inner:
            event["data"][part] = {**event["data"][part], inner: value}
        elif value is ...:
            event["data"].pop(part, None)
        else:
            event["data"][part] = value
    shop.publish(event)
    shop.drain()
    [found] = [one for one in shop.system.catalogue.all_recordings() if one.state is RecordingState.QUARANTINED]
    return found.recording_id


def row(shop: Workshop, recording_id: RecordingId) -> Any:
    with shop.system.catalogue.snapshot() as tx:
        return tx.recordings.get([recording_id])[recording_id]


def operations(shop: Workshop) -> list[str]:
    return [one.operation.value for one in shop.parts["catalogue"].log]


def refusal(call: Any, *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons


def test_what_is_set_aside_is_listed_with_its_reason_field_and_age_and_for_each_line_its_own(shop: Workshop) -> None:
    recording = aside(shop, line="complaints")
    shop.clock.move(timedelta(days=2))
    [one] = desk(shop).listed(OPERATOR)
    assert (one.recording.recording_id, one.recording.quarantine_reason) == (recording, "unknown_line")
    assert one.outcome is not None
    assert (one.outcome.field, shop.clock.now() - one.outcome.decided_at) == ("data.line", timedelta(days=2))
    assert desk(shop).listed(OPERATOR, reason="silent_audio") == []
    assert desk(shop).listed(OPERATOR, line=LineId(LINE)) == []
    assert desk(shop).listed(OPERATOR, older_than=timedelta(days=3)) == []
    assert len(desk(shop).listed(OPERATOR, older_than=timedelta(days=1))) == 1
    assert desk(shop).listed(ELSEWHERE) == []
    assert operations(shop).count("quarantine.listed") == 6


def test_what_was_expected_and_what_was_found_is_shown_and_nothing_that_was_said(shop: Workshop) -> None:
    recording = aside(shop, audio__sha256="0" * 64, audio__bytes=6)
    shown = desk(shop).shown(OPERATOR, recording)
    found = {one.field: (one.expected, one.found) for one in shown.differences}
    assert found["data.audio.sha256"] == ("0" * 64, digest(b"a call"))
    assert found["data.audio.bytes"] == (6, 6)
    assert "33612345678" not in repr(shown)
    entry = shop.parts["catalogue"].log[-1]
    assert (entry.operation, entry.subject) == (Operation.QUARANTINE_SHOWN, recording)


def test_of_audio_that_lacks_sound_it_is_shown_how_much_was_expected_and_found(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", audio=b"short of sound"))
    shop.drain()
    recording = shop.recording("c-1").recording_id
    found = {one.field: (one.expected, one.found) for one in desk(shop).shown(OPERATOR, recording).differences}
    assert [one.outcome.field for one in desk(shop).listed(OPERATOR) if one.outcome] == [""], (
        "no field of the event is wrong"
    )
    assert found["sound in the audio"] == ("2.00 s", "1.00 s")
    [note] = [note for one in desk(shop).listed(OPERATOR) if one.outcome for note in one.outcome.notes]
    assert (note.field, note.why, note.kind) == ("data.audio", "bad_audio", "expected 2.00 s, found 1.00 s")


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        ({"line": "complaints"}, {}),
        ({"started_at": "yesterday"}, {"data.started_at": ("a time with its offset", "a text of 9 characters")}),
        ({"started_at": ...}, {"data.started_at": ("a time with its offset", None)}),
        (
            {"started_at": "2026-11-20T09:00:00Z", "ended_at": "2026-11-20T08:59:00Z"},
            {"length of the call": ("0 to 43200 s", "-60 s")},
        ),
    ],
    ids=str,
)
def test_of_times_it_is_shown_what_is_wrong_and_only_where_they_are(
    shop: Workshop, wrong: dict[str, Any], shown: dict[str, Any]
) -> None:
    recording = aside(shop, **wrong)
    found = desk(shop).shown(OPERATOR, recording).differences
    times = {one.field: (one.expected, one.found) for one in found}
    assert {field: times[field] for field in times if "audio" not in field and field != "data.line"} == shown


def test_what_stood_in_a_wrong_field_is_opened_to_those_who_decide_alone(shop: Workshop) -> None:
    recording = aside(shop, objections=["recordings"], direction="madame Tournesol")
    raw, event, _ = desk(shop).opened(LEGAL, recording)
    assert {note.field: note.was for note in event.notes} == {
        "data.objections": '["recordings"]',
        "data.direction": '"madame Tournesol"',
    }
    assert b"Tournesol" in raw
    assert refusal(desk(shop).opened, OPERATOR, recording) == ("not_permitted",)
    entry = shop.parts["catalogue"].log[-1]
    assert (entry.operation, entry.reasons) == (Operation.ACCESS_REFUSED, ("not_permitted", "quarantine.open"))


@pytest.mark.parametrize(
    ("wrong", "correction"),
    [
        ({"line": "complaints"}, Correction(line=LineId(LINE))),
        ({"line": ["complaints"]}, Correction(line=LineId(LINE))),
        ({"started_at": ...}, Correction(started_at=...)),  # type: ignore[arg-type]  # put in below
        ({"objections": ["recordings"]}, Correction(objections=frozenset())),
        ({"call_id": 1.5}, Correction(call_id=CallId("c-1"))),
        ({"leg": []}, Correction(leg="main")),
        ({"audio__sha256": "0" * 64}, NOTHING),
        ({"audio__bytes": 7}, NOTHING),
    ],
    ids=str,
)
def test_a_person_who_puts_right_what_was_wrong_has_it_stored(
    shop: Workshop, wrong: dict[str, Any], correction: Correction
) -> None:
    if correction.started_at is not None:
        correction = replace(correction, started_at=shop.clock.now() - timedelta(minutes=6))
    recording = aside(shop, **wrong)
    saved = desk(shop).cleared(LEGAL, recording, correction, reason="seen and heard")
    shop.drain()
    assert (saved.state, saved.quarantine_reason, saved.line, saved.call_id) == (
        RecordingState.STORED,
        None,
        LINE,
        "c-1",
    )
    content = shop.system.gate.read(LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)
    assert content.read_all() == b"a call"
    event = shop.system.gate.details(LEGAL, Purpose.DISPUTE, recording)
    assert event.faults == ()
    for name in correction.changes():
        assert any(note.field == f"data.{name}" and note.why is NoteWhy.CORRECTED for note in event.notes)
    assert shop.clean()


def test_a_cleared_recording_has_its_lines_period_tags_and_message(shop: Workshop) -> None:
    """K1: from the end of the call, not from the clearing; the bucket's own expiry follows."""
    expected = row(shop, shop.stored("c-0")).keep_until
    recording = aside(shop, line="complaints")
    saved = desk(shop).cleared(LEGAL, recording, Correction(line=LineId(LINE)), reason="typing error")
    shop.drain()
    assert saved.keep_until == expected
    stored = next(one for one in shop.system.vault.versions(recording_prefix(recording)))
    other = next(one for one in shop.system.vault.versions("") if not one.key.startswith(recording_prefix(recording)))
    tags = shop.parts["vault"].tags
    assert tags(stored.key, stored.version_id) == tags(other.key, other.version_id)
    told = [one.value for one in shop.parts["bus"].messages("recordings.stored")]
    assert any(recording.encode() in value for value in told)


def test_the_reason_is_kept_sealed_and_the_entry_leads_to_it(shop: Workshop) -> None:
    recording = aside(shop, objections=["recordings"])
    shop.hold(recording)
    with pytest.raises(UsageError):
        desk(shop).cleared(LEGAL, recording, Correction(objections=frozenset()), reason=" ")
    desk(shop).cleared(LEGAL, recording, Correction(objections=frozenset()), reason="madame Tournesol said no")
    entry = next(one for one in shop.parts["catalogue"].log if one.operation is Operation.RECORDING_RELEASED)
    with shop.system.catalogue.snapshot() as tx:
        [why] = tx.act_reasons.about(recording)
    assert why.act_id == entry.correlation
    assert [text for _, text in shop.system.act_reasons.read([why])] == ["madame Tournesol said no"]
    assert "Tournesol" not in repr(shop.parts["catalogue"].rows)


@pytest.mark.parametrize(
    ("wrong", "correction", "reasons"),
    [
        ({"line": "complaints"}, NOTHING, ("unknown_line",)),
        ({"objections": ["recordings"]}, NOTHING, ("objection_unreadable",)),
        ({"objections": ["recordings"]}, Correction(objections=frozenset({"recording"})), ("objection",)),
        ({"leg": []}, NOTHING, ("invalid_field",)),
        ({"ended_at": ...}, NOTHING, ("no_credible_time",)),
        ({"audio__uri": "spool:nothing.wav"}, NOTHING, ("missing_audio",)),
    ],
    ids=str,
)
def test_what_would_not_be_kept_is_not_cleared(
    shop: Workshop, wrong: dict[str, Any], correction: Correction, reasons: tuple[str, ...]
) -> None:
    recording = aside(shop, **wrong)
    before = row(shop, recording)
    assert refusal(desk(shop).cleared, DPO, recording, correction, reason="x") == reasons
    assert row(shop, recording) == before
    assert shop.parts["catalogue"].log[-1].reasons == (*reasons, "quarantine.clear")


@pytest.mark.parametrize(
    "wrong", [{}, {"line": "complaints"}, {"audio__sha256": "0" * 64}, {"audio__bytes": 99}], ids=str
)
def test_what_nothing_can_be_heard_in_is_not_stored_whatever_else_is_wrong(
    shop: Workshop, wrong: dict[str, Any]
) -> None:
    recording = aside(shop, **{"audio": shop.event("c-1", audio=b"noise, no sound")["data"]["audio"], **wrong})
    before = row(shop, recording)
    correction = Correction(line=LineId(LINE))
    assert refusal(desk(shop).cleared, DPO, recording, correction, reason="x") == ("unreadable_audio",)
    assert row(shop, recording) == before


def test_a_call_set_aside_for_its_audio_is_taken_with_other_audio_by_a_retry(shop: Workshop) -> None:
    """What the event was held against is not what lies there now."""
    limits = replace(shop.policy.limits, when_unlike=WhenUnlike.QUARANTINE)
    shop.parts["policy"] = replace(shop.policy, limits=limits)
    shop.reopen()
    shop.land("late.wav", b"a call")
    recording = aside(shop, channels=["agent"], audio__uri="spool:late.wav", audio__sha256=None, audio__bytes=None)
    assert row(shop, recording).quarantine_reason == "unlike_audio"
    shop.land("late.wav", b"mono: a call")
    assert desk(shop).retried(OPERATOR, recording) is None
    shop.drain()
    assert shop.verdicts() == ["quarantined:unlike_audio", "stored"]
    assert [note.why for one in shop.outcomes() for note in one.notes] == ["not_as_audio"]


def test_a_line_that_is_none_is_answered_with_those_there_are(shop: Workshop) -> None:
    recording = aside(shop, line="complaints")
    with pytest.raises(UsageError, match="customer-service, monitoring-centre"):
        desk(shop).cleared(LEGAL, recording, Correction(line=LineId("Customer-Service")), reason="x")


def test_clearing_makes_no_second_recording_of_a_call(shop: Workshop) -> None:
    shop.stored("c-1")
    recording = aside(shop, "c-2", call_id=1.5)
    assert refusal(desk(shop).cleared, DPO, recording, Correction(call_id=CallId("c-1")), reason="x") == (
        "same_recording",
    )


def test_what_a_person_heard_of_an_objection_closes_the_use(shop: Workshop) -> None:
    """R4: and for every leg of the call, as if the event had said so."""
    recording = aside(shop, objections="training please")
    saved = desk(shop).cleared(DPO, recording, Correction(objections=frozenset({"training"})), reason="listened")
    assert saved.objected == {"training"}
    with shop.system.catalogue.snapshot() as tx:
        assert [one.purposes for one in tx.objections.all()] == [{"training"}]


def test_audio_that_is_put_right_at_its_address_is_taken_by_a_retry(shop: Workshop) -> None:
    recording = aside(shop, audio__uri="spool:late.wav")
    assert refusal(desk(shop).retried, OPERATOR, recording) == ("missing_audio",)
    shop.land("late.wav", b"a call")
    assert desk(shop).retried(OPERATOR, recording) is None
    shop.drain()
    assert shop.verdicts() == ["quarantined:missing_audio", "stored"]
    assert row(shop, recording).state is RecordingState.STORED
    assert "spool:late.wav" not in shop.landed()
    assert "quarantine.retried" in operations(shop)


def test_a_line_that_the_policy_has_now_is_decided_again_without_the_landing_copy(shop: Workshop) -> None:
    recording = aside(shop, line="complaints")
    assert refusal(desk(shop).retried, OPERATOR, recording) == ("unknown_line",)
    lines = {
        **shop.policy.lines,
        LineId("complaints"): replace(shop.policy.lines[LineId(LINE)], line=LineId("complaints")),
    }
    shop.parts["policy"] = replace(shop.policy, lines=lines)
    shop.reopen()
    saved = desk(shop).retried(OPERATOR, recording)
    assert saved is not None
    assert (saved.state, saved.line) == (RecordingState.STORED, "complaints")
    shop.drain()
    assert shop.clean()


def test_a_retry_never_costs_the_audio_that_is_kept(shop: Workshop) -> None:
    recording = aside(shop, audio__sha256="0" * 64)
    assert refusal(desk(shop).retried, OPERATOR, recording) == ("checksum_mismatch",)
    assert shop.report().versions == 1


def test_what_is_discarded_leaves_a_certificate_that_says_so_and_nothing_else(shop: Workshop) -> None:
    recording = aside(shop, audio__sha256="0" * 64)
    desk(shop).discarded(DPO, recording, reason="a damaged transfer")
    gone = row(shop, recording)
    assert (gone.state, gone.disposed_at) == (RecordingState.DISPOSED, shop.clock.now())
    assert list(shop.system.vault.versions("")) == []
    with shop.system.catalogue.snapshot() as tx:
        [certificate] = tx.certificates.get([recording])
        assert tx.keys.get([recording]) == {}
    assert b"discarded" in certificate.document
    assert operations(shop)[-2:] == ["quarantine.discarded", "recording.disposed"]
    assert refusal(desk(shop).discarded, DPO, recording, reason="again") == ("not_quarantined",)
    assert shop.clean()


def test_a_discard_that_was_cut_off_is_finished_by_the_next_sweep(shop: Workshop) -> None:
    recording = aside(shop, audio__sha256="0" * 64)
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save(
            [replace(row(shop, recording), state=RecordingState.DISPOSING, quarantine_reason="discarded")]
        )
    assert shop.drain("dispose") == 1
    with shop.system.catalogue.snapshot() as tx:
        [certificate] = tx.certificates.get([recording])
    assert b"discarded" in certificate.document


def test_what_is_held_is_not_discarded(shop: Workshop) -> None:
    """I4"""
    recording = aside(shop, line="complaints")
    shop.hold(recording)
    assert refusal(desk(shop).discarded, DPO, recording, reason="x") == ("held",)
    assert shop.report().versions == 1


def test_another_lines_recording_is_one_that_is_not_there(shop: Workshop) -> None:
    recording = aside(shop, audio__sha256="0" * 64)
    for act in (
        lambda: desk(shop).shown(ELSEWHERE, recording),
        lambda: desk(shop).opened(ELSEWHERE, recording),
        lambda: desk(shop).cleared(ELSEWHERE, recording, NOTHING, reason="x"),
        lambda: desk(shop).retried(ELSEWHERE, recording),
        lambda: desk(shop).discarded(ELSEWHERE, recording, reason="x"),
        lambda: desk(shop).shown(DPO, RecordingId("rec-" + "0" * 32)),
    ):
        assert refusal(act) == ("unknown",)
    assert all(one.subject is None for one in shop.parts["catalogue"].log[-6:])


def test_what_is_stored_is_not_set_aside(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    assert refusal(desk(shop).shown, OPERATOR, recording) == ("not_quarantined",)
    assert refusal(desk(shop).discarded, DPO, recording, reason="x") == ("not_quarantined",)
    assert row(shop, recording).state is RecordingState.STORED


@pytest.mark.parametrize(
    "times",
    [
        ("9999-12-31T23:50:59Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:01Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_times_at_either_end_of_the_calendar_keep_nobody_from_the_rest(shop: Workshop, times: tuple[str, str]) -> None:
    """I1: what no clock can show is set aside, and everything else goes on."""
    recording = aside(shop, started_at=times[0], ended_at=times[1])
    assert shop.report().breaches == ()
    assert [one.recording.recording_id for one in desk(shop).listed(OPERATOR)] == [recording]
    assert refusal(desk(shop).retried, OPERATOR, recording)
    assert shop.drain("dispose") == 0
    assert refusal(shop.system.gate.read, LEGAL, Purpose.DISPUTE, recording, Readable.ORIGINAL_AUDIO)


@pytest.fixture
def conflict(shop: Workshop) -> RecordingId:
    """Other audio of a call that is stored, whose event gave no digest."""
    shop.stored("c-1")
    event = shop.event("c-1", audio=b"another call")
    event["data"]["audio"].pop("sha256")
    shop.publish(event)
    shop.drain()
    [found] = desk(shop).listed(OPERATOR, reason="conflicting_duplicate")
    return found.recording.recording_id


def test_other_audio_of_a_stored_call_is_shown_and_heard(shop: Workshop, conflict: RecordingId) -> None:
    shown = desk(shop).shown(OPERATOR, conflict)
    assert {one.field: one.found for one in shown.differences}["data.audio.sha256"] == digest(b"another call")
    assert shown.outcome is not None
    assert shown.outcome.recording_id == conflict
    assert shop.system.gate.hear_set_aside(LEGAL, Purpose.DISPUTE, conflict).read_all() == b"another call"


def test_other_audio_of_a_stored_call_is_cleared_as_another_segment_and_never_as_the_same(
    shop: Workshop, conflict: RecordingId
) -> None:
    for same in (NOTHING, Correction(leg="main", segment=0)):
        assert refusal(desk(shop).cleared, DPO, conflict, same, reason="x") == ("same_recording",)
    saved = desk(shop).cleared(DPO, conflict, Correction(segment=1), reason="it was the second half")
    shop.drain()
    assert (saved.state, saved.segment) == (RecordingState.STORED, 1)
    assert (
        shop.system.gate.read(LEGAL, Purpose.DISPUTE, conflict, Readable.ORIGINAL_AUDIO).read_all() == b"another call"
    )
    assert shop.clean()


def test_other_audio_of_a_stored_call_is_discarded_alone(shop: Workshop, conflict: RecordingId) -> None:
    desk(shop).discarded(DPO, conflict, reason="a test recording")
    states = {one.recording_id: one.state for one in shop.system.catalogue.all_recordings()}
    assert states.pop(conflict) is RecordingState.DISPOSED
    assert list(states.values()) == [RecordingState.STORED]
    assert shop.clean()


def test_of_two_audios_set_aside_under_one_name_the_first_that_is_decided_bears_it(shop: Workshop) -> None:
    first = aside(shop, line="complaints")
    shop.publish(shop.event("c-1", audio=b"another call"))
    shop.drain()
    [other] = desk(shop).listed(OPERATOR, reason="conflicting_duplicate")
    desk(shop).cleared(DPO, other.recording.recording_id, NOTHING, reason="this is the right one")
    assert refusal(desk(shop).cleared, DPO, first, Correction(line=LineId(LINE)), reason="x") == ("same_recording",)
    desk(shop).discarded(DPO, first, reason="a test recording")
    assert shop.clean()
