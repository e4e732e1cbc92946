"""An erasure runs from a preview somebody else approved, says of each backend that nothing is left, and what is held
goes by itself when the hold ends (D1, D3, I4)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from callwarden.errors import RetryableError, UsageError
from callwarden.model.access import Actor, Readable, Role, service
from callwarden.model.ids import RecordingId
from callwarden.model.letter import LetterKind
from callwarden.model.purpose import Purpose
from callwarden.model.recording import RecordingState
from callwarden.model.request import Decision, FoundBy, RefusalGround, RequestId, RequestItem, RequestState, RequestType
from callwarden.rules.erasing import ErasurePreview
from callwarden.rules.reading import Deny, ReadRefusal
from callwarden.workers.processes.running import sweep_batches
from tests.desks.test_requests import NUMBER, found, opened, refusal, state, swept
from tests.journal.test_replay import backup, coming_up, restore
from tests.support.experiments import redact
from tests.support.workshop import DPO, LEGAL, Workshop

EVERYWHERE = frozenset({"vault", "key", "catalogue", "journal", "search", "landing"})


def erasure(shop: Workshop) -> RequestId:
    return found(shop, RequestType.ERASURE)


def preview(shop: Workshop, request: RequestId, actor: Actor = DPO) -> ErasurePreview:
    return shop.system.request_erasure_desk.preview(actor, request)


def approve(shop: Workshop, request: RequestId, actor: Actor = LEGAL) -> dict[RecordingId, RequestItem]:
    return {one.recording_id: one for one in shop.system.request_erasure_desk.approve(actor, request)}


def resume(shop: Workshop) -> None:
    shop.system.request_erasure_desk.resume(service("requests"))


def answer(shop: Workshop, request: RequestId) -> RequestState:
    return shop.system.request_desk.answer(DPO, request).state


def to_tell(shop: Workshop) -> list[RequestId]:
    return [one.request.request_id for one in shop.system.request_desk.listed(DPO) if one.to_tell]


def lift(shop: Workshop, request: RequestId) -> Sequence[RecordingId]:
    shop.system.letter_desk.write(DPO, request, LetterKind.RESTRICTION_LIFTED)
    return shop.system.request_item_desk.lift(DPO, request)


def name_in(shop: Workshop, request: RequestId, recording: RecordingId) -> None:
    """Found as a call of somebody else in which the person is named."""
    with shop.system.catalogue.transaction() as tx:
        known = tx.requests.get(request)
        assert known is not None
        tx.requests.save_items(
            [RequestItem(request_id=request, recording_id=recording, found_by=FoundBy.NAMED, found_at=shop.clock.now())]
        )
    shop.system.request_item_desk.find(DPO, request)


def items_of(shop: Workshop, request: RequestId) -> Sequence[RequestItem]:
    return shop.system.request_desk.shown(DPO, request).items


def test_what_is_approved_is_gone_everywhere_and_the_request_is_closed(shop: Workshop) -> None:
    recording = shop.stored()
    request = erasure(shop)
    assert preview(shop, request).erasable == (recording,)
    item = approve(shop, request)[recording]
    assert (item.decision, item.backends) == (Decision.GRANTED, EVERYWHERE)
    row = shop.recording("c-1")
    assert (row.state, row.caller, row.sealed_event) == (RecordingState.DISPOSED, None, None)
    assert list(shop.parts["vault"].versions("")) == []
    with shop.system.catalogue.snapshot() as tx:
        assert tx.keys.get([recording]) == {}
        [certificate] = tx.certificates.get([recording])
    assert b'"rule":"erasure"' in certificate.document.replace(b" ", b"")
    assert answer(shop, request) is RequestState.ANSWERED
    resume(shop)
    assert state(shop, request) is RequestState.CLOSED
    assert shop.clean()


def test_a_landing_copy_that_was_left_goes_too(shop: Workshop) -> None:
    event = shop.event("c-1")
    shop.publish(event)
    shop.drain()
    uri = event["data"]["audio"]["uri"]
    shop.land(uri.removeprefix("spool:"), b"a call")
    request = erasure(shop)
    preview(shop, request)
    approve(shop, request)
    assert shop.landed() == []


def test_it_takes_a_preview_and_two_people(shop: Workshop) -> None:
    shop.stored()
    request = found(shop, RequestType.ERASURE)
    desk = shop.system.request_erasure_desk
    assert refusal(desk.approve, LEGAL, request) == ("not_previewed",)
    preview(shop, request)
    for same in (DPO, Actor(role=Role.LEGAL, name="CHLOE ")):
        assert refusal(desk.approve, same, request) == ("same_person",)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("undecided",)
    shop.system.request_item_desk.decide(DPO, request)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("not_approved",)
    assert shop.recording("c-1").state is RecordingState.STORED


def test_whoever_looks_before_approving_is_no_previewer_and_whoever_granted_it_does_not_approve(shop: Workshop) -> None:
    recording, denis = shop.stored(), Actor(role=Role.DPO, name="denis")
    request, desk = found(shop, RequestType.ERASURE), shop.system.request_erasure_desk
    shop.system.request_item_desk.decide(DPO, request)
    preview(shop, request, denis)
    assert preview(shop, request, DPO).erasable == (recording,)
    assert desk.look(LEGAL, request) == (preview(shop, request), True)
    for same in (DPO, denis):
        assert refusal(desk.approve, same, request) == ("same_person",)
    [listed] = shop.system.request_desk.listed(LEGAL)
    assert listed.first_people == {"chloe", "denis"}
    assert refusal(desk.approve, LEGAL, request, seen="something else") == ("preview_changed",)
    assert desk.approve(LEGAL, request, seen=desk.look(LEGAL, request)[0].digest)[0].done_at is not None
    [listed] = shop.system.request_desk.listed(LEGAL)
    assert listed.first_people == frozenset()


def test_a_preview_that_has_changed_is_refused_and_shown_again(shop: Workshop) -> None:
    recording = shop.stored()
    request = erasure(shop)
    preview(shop, request)
    shop.hold(recording)
    assert refusal(shop.system.request_erasure_desk.approve, LEGAL, request) == ("preview_changed",)
    assert shop.recording("c-1").state is RecordingState.STORED
    assert preview(shop, request).held == {recording: "litigation"}
    assert approve(shop, request)[recording].reason == "litigation"


def test_what_is_held_is_told_and_goes_by_itself_once_the_hold_has_ended(shop: Workshop) -> None:
    held, free = shop.stored("c-1"), shop.stored("c-2")
    shop.hold(held)
    request = erasure(shop)
    told = preview(shop, request)
    assert (told.erasable, told.held) == ((free,), {held: "litigation"})
    items = approve(shop, request)
    assert (items[free].done_at is not None, items[held].done_at, items[held].reason) == (True, None, "litigation")
    assert answer(shop, request) is RequestState.ANSWERED_PARTLY
    resume(shop)
    assert state(shop, request) is RequestState.ANSWERED_PARTLY
    shop.release()
    resume(shop)
    assert {one.recording_id: one.reason for one in items_of(shop, request)}[held] == "release_delay"
    shop.clock.move(timedelta(days=8))
    resume(shop)
    assert shop.recording("c-1").state is RecordingState.DISPOSED
    assert (state(shop, request), to_tell(shop)) == (RequestState.ANSWERED_PARTLY, [request])
    assert answer(shop, request) is RequestState.ANSWERED
    resume(shop)
    assert (state(shop, request), to_tell(shop)) == (RequestState.CLOSED, [])
    assert shop.clean()


def test_what_is_refused_is_kept_with_its_reason(shop: Workshop) -> None:
    mine, other = shop.stored("c-1"), shop.stored("c-2")
    request = erasure(shop)
    shop.system.request_item_desk.decide(DPO, request, [other], refusal=RefusalGround.LEGAL_DUTY)
    told = preview(shop, request)
    assert (told.erasable, told.kept) == ((mine,), {other: "legal_duty"})
    approve(shop, request)
    assert shop.recording("c-2").state is RecordingState.STORED
    assert answer(shop, request) is RequestState.ANSWERED


def test_what_another_request_asks_for_waits_until_that_is_answered(shop: Workshop) -> None:
    recording = shop.stored()
    access, request = found(shop), erasure(shop)
    assert preview(shop, request).held == {recording: "other_request"}
    approve(shop, request)
    assert answer(shop, request) is RequestState.ANSWERED_PARTLY
    shop.system.request_item_desk.decide(DPO, access)
    shop.system.request_desk.answer(DPO, access)
    resume(shop)
    assert shop.recording("c-1").state is RecordingState.DISPOSED
    assert to_tell(shop) == [request]


def test_a_call_that_came_after_the_approval_needs_another(shop: Workshop) -> None:
    shop.stored("c-1")
    request = erasure(shop)
    preview(shop, request)
    approve(shop, request)
    shop.stored("c-2")
    shop.system.request_item_desk.find(DPO, request)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("undecided",)
    shop.system.request_item_desk.decide(DPO, request)
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("not_approved",)
    resume(shop)
    assert shop.recording("c-2").state is RecordingState.STORED
    preview(shop, request)
    approve(shop, request)
    assert shop.recording("c-2").state is RecordingState.DISPOSED


def test_a_vault_that_is_away_half_way_leaves_a_request_that_goes_on(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted([shop.stored("c-1"), shop.stored("c-2")])
    request = erasure(shop)
    preview(shop, request)
    vault = shop.parts["vault"]
    destroyed = vault.destroy

    def away(versions: Sequence[object]) -> None:
        if second in repr(versions):
            raise RetryableError("out of reach", part="vault")
        destroyed(versions)

    with monkeypatch.context() as broken:
        broken.setattr(type(vault), "destroy", lambda _, versions: away(versions))
        with pytest.raises(RetryableError):
            approve(shop, request)
        resume(shop)  # it waits, and keeps no sweep
    assert refusal(shop.system.request_desk.answer, DPO, request) == ("unfinished",)
    assert {one.state for one in shop.system.catalogue.all_recordings()} != {RecordingState.STORED}
    items = approve(shop, request)
    assert all(items[name].done_at is not None for name in (first, second))
    assert shop.clean()


def test_what_the_sweep_finished_for_a_killed_erasure_counts_as_done(shop: Workshop) -> None:
    recording = shop.stored()
    request = erasure(shop)
    preview(shop, request)
    with shop.system.catalogue.transaction() as tx:
        [item] = tx.requests.items(request)
        tx.requests.save_items([item.now(decision=Decision.GRANTED, approved_at=shop.clock.now())])
        row = tx.recordings.get([recording], lock=True)[recording]
        tx.recordings.save([replace(row, state=RecordingState.DISPOSING, quarantine_reason="erasure")])
    assert swept(shop) == 1
    resume(shop)
    assert shop.system.request_desk.shown(DPO, request).items[0].backends == EVERYWHERE


def test_only_erasures_are_previewed(shop: Workshop) -> None:
    assert refusal(preview, shop, found(shop)) == ("not_an_erasure",)


def test_a_restriction_keeps_from_use_and_disposal_until_it_is_lifted(shop: Workshop) -> None:
    recording = shop.stored()
    request = found(shop, RequestType.RESTRICTION)
    shop.system.request_item_desk.decide(DPO, request)
    assert shop.recording("c-1").restricted
    entry = [one for one in shop.parts["catalogue"].log if one.subject == recording][-1]
    assert (str(entry.operation), entry.correlation) == ("recording.restricted", request)
    shop.system.request_desk.answer(DPO, request)
    shop.clock.move(timedelta(days=200))
    assert swept(shop) == 0
    assert lift(shop, request) == [recording]
    assert refusal(shop.system.request_item_desk.lift, DPO, request) == ("nothing_restricted",)
    assert swept(shop) == 1


def test_the_person_is_told_before_a_restriction_is_lifted(shop: Workshop) -> None:
    shop.stored()
    request = found(shop, RequestType.RESTRICTION)
    desk = shop.system.request_item_desk
    assert refusal(desk.tell_of_lifting, DPO, request, how="x") == ("nothing_restricted",)
    desk.decide(DPO, request)
    assert refusal(desk.lift, DPO, request) == ("not_told",)
    with pytest.raises(UsageError):
        desk.tell_of_lifting(DPO, request, how=" ")
    desk.tell_of_lifting(DPO, request, how="by telephone")
    assert shop.recording("c-1").restricted
    desk.lift(DPO, request)
    steps = [one.what for one in shop.system.request_desk.shown(DPO, request).request.history]
    assert steps[-2:] == ["request.lift_told", "request.lifted"]


def test_lifting_one_restriction_leaves_what_another_restricts(shop: Workshop) -> None:
    recording = shop.stored()
    first, second = found(shop, RequestType.RESTRICTION), found(shop, RequestType.RESTRICTION, received=None)
    for one in (first, second):
        shop.system.request_item_desk.decide(DPO, one)
    assert lift(shop, first) == []
    assert shop.recording("c-1").restricted
    assert lift(shop, second) == [recording]
    assert not shop.recording("c-1").restricted


def test_a_restriction_of_one_s_own_holds_back_no_erasure_one_asks_for_later(shop: Workshop) -> None:
    """D4: they have changed their mind; the preview says that the restriction ends by it."""
    recording = shop.stored()
    restriction = found(shop, RequestType.RESTRICTION)
    shop.system.request_item_desk.decide(DPO, restriction)
    shop.system.request_desk.answer(DPO, restriction)
    request = erasure(shop)
    told = preview(shop, request)
    assert (told.erasable, told.restriction_ends) == ((recording,), (recording,))
    approve(shop, request)
    assert shop.recording("c-1").state is RecordingState.DISPOSED


def test_an_erasure_of_what_somebody_else_had_restricted_waits_for_the_lifting(shop: Workshop) -> None:
    caller = {"number": NUMBER, "customer_id": "C-1"}
    recording = shop.stored(caller=caller)
    restriction = opened(shop, RequestType.RESTRICTION, number="+33639980099")
    shop.system.request_desk.verify(DPO, restriction, how="called back")
    name_in(shop, restriction, recording)
    shop.system.request_item_desk.decide(DPO, restriction)
    shop.system.request_desk.answer(DPO, restriction)
    request = erasure(shop)
    assert preview(shop, request).held == {recording: "restricted"}
    approve(shop, request)
    lift(shop, restriction)
    resume(shop)
    assert shop.recording("c-1").state is RecordingState.DISPOSED


def test_what_was_erased_comes_back_by_no_backup_and_no_event(shop: Workshop) -> None:
    event = shop.event("c-1")
    shop.publish(event)
    shop.drain()
    recording = shop.recording("c-1").recording_id
    copied = backup(shop)
    request = erasure(shop)
    preview(shop, request)
    approve(shop, request)
    answer(shop, request)
    restore(shop, copied)
    assert coming_up(shop).destroyed == (recording,)
    resume(shop)
    assert state(shop, request) is RequestState.CLOSED
    shop.land(event["data"]["audio"]["uri"].removeprefix("spool:"), b"a call")
    shop.publish({**event, "id": "again"})
    shop.drain()
    assert [(str(one.outcome), one.reason) for one in shop.outcomes()][-1] == ("refused", "already_disposed")
    assert list(shop.parts["vault"].versions("")) == []
    assert shop.landed() == []


def test_a_clock_that_is_ahead_ends_no_hold_s_delay(shop: Workshop) -> None:
    """The sweep that stops for it erases nothing that waits."""
    held = shop.stored("c-1")
    shop.hold(held)
    request = erasure(shop)
    preview(shop, request)
    approve(shop, request)
    answer(shop, request)
    shop.release()
    shop.system.stand_in(timekeeper=replace(shop.system.timekeeper, may_jump=False))
    shop.system.stand_in(sweep=replace(shop.system.sweep, timekeeper=shop.system.timekeeper))
    shop.clock.move(timedelta(days=30))
    assert not any(batch.disposed for batch in sweep_batches(shop.system))
    assert shop.recording("c-1").state is RecordingState.STORED


def test_what_waits_behind_a_hold_is_open_to_the_case_only_and_to_whoever_asked(shop: Workshop) -> None:
    """D1, D3: an erasure that is approved ends every other use at once; also in the delay after the hold's release."""
    recording = shop.stored("c-1")
    redact(shop, recording, "Bonjour.")
    shop.hold(recording)
    trainer = Actor(role=Role.TRAINER, name="alice")

    def reading(actor: Actor, purpose: Purpose) -> object:
        with shop.system.catalogue.snapshot() as tx:
            return shop.system.gate.decider.ask(actor, purpose, recording, Readable.REDACTED_TRANSCRIPT, tx).verdict

    assert not isinstance(reading(trainer, Purpose.TRAINING), Deny)
    request = erasure(shop)
    preview(shop, request)
    approve(shop, request)
    assert reading(trainer, Purpose.TRAINING) == Deny(reasons=(ReadRefusal.HELD_FOR_DISPUTE_ONLY,))
    assert not isinstance(reading(LEGAL, Purpose.DISPUTE), Deny)
    shop.release()
    assert reading(trainer, Purpose.TRAINING) == Deny(reasons=(ReadRefusal.PAST_RETENTION,))
