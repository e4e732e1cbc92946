"""What an open request keeps is kept at every door that destroys, and opens to nobody but the answer (D1, U9, R3)."""

from datetime import timedelta
from pathlib import Path

import pytest

from callwarden.desks.request_answers import HowToAnswer
from callwarden.desks.request_objections import by_purpose
from callwarden.errors import RefusedError
from callwarden.model.access import Readable
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CallId, RecordingId
from callwarden.model.objection import Ground
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.request import Decision, RefusalGround, RequestId, RequestItem, RequestState, RequestType
from callwarden.rules.vault_layout import RETENTION_TAG
from tests.desks.test_request_erasures import lift, resume
from tests.desks.test_requests import NUMBER, found, refusal, state
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.workshop import DPO, LEGAL, Workshop

WHOLE = frozenset({RECORDING})


def item(shop: Workshop, request: RequestId, recording: RecordingId) -> RequestItem:
    return {one.recording_id: one for one in shop.system.request_desk.shown(DPO, request).items}[recording]


def answered(shop: Workshop, request: RequestId) -> None:
    shop.system.request_item_desk.decide(DPO, request, refusal=RefusalGround.THIRD_PARTIES)
    shop.system.request_desk.answer(DPO, request)


def reading(shop: Workshop, recording: RecordingId, *, dispute: bool = False) -> tuple[str, ...]:
    """Why the original cannot be read; nothing, where it can."""
    actor, purpose = (LEGAL, Purpose.DISPUTE) if dispute else (DPO, Purpose.RIGHTS_REQUEST)
    try:
        assert b"".join(shop.system.gate.read(actor, purpose, recording, Readable.ORIGINAL_AUDIO).pieces)
    except RefusedError as error:
        return error.reasons
    return ()


def test_what_is_over_meanwhile_opens_to_the_answer_alone_and_to_nobody_once_it_is_given(shop: Workshop) -> None:
    recording = shop.stored()
    request = found(shop)
    shop.clock.move(timedelta(days=200))
    assert reading(shop, recording) == ()
    assert reading(shop, recording, dispute=True) == ("past_retention",)
    answered(shop, request)
    assert reading(shop, recording) == ("past_retention",)


