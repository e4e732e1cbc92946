"""Periods of appeal, whatever the dates: nothing ends too early (K3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.adapters.french_holidays import FrenchHolidays
from callwarden.adapters.policy.procedure_file import load_procedure
from callwarden.model.court import SEATS, CourtKind, Party, Residence
from callwarden.model.period import CalendarPeriod
from callwarden.model.procedure import CaseEvent, Court, EventType, Matter, Standing
from callwarden.rules.calendar import falls_on, moved_on
from callwarden.rules.procedure import standing
from callwarden.shipped import shipped_config

RULES = load_procedure(shipped_config() / "procedure.yaml")
HOLIDAYS = FrenchHolidays()

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
