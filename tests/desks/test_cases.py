"""Holds are legal's: opened, placed, released and listed of their own lines, each act and refusal an entry (K3, U2)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from callwarden.desks.cases import CaseDesk
from callwarden.desks.holds import HoldDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.hold import CaseState
from callwarden.model.ids import CaseId, LineId, RecordingId
from callwarden.model.recording import RecordingState
from tests.support.workshop import DPO, LEGAL, LINE, SECOND_LEGAL, Workshop

TRAINER = Actor(role=Role.TRAINER, name="alice")
HERE = Actor(role=Role.LEGAL, name="hugo", lines=frozenset({LineId(LINE)}))
ELSEWHERE = Actor(role=Role.LEGAL, name="elsa", lines=frozenset({LineId("monitoring-centre")}))
CASE = CaseId("DOSSIER-1")


def desk(shop: Workshop) -> HoldDesk:
    return shop.system.hold_desk


def cases(shop: Workshop) -> CaseDesk:
    return shop.system.case_desk


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
    assert refusal(cases(shop).open, TRAINER, CaseId("DOSSIER-2"), reason="curious") == ("not_permitted",)
    assert refusal(desk(shop).place, TRAINER, CASE, [recording]) == ("not_permitted",)
    assert refusal(desk(shop).release, TRAINER, CASE) == ("not_permitted",)
    assert refusal(cases(shop).listed, TRAINER) == ("not_permitted",)
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
    cases(shop).listed(DPO)
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
    cases(shop).open(ELSEWHERE, CASE, reason="dispute")
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
    cases(shop).open(HERE, CaseId("DOSSIER-2"), reason="another")
    desk(shop).place(HERE, CaseId("DOSSIER-2"), [here])
    assert desk(shop).release(HERE, CaseId("DOSSIER-2")).waiting_for_second
    assert desk(shop).release(LEGAL, CaseId("DOSSIER-2")).case.state is CaseState.RELEASED


def test_of_the_list_of_cases_everybody_sees_what_is_theirs(shop: Workshop) -> None:
    here, there = shop.stored("c-1"), shop.stored("c-2", line="monitoring-centre")
    shop.hold(here, there)
    shop.hold(there, case="DOSSIER-2")
    cases(shop).open(HERE, CaseId("DOSSIER-3"), reason="mine, and empty")
    seen = {one.case_id: [hold.recording_id for hold in holds] for one, holds in cases(shop).listed(HERE)}
    assert seen == {"DOSSIER-1": [here], "DOSSIER-3": []}
    assert len(cases(shop).listed(LEGAL)) == 3


def test_a_case_is_one_whatever_the_capitals_of_its_name(shop: Workshop) -> None:
    recording = shop.stored()
    cases(shop).open(LEGAL, CASE, reason="dispute")
    assert cases(shop).open(DPO, CaseId("dossier-1 "), reason="dispute").case_id == CASE
    assert desk(shop).place(LEGAL, CaseId("Dossier-1"), [recording]).case.case_id == CASE
    assert desk(shop).release(LEGAL, CaseId("dossier-1")).case.case_id == CASE
    assert desk(shop).release(SECOND_LEGAL, CaseId("dossier-1")).case.state is CaseState.RELEASED
    assert {one.case for one in shop.parts["catalogue"].log if one.case} == {CASE}
    assert refusal(desk(shop).place, LEGAL, CaseId("dossier-1"), [recording]) == ("name_taken",)
    assert told(shop) == [("access.refused", CASE, None, "name_taken", "hold.place")]


def test_a_name_that_is_taken_is_refused_and_no_reason_is_lost(shop: Workshop) -> None:
    cases(shop).open(LEGAL, CASE, reason="dispute")
    assert cases(shop).open(DPO, CASE, reason="dispute").opened_by == LEGAL.name
    assert refusal(cases(shop).open, DPO, CASE, reason="another dispute") == ("name_taken",)
    assert told(shop) == [("access.refused", CASE, None, "name_taken", "hold.open")]
    shop.release()
    assert refusal(cases(shop).open, DPO, CASE, reason="dispute") == ("name_taken",)
    assert case(shop).reason == "dispute"


@pytest.mark.parametrize("name", ["DOSSIER-0639980001", "DOSSIER 06 39 98 00 01", "+33 6 39 98 00 01"])
def test_no_case_is_named_by_a_telephone_number(shop: Workshop, name: str) -> None:
    recording = shop.stored()
    for attempt in (
        lambda: cases(shop).open(LEGAL, CaseId(name), reason="dispute"),
        lambda: desk(shop).place(LEGAL, CaseId(name), [recording]),
        lambda: desk(shop).release(LEGAL, CaseId(name)),
    ):
        with pytest.raises(UsageError, match="not a telephone number"):
            attempt()


@pytest.mark.parametrize("name", ["DOSSIER-2026-014", "2026/07", "DOSSIER-" + "7" * 90])
def test_a_case_of_any_other_name_is_opened(shop: Workshop, name: str) -> None:
    assert cases(shop).open(LEGAL, CaseId(name), reason="dispute").case_id == name


def test_a_case_that_there_is_not_is_unknown_to_everybody_who_asks(shop: Workshop) -> None:
    recording, nowhere = shop.stored(), CaseId("NONE-1")
    assert refusal(desk(shop).place, LEGAL, nowhere, [recording]) == ("unknown",)
    assert refusal(desk(shop).release, LEGAL, nowhere) == ("unknown",)
    acts = [one[-1] for one in told(shop, last=2)]
    assert acts == ["hold.place", "hold.release.ask"]


def test_the_reason_of_somebody_elses_case_cannot_be_guessed(shop: Workshop) -> None:
    shop.hold(shop.stored())
    reason = case(shop).reason
    assert {refusal(cases(shop).open, ELSEWHERE, CASE, reason=each) for each in (reason, "a guess")} == {
        ("name_taken",)
    }
    assert cases(shop).open(HERE, CASE, reason=reason).case_id == CASE, "it holds something of theirs"


def test_every_answer_about_a_case_is_an_entry_also_where_nothing_is_done(shop: Workshop) -> None:
    recording = shop.stored()
    shop.hold(recording)
    cases(shop).open(DPO, CASE, reason=case(shop).reason)
    assert told(shop) == [("hold.listed", CASE, None)]
    desk(shop).place(DPO, CASE, [recording])
    assert told(shop) == [("hold.listed", CASE, recording)]
    shop.release()
    desk(shop).release(DPO, CASE)
    assert told(shop) == [("hold.listed", CASE, None)]
    gone = shop.recording("c-1")
    with shop.system.catalogue.transaction() as tx:
        tx.recordings.save([replace(gone, state=RecordingState.DISPOSING)])
    cases(shop).open(LEGAL, CaseId("DOSSIER-2"), reason="too late")
    assert desk(shop).place(LEGAL, CaseId("DOSSIER-2"), [recording]).gone == (recording,)
    assert told(shop) == [("hold.listed", "DOSSIER-2", recording)]
