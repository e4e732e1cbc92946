"""What happens in a case before its court is entered, never overwritten, and reminds; it releases nothing (K3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from callwarden.desks.procedure import ProcedureDesk
from callwarden.errors import RefusedError, UsageError
from callwarden.model.access import Actor, Role
from callwarden.model.court import CourtKind, Party, Residence
from callwarden.model.hold import Case, CaseState
from callwarden.model.ids import CaseId
from callwarden.model.procedure import CaseEvent, EventType, Instance
from callwarden.rules.case_procedure import DueKind
from tests.support.workshop import LEGAL, SECOND_LEGAL, Workshop

CASE = CaseId("DOSSIER-2026-014")
OPENED = datetime(2026, 4, 1, 9, tzinfo=UTC)
STRANGER = Actor(role=Role.LEGAL, name="stranger")


@pytest.fixture
def case(shop: Workshop) -> CaseId:
    """A civil case of two parties, one of them abroad, that legal opened on 1 April 2026; today is 1 July."""
    shop.clock.instant = datetime(2026, 7, 1, 9, tzinfo=UTC)
    put(shop, parties=(party("claimant"), party("insurer", Residence.ABROAD)))
    return CASE


def put(shop: Workshop, case_id: CaseId = CASE, **changes: Any) -> None:
    values: dict[str, Any] = {
        "case_id": case_id,
        "reason": "Mme Exemple contre la société",
        "opened_by": LEGAL.name,
        "opened_at": OPENED,
        "state": CaseState.OPEN,
        "court": CourtKind.CIVIL,
        "seat": "75",
    }
    with shop.system.catalogue.transaction() as tx:
        tx.cases.save(Case(**values | changes))


def party(name: str, residence: Residence = Residence.METROPOLE) -> Party:
    return Party(party_id=name, residence=residence)


def event(kind: EventType, on: str, of: str | None = None, instance: Instance | None = None) -> CaseEvent:
    return CaseEvent(type=kind, on=date.fromisoformat(on), party=of, instance=instance)


def desk(shop: Workshop) -> ProcedureDesk:
    return shop.system.procedure_desk


def enter(shop: Workshop, *events: CaseEvent) -> None:
    for each in events:
        desk(shop).enter(LEGAL, CASE, each)


def stored(shop: Workshop) -> Case:
    with shop.system.catalogue.snapshot() as tx:
        found = tx.cases.get(CASE)
    assert found is not None
    return found


def told(shop: Workshop) -> tuple[str, str | None, tuple[str, ...]]:
    entry = shop.parts["catalogue"].log[-1]
    return (str(entry.operation), entry.case, entry.reasons)


def refused(call: Callable[..., object], *arguments: Any) -> str:
    with pytest.raises(UsageError) as error:
        call(*arguments)
    return str(error.value)


DECIDED = event(EventType.DECISION, "2026-04-13")
CLAIMANT = event(EventType.NOTIFIED, "2026-04-20", "claimant")
INSURER = event(EventType.NOTIFIED, "2026-04-22", "insurer")


def test_each_event_is_an_act_and_the_case_says_when_its_ways_are_exhausted(shop: Workshop, case: CaseId) -> None:
    """K3, U2: the latest day over all parties; abroad, two months more (CPC 643)."""
    waits = desk(shop).enter(LEGAL, case, DECIDED)
    assert waits.standing.exhausted_on == date(2028, 4, 13)
    assert len(waits.standing.waiting_for) == 2
    assert told(shop) == ("hold.event_entered", CASE, ())
    enter(shop, CLAIMANT, INSURER)
    stands = desk(shop).show(LEGAL, CaseId(case.lower()))
    assert stands.standing.exhausted_on == date(2026, 7, 22)
    assert stands.standing.waiting_for == ()
    assert told(shop) == ("hold.shown", CASE, ())


def test_a_wrong_event_is_undone_by_another_and_both_stay(shop: Workshop, case: CaseId) -> None:
    enter(shop, DECIDED, CLAIMANT, INSURER)
    desk(shop).undo(SECOND_LEGAL, case, 3)
    assert told(shop) == ("hold.event_undone", CASE, ())
    assert [(one.by, one.undoes) for one in stored(shop).events][2:] == [(LEGAL.name, None), (SECOND_LEGAL.name, 3)]
    right = replace(INSURER, on=date(2026, 4, 24))
    assert desk(shop).enter(LEGAL, case, right).standing.exhausted_on == date(2026, 7, 24)
    assert "no event 3 that counts" in refused(desk(shop).undo, LEGAL, case, 3)
    assert "event 2: event: there is no decision yet" in refused(desk(shop).undo, LEGAL, case, 1)


@pytest.mark.parametrize(
    ("happened", "says"),
    [
        (event(EventType.DECISION, "2026-07-02"), "date: 2026-07-02 is in the future"),
        (event(EventType.DECISION, "2020-01-02"), "date: 2020-01-02 is before the case can have begun"),
        (event(EventType.NOTIFIED, "2026-04-12", "claimant"), "date: 2026-04-12 is before the decision of 2026-04-13"),
        (event(EventType.NOTIFIED, "2026-04-20", "stranger"), "party: stranger is none of the parties of the case"),
        (CLAIMANT, "event: notified to claimant of 2026-04-20 is entered twice"),
        (event(EventType.NOTIFIED, "2026-04-21", "claimant"), "party: the decision of 2026-04-13 is notified to claim"),
        (event(EventType.QUASHED, "2026-06-01"), "event: no cassation was lodged"),
        (event(EventType.SUMMONS, "2026-05-01"), "event 1: date: 2026-04-13 is before the summons of 2026-05-01"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_changes_nothing(
    shop: Workshop, case: CaseId, happened: CaseEvent, says: str
) -> None:
    enter(shop, DECIDED, CLAIMANT)
    before = stored(shop)
    assert says in refused(desk(shop).enter, LEGAL, case, happened)
    assert stored(shop) == before
    assert told(shop) == ("access.refused", CASE, ("not_possible", "hold.procedure.add"))


def test_a_case_is_open_to_the_people_it_names_only(shop: Workshop, case: CaseId) -> None:
    """U2: to somebody else of the same role there is no such case, and nothing of it is due or in their calendar."""
    put(shop, people=(SECOND_LEGAL.name,), parties=(party("claimant"),))
    for call in (desk(shop).show, desk(shop).review):
        with pytest.raises(RefusedError) as error:
            call(STRANGER, case)
        assert error.value.reasons == ("unknown",)
    with pytest.raises(RefusedError):
        desk(shop).enter(STRANGER, case, DECIDED)
    shop.clock.move(timedelta(days=400))
    assert desk(shop).due(STRANGER) == []
    assert CASE.encode() not in desk(shop).calendar(STRANGER)
    assert desk(shop).enter(SECOND_LEGAL, case, DECIDED).case.events


def test_a_case_that_names_no_party_takes_those_its_events_name_and_says_so(shop: Workshop, case: CaseId) -> None:
    put(shop, parties=())
    stands = [desk(shop).enter(LEGAL, case, each) for each in (DECIDED, replace(CLAIMANT, party="Claimant "))][-1]
    assert stands.standing.exhausted_on == date(2026, 5, 20)
    assert stands.standing.waiting_for == (
        "where claimant resides; taken as in metropolitan France (callwarden hold edit CASE --party)",
    )
    assert "a party stands under a word of yours" in refused(
        desk(shop).enter, LEGAL, case, event(EventType.APPEALED, "2026-05-01", "Jean Exemple")
    )


def test_what_is_due_is_listed_and_nothing_is_released_by_itself(shop: Workshop, case: CaseId) -> None:
    """K3: exhausted ways remind; two people release, and the case stays open until they have."""
    enter(shop, DECIDED, CLAIMANT, INSURER)
    desk(shop).review(LEGAL, case)

    def due(days: int = 0) -> list[tuple[DueKind, date]]:
        return [(each.kind, each.on) for each in desk(shop).due(LEGAL, within=timedelta(days=days))]

    assert due() == []
    assert due(21) == [(DueKind.ENDS, date(2026, 7, 22))]
    shop.clock.instant = datetime(2026, 7, 22, 9, tzinfo=UTC)
    assert due() == [(DueKind.ENDS, date(2026, 7, 22))]
    shop.clock.instant = datetime(2026, 7, 23, 9, tzinfo=UTC)
    assert due() == [(DueKind.EXHAUSTED, date(2026, 7, 22))]
    assert stored(shop).state is CaseState.OPEN
    shop.system.hold_desk.release(LEGAL, case)
    assert due() == [(DueKind.CONFIRM, date(2026, 7, 22))]
    shop.system.hold_desk.release(SECOND_LEGAL, case)
    assert due() == []
    with pytest.raises(RefusedError, match="was released"):
        desk(shop).enter(LEGAL, case, event(EventType.APPEALED, "2026-07-01", "claimant"))


def test_a_case_nobody_has_reviewed_for_the_policys_period_is_due_until_somebody_has(
    shop: Workshop, case: CaseId
) -> None:
    assert shop.policy.case_review.months == 3
    [late] = desk(shop).due(LEGAL)
    assert (late.kind, late.on) == (DueKind.REVIEW, date(2026, 7, 1))
    assert desk(shop).review(LEGAL, case).review_on == date(2026, 10, 1)
    assert told(shop) == ("hold.reviewed", CASE, ())
    assert desk(shop).due(LEGAL) == []


def test_the_calendar_carries_references_only(shop: Workshop, case: CaseId) -> None:
    enter(shop, DECIDED, CLAIMANT, INSURER)
    content = desk(shop).calendar(LEGAL)
    entry = shop.parts["catalogue"].log[-1]
    assert (str(entry.operation), entry.count) == ("hold.calendar_exported", 2)
    events = Calendar.from_ical(content).walk("VEVENT")
    assert {(str(each["SUMMARY"]), each["DTSTART"].dt) for each in events} == {
        ("DOSSIER-2026-014: last day of the last way of appeal", date(2026, 7, 22)),
        ("DOSSIER-2026-014: review due", date(2026, 7, 1)),
    }
    assert not any(word in content.decode() for word in ("Exemple", "claimant", "insurer", LEGAL.name))
    uids = {str(each["UID"]) for each in events}
    shop.clock.move(timedelta(days=1))
    again = Calendar.from_ical(desk(shop).calendar(LEGAL)).walk("VEVENT")
    assert {str(each["UID"]) for each in again} == uids, "a calendar that subscribes moves the day, and adds none"
