"""Holds by criteria: counted first, kept with the case, and catching what comes later (K3, U2)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from callwarden.custody.placing import Placing
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.criteria import Asked
from callwarden.model.hold import Hold, PlacementState
from callwarden.model.ids import CaseId, LineId
from callwarden.model.outcome import Outcome
from callwarden.model.policy import HoldLimits
from callwarden.model.recording import RecordingState
from callwarden.rules.case_procedure import DueKind
from callwarden.rules.cases import CaseDetails
from callwarden.rules.last_word import is_later
from tests.support.scenarios import work
from tests.support.site import MovableClock
from tests.support.workshop import DPO, LEGAL, LINE, SECOND_LEGAL, SHIPPED_POLICY, Workshop, policy_of

CASE = CaseId("DOSSIER-1")
ADAS = Asked(customer="C-ada")
HERE = Actor(role=Role.LEGAL, name="hugo", lines=frozenset({LineId(LINE)}))


@pytest.fixture
def case(shop: Workshop) -> CaseId:
    shop.system.case_desk.open(LEGAL, CASE, reason="dispute")
    return CASE


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Workshop]:
    """Where one person may hold two recordings at once."""
    limits = HoldLimits(at_most=2, share=Decimal(0))
    policy = replace(policy_of(SHIPPED_POLICY), holds=limits)
    with Workshop(tmp_path / "few", MovableClock(), policy=policy) as shop:
        shop.system.case_desk.open(LEGAL, CASE, reason="dispute")
        yield shop


def desk(shop: Workshop) -> Any:
    return shop.system.placement_desk


def call(shop: Workshop, call_id: str, customer: str = "C-ada", **changes: Any) -> str:
    return shop.stored(call_id, caller={"number": "+33639980001", "customer_id": customer}, **changes)


def refusal(asks: Callable[..., object], *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        asks(*arguments, **more)
    return refused.value.reasons


def holds(shop: Workshop, call_id: str) -> tuple[str, ...]:
    return shop.recording(call_id).holds


def test_a_preview_counts_and_places_nothing(shop: Workshop, case: CaseId) -> None:
    call(shop, "c-1")
    shop.clock.move(timedelta(days=2))
    call(shop, "c-2")
    call(shop, "c-3", "C-grace")
    found = desk(shop).preview(LEGAL, case, ADAS)
    assert (found.tally.count, found.share, found.gone) == (2, 0.6667, [])
    assert found.tally.newest - found.tally.oldest == timedelta(days=2)
    with shop.system.catalogue.snapshot() as tx:
        stored = tx.artefacts.get([shop.recording(one).recording_id for one in ("c-1", "c-2")])
    assert found.tally.size == sum(one.stored_size for one in stored) > 0
    assert holds(shop, "c-1") == ()
    [entry] = [one for one in shop.parts["catalogue"].log if one.operation == "hold.previewed"]
    assert (entry.case, entry.count) == (CASE, 2)


def test_a_preview_says_what_is_gone_already_with_its_certificate(shop: Workshop, case: CaseId) -> None:
    gone = call(shop, "c-1")
    shop.clock.instant = shop.recording("c-1").keep_until
    call(shop, "c-2")
    work(shop, "dispose")
    found = desk(shop).preview(LEGAL, case, Asked(line=LINE))
    [certificate] = shop.system.call_desk.certificates(LEGAL, gone)
    assert (found.tally.count, found.gone) == (1, [(gone, certificate.digest)])


def test_what_is_there_and_what_comes_later_is_held(shop: Workshop, case: CaseId) -> None:
    first = call(shop, "c-1")
    placed = desk(shop).place(LEGAL, case, ADAS)
    assert (placed.held, placed.count, placed.waiting_for_second) == ((first,), 1, False)
    call(shop, "c-2")
    shop.publish(shop.event("c-2", leg="transfer", caller={"customer_id": "C-ada"}))
    shop.drain()
    call(shop, "c-3", "C-grace")
    assert [one.holds for one in shop.system.catalogue.all_recordings() if one.call_id == "c-2"] == [(CASE,)] * 2
    assert holds(shop, "c-3") == ()
    placed_by = [
        (str(one.actor), one.correlation) for one in shop.parts["catalogue"].log if one.operation == "hold.placed"
    ]
    assert placed_by == [("service:holds", placed.placement.placement_id)] * 3
    assert shop.clean()


def test_the_flags_of_many_are_the_workers(shop: Workshop, case: CaseId) -> None:
    for number in range(25):
        shop.publish(shop.event(f"c-{number}", caller={"customer_id": "C-ada"}))
    shop.drain()
    assert desk(shop).place(LEGAL, case, ADAS).count == 25
    assert {hold.applied_at for hold in shop.system.case_desk.shown(LEGAL, case).holds} == {None}
    shop.drain("holds")
    assert None not in {hold.applied_at for hold in shop.system.case_desk.shown(LEGAL, case).holds}
    assert shop.clean()


def test_once_is_what_is_there_now(shop: Workshop, case: CaseId) -> None:
    call(shop, "c-1")
    desk(shop).place(LEGAL, case, ADAS, once=True)
    call(shop, "c-2")
    assert (holds(shop, "c-1"), holds(shop, "c-2")) == ((CASE,), ())


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (Asked(customer="C-ada", agent="a-1"), {"c-1"}),
        (Asked(customer="C-ada"), {"c-1", "c-2"}),
        (Asked(caller="06 39 98 00 01"), {"c-1", "c-2", "c-3"}),
        (Asked(agent="a-2"), {"c-2"}),
        (Asked(line=LINE), {"c-1", "c-2"}),
        (Asked(call="c-3"), {"c-3"}),
        (Asked(labels=("alarm_id=A-17",)), {"c-1", "c-3"}),
        (Asked(labels=("alarm_id=A-17", "site=Niort")), {"c-3"}),
        (Asked(labels=("alarm_id=A-1",)), set()),
        (Asked(first=date(2026, 11, 20), last=date(2026, 11, 20)), {"c-1", "c-2", "c-3"}),
        (Asked(last=date(2026, 11, 19)), set()),
    ],
)
def test_all_that_is_asked_for_together_has_to_hold(shop: Workshop, case: CaseId, asked: Asked, held: set[str]) -> None:
    call(shop, "c-1", labels={"alarm_id": "A-17"})
    call(shop, "c-2", agent={"id": "a-2"})
    call(shop, "c-3", "C-grace", line="monitoring-centre", labels={"alarm_id": "A-17", "site": "Niort"})
    desk(shop).place(LEGAL, case, asked)
    assert {one.call_id for one in shop.system.catalogue.all_recordings() if one.holds} == held


def test_what_is_placed_by_one_or_by_another_is_held(shop: Workshop, case: CaseId) -> None:
    desk(shop).place(LEGAL, case, ADAS)
    desk(shop).place(LEGAL, case, Asked(customer="C-grace"))
    for number, customer in enumerate(["C-ada", "C-grace", "C-edsger"], 1):
        call(shop, f"c-{number}", customer)
    assert [holds(shop, f"c-{number}") for number in (1, 2, 3)] == [(CASE,), (CASE,), ()]


def test_a_released_case_catches_nothing_any_more(shop: Workshop, case: CaseId) -> None:
    call(shop, "c-1")
    desk(shop).place(LEGAL, case, ADAS)
    assert shop.release() == "released"
    call(shop, "c-2")
    assert (holds(shop, "c-1"), holds(shop, "c-2")) == ((), ())
    assert refusal(desk(shop).place, LEGAL, case, ADAS) == ("name_taken",)


def test_a_sweep_looks_at_the_criteria_before_it_destroys(shop: Workshop, case: CaseId) -> None:
    """Whatever kept the hold from being placed when the call was stored."""
    call(shop, "c-1")
    desk(shop).place(LEGAL, case, ADAS)
    call(shop, "c-2", "C-grace")
    with shop.system.catalogue.transaction() as tx:
        tx.holds.remove(tx.holds.find())
    shop.clock.instant = shop.recording("c-2").keep_until
    work(shop, "dispose")
    assert (holds(shop, "c-1"), shop.recording("c-1").state) == ((CASE,), RecordingState.STORED)
    assert shop.recording("c-2").state is RecordingState.DISPOSED


def test_while_somebody_has_altered_criteria_a_sweep_destroys_nothing(shop: Workshop, case: CaseId) -> None:
    """I7: nobody knows what they were to keep."""
    call(shop, "c-1", "C-grace")
    placed = desk(shop).place(LEGAL, case, ADAS)
    rows = shop.parts["catalogue"].rows.placements
    rows[placed.placement.placement_id] = replace(placed.placement, state=PlacementState.DONE, altered=True)
    shop.clock.instant = shop.recording("c-1").keep_until
    work(shop, "dispose")
    assert shop.recording("c-1").state is RecordingState.STORED


def test_a_call_on_its_way_when_its_caller_objects_is_kept_for_the_case(shop: Workshop, case: CaseId) -> None:
    """The hold is there first: it was placed before the call was."""
    desk(shop).place(LEGAL, case, ADAS)
    call(shop, "c-1")
    shop.publish(shop.say("objected", call_id="c-1"))
    shop.drain()
    assert (holds(shop, "c-1"), shop.recording("c-1").state) == ((CASE,), RecordingState.STORED)


def test_a_call_that_was_set_aside_is_held_as_any(shop: Workshop, case: CaseId) -> None:
    desk(shop).place(LEGAL, case, ADAS)
    shop.publish(shop.event("c-1", caller={"customer_id": "C-ada"}, line="nobody-knows"))
    shop.drain()
    assert [one.outcome for one in shop.outcomes()] == [Outcome.QUARANTINED]
    assert holds(shop, "c-1") == (CASE,)


def test_everything_is_refused(shop: Workshop, case: CaseId) -> None:
    for number in range(5):
        call(shop, f"c-{number}")
    for asked in (Asked(), Asked(line=LINE), Asked(first=date(2020, 1, 1))):
        assert refusal(desk(shop).place, LEGAL, case, asked) == ("hold_on_everything",)
    assert desk(shop).place(LEGAL, case, ADAS).count == 5, "somebody is named"


def test_more_than_the_policy_lets_one_hold_takes_a_justification_and_a_second_person(few: Workshop) -> None:
    for number in range(4):
        call(few, f"c-{number}", "C-ada" if number else "C-grace")
    assert refusal(desk(few).place, LEGAL, CASE, ADAS) == ("too_many_to_hold",)
    asked = desk(few).place(LEGAL, CASE, ADAS, justification="the whole file of the site")
    assert (asked.waiting_for_second, asked.held, holds(few, "c-1")) == (True, (), ())
    call(few, "c-9")
    assert holds(few, "c-9") == (), "nothing is held before two have agreed"
    for name in ("bruno", "BRUNO ", "ｂｒｕｎｏ", "brunо"):
        again = Actor(role=Role.DPO, name=name)
        assert refusal(desk(few).place, again, CASE, ADAS) == ("same_person",)
    placed = desk(few).place(SECOND_LEGAL, CASE, ADAS)
    assert (placed.count, placed.placement.confirmed_by) == (4, "brigitte")
    assert holds(few, "c-9") == (CASE,)
    [kept] = few.system.case_desk.shown(LEGAL, CASE).placements
    assert (kept.state, kept.justification) == (PlacementState.DONE, "the whole file of the site")


def test_the_second_person_may_confirm_what_waits_by_its_id_and_by_no_other_case_s(few: Workshop) -> None:
    for number in range(4):
        call(few, f"c-{number}")
    waiting = desk(few).place(LEGAL, CASE, ADAS, justification="the whole file of the site").placement
    assert waiting is not None
    name = waiting.placement_id
    assert refusal(desk(few).confirm, LEGAL, CASE, name) == ("same_person",)
    assert refusal(desk(few).confirm, SECOND_LEGAL, CASE, "crit-none") == ("unknown",)
    few.system.case_desk.open(SECOND_LEGAL, CaseId("DOSSIER-2026-099"), reason="another")
    assert refusal(desk(few).confirm, SECOND_LEGAL, CaseId("DOSSIER-2026-099"), name) == ("unknown",)
    assert holds(few, "c-1") == ()
    placed = desk(few).confirm(SECOND_LEGAL, CASE, name)
    assert (placed.count, placed.placement and placed.placement.confirmed_by) == (4, "brigitte")
    assert holds(few, "c-1") == (CASE,)


def test_a_long_list_takes_two_people_as_well(few: Workshop) -> None:
    ids = [call(few, f"c-{number}") for number in range(3)]
    assert refusal(few.system.hold_desk.place, LEGAL, CASE, ids) == ("too_many_to_hold",)
    asked = Asked(recordings=tuple(ids))
    assert desk(few).place(LEGAL, CASE, asked, justification="all of them").waiting_for_second
    assert desk(few).place(DPO, CASE, asked).count == 3


def test_a_placement_that_was_killed_goes_on_where_it_was(shop: Workshop, case: CaseId) -> None:
    for number in range(5):
        call(shop, f"c-{number}")
    placing = replace(shop.system.placing, portion=2)
    killed = replace(shop.system.placement_desk, placing=_DiesAfterOne(placing))
    with pytest.raises(KeyboardInterrupt):
        killed.place(LEGAL, case, ADAS)
    assert sum(bool(one.holds) for one in shop.system.catalogue.all_recordings()) == 2
    assert shop.system.case_desk.shown(LEGAL, case).placements[0].state is PlacementState.RUNNING
    placed = desk(shop).place(LEGAL, case, ADAS)
    assert (placed.count, placed.placement.state) == (5, PlacementState.RUNNING)
    assert all(one.holds for one in shop.system.catalogue.all_recordings())
    assert shop.system.case_desk.shown(LEGAL, case).placements[0].state is PlacementState.DONE


def test_a_sweep_takes_up_what_was_killed(shop: Workshop, case: CaseId) -> None:
    for number in range(5):
        call(shop, f"c-{number}")
    placing = replace(shop.system.placing, portion=2)
    with pytest.raises(KeyboardInterrupt):
        replace(shop.system.placement_desk, placing=_DiesAfterOne(placing)).place(LEGAL, case, ADAS)
    work(shop, "dispose")
    assert all(one.holds for one in shop.system.catalogue.all_recordings())


def test_a_release_that_was_killed_is_finished_by_the_next_sweep(shop: Workshop, case: CaseId) -> None:
    """What it has let go is let go, and what it has not reached keeps its hold until then."""
    for number in range(5):
        call(shop, f"c-{number}")
    desk(shop).place(LEGAL, case, ADAS)
    shop.release()
    with shop.system.catalogue.transaction() as tx:
        rows = tx.recordings.get([shop.recording(f"c-{number}").recording_id for number in range(3)], lock=True)
        tx.holds.save([Hold(case_id=case, recording_id=one, placed_by="x", placed_at=shop.clock.now()) for one in rows])
    for _ in replace(shop.system.sweep, placing=replace(shop.system.placing, portion=2)).rounds():
        pass
    assert not any(one.holds for one in shop.system.catalogue.all_recordings())
    assert shop.recording("c-0").not_before is not None


def test_a_placement_stops_when_its_case_is_released(shop: Workshop, case: CaseId) -> None:
    for number in range(5):
        call(shop, f"c-{number}")
    placing = replace(shop.system.placing, portion=2)
    with pytest.raises(KeyboardInterrupt):
        replace(shop.system.placement_desk, placing=_DiesAfterOne(placing)).place(LEGAL, case, ADAS)
    shop.release()
    [kept] = shop.system.case_desk.shown(LEGAL, case).placements
    assert list(placing.run(kept.placement_id)) == []
    assert not any(one.holds for one in shop.system.catalogue.all_recordings())


class _DiesAfterOne:
    """Is killed when it has held the first portion."""

    def __init__(self, placing: Placing) -> None:
        self._placing = placing

    def run(self, placement_id: str) -> Any:
        yield next(iter(self._placing.run(placement_id)))
        raise KeyboardInterrupt


def test_asking_for_the_same_again_changes_nothing(shop: Workshop, case: CaseId) -> None:
    call(shop, "c-1")
    first = desk(shop).place(LEGAL, case, ADAS)
    again = desk(shop).place(SECOND_LEGAL, case, ADAS)
    assert (again.held, again.count) == (first.held, 1)
    assert len(shop.system.case_desk.shown(LEGAL, case).placements) == 1
    assert shop.parts["catalogue"].log[-2].operation == "hold.shown"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(line="monitoring"), "unknown line monitoring: the policy has customer-service, monitoring-centre"),
        (Asked(first=date(2026, 11, 2), last=date(2026, 11, 1)), "impossible range"),
        (Asked(first=date(2026, 11, 21)), "in the future"),
        (Asked(caller="nobody"), "no telephone number"),
        (Asked(caller="12"), "no telephone number"),
        (Asked(customer=" "), "a customer has an id"),
        (Asked(agent=""), "--agent is blank"),
        (Asked(labels=("alarm_id",)), "its name and its value"),
    ],
)
def test_criteria_nobody_can_mean_are_refused_in_words(shop: Workshop, case: CaseId, asked: Asked, says: str) -> None:
    for asks in (desk(shop).preview, desk(shop).place):
        with pytest.raises(UsageError, match=says):
            asks(LEGAL, case, asked)


def test_whoever_is_narrowed_holds_nothing_by_criteria(shop: Workshop, case: CaseId) -> None:
    for asks in (desk(shop).preview, desk(shop).place):
        assert refusal(asks, HERE, case, ADAS) == ("not_permitted",)


def test_nobody_else_places_or_counts_for_a_case(shop: Workshop) -> None:
    shop.system.case_desk.open(LEGAL, CASE, reason="dispute", details=CaseDetails(people=("brigitte",)))
    outsider = Actor(role=Role.LEGAL, name="hector")
    for asks in (desk(shop).preview, desk(shop).place):
        for case_id in (CASE, CaseId("NONE-1")):
            assert refusal(asks, outsider, case_id, ADAS) == ("unknown",)
    assert desk(shop).place(SECOND_LEGAL, CASE, ADAS).count == 0


def test_what_one_person_has_placed_before_counts_with_what_they_place_now(few: Workshop) -> None:
    """A portion at a time, by criteria or by a list, one person holds no more than the policy lets one hold."""
    ids = [call(few, f"c-{number}", f"C-{number}") for number in range(4)]
    for number in (0, 1):
        assert desk(few).place(LEGAL, CASE, Asked(customer=f"C-{number}")).count == 1
    assert refusal(desk(few).place, LEGAL, CASE, Asked(customer="C-2")) == ("too_many_to_hold",)
    assert refusal(few.system.hold_desk.place, LEGAL, CASE, ids[2:3]) == ("too_many_to_hold",)
    assert desk(few).preview(LEGAL, CASE, Asked(customer="C-2")).takes_two
    assert desk(few).place(LEGAL, CASE, Asked(customer="C-1")).count == 1, "the same again is no more"
    assert few.system.hold_desk.place(SECOND_LEGAL, CASE, ids[3:]).count == 1
    assert desk(few).place(LEGAL, CASE, Asked(customer="C-2"), justification="the site").waiting_for_second
    assert desk(few).place(SECOND_LEGAL, CASE, Asked(customer="C-2")).count == 1
    assert desk(few).preview(SECOND_LEGAL, CASE, Asked(customer="C-0")).alone == 2, "what two confirmed is nobody's"


def test_what_waits_for_a_second_person_is_listed_and_due(few: Workshop) -> None:
    for number in range(3):
        call(few, f"c-{number}")
    desk(few).place(LEGAL, CASE, ADAS, justification="all of them")
    [(_, held, waiting)] = few.system.case_desk.listed(SECOND_LEGAL)
    assert (len(held), waiting) == (0, 1)
    due = few.system.procedure_desk.due(SECOND_LEGAL)
    assert [(one.kind, one.case.case_id) for one in due] == [(DueKind.WAITING, CASE)]
    desk(few).place(SECOND_LEGAL, CASE, ADAS)
    assert few.system.procedure_desk.due(SECOND_LEGAL) == []
    assert few.system.case_desk.listed(SECOND_LEGAL)[0][2] == 0


def test_a_preview_says_that_placing_would_be_refused(shop: Workshop, case: CaseId) -> None:
    for number in range(5):
        call(shop, f"c-{number}")
    for asked in (Asked(), Asked(line=LINE)):
        found = desk(shop).preview(LEGAL, case, asked)
        assert (found.refused_as, found.takes_two) == ("hold_on_everything", False)
    assert desk(shop).preview(LEGAL, case, ADAS).refused_as is None
    shop.release()
    assert desk(shop).preview(LEGAL, case, ADAS).refused_as == "name_taken"


def test_ended_criteria_hold_no_later_calls_and_let_nothing_go(shop: Workshop, case: CaseId) -> None:
    """What is held stays held until two people release the case; asked for again, later calls are held again."""
    call(shop, "c-1")
    placed = desk(shop).place(LEGAL, case, ADAS).placement
    ended = desk(shop).end(SECOND_LEGAL, case, placed.placement_id)
    assert desk(shop).end(SECOND_LEGAL, case, placed.placement_id) == ended
    call(shop, "c-2")
    assert (holds(shop, "c-1"), holds(shop, "c-2")) == ((CASE,), ())
    [told] = [one for one in shop.parts["catalogue"].log if one.operation == "hold.criteria_ended"]
    assert (told.case, told.subject) == (CASE, placed.placement_id)
    [edit] = shop.system.case_desk.shown(LEGAL, case).case.history
    assert (edit.by, edit.field, edit.before) == (SECOND_LEGAL.name, "criteria", placed.placement_id)
    assert is_later(ended, placed)
    assert refusal(desk(shop).end, LEGAL, case, "crit-0") == ("unknown",)
    again = desk(shop).place(LEGAL, case, ADAS)
    assert again.count == 2
    call(shop, "c-3")
    assert holds(shop, "c-2") == holds(shop, "c-3") == (CASE,)


def test_criteria_that_wait_are_not_ended(few: Workshop) -> None:
    for number in range(3):
        call(few, f"c-{number}")
    waiting = desk(few).place(LEGAL, CASE, ADAS, justification="all of them").placement
    with pytest.raises(UsageError, match="wait for a second person"):
        desk(few).end(SECOND_LEGAL, CASE, waiting.placement_id)


def test_a_proposed_release_is_taken_back_by_either_and_stays_in_the_history(shop: Workshop, case: CaseId) -> None:
    """I10: a restored backup does not bring the proposal back; the next proposal is the later word again."""
    held = call(shop, "c-1")
    shop.system.hold_desk.place(LEGAL, case, [held])
    proposed = shop.system.hold_desk.release(LEGAL, case).case
    withdrawn = shop.system.hold_desk.withdraw(SECOND_LEGAL, case).case
    assert shop.system.hold_desk.withdraw(SECOND_LEGAL, case).case == withdrawn
    again = shop.system.hold_desk.release(SECOND_LEGAL, case)
    assert again.waiting_for_second, "whoever asks next is the first person again"
    assert is_later(withdrawn, proposed)
    assert is_later(again.case, withdrawn)
    assert [(one.by, one.field, one.before) for one in withdrawn.history] == [("brigitte", "release", LEGAL.name)]
    assert holds(shop, "c-1") == (CASE,)
    shop.system.hold_desk.release(LEGAL, case)
    assert refusal(shop.system.hold_desk.withdraw, LEGAL, case) == ("name_taken",)
