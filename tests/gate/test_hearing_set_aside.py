"""Those who decide about what was set aside may hear it first, and nobody else; written down before its first byte."""

from dataclasses import replace
from typing import Any

import pytest

from callwarden.errors import RefusedError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.model.log_entry import EntryOutcome, Operation
from callwarden.model.policy import Grant
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from tests.gate.conftest import NotingLog
from tests.support.workshop import DPO, LEGAL, LINE, Workshop

WRONG_DIGEST = {"audio": {"sha256": "0" * 64}}


def aside(shop: Workshop, /, **changes: Any) -> RecordingId:
    event = shop.event("c-1")
    for name, value in changes.items():
        event["data"][name] = {**event["data"][name], **value} if isinstance(value, dict) else value
    shop.publish(event)
    shop.drain()
    [found] = [one for one in shop.system.catalogue.all_recordings() if one.state is RecordingState.QUARANTINED]
    return found.recording_id


def hear(shop: Workshop, actor: Actor, purpose: Purpose, recording: RecordingId) -> bytes:
    return shop.system.gate.hear_set_aside(actor, purpose, recording).read_all()


def refusal(shop: Workshop, actor: Actor, purpose: Purpose, recording: RecordingId) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        hear(shop, actor, purpose, recording)
    return refused.value.reasons


@pytest.mark.parametrize(("actor", "purpose"), [(LEGAL, Purpose.DISPUTE), (DPO, Purpose.RIGHTS_REQUEST)])
def test_legal_and_dpo_hear_what_was_set_aside_and_the_entry_says_what_for(
    shop: Workshop, log: NotingLog, actor: Actor, purpose: Purpose
) -> None:
    recording = aside(shop, **WRONG_DIGEST)
    assert hear(shop, actor, purpose, recording) == b"a call"
    entry = log.entries[-1]
    assert (entry.operation, entry.outcome, entry.subject) == (
        Operation.CONTENT_READ,
        EntryOutcome.ALLOWED,
        recording,
    )
    assert (entry.artefact, entry.purpose, entry.reasons) == ("original-audio", purpose.value, ("checksum_mismatch",))


def test_where_the_log_cannot_take_the_entry_nothing_is_heard(shop: Workshop, log: NotingLog) -> None:
    """I6"""
    recording = aside(shop, **WRONG_DIGEST)
    log.down = True
    assert refusal(shop, LEGAL, Purpose.DISPUTE, recording) == ("log_unavailable",)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.LEGAL, Role.DPO}])
def test_nobody_else_hears_it_whatever_the_policy_grants(shop: Workshop, log: NotingLog, role: Role) -> None:
    """U4: a trainer least of all."""
    recording = aside(shop, **WRONG_DIGEST)
    everything = Grant(role=role, purposes=frozenset(Purpose), artefacts=frozenset(Readable), break_glass=False)
    shop.parts["policy"] = replace(shop.policy, access=(*shop.policy.access, everything))
    shop.reopen()
    before = len(log.entries)
    assert refusal(shop, Actor(role=role, name="somebody"), Purpose.QUALITY, recording) == ("not_permitted",)
    [entry] = log.entries[before:]
    assert (entry.operation, entry.outcome, entry.reasons) == (
        Operation.ACCESS_REFUSED,
        EntryOutcome.REFUSED,
        ("not_permitted",),
    )


def test_the_act_opens_no_purpose_that_the_policy_does_not_grant(shop: Workshop) -> None:
    recording = aside(shop, **WRONG_DIGEST)
    assert refusal(shop, DPO, Purpose.DISPUTE, recording) == ("not_permitted",)


def test_somebody_narrowed_to_other_lines_is_answered_as_if_there_were_none(shop: Workshop) -> None:
    recording = aside(shop, **WRONG_DIGEST)
    theirs = replace(LEGAL, lines=frozenset({LineId(LINE)}))
    others = replace(LEGAL, lines=frozenset({LineId("monitoring-centre")}))
    assert hear(shop, theirs, Purpose.DISPUTE, recording) == b"a call"
    assert refusal(shop, others, Purpose.DISPUTE, recording) == ("unknown",)
    assert refusal(shop, LEGAL, Purpose.DISPUTE, RecordingId("rec-" + "0" * 32)) == ("unknown",)


def test_it_opens_nothing_that_is_not_set_aside(shop: Workshop) -> None:
    assert refusal(shop, LEGAL, Purpose.DISPUTE, shop.stored("c-2")) == ("not_quarantined",)


def test_what_its_caller_objected_to_is_not_found_out_by_listening(shop: Workshop) -> None:
    """R3"""
    recording = aside(shop, objections=["recordings"])
    assert refusal(shop, LEGAL, Purpose.DISPUTE, recording) == ("objection_unreadable",)


def test_an_unreadable_objection_counts_although_the_row_names_another_reason(shop: Workshop) -> None:
    recording = aside(shop, objections=["recordings"], leg=[])
    with shop.system.catalogue.transaction() as tx:
        [row] = tx.recordings.get([recording], lock=True).values()
        tx.recordings.save([replace(row, quarantine_reason="invalid_field")])
    assert refusal(shop, LEGAL, Purpose.DISPUTE, recording) == ("objection_unreadable",)


def test_what_the_caller_did_object_to_closes_that_use(shop: Workshop) -> None:
    """R4"""
    recording = aside(shop, objections=["dispute"], **WRONG_DIGEST)
    assert refusal(shop, LEGAL, Purpose.DISPUTE, recording) == ("objected",)
    assert hear(shop, DPO, Purpose.RIGHTS_REQUEST, recording) == b"a call"


def test_past_its_period_it_is_heard_no_more(shop: Workshop) -> None:
    """I5"""
    recording = aside(shop, **WRONG_DIGEST)
    with shop.system.catalogue.snapshot() as tx:
        keep_until = tx.recordings.get([recording])[recording].keep_until
    assert keep_until is not None
    shop.clock.move(keep_until - shop.clock.now())
    assert refusal(shop, LEGAL, Purpose.DISPUTE, recording) == ("past_retention",)


def test_where_no_audio_is_kept_there_is_none_to_hear(shop: Workshop) -> None:
    recording = aside(shop, audio={"uri": "spool:nothing.wav"})
    assert refusal(shop, LEGAL, Purpose.DISPUTE, recording) == ("unknown",)
