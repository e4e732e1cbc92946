"""Every event ends in exactly one outcome, with its reason (I1); each reason is reached here at least once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from callwarden.model.event import CallRecorded
from callwarden.model.ids import EventId
from callwarden.model.outcome import Outcome, Reason
from callwarden.model.policy import WhenUnknown, WhenUnlike
from callwarden.model.recording import RecordingState
from callwarden.ports.bus import Message
from tests.support.memory import digest
from tests.support.quick import policy_of
from tests.support.workshop import SHIPPED_POLICY, Workshop, with_line

Make = Callable[[Workshop], dict[str, Any] | bytes]
POLICY = policy_of(SHIPPED_POLICY)


def _audio(uri: str, content: bytes = b"a call") -> dict[str, Any]:
    return {"uri": uri, "sha256": digest(content), "bytes": len(content)}


def _ago(shop: Workshop, days: int) -> dict[str, str]:
    ended = shop.clock.now() - timedelta(days=days)
    return {"started_at": (ended - timedelta(minutes=1)).isoformat(), "ended_at": ended.isoformat()}


SINGLE: dict[str, Make] = {
    "stored": lambda shop: shop.event(),
    "refused:objection": lambda shop: shop.event(objections=["recording"]),
    "refused:past_retention": lambda shop: shop.event(**_ago(shop, 200)),
    "quarantined:no_credible_time": lambda shop: shop.event(started_at=..., ended_at=...),
    "quarantined:future_time": lambda shop: shop.event(**_ago(shop, -2)),
    "quarantined:unknown_line": lambda shop: shop.event(line="complaints"),
    "quarantined:checksum_mismatch": lambda shop: _with_audio(shop, sha256="0" * 64),
    "quarantined:length_mismatch": lambda shop: _with_audio(shop, bytes=7_000),
    "quarantined:unreadable_audio": lambda shop: shop.event(audio=b"noise"),
    "quarantined:silent_audio": lambda shop: shop.event(audio=b"silent"),
    "quarantined:missing_audio": lambda shop: _with_audio(shop, uri="spool:nothing.wav"),
    "quarantined:oversized_audio": lambda shop: shop.event(audio=b"long"),
    "quarantined:uri_not_allowed": lambda shop: _with_audio(shop, uri="https://example.org/a.wav"),
    "dead-lettered:not_an_event": lambda shop: b"{}",
    "dead-lettered:unsupported_version": lambda shop: {**shop.event(), "specversion": "2.0"},
    "quarantined:invalid_field": lambda shop: shop.event(segment="first"),
    "quarantined:objection_unreadable": lambda shop: shop.event(objections=["recordings"]),
    "dead-lettered:invalid_field": lambda shop: {**shop.event(), "id": ""},
}


def _with_audio(shop: Workshop, **changes: Any) -> dict[str, Any]:
    event = shop.event()
    event["data"]["audio"] = {**event["data"]["audio"], **changes}
    return event


@pytest.mark.parametrize("verdict", SINGLE)
def test_an_event_ends_in_one_outcome_and_the_sums_agree(shop: Workshop, verdict: str) -> None:
    """I1"""
    shop.publish(SINGLE[verdict](shop))
    shop.drain()
    assert shop.verdicts() == [verdict]
    assert shop.clean()


@pytest.mark.parametrize(
    ("verdict", "change"),
    [
        ("refused:line_not_recorded", {"share": Decimal(0)}),
        ("refused:not_sampled", {"share": Decimal("0.000000001")}),
        ("refused:objection_unknown", {"when_unknown": WhenUnknown.REFUSE}),
    ],
)
def test_a_line_may_refuse_what_it_is_sent_and_the_landing_copy_goes(
    tmp_path: Path, verdict: str, change: dict[str, Any]
) -> None:
    """R1, R3, R5"""
    with Workshop(tmp_path, policy=with_line(POLICY, **change)) as shop:
        shop.publish(shop.event(objections=...))
        shop.drain()
        assert shop.verdicts() == [verdict]
        assert shop.landed() == []
        assert shop.clean()


def test_a_line_that_records_in_spite_of_objections_says_nothing_of_the_kind_of_other_uses(shop: Workshop) -> None:
    """R3, R4: the monitoring centre records whoever objects to recording, and closes the other uses."""
    shop.publish(shop.event("c-1", line="monitoring-centre", objections=["recording", "training"]))
    shop.drain()
    assert shop.verdicts() == ["stored"]
    assert shop.recording("c-1").objected == {"training"}
    assert shop.clean()


@pytest.mark.parametrize(
    ("changes", "reason", "why"),
    [
        (
            {"ended_at": "2026-11-20T12:00:00+01:00", "started_at": "2026-11-20T11:00:00+01:00"},
            "duration_mismatch",
            "duration_mismatch",
        ),
        ({"channels": ["a"]}, "unlike_audio", "not_as_audio"),
        ({"pauses": [{"from_s": 500, "to_s": 516, "reason": "payment"}]}, "unlike_audio", "outside_audio"),
    ],
)
def test_audio_that_is_not_what_its_event_says_is_noted_or_set_aside_as_the_policy_wants(
    tmp_path: Path, changes: dict[str, Any], reason: str, why: str
) -> None:
    strict = replace(POLICY, limits=replace(POLICY.limits, when_unlike=WhenUnlike.QUARANTINE))
    for policy, verdict in ((POLICY, "stored"), (strict, f"quarantined:{reason}")):
        with Workshop(tmp_path / verdict[:6], policy=policy) as shop:
            shop.publish(shop.event("c-1", **changes))
            shop.drain()
            assert shop.verdicts() == [verdict]
            [note] = shop.outcomes()[0].notes
            assert (note.why, note.needed) == (why, policy is strict)
            assert shop.clean()


TRIFLES: list[dict[str, Any]] = [
    {"caller": {"number": 33612345678}},
    {"leg": 2},
    {"segment": "2"},
    {"labels": ["a"]},
    {"direction": ...},
    {"direction": "in"},
    {"direction": "sideways"},
    {"caller": ["+33612345678"]},
]


@pytest.mark.parametrize("trifle", TRIFLES, ids=str)
def test_a_wrong_trifle_costs_no_call(shop: Workshop, trifle: dict[str, Any]) -> None:
    shop.publish(shop.event("c-1", **trifle))
    shop.drain()
    assert shop.verdicts() == ["stored"]
    assert shop.clean()


def test_what_a_wrong_field_held_is_sealed_with_the_recording_and_nowhere_else(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", direction="madame Tournesol"))
    shop.drain()
    [outcome] = shop.outcomes()
    assert [(note.field, note.kind, note.was) for note in outcome.notes] == [
        ("data.direction", "a text of 16 characters", "")
    ]
    assert "Tournesol" not in repr(shop.parts["catalogue"].rows)
    event = _sealed_event(shop, "c-1")
    assert event.notes[0].was == '"madame Tournesol"'


def test_an_objection_nobody_can_read_holds_the_call_back_whatever_the_policy_says_of_none(shop: Workshop) -> None:
    """R3, R4: it is neither "none" nor absent."""
    unreadable: list[object] = [["recordings"], "none", {}, False, ["training", 7]]
    shop.publish(*(shop.event(f"c-{number}", objections=one) for number, one in enumerate(unreadable)))
    shop.drain()
    assert shop.verdicts() == ["quarantined:objection_unreadable"] * len(unreadable)
    assert {one.field for one in shop.outcomes()} == {"data.objections"}
    assert shop.recording("c-4").objected == {"training"}
    assert shop.clean()


def test_what_can_be_read_of_an_unreadable_objection_drops_the_call(shop: Workshop) -> None:
    """R3"""
    shop.publish(shop.event("c-1", objections=["recording", "everything"]))
    shop.drain()
    assert shop.verdicts() == ["refused:objection"]
    assert shop.landed() == []


def test_the_audio_of_what_is_set_aside_is_kept_however_little_its_event_says(shop: Workshop) -> None:
    for number, path in enumerate(("call_id", "line", "started_at", "leg")):
        event = shop.event(f"c-{number}")
        event["data"][path] = []
        shop.publish(event)
    shop.drain()
    assert [one.partition(":")[0] for one in shop.verdicts()] == ["quarantined"] * 4
    assert shop.landed() == []
    assert shop.report().versions == 4
    assert shop.clean()


def test_an_event_in_headers_is_an_event(shop: Workshop) -> None:
    """CloudEvents in binary mode, as Kafka producers send them."""
    event = shop.event("c-1")
    headers = tuple((f"ce_{name}", str(event[name]).encode()) for name in event if name != "data")
    value = json.dumps(event["data"]).encode()
    message = Message(topic="telephony.calls", key="c-1", value=value, headers=headers)
    shop.parts["bus"].publish([message])
    shop.drain()
    assert shop.verdicts() == ["stored"]


def test_an_event_sent_again_without_its_audio_does_not_cost_what_was_set_aside(shop: Workshop) -> None:
    damaged = _with_audio(shop, sha256="0" * 64)
    shop.publish(damaged)
    shop.drain()
    before = shop.recording(damaged["data"]["call_id"])
    shop.publish({**damaged, "id": "another"})  # the landing copy is gone by now
    shop.drain()
    assert shop.verdicts() == ["quarantined:checksum_mismatch", "quarantined:missing_audio"]
    after = shop.recording(damaged["data"]["call_id"])
    assert (after.source_sha256, after.quarantine_reason) == (before.source_sha256, "checksum_mismatch")
    assert shop.report().versions == 1
    with shop.system.catalogue.snapshot() as tx:
        assert len(tx.keys.get([after.recording_id])) == len(tx.artefacts.get([after.recording_id])) == 1
    assert shop.clean()


def test_the_event_of_a_call_without_audio_is_kept_too(shop: Workshop) -> None:
    missing = _with_audio(shop, uri="spool:nothing.wav")
    shop.publish(missing)
    shop.drain()
    assert _sealed_event(shop, missing["data"]["call_id"]).audio.uri == "spool:nothing.wav"


def test_an_event_sent_twice_counts_once_and_its_second_audio_goes(shop: Workshop) -> None:
    """I11"""
    event = shop.event("c-1")
    shop.publish(event, event)
    shop.drain()
    shop.land(event["data"]["audio"]["uri"].removeprefix("spool:"), b"a call")
    shop.publish(event)
    shop.drain()
    assert shop.verdicts() == ["stored", "duplicate:same_event", "duplicate:same_event"]
    assert shop.landed() == []
    assert shop.clean()


def test_an_event_name_given_to_another_call_loses_neither(shop: Workshop) -> None:
    """A telephone system that counts its events anew after a restart."""
    first, other = shop.event("c-1"), shop.event("c-2")
    shop.publish(first, {**other, "id": first["id"]})
    shop.drain()
    assert shop.verdicts() == ["stored", "stored"]
    assert shop.landed() == []
    assert shop.clean()


def test_an_event_name_given_to_other_audio_of_the_call_is_a_conflict_once(shop: Workshop) -> None:
    first, other = shop.event("c-1"), shop.event("c-1", audio=b"another call")
    other["id"] = first["id"]
    shop.publish(first, other, other)
    shop.drain()
    assert shop.verdicts() == ["stored", "quarantined:conflicting_duplicate", "duplicate:same_event"]
    assert shop.landed() == []
    assert shop.clean()


def test_an_objection_is_honoured_although_its_event_has_the_name_of_an_earlier_one(shop: Workshop) -> None:
    """R3"""
    first = shop.event("c-1")
    shop.publish(first)
    shop.drain()
    shop.land(first["data"]["audio"]["uri"].removeprefix("spool:"), b"a call")
    objecting = {**first, "data": {**first["data"], "objections": ["recording"]}}
    shop.publish(objecting, objecting)
    shop.drain()
    assert shop.verdicts() == ["stored", "refused:objection", "duplicate:same_event"]
    assert shop.recording("c-1").state is RecordingState.DROPPED
    assert list(shop.system.vault.versions("")) == []
    assert shop.landed() == []
    assert shop.clean()


def test_one_file_is_the_audio_of_the_first_event_that_names_it_however_many_come_together(shop: Workshop) -> None:
    events = [shop.event(f"c-{number}") for number in range(8)]
    for event in events:
        event["data"]["audio"]["uri"] = events[0]["data"]["audio"]["uri"]
    shop.publish(*events)
    shop.drain()
    assert sorted(shop.verdicts()) == 7 * ["quarantined:missing_audio"] + ["stored"]
    assert shop.report().versions == 1
    assert shop.clean()


@pytest.mark.parametrize("promised", [True, False], ids=["digest given", "no digest"])
def test_the_same_recording_under_another_event_is_a_duplicate(shop: Workshop, promised: bool) -> None:
    again = shop.event("c-1")
    if not promised:
        again["data"]["audio"].pop("sha256")
    shop.publish(shop.event("c-1"), again)
    shop.drain()
    assert shop.verdicts() == ["stored", "duplicate:same_recording"]
    assert shop.landed() == []
    assert shop.clean()


def test_other_audio_under_a_stored_recording_is_set_aside_and_the_first_stays(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.publish(shop.event("c-1", audio=b"another call"))
    shop.drain()
    assert shop.verdicts() == ["stored", "quarantined:conflicting_duplicate"]
    kept = {one.recording_id: one.state for one in shop.system.catalogue.all_recordings()}
    assert kept.pop(recording) is RecordingState.STORED
    assert list(kept.values()) == [RecordingState.QUARANTINED]
    assert shop.landed() == []
    assert shop.clean()


def _without_digest(event: dict[str, Any]) -> dict[str, Any]:
    event["data"]["audio"].pop("sha256")
    return event


def _kept(shop: Workshop) -> dict[str, tuple[RecordingState, str | None]]:
    """By the digest of their audio: what is kept, and what for."""
    return {
        one.source_sha256 or "": (one.state, one.quarantine_reason) for one in shop.system.catalogue.all_recordings()
    }


STORED, ASIDE = RecordingState.STORED, RecordingState.QUARANTINED
CONFLICT = (ASIDE, "conflicting_duplicate")


@pytest.mark.parametrize("promised", [True, False], ids=["another digest", "no digest"])
def test_other_audio_of_a_stored_recording_is_set_aside_with_its_audio_whatever_comes_again(
    shop: Workshop, promised: bool
) -> None:
    """A call's audio must not lie where the landing clock takes it away. I11: and a replay changes nothing."""
    recording = shop.stored("c-1")
    before = shop.recording("c-1")
    other = shop.event("c-1", audio=b"another call")
    shop.publish(other if promised else _without_digest(other))
    shop.drain()
    both = {digest(b"a call"): (STORED, None), digest(b"another call"): CONFLICT}
    assert (_kept(shop), shop.landed()) == (both, [])
    rows = {one.recording_id: one for one in shop.system.catalogue.all_recordings()}
    assert rows[recording] == before
    _replay(shop)
    shop.publish(other, {**other, "id": "another-name"})
    shop.drain()
    assert _kept(shop) == both
    assert shop.report().versions == 2
    assert shop.verdicts()[1:3] == ["quarantined:conflicting_duplicate", "duplicate:same_event"]
    assert shop.clean()


