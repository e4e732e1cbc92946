"""Who works with calls sees what became of them, of their own lines and agents, and each look is an entry (U2, U3)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from callwarden.desks.calls import CallDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.ids import LineId, RecordingId
from callwarden.ports.catalogue import OutcomeFilter
from tests.support.workshop import LEGAL, LINE, Workshop

OPERATOR = Actor(role=Role.OPERATOR, name="otto")
TRAINER = Actor(role=Role.TRAINER, name="alice")
THERE = Actor(role=Role.SUPERVISOR, name="sonia", lines=frozenset({LineId(LINE)}))
ELSEWHERE = Actor(role=Role.SUPERVISOR, name="sam", lines=frozenset({LineId("monitoring-centre")}))
ANOTHER_TEAM = Actor(role=Role.SUPERVISOR, name="tina", agents=frozenset({"a-999"}))
ALL = OutcomeFilter()


def desk(shop: Workshop) -> CallDesk:
    return shop.system.call_desk


def told(shop: Workshop, *, last: int = 1) -> list[tuple[Any, ...]]:
    return [(str(one.operation), one.subject, *one.reasons) for one in shop.parts["catalogue"].log[-last:]]


ACTS: dict[str, Callable[[CallDesk, Actor, RecordingId], object]] = {
    "calls.list": lambda desk, actor, _: desk.listed(actor, ALL),
    "calls.show": lambda desk, actor, recording: desk.shown(actor, recording),
    "calls.outcomes": lambda desk, actor, _: desk.sums(actor),
    "calls.waiting": lambda desk, actor, _: desk.waiting(actor),
    "calls.certificate": lambda desk, actor, recording: desk.certificates(actor, recording),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_has_no_business_with_calls_is_refused_and_that_is_an_entry(shop: Workshop, act: str) -> None:
    recording = shop.stored()
    with pytest.raises(RefusedError) as refused:
        ACTS[act](desk(shop), TRAINER, recording)
    assert refused.value.reasons == ("not_permitted",)
    assert told(shop) == [("access.refused", None, "not_permitted", act)]


def test_each_look_is_an_entry(shop: Workshop) -> None:
    recording = shop.stored()
    shop.clock.move(timedelta(days=400))
    shop.drain("dispose")
    for look in ACTS.values():
        look(desk(shop), OPERATOR, recording)
    assert told(shop, last=5) == [
        ("calls.listed", None),
        ("calls.shown", recording),
        ("calls.counted", None),
        ("calls.counted", None),
        ("certificate.shown", recording),
    ]


def test_of_a_list_everybody_gets_what_is_on_their_lines(shop: Workshop) -> None:
    """An event that became no recording, and one of no known line, are for nobody who is narrowed."""
    here, there = shop.stored("c-1"), shop.stored("c-2", line="monitoring-centre")
    shop.publish(b"no event", shop.say("objected", call_id="c-9"))
    shop.publish(shop.event("c-3", line="complaints"))
    shop.drain()
    found = desk(shop).listed(OPERATOR, ALL)
    assert (len(found.outcomes), len(found.recordings)) == (5, 3)
    for actor, theirs in ((THERE, [here]), (ELSEWHERE, [there]), (ANOTHER_TEAM, [])):
        found = desk(shop).listed(actor, ALL)
        assert ([one.recording_id for one in found.outcomes], list(found.recordings)) == (theirs, theirs)
    assert [one.recording_id for one in desk(shop).listed(ELSEWHERE, ALL, limit=1).outcomes] == [there]


def test_an_id_of_another_line_is_answered_as_one_that_does_not_exist(shop: Workshop) -> None:
    recording = shop.stored("c-1")
    for which in ("c-1", recording):
        answers = []
        for actor, asked in ((ELSEWHERE, which), (ELSEWHERE, "c-7"), (OPERATOR, "c-7")):
            with pytest.raises(RefusedError) as refused:
                desk(shop).shown(actor, asked)
            answers.append((refused.value.reasons, str(refused.value).replace(asked, "…"), told(shop)))
        assert answers[0] == answers[1] == answers[2]
    for asked in (recording, RecordingId("rec-7")):
        with pytest.raises(RefusedError) as refused:
            desk(shop).certificates(ELSEWHERE, asked)
        assert (refused.value.reasons, told(shop)) == (
            ("unknown",),
            [("access.refused", None, "unknown", "calls.certificate")],
        )


def test_of_a_call_on_two_lines_the_other_lines_leg_is_not_shown(shop: Workshop) -> None:
    shop.publish(shop.event("c-1", leg="main"), shop.event("c-1", leg="transfer", line="monitoring-centre"))
    shop.drain()
    shown = desk(shop).shown(THERE, "c-1")
    assert [one.leg for one in shown.outcomes] == ["main"]
    assert {one.recording_id for one in shown.artefacts} == set(shown.recordings)
    assert len(desk(shop).shown(OPERATOR, "c-1").outcomes) == 2


def test_the_sums_are_of_every_line_and_so_for_nobody_who_is_narrowed(shop: Workshop) -> None:
    narrowed = Actor(role=Role.OPERATOR, name="otto", lines=frozenset({LineId(LINE)}))
    for look in (desk(shop).sums, desk(shop).waiting):
        with pytest.raises(RefusedError, match="not limited"):
            look(narrowed)


def test_a_line_that_there_is_not_and_a_certificate_that_there_is_not_yet_are_said(shop: Workshop) -> None:
    recording = shop.stored()
    with pytest.raises(UsageError, match="unknown line complaints"):
        desk(shop).listed(OPERATOR, OutcomeFilter(line=LineId("complaints")))
    with pytest.raises(RefusedError, match="its state is stored"):
        desk(shop).certificates(LEGAL, recording)
    assert told(shop) == [("access.refused", recording, "no_certificate", "calls.certificate")]


def test_which_case_holds_a_call_hears_only_who_may_list_cases(shop: Workshop) -> None:
    """U9, decision 34: everybody else who sees the call hears that it is held; an operator mends, and hears it."""
    shop.hold(shop.stored("c-1"))
    named = dict[Role, list[list[str]]]()
    for role in (Role.OPERATOR, Role.TELEPHONY, Role.SUPERVISOR, Role.INVESTIGATOR, Role.LEGAL, Role.DPO, Role.AUDITOR):
        for found in (
            desk(shop).listed(Actor(role=role, name="somebody"), ALL),
            desk(shop).shown(Actor(role=role, name="somebody"), "c-1"),
        ):
            [row] = found.recordings.values()
            assert found.held == {row.recording_id}
            named.setdefault(role, []).append(list(row.holds))
    knows = {Role.OPERATOR, Role.LEGAL, Role.DPO, Role.AUDITOR}
    assert named == {role: [["DOSSIER-1"] if role in knows else []] * 2 for role in named}
