"""What the journal says is to be kept is kept, though somebody has taken away the rows that say so, or written them
anew (I4, I7, K3, D4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callwarden.adapters.journal.catalogue import journalled
from callwarden.model.access import Actor
from callwarden.model.criteria import Asked
from callwarden.model.event import ObjectionScope
from callwarden.model.ids import CaseId
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import RecordingState
from callwarden.model.request import RequestId, RequestState, RequestType
from tests.fakes.transaction import Rows
from tests.support.dying import Dying, Fate, KilledError, Moment
from tests.support.scenarios import DPO, LEGAL
from tests.support.workshop import Workshop

SECOND_DPO = Actor(role=DPO.role, name="claire")
CASE = CaseId("DOSSIER-1")
HALF_A_YEAR = timedelta(days=200)


def rows(shop: Workshop) -> Rows:
    """The rows, for somebody who may write into the database."""
    found: Rows = shop.parts["catalogue"].rows
    return found


def call(shop: Workshop, name: str) -> str:
    return shop.stored(name, caller={"number": "+33639980001", "customer_id": f"C-{name}"})


def ask(shop: Workshop, name: str) -> RequestId:
    opened = shop.system.request_desk.open(DPO, RequestType.ACCESS, customer_id=f"C-{name}")
    return opened.request.request_id


def state(shop: Workshop, name: str) -> RecordingState:
    return shop.recording(name).state


def breaches(shop: Workshop) -> set[str]:
    return {one.code for one in shop.report().breaches}


def _delete(shop: Workshop, request: RequestId) -> None:
    del rows(shop).requests[request]


def _answer(shop: Workshop, request: RequestId) -> None:
    rows(shop).requests[request] = replace(
        rows(shop).requests[request], state=RequestState.CLOSED, answered_at=shop.clock.now(), altered=True
    )


@pytest.mark.parametrize("tamper", [_delete, _answer])
def test_a_request_keeps_what_it_asks_for_whatever_has_become_of_its_row(
    tamper: Callable[[Workshop, RequestId], None], shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing but that is kept; the alarm names it, and the journal replayed enters it again."""
    call(shop, "asked")
    call(shop, "other")
    request = ask(shop, "asked")
    shop.drain("dispose")
    tamper(shop, request)
    shop.clock.move(HALF_A_YEAR)
    shop.drain("dispose")
    assert (state(shop, "asked"), state(shop, "other")) == (RecordingState.STORED, RecordingState.DISPOSED)
    assert "request_gone" in capsys.readouterr().err
    assert shop.report().due == 1
    shop.system.replay_from_start()
    assert rows(shop).requests[request].answered_at is None
    assert shop.clean()
    shop.drain("dispose")
    assert state(shop, "asked") is RecordingState.STORED


def test_no_objection_and_no_other_erasure_takes_what_a_request_without_a_row_asks_for(shop: Workshop) -> None:
    call(shop, "asked")
    _delete(shop, ask(shop, "asked"))
    shop.system.objection_desk.add(
        DPO, ObjectionScope(customer_id="C-asked"), frozenset({RECORDING}), channel="mail", source="a letter"
    )
    assert state(shop, "asked") is RecordingState.STORED
    system = shop.system
    erasure = system.request_desk.open(DPO, RequestType.ERASURE, number="+33639980001").request.request_id
    system.request_desk.verify(DPO, erasure, how="called back")
    system.request_item_desk.find(DPO, erasure)
    system.request_erasure_desk.preview(DPO, erasure)
    system.request_erasure_desk.approve(SECOND_DPO, erasure)
    assert state(shop, "asked") is RecordingState.STORED


def test_deleted_requests_items_criteria_and_cases_are_named_and_entered_again(shop: Workshop) -> None:
    call(shop, "asked")
    request = ask(shop, "asked")
    shop.system.request_desk.verify(DPO, request, how="called back")
    shop.system.request_item_desk.find(DPO, request)
    shop.system.case_desk.open(LEGAL, CASE, reason="dispute")
    shop.system.placement_desk.place(LEGAL, CASE, Asked(customer="C-held"))
    assert shop.clean()
    before = rows(shop).snapshot()
    for table in ("placements", "cases", "request_items", "requests"):
        getattr(rows(shop), table).clear()
        assert f"{table.split('_')[0].removesuffix('s')}_gone" in breaches(shop)
    shop.system.replay_from_start()
    assert shop.clean()
    for table in ("placements", "cases", "request_items", "requests"):
        assert getattr(rows(shop), table) == getattr(before, table)


def test_a_request_put_back_as_it_was_is_named(shop: Workshop) -> None:
    call(shop, "asked")
    request = ask(shop, "asked")
    older = rows(shop).requests[request]
    shop.system.request_desk.verify(DPO, request, how="called back")
    rows(shop).requests[request] = older
    assert breaches(shop) == {"decision_undone"}
    shop.system.replay_from_start()
    assert shop.clean()


def _without_criteria(shop: Workshop) -> None:
    rows(shop).placements.clear()


def _of_a_case_said_to_be_released(shop: Workshop) -> None:
    case = rows(shop).cases[CASE]
    rows(shop).cases[CASE] = replace(case, state=type(case.state)("released"), altered=True)


@pytest.mark.parametrize("tamper", [_without_criteria, _of_a_case_said_to_be_released])
def test_a_later_call_that_deleted_criteria_match_is_not_destroyed_and_is_held_once_they_are_back(
    tamper: Callable[[Workshop], None], shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.system.case_desk.open(LEGAL, CASE, reason="dispute")
    shop.system.placement_desk.place(LEGAL, CASE, Asked(customer="C-held"))
    shop.drain("dispose")
    tamper(shop)
    call(shop, "held")
    call(shop, "other")
    assert shop.recording("held").holds == ()
    shop.clock.move(HALF_A_YEAR)
    shop.drain("dispose")
    assert (state(shop, "held"), state(shop, "other")) == (RecordingState.STORED, RecordingState.DISPOSED)
    assert "placement_gone" in capsys.readouterr().err
    shop.system.replay_from_start()
    shop.drain("dispose")
    assert shop.recording("held").holds == (CASE,)
    shop.drain("holds")
    assert shop.clean()


def test_an_act_that_was_cut_off_before_its_commit_keeps_what_it_is_about_and_stops_nothing_else(
    shop: Workshop,
) -> None:
    """The journal has it, no row does; the next start carries it out."""
    call(shop, "asked")
    call(shop, "other")
    shop.drain("dispose")
    journal = Dying(shop.parts["journal"], Fate(at=Moment("journal.append_acts", 1, after=True)), "journal")
    shop.reopen().stand_in(catalogue=journalled(shop.parts["catalogue"], journal, shop.clock))
    with pytest.raises(KilledError):
        ask(shop, "asked")
    shop.clock.move(HALF_A_YEAR)
    other: Any = shop.reopen()
    assert rows(shop).requests == {}
    list(other.sweep.rounds())
    assert (state(shop, "asked"), state(shop, "other")) == (RecordingState.STORED, RecordingState.DISPOSED)
    _ = other.replayed
    [request] = rows(shop).requests.values()
    assert request.answered_at is None
    assert shop.clean()