def test_audio_of_one_call_that_came_with_and_without_its_digest_is_one_conflict(shop: Workshop) -> None:
    shop.stored("c-1")
    shop.publish(shop.event("c-1", audio=b"another call"))
    shop.drain()
    shop.publish(_without_digest(shop.event("c-1", audio=b"another call")))
    shop.drain()
    assert len(_kept(shop)) == shop.report().versions == 2
    assert shop.landed() == []
    assert shop.clean()


def test_an_event_that_came_before_and_has_other_audio_now_loses_neither(shop: Workshop) -> None:
    first = _without_digest(shop.event("c-1"))
    shop.publish(first)
    shop.drain()
    shop.land(first["data"]["audio"]["uri"].removeprefix("spool:"), b"another call")
    shop.publish(first)
    shop.drain()
    assert _kept(shop) == {digest(b"a call"): (STORED, None), digest(b"another call"): CONFLICT}
    shop.publish(first)
    shop.drain()
    assert shop.verdicts() == ["stored", "quarantined:conflicting_duplicate", "duplicate:same_event"]
    assert shop.landed() == []
    assert shop.clean()


@pytest.mark.parametrize("promised", [True, False], ids=["another digest", "no digest"])
def test_audio_set_aside_for_its_event_alone_is_not_replaced_by_other_audio(shop: Workshop, promised: bool) -> None:
    """Nothing was wrong with that audio: it may be the call's only one."""
    shop.publish(shop.event("c-1", line="complaints"))
    shop.drain()
    other = shop.event("c-1", audio=b"another call")
    shop.publish(other if promised else _without_digest(other))
    shop.drain()
    assert _kept(shop) == {digest(b"a call"): (ASIDE, "unknown_line"), digest(b"another call"): CONFLICT}
    assert shop.landed() == []
    assert shop.clean()