def test_what_only_a_case_kept_when_the_request_came_opens_to_the_dispute_alone(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    shop.clock.move(timedelta(days=200))
    request = found(shop)
    assert item(shop, request, recording).decision is None
    assert reading(shop, recording) == ("held_for_dispute_only",)


def test_an_objection_to_what_a_request_asks_for_waits_for_the_answer_and_closes_it_to_every_use(
    shop: Workshop,
) -> None:
    recording = shop.stored()
    request = found(shop)
    applied = shop.system.objection_desk.add(DPO, ObjectionScope(call_id=CallId("c-1")), WHOLE, channel="letter")
    assert (applied.kept_for_request, applied.dropped) == ((recording,), ())
    assert reading(shop, recording, dispute=True) == ("objected",)
    assert reading(shop, recording) == ()
    resume(shop)
    assert shop.recording("c-1").state is RecordingState.STORED
    answered(shop, request)
    resume(shop)
    assert shop.recording("c-1").state is RecordingState.DROPPED
    assert state(shop, request) is RequestState.CLOSED
    assert shop.clean()


def test_what_is_set_aside_is_not_discarded_while_it_is_asked_for(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", audio=b"noise"))
    shop.drain()
    recording = shop.recording("c-1").recording_id
    request = found(shop)
    desk = shop.system.quarantine_desk
    assert refusal(desk.discarded, DPO, recording, reason="noise") == ("requested",)
    answered(shop, request)
    assert desk.discarded(DPO, recording, reason="noise").recording.state is RecordingState.DISPOSED


def test_an_objection_that_comes_as_a_request_is_filed_for_calls_to_come_too(shop: Workshop) -> None:
    recording = shop.stored()
    request = found(shop, RequestType.OBJECTION)
    shop.system.request_item_desk.decide(DPO, request)
    assert shop.recording("c-1").state is RecordingState.DROPPED
    assert item(shop, request, recording).decision is Decision.GRANTED
    assert shop.system.request_desk.answer(DPO, request).state is RequestState.ANSWERED
    shop.publish(shop.event("c-2"))
    shop.drain()
    assert [one.call_id for one in shop.system.catalogue.all_recordings() if one.caller] == []
    assert [one.channel for one in shop.system.objection_desk.listed(DPO)] == ["request"]
    assert shop.clean()


def test_to_some_uses_only_it_closes_those(shop: Workshop) -> None:
    shop.stored()
    request = found(shop, RequestType.OBJECTION, purposes=frozenset({"training"}))
    shop.system.request_item_desk.decide(DPO, request)
    assert shop.recording("c-1").objected == {"training"}


def test_where_objecting_is_not_offered_or_a_case_holds_it_is_decided_with_its_ground(shop: Workshop) -> None:
    other = {"number": NUMBER, "customer_id": "C-1"}
    monitored = shop.stored("c-1", line="monitoring-centre", caller=other)
    held = shop.stored("c-2")
    shop.hold(held)
    request = found(shop, RequestType.OBJECTION)
    shop.system.request_item_desk.decide(DPO, request)
    grounds = {name: item(shop, request, name).reason for name in (monitored, held)}
    assert grounds == {monitored: "line_offers_none", held: "litigation"}
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("undecided",)


def test_what_its_line_has_refused_is_granted_all_the_same_where_the_officer_names_it(shop: Workshop) -> None:
    """GDPR, article 21: nobody is refused by a program."""
    monitored = shop.stored("c-1", line="monitoring-centre")
    request = found(shop, RequestType.OBJECTION)
    decide = shop.system.request_item_desk.decide
    decide(DPO, request)
    assert (item(shop, request, monitored).decision, item(shop, request, monitored).reason) == (
        None,
        "line_offers_none",
    )
    decide(DPO, request)
    assert item(shop, request, monitored).decision is None
    decide(DPO, request, [monitored])
    assert (item(shop, request, monitored).decision, item(shop, request, monitored).reason) == ("granted", None)
    assert shop.recording("c-1").state is RecordingState.DROPPED
    by_scope = {str(one.scope): one for one in shop.system.objection_desk.listed(DPO)}
    assert {one.entered_by for one in by_scope.values()} == {DPO.account}
    assert (by_scope["call"].granted, by_scope["call"].decided_by) == (True, DPO.account)
    assert all(one.granted is None for scope, one in by_scope.items() if scope != "call"), (
        "later calls are decided anew"
    )
    assert refusal(decide, DPO, request, [monitored]) == ("carried_out",)
    assert shop.system.request_desk.answer(DPO, request).state is RequestState.ANSWERED
    assert shop.clean()


def test_an_objection_by_number_touches_no_call_that_was_somebody_elses(shop: Workshop) -> None:
    mine = shop.stored("c-1")
    theirs = shop.stored("c-2", caller={"number": NUMBER, "customer_id": "C-2"})
    request = found(shop, RequestType.OBJECTION)
    shop.system.request_item_desk.decide(DPO, request, [theirs], refusal=RefusalGround.NOT_THE_PERSON)
    shop.system.request_item_desk.decide(DPO, request)
    assert shop.recording("c-2").state is RecordingState.STORED
    assert shop.recording("c-1").state is RecordingState.DROPPED
    assert item(shop, request, mine).done_at is not None


def test_an_item_of_another_request_or_of_none_is_unknown(shop: Workshop) -> None:
    shop.stored()
    request = found(shop)
    stranger = shop.stored("c-9", caller={"number": "+33639980002", "customer_id": "C-9"})
    assert refusal(shop.system.request_item_desk.decide, DPO, request, [stranger]) == ("unknown",)


def test_what_was_carried_out_is_not_decided_again(shop: Workshop) -> None:
    recording = shop.stored()
    request = found(shop, RequestType.RESTRICTION)
    decide = shop.system.request_item_desk.decide
    decide(DPO, request)
    assert refusal(decide, DPO, request, [recording], refusal=RefusalGround.NO_GROUND) == ("carried_out",)


@pytest.mark.parametrize("kind", [RequestType.ACCESS, RequestType.ERASURE])
def test_decisions_are_there_again_after_the_restore_of_an_older_backup(shop: Workshop, kind: RequestType) -> None:
    recording = shop.stored()
    copied = backup(shop)
    request = found(shop, kind)
    shop.system.request_item_desk.decide(DPO, request)
    before = shop.system.request_desk.shown(DPO, request)
    restore(shop, copied)
    coming_up(shop)
    after = shop.system.request_desk.shown(DPO, request)
    assert (after.request, after.items) == (before.request, before.items)
    with shop.system.catalogue.snapshot() as tx:
        assert tx.requests.freezing([recording]) == {recording: request}


def test_the_bucket_s_own_rules_leave_alone_what_is_asked_for_or_restricted(shop: Workshop) -> None:
    shop.stored("c-1")

    def expires() -> bool:
        shop.drain()
        vault = shop.parts["vault"]
        tags = {name for one in vault.versions("") for name in vault.tags(one.key, one.version_id)}
        assert len(tags) == 1
        return tags == {RETENTION_TAG}

    assert expires()
    request = found(shop)
    assert not expires()
    shop.stored("c-2")
    assert not expires()
    answered(shop, request)
    assert expires()
    restriction = found(shop, RequestType.RESTRICTION)
    shop.system.request_item_desk.decide(DPO, restriction)
    shop.system.request_desk.answer(DPO, restriction)
    assert not expires()
    lift(shop, restriction)
    assert expires()


def test_an_objection_is_told_purpose_by_purpose_and_its_decision_shows_in_the_request(
    shop: Workshop, tmp_path: Path
) -> None:
    """R4; GDPR, article 21(1): nobody is refused by a program."""
    monitored = shop.stored("c-1", line="monitoring-centre")
    request = found(shop, RequestType.OBJECTION, purposes=frozenset({RECORDING, "training"}))
    shop.system.request_item_desk.decide(DPO, request)
    assert purposes(shop, request) == [(RECORDING, None, "line_offers_none"), ("training", "granted", None)]
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("undecided",)
    [objection] = shop.system.objection_desk.listed(DPO, undecided=True)
    desk = shop.system.objection_desk
    desk.decide(DPO, objection.objection_id, granted=False, ground=Ground.COMPELLING_GROUNDS)
    assert purposes(shop, request) == [(RECORDING, "refused", "compelling_grounds"), ("training", "granted", None)]
    assert state(shop, request) is RequestState.DECIDED
    shop.system.answer_desk.answer(DPO, request, tmp_path / "out", HowToAnswer())
    letter = " ".join((tmp_path / "out" / "letter.html").read_text().split())
    assert "formation des salariés.</td><td>Prise en compte." in letter
    assert "enregistrement de vos appels.</td><td>Refus : Des motifs légitimes et impérieux" in letter
    desk.decide(DPO, objection.objection_id, granted=True)
    assert (item(shop, request, monitored).decision, shop.recording("c-1").state) == ("granted", RecordingState.DROPPED)
    [listed] = shop.system.request_desk.listed(DPO)
    assert listed.to_tell
    assert shop.system.request_desk.answer(DPO, request).state is RequestState.ANSWERED


def purposes(shop: Workshop, request: RequestId) -> list[tuple[str, str | None, str | None]]:
    file = shop.system.request_desk.shown(DPO, request)
    return [(one.purpose, one.decision, one.reason) for one in by_purpose(file.request, file.items)]
