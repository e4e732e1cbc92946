"""Periods of appeal, whatever the dates: nothing ends too early (K3)."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.french_holidays import FrenchHolidays
from callwarden.adapters.policy.procedure_file import load_procedure
from callwarden.model.court import SEATS, CourtKind, Party, Residence
from callwarden.model.period import CalendarPeriod
from callwarden.model.procedure import PROSECUTOR_GENERAL, CaseEvent, Court, EventType, Instance, Matter, Standing
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
seats = st.sampled_from(sorted(SEATS))
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
    if matter.court.kind is not CourtKind.CRIMINAL and any(e.type is EventType.SETTLED for e in matter.events):
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