@pytest.mark.parametrize("promised", [True, False], ids=["its digest", "no digest"])
def test_the_same_audio_with_a_better_event_takes_the_place_of_what_was_set_aside(
    shop: Workshop, promised: bool
) -> None:
    shop.publish(shop.event("c-1", line="complaints"))
    shop.drain()
    better = shop.event("c-1")
    shop.publish(better if promised else _without_digest(better))
    shop.drain()
    assert _kept(shop) == {digest(b"a call"): (STORED, None)}
    assert (shop.landed(), shop.report().versions) == ([], 1)
    assert shop.clean()


def test_a_conflict_an_older_version_left_in_the_landing_area_is_not_deleted_by_a_replay(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    shop.publish(_without_digest(shop.event("c-1", audio=b"another call")))
    position = shop.parts["bus"].messages("telephony.calls")[-1].position
    with shop.system.catalogue.transaction() as tx:
        [stored] = tx.outcomes.at([shop.parts["bus"].messages("telephony.calls")[0].position]).values()
        left = replace(stored, position=position, event_id=EventId("old"), outcome=Outcome.QUARANTINED)
        tx.outcomes.record([replace(left, reason=Reason.CONFLICTING_DUPLICATE, recording_id=recording)])
    shop.drain()
    assert len(shop.landed()) == 1


def test_a_disposed_recording_does_not_come_back(shop: Workshop) -> None:
    """K1: and neither does its audio stay in the landing area."""
    event = shop.event("c-1")
    shop.publish(event)
    shop.drain()
    shop.clock.move(timedelta(days=200))
    assert shop.drain("dispose") == 1
    again = {**event, "id": "again"}
    shop.land(event["data"]["audio"]["uri"].removeprefix("spool:"), b"a call")
    shop.publish(again)
    shop.drain()
    assert shop.verdicts() == ["stored", "refused:already_disposed"]
    assert shop.landed() == []
    assert shop.report().versions == 0
    assert shop.clean()


@pytest.mark.parametrize("bad", [b"noise", b"silent", b"long", b"short"])
def test_a_quarantined_call_published_again_correctly_becomes_stored(shop: Workshop, bad: bytes) -> None:
    shop.publish(shop.event("c-1", audio=bad))
    shop.drain()
    assert shop.recording("c-1").state is RecordingState.QUARANTINED
    shop.publish(shop.event("c-1"))
    shop.drain()
    assert shop.recording("c-1").state is RecordingState.STORED
    assert shop.report().versions == 1
    assert shop.clean()


@pytest.mark.parametrize("bad", [b"noise", b"silent", b"long", b"short"])
def test_audio_set_aside_in_the_vault_does_not_stay_in_the_landing_area_as_well(shop: Workshop, bad: bytes) -> None:
    shop.publish(shop.event("c-1", audio=bad))
    shop.drain()
    assert (shop.report().versions, shop.landed()) == (1, [])


def test_quarantined_audio_under_a_hold_is_not_replaced(shop: Workshop) -> None:
    """I4: what is held stays as it is, digest and all; the better copy is set aside beside it."""
    shop.publish(shop.event("c-1", audio=b"noise"))
    shop.drain()
    held = shop.recording("c-1")
    shop.hold(held.recording_id)
    shop.publish(shop.event("c-1"))
    shop.drain()
    rows = {one.recording_id: one for one in shop.system.catalogue.all_recordings()}
    assert rows[held.recording_id].source_sha256 == held.source_sha256
    assert shop.report().versions == 2
    assert shop.clean()


def test_nothing_is_taken_from_where_nothing_may_be_taken(shop: Workshop) -> None:
    """No address outside the areas is ever asked for, not even to delete something there."""
    for uri in ("http://169.254.169.254/latest", "file:///etc/passwd", "s3://elsewhere/a.wav", "spool:../keys"):
        shop.publish(_with_audio(shop, uri=uri))
    shop.drain()
    assert shop.verdicts() == ["quarantined:uri_not_allowed"] * 4
    assert shop.parts["landing"].asked == []


def test_audio_too_large_to_be_taken_stays_where_it_is_on_every_replay(tmp_path: Path) -> None:
    policy = replace(POLICY, limits=replace(POLICY.limits, max_audio_bytes=10))
    with Workshop(tmp_path, policy=policy) as shop:
        shop.publish(shop.event("c-1", audio=b"eleven bytes", line="complaints"), shop.event(audio=b"eleven bytes"))
        shop.drain()
        assert sorted(shop.verdicts()) == ["quarantined:oversized_audio", "quarantined:unknown_line"]
        assert len(shop.landed()) == 2
        _replay(shop)
        assert len(shop.landed()) == 2


def test_every_reason_of_the_vocabulary_has_been_reached() -> None:
    """The vocabulary is closed: a reason nobody can meet would not be one."""
    others = {
        "line_not_recorded",
        "not_sampled",
        "objection_unknown",
        "already_disposed",
        "same_event",
        "same_recording",
        "conflicting_duplicate",
        "objection_not_offered",
        "not_permitted",
        "unreadable_message",
        "unlike_audio",
        "duration_mismatch",
        "notice_missing",  # tests/steps/test_notice.py
        "notice_unfinished",
    }
    reached = {verdict.partition(":")[2] for verdict in SINGLE if ":" in verdict} | others
    assert {reason.value for reason in Reason} == reached


def test_what_the_bus_cannot_unpack_is_a_dead_letter_of_its_position(shop: Workshop) -> None:
    """I1: it was published, so it has an outcome."""
    for number in range(3):
        shop.publish(shop.event(f"c-{number}"))
    [gone] = [one.position for one in shop.parts["bus"].messages("telephony.calls") if b'"c-1"' in one.value]
    shop.parts["bus"].spoil(gone, "UnsupportedCodecError")
    shop.drain()
    assert sorted(shop.verdicts()) == ["dead-lettered:unreadable_message", "stored", "stored"]
    assert shop.clean()


def test_the_sender_finds_a_dead_letter_again_by_the_names_that_can_be_read(shop: Workshop) -> None:
    """I1: a person sees what became of each event that was sent."""
    wrong = {**shop.event("c-1"), "type": "call.recorded.v2"}
    shop.publish(wrong, b"{}", b"\xff")
    shop.drain()
    [named, empty, garbled] = sorted(shop.outcomes(), key=lambda one: one.event_id is None)
    assert (named.call_id, named.event_id) == ("c-1", f"{wrong['source']}#{wrong['id']}")
    assert {one.call_id for one in (empty, garbled)} == {one.event_id for one in (empty, garbled)} == {None}
    corrected = shop.event("c-1")
    shop.publish({**corrected, "id": wrong["id"]})
    shop.drain()
    assert shop.verdicts()[-1] == "stored"
    assert shop.clean()


def test_a_dead_letter_is_carried_however_long_the_event_was(shop: Workshop) -> None:
    """What cannot be carried whole is cut; the partition goes on."""
    shop.publish(b"x" * 999_000, shop.event("c-1"))
    shop.drain()
    assert sorted(shop.verdicts()) == ["dead-lettered:not_an_event", "stored"]
    assert len(shop.parts["bus"].messages("dead-letters")) == 1
    assert shop.clean()


def _sealed_event(shop: Workshop, call_id: str) -> CallRecorded:
    row = shop.recording(call_id)
    with shop.system.catalogue.snapshot() as tx:
        key = tx.keys.get([row.recording_id])[row.recording_id]
    assert row.sealed_event is not None
    data_key = shop.system.keys.unwrap(key.wrapped, {"recording": row.recording_id})
    opened = shop.system.cipher.unseal(row.sealed_event, data_key=data_key, purpose=f"event:{row.recording_id}")
    event = shop.system.codec.decode(opened)
    assert isinstance(event, CallRecorded)
    return event


def _replay(shop: Workshop) -> None:
    """Deliver everything again, as after a crash before anything was committed."""
    shop.parts["bus"]._offsets.clear()
    shop.drain()
