"""Periods of appeal, whatever the dates: nothing ends too early (K3)."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.french_holidays import FrenchHolidays
from callwarden.adapters.policy.procedure_file import load_procedure
from callwarden.model.court import OWN_CIVIL_CODE, SEATS, CourtKind, Party, Residence
from callwarden.model.period import CalendarPeriod
from callwarden.model.procedure import (
    PROSECUTOR_GENERAL,
    CaseEvent,
    Court,
    EventType,
    GivenUp,
    Instance,
    Matter,
    Standing,
)
from callwarden.rules.calendar import falls_on, moved_on
from callwarden.rules.court_decisions import decisions, in_order, when
from callwarden.rules.procedure import Procedure, standing
from callwarden.rules.procedure_checks import faults
from callwarden.shipped import shipped_config

RULES = load_procedure(shipped_config() / "procedure.yaml")
HOLIDAYS = FrenchHolidays()
PROCEDURE = Procedure(rules=RULES, holidays=HOLIDAYS)

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
kinds = st.sampled_from(CourtKind)
seats = st.sampled_from(sorted(SEATS - OWN_CIVIL_CODE.keys()))
residences = st.sampled_from(Residence)
periods = st.builds(CalendarPeriod, months=st.integers(0, 26), days=st.integers(1, 40))


def stands(
    kind: CourtKind, seat: str, residence: Residence, decided: date, notified: date, *, collectivity: str | None = None
) -> Standing:
    matter = Matter(
        court=Court(kind=kind, seat=seat),
        parties=(Party(party_id="p1", residence=residence, collectivity=collectivity),),
        events=(
            CaseEvent(type=EventType.DECISION, on=decided),
            CaseEvent(type=EventType.NOTIFIED, on=notified, party="p1"),
        ),
    )
    return standing(matter, RULES.kinds[kind], lambda day: HOLIDAYS.is_closed(day, seat=seat))


def exhausted(kind: CourtKind, seat: str, residence: Residence, decided: date, notified: date) -> date:
    found = stands(kind, seat, residence, decided, notified)
    assert found.exhausted_on is not None
    assert found.exhausted_on == max(way.last_day for way in found.ways)
    return found.exhausted_on


@given(kinds, seats, residences, days, st.integers(0, 900), st.integers(0, 60))
def test_who_is_notified_later_never_loses_a_way_earlier(
    kind: CourtKind, seat: str, residence: Residence, decided: date, after: int, later: int
) -> None:
    first = decided + timedelta(days=after)
    assert exhausted(kind, seat, residence, decided, first) <= exhausted(
        kind, seat, residence, decided, first + timedelta(days=later)
    )


@given(kinds, seats, days, st.integers(0, 900))
def test_distance_never_ends_a_way_earlier(kind: CourtKind, seat: str, decided: date, after: int) -> None:
    notified = decided + timedelta(days=after)
    near = stands(kind, seat, Residence.OVERSEAS, decided, notified, collectivity=seat).exhausted_on
    ends = [exhausted(kind, seat, where, decided, notified) for where in (Residence.OVERSEAS, Residence.ABROAD)]
    assert near is not None
    assert ends == sorted(ends)
    assert near <= ends[0]
    assert exhausted(kind, seat, Residence.METROPOLE, decided, notified) <= ends[1]


@given(kinds, seats, residences, days, st.integers(0, 900))
def test_no_way_ends_on_a_saturday_a_sunday_or_a_holiday(
    kind: CourtKind, seat: str, residence: Residence, decided: date, after: int
) -> None:
    last = exhausted(kind, seat, residence, decided, decided + timedelta(days=after))
    assert last.weekday() < 5
    assert not HOLIDAYS.is_closed(last, seat=seat)


@given(days, periods, seats)
def test_a_last_day_moves_on_past_closed_days_only(start: date, period: CalendarPeriod, seat: str) -> None:
    ends = falls_on(start, period)
    moved = moved_on(ends, lambda day: HOLIDAYS.is_closed(day, seat=seat))
    skipped = [ends + timedelta(days=each) for each in range((moved - ends).days)]
    assert all(day.weekday() >= 5 or HOLIDAYS.is_closed(day, seat=seat) for day in skipped)
    assert falls_on(start, period, clear=True) == ends + timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "period", "ends"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2024, 1, 31), "P1M", date(2024, 2, 29)),
        (date(2026, 1, 31), "P1M15D", date(2026, 3, 15)),  # months first (641): 28 February, then fifteen days
        (date(2024, 2, 29), "P2Y", date(2026, 2, 28)),
        (date(2026, 3, 2), "P10D", date(2026, 3, 12)),
    ],
)
def test_months_come_to_the_same_number_and_days_after(start: date, period: str, ends: date) -> None:
    assert falls_on(start, CalendarPeriod.parse(period)) == ends


parties = st.sampled_from(["p1", "p2", PROSECUTOR_GENERAL, None])
happened = st.builds(
    CaseEvent,
    type=st.sampled_from(EventType),
    on=st.dates(date(2024, 1, 1), date(2024, 3, 31)),
    party=parties,
    instance=st.sampled_from([None, *Instance]),
    gives_up=st.sampled_from([None, *GivenUp]),
)
cases = st.builds(
    Matter,
    court=st.builds(Court, kind=kinds, seat=seats),
    parties=st.tuples(
        st.builds(Party, party_id=st.just("p1"), residence=residences, appeared=st.booleans()),
        st.builds(Party, party_id=st.just("p2"), residence=residences, appeared=st.booleans()),
    ),
    events=st.lists(happened, max_size=8).map(tuple),
)


def without_faults(matter: Matter) -> Matter:
    """The case with the events that can be: each is entered as legal would, and left out where it is refused."""
    kept: tuple[CaseEvent, ...] = ()
    for event in sorted(matter.events, key=when):
        tried = replace(matter, events=(*kept, event))
        if next(faults(tried, latest=date.max, earliest=date.min), None) is None:
            kept = tried.events
    return replace(matter, events=kept)


@given(cases.map(without_faults), st.randoms(use_true_random=False))
def test_whatever_has_happened_a_day_is_given_or_what_is_waited_for_in_any_order_of_entry(
    matter: Matter, chance: Random
) -> None:
    found = PROCEDURE.standing(matter)
    if found.exhausted_on is None:
        assert found.waiting_for
    else:
        assert all(way.last_day <= found.exhausted_on for way in found.ways)
    entered = list(matter.events)
    chance.shuffle(entered)
    if len({when(event) for event in entered}) == len(entered):
        assert PROCEDURE.standing(replace(matter, events=tuple(entered))) == found


@given(cases.map(without_faults), st.sampled_from(["p1", "p2"]))
def test_an_appeal_is_waited_for_until_it_is_decided(matter: Matter, party: str) -> None:
    made = decisions(in_order(matter.events))
    lodged = CaseEvent(type=EventType.APPEALED, on=date(2024, 4, 1), party=party)
    after = replace(matter, events=(*matter.events, lodged))
    if not made or next(faults(after, latest=date.max, earliest=date.min), None) is not None:
        return
    ends = {EventType.SETTLED, EventType.DESISTED}
    if matter.court.kind is not CourtKind.CRIMINAL and any(e.type in ends for e in matter.events):
        return
    assert PROCEDURE.standing(after).exhausted_on is None
    ended = CaseEvent(type=EventType.DECISION, on=date(2024, 5, 2), instance=Instance.APPEAL)
    told = CaseEvent(type=EventType.NOTIFIED, on=date(2024, 5, 3), instance=Instance.APPEAL)
    found = PROCEDURE.standing(replace(after, events=(*after.events, ended, told)))
    assert found.exhausted_on is not None
    assert found.exhausted_on > ended.on


def test_the_five_days_run_from_the_latest_of_several_appeals() -> None:
    """CPP 500, 505: a party appeals on the fifth day, the prosecutor-general on the twentieth."""
    appeals = [("p1", date(2025, 3, 8)), (PROSECUTOR_GENERAL, date(2025, 3, 24))]
    matter = Matter(
        court=Court(kind=CourtKind.CRIMINAL, seat="75"),
        parties=tuple(Party(party_id=name, residence=Residence.METROPOLE) for name in ("p1", "p2")),
        events=(
            CaseEvent(type=EventType.PRONOUNCED, on=date(2025, 3, 3)),
            *(CaseEvent(type=EventType.APPEALED, on=on, party=party) for party, on in appeals),
        ),
    )
    [way] = PROCEDURE.standing(matter).ways
    assert (way.party, way.last_day, way.article) == ("p2", date(2025, 3, 31), "CPP 500")


def test_the_prosecutor_general_gives_up_what_is_the_prosecutor_generals_alone() -> None:
    """What all the parties give up, and what they settle, ends no prosecution (CPP 6)."""
    begun = Matter(
        court=Court(kind=CourtKind.CRIMINAL, seat="75"),
        parties=(Party(party_id="p1", residence=Residence.METROPOLE),),
        events=(
            CaseEvent(type=EventType.PRONOUNCED, on=date(2025, 3, 3)),
            CaseEvent(type=EventType.APPEALED, on=date(2025, 3, 24), party=PROSECUTOR_GENERAL),
        ),
    )

    def after(kind: EventType, party: str | None) -> date | None:
        given_up = CaseEvent(type=kind, on=date(2025, 6, 2), party=party)
        return PROCEDURE.standing(replace(begun, events=(*begun.events, given_up))).exhausted_on

    assert after(EventType.DESISTED, None) is None
    assert after(EventType.SETTLED, None) is None
    assert after(EventType.DESISTED, "p1") is None
    assert after(EventType.DESISTED, PROSECUTOR_GENERAL) == date(2025, 6, 2)


CIVIL = Court(kind=CourtKind.CIVIL, seat="75")
TWO = tuple(Party(party_id=name, residence=Residence.METROPOLE) for name in ("p1", "p2"))
BEGUN = CaseEvent(type=EventType.SUMMONS, on=date(2026, 1, 5), by="p1")


def said(kind: EventType, on: str, party: str | None = None, **more: Any) -> CaseEvent:
    return CaseEvent(type=kind, on=date.fromisoformat(on), party=party, **more)


def civil(*events: CaseEvent, parties: tuple[Party, ...] = TWO, court: Court = CIVIL) -> Standing:
    return PROCEDURE.standing(Matter(court=court, parties=parties, events=events))


DECIDED = said(EventType.DECISION, "2026-10-01")
NOTIFIED = said(EventType.NOTIFIED, "2026-11-20")


@pytest.mark.parametrize(("last_instance", "last"), [(False, date(2026, 12, 21)), (True, date(2026, 11, 24))])
def test_a_cassation_takes_no_appeal_away_that_is_open(last_instance: bool, last: date) -> None:
    """CPC 605: it is for what was judged in last instance."""
    found = civil(
        replace(DECIDED, last_instance=last_instance),
        NOTIFIED,
        said(EventType.CASSATION, "2026-11-21", "p1"),
        said(EventType.REJECTED, "2026-11-24"),
        parties=TWO[:1],
    )
    assert (found.exhausted_on, found.waiting_for) == (last, ())


@pytest.mark.parametrize(
    ("given_up", "says"),
    [
        (("p2", None), "p2 did not begin it"),
        (("p2", GivenUp.ACTION), "p2 did not begin it"),
        (("p1", None), "may be asked for again"),
        (("p1", GivenUp.INSTANCE), "may be asked for again"),
        ((None, None), "may be asked for again"),
    ],
)
def test_a_desistment_is_the_claimants_and_gives_up_the_proceedings_alone(
    given_up: tuple[str | None, GivenUp | None], says: str
) -> None:
    """CPC 394, 398."""
    party, of = given_up
    found = civil(BEGUN, said(EventType.DESISTED, "2026-02-02", party, gives_up=of))
    assert found.exhausted_on is None
    assert says in "".join(found.waiting_for)


def test_a_desistment_of_the_action_by_a_known_claimant_or_by_all_ends_everything() -> None:
    action = said(EventType.DESISTED, "2026-02-02", "p1", gives_up=GivenUp.ACTION)
    assert civil(BEGUN, action).exhausted_on == action.on
    assert civil(replace(action, party=None)).exhausted_on == action.on
    unknown = civil(action)
    assert unknown.exhausted_on is None
    assert "who the claimant is" in unknown.waiting_for[0]


def test_after_a_decision_only_who_has_lodged_something_gives_it_up() -> None:
    """CPC 394, 403: the judgment is final for who gives up the appeal; the others keep what they have."""
    appealed = said(EventType.APPEALED, "2026-11-25", "p1")
    given_up = said(EventType.DESISTED, "2026-12-01", "p1")
    ended = civil(BEGUN, DECIDED, NOTIFIED, appealed, given_up)
    assert (ended.exhausted_on, ended.waiting_for) == (date(2026, 12, 21), ()), "p2 may appeal until then"
    by_other = civil(BEGUN, DECIDED, NOTIFIED, appealed, replace(given_up, party="p2"))
    assert by_other.exhausted_on is None
    assert "the decision on the appeal of 2026-11-25 by p1" in by_other.waiting_for
    assert "ends nothing" in by_other.waiting_for[-1]
    without_appeal = civil(BEGUN, DECIDED, NOTIFIED, given_up)
    assert without_appeal.exhausted_on == date(2026, 12, 21)
    assert "ends nothing" in without_appeal.waiting_for[0]


def test_an_appeal_after_a_desistment_revives_what_was_given_up() -> None:
    """CPC 403."""
    events = (
        said(EventType.APPEALED, "2026-11-25", "p1"),
        said(EventType.DESISTED, "2026-12-01", "p1"),
        said(EventType.APPEALED, "2026-12-10", "p2"),
        said(EventType.DESISTED, "2026-12-15", "p2"),
    )
    found = civil(BEGUN, DECIDED, NOTIFIED, *events)
    assert found.exhausted_on is None
    assert "the decision on the appeal of 2026-11-25 by p1" in found.waiting_for


@pytest.mark.parametrize("seat", ["987", "988"])
def test_where_civil_procedure_has_a_code_of_its_own_a_person_computes(seat: str) -> None:
    found = civil(DECIDED, NOTIFIED, court=Court(kind=CourtKind.CIVIL, seat=seat))
    assert (found.exhausted_on, found.ways) == (None, ())
    assert OWN_CIVIL_CODE[seat] in found.waiting_for[0]
    assert civil(DECIDED, NOTIFIED, court=Court(kind=CourtKind.CIVIL, seat="986")).exhausted_on is not None


def test_a_late_appeal_is_said_to_be_late_and_waited_for() -> None:
    found = civil(DECIDED, NOTIFIED, said(EventType.APPEALED, "2026-12-22", "p1"))
    assert found.exhausted_on is None
    assert found.waiting_for == (
        "the decision on the appeal of 2026-12-22 by p1; it came late: the last day was 2026-12-21",
    )
