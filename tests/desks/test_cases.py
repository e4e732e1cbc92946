"""Holds are legal's: opened, placed, released and listed of their own lines, each act and refusal an entry (K3, U2)."""

from collections.abc import Callable
from typing import Any

import pytest

from callwarden.desks.cases import HoldDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId, LineId, RecordingId
from tests.support.workshop import DPO, LEGAL, LINE, SECOND_LEGAL, Workshop

TRAINER = Actor(role=Role.TRAINER, name="alice")
HERE = Actor(role=Role.LEGAL, name="hugo", lines=frozenset({LineId(LINE)}))
ELSEWHERE = Actor(role=Role.LEGAL, name="elsa", lines=frozenset({LineId("monitoring-centre")}))
CASE = CaseId("DOSSIER-1")


def desk(shop: Workshop) -> HoldDesk:
    return shop.system.hold_desk


def told(shop: Workshop, *, last: int = 1) -> list[tuple[Any, ...]]:
    return [(str(one.operation), one.case, one.subject, *one.reasons) for one in shop.parts["catalogue"].log[-last:]]


def refusal(call: Callable[..., object], *arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        call(*arguments, **more)
    return refused.value.reasons


def case(shop: Workshop, case_id: str = CASE) -> Any:
    with shop.system.catalogue.snapshot() as tx:
        return tx.cases.get(CaseId(case_id))


def test_somebody_else_opens_places_releases_and_lists_nothing_and_every_try_is_an_entry(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    assert refusal(desk(shop).open, TRAINER, CaseId("DOSSIER-2"), reason="curious") == ("not_permitted",)
    assert refusal(desk(shop).place, TRAINER, CASE, [recording]) == ("not_permitted",)
    assert refusal(desk(shop).release, TRAINER, CASE) == ("not_permitted",)
    assert refusal(desk(shop).listed, TRAINER) == ("not_permitted",)
    refused = ("access.refused", CASE, None, "not_permitted")
    assert told(shop, last=4) == [
        ("access.refused", "DOSSIER-2", None, "not_permitted", "hold.open"),
        (*refused, "hold.place"),
        (*refused, "hold.release.ask"),
        ("access.refused", None, None, "not_permitted", "hold.list"),
    ]
    assert case(shop, "DOSSIER-2") is None


def test_every_step_of_a_case_is_an_entry(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    desk(shop).listed(DPO)
    shop.release()
    assert told(shop, last=5) == [
        ("hold.opened", CASE, None),
        ("hold.placed", CASE, recording),
        ("hold.listed", None, None),
        ("hold.release_requested", CASE, None),
        ("hold.released", CASE, recording),
    ]


def test_whoever_is_narrowed_to_a_line_holds_no_other_lines_call_and_learns_nothing_of_it(shop: Workshop) -> None:
    here, nowhere = shop.stored("c-1"), RecordingId("rec-00000000000000000000000000000001")
    desk(shop).open(ELSEWHERE, CASE, reason="dispute")
    answers = [desk(shop).place(ELSEWHERE, CASE, [one]) for one in (here, nowhere)]
    assert [(one.held, one.gone, len(one.unknown)) for one in answers] == [((), (), 1)] * 2
    assert told(shop, last=2) == [("access.refused", CASE, None, "unknown", "hold.place")] * 2
    assert shop.recording("c-1").holds == ()
    assert desk(shop).place(HERE, CASE, [here]).held == (here,)


def test_whoever_is_narrowed_to_a_line_releases_no_other_lines_call(shop: Workshop) -> None:
    """One that holds nothing of theirs is answered as one that does not exist; of one they know, that it is more."""
    here, there = shop.stored("c-1"), shop.stored("c-2", line="monitoring-centre")
    shop.hold(here)
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == refusal(desk(shop).release, ELSEWHERE, CaseId("NONE-1"))
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == ("unknown",)
    shop.hold(there)
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == ("not_permitted",)
    assert desk(shop).release(LEGAL, CASE).waiting_for_second
    assert refusal(desk(shop).release, ELSEWHERE, CASE) == ("not_permitted",)
    assert told(shop) == [("access.refused", CASE, None, "not_permitted", "hold.release.confirm")]
    assert case(shop).state is CaseState.OPEN
    desk(shop).open(HERE, CaseId("DOSSIER-2"), reason="another")
    desk(shop).place(HERE, CaseId("DOSSIER-2"), [here])
    assert desk(shop).release(HERE, CaseId("DOSSIER-2")).waiting_for_second
    assert desk(shop).release(LEGAL, CaseId("DOSSIER-2")).case.state is CaseState.RELEASED


def test_of_the_list_of_cases_everybody_sees_what_is_theirs(shop: Workshop) -> None:
    here, there = shop.stored("c-1"), shop.stored("c-2", line="monitoring-centre")
    shop.hold(here, there)
    shop.hold(there, case="DOSSIER-2")
    desk(shop).open(HERE, CaseId("DOSSIER-3"), reason="mine, and empty")
    seen = {one.case_id: [hold.recording_id for hold in holds] for one, holds in desk(shop).listed(HERE)}
    assert seen == {"DOSSIER-1": [here], "DOSSIER-3": []}
    assert len(desk(shop).listed(LEGAL)) == 3


def test_a_case_is_one_whatever_the_capitals_of_its_name(shop: Workshop) -> None:
    recording = shop.stored()
    desk(shop).open(LEGAL, CASE, reason="dispute")
    assert desk(shop).open(DPO, CaseId("dossier-1 "), reason="dispute").case_id == CASE
    assert desk(shop).place(LEGAL, CaseId("Dossier-1"), [recording]).case.case_id == CASE
    assert desk(shop).release(LEGAL, CaseId("dossier-1")).case.case_id == CASE
    assert desk(shop).release(SECOND_LEGAL, CaseId("dossier-1")).case.state is CaseState.RELEASED
    assert {one.case for one in shop.parts["catalogue"].log if one.case} == {CASE}
    with pytest.raises(UsageError, match="was released"):
        desk(shop).place(LEGAL, CaseId("dossier-1"), [recording])


def test_a_name_that_is_taken_is_refused_and_no_reason_is_lost(shop: Workshop) -> None:
    desk(shop).open(LEGAL, CASE, reason="dispute")
    assert desk(shop).open(DPO, CASE, reason="dispute").opened_by == LEGAL.name
    assert refusal(desk(shop).open, DPO, CASE, reason="another dispute") == ("name_taken",)
    assert told(shop) == [("access.refused", CASE, None, "name_taken", "hold.open")]
    shop.release()
    assert refusal(desk(shop).open, DPO, CASE, reason="dispute") == ("name_taken",)
    assert case(shop).reason == "dispute"
