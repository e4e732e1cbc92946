"""By when a request is answered, and what may follow what (D1, D2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.recording import RecordingState
from callwarden.model.request import Decision, RefusalGround, RequestItem, RequestState, RequestType
from callwarden.rules.erasing import Waits, erasure_preview
from callwarden.rules.requests import (
    Nearness,
    RequestRefusal,
    due_on,
    extended,
    is_frozen,
    may_answer,
    may_extend,
    months_later,
    nearness,
    state_of_answer,
)
from tests.support.catalogue_rows import NOON, at, rec, recording, request, request_item

PARIS = ZoneInfo("Europe/Paris")
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1))


@pytest.mark.parametrize(
    ("received", "last", "longer"),
    [
        ("2026-11-27", "2026-12-27", "2027-02-27"),  # November has 30 days: both are the same
        ("2026-07-01", "2026-07-31", "2026-09-30"),  # 30 days are fewer than the month
        ("2026-08-31", "2026-09-30", "2026-11-30"),
        ("2027-01-31", "2027-02-28", "2027-04-28"),  # the month is shorter
        ("2028-01-31", "2028-02-29", "2028-04-29"),
        ("2027-02-01", "2027-03-01", "2027-05-01"),
        ("2026-12-15", "2027-01-14", "2027-03-14"),
        ("2026-10-25", "2026-11-24", "2027-01-24"),  # the clocks change
    ],
)
def test_the_last_day_is_the_earlier_of_thirty_days_and_a_month(received: str, last: str, longer: str) -> None:
    day = date.fromisoformat(received)
    assert due_on(day) == date.fromisoformat(last)
    assert extended(day) == date.fromisoformat(longer)


@given(DAYS)
def test_nobody_waits_longer_than_promised(received: date) -> None:
    assert received + timedelta(days=28) <= due_on(received) <= received + timedelta(days=30)
    assert due_on(received) <= months_later(received, 1)
    assert due_on(received) < extended(received) <= months_later(received, 3)
    assert due_on(received) <= due_on(received + timedelta(days=1))


@given(DAYS, st.integers(-60, 120), st.sampled_from(RequestState))
def test_an_open_request_is_near_its_day_for_a_week_and_overdue_after_it(
    received: date, later: int, state: RequestState
) -> None:
    over = state in (RequestState.ANSWERED, RequestState.ANSWERED_PARTLY, RequestState.CLOSED)
    one = request(1, due_on=due_on(received), state=state, answered_at=NOON if over else None)
    today = received + timedelta(days=later)
    near = nearness(one, today=today)
    assert (near is Nearness.OVERDUE) == (not over and today > one.due_on)
    assert (near is Nearness.IN_TIME) == (over or today < one.due_on - timedelta(days=7))


def test_an_extension_is_told_once_inside_the_first_month_by_the_company_s_clock() -> None:
    received = datetime(2026, 11, 1, 0, 0, tzinfo=PARIS)  # still October in UTC
    one = request(1, received_at=received.astimezone(UTC), due_on=date(2026, 12, 1))
    assert may_extend(one, today=date(2026, 12, 1), zone=PARIS) is None
    assert may_extend(one, today=date(2026, 12, 2), zone=PARIS) is RequestRefusal.TOO_LATE
    again = request(1, received_at=received, extended_at=NOON, due_on=date(2027, 2, 1))
    assert may_extend(again, today=date(2026, 11, 2), zone=PARIS) is RequestRefusal.ALREADY_EXTENDED


ITEMS = st.lists(
    st.builds(
        lambda number, decision, approved, done, reason: request_item(
            1,
            recording=number,
            decision=decision,
            approved_at=at(1) if approved else None,
            done_at=at(2) if done else None,
            reason=reason,
        ),
        st.integers(1, 6),
        st.sampled_from([None, *Decision]),
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, "litigation"]),
    ),
    unique_by=lambda one: one.recording_id,
)


@given(ITEMS, st.sampled_from(RequestType), st.sampled_from(RequestState), st.booleans())
def test_nothing_is_answered_before_it_is_known_who_asks_and_every_item_is_decided_and_done(
    items: list[RequestItem], kind: RequestType, state: RequestState, verified: bool
) -> None:
    one = request(1, type=kind, state=state, verified_at=at(0) if verified else None)
    if may_answer(one, items) is None:
        assert verified
        assert all(item.decision is not None for item in items)
        granted = [item for item in items if item.decision is Decision.GRANTED]
        if kind is RequestType.ERASURE:
            assert all(item.done_at or (item.approved_at and item.reason) for item in granted)
        waiting = any(item.done_at is None and item.reason for item in granted)
        assert state_of_answer(items) is (RequestState.ANSWERED_PARTLY if waiting else RequestState.ANSWERED)
    refused = request(1, type=kind, state=RequestState.RECEIVED, refused=RefusalGround.IDENTITY_UNPROVEN)
    assert may_answer(refused, ()) is None


ROWS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(RecordingState),
        "holds": st.sampled_from([(), ("DOSSIER-1",)]),
        "restricted": st.booleans(),
        "not_before": st.sampled_from([None, at(-1), at(1)]),
        "altered": st.booleans(),
    }
)


@given(ITEMS, st.lists(ROWS, min_size=7, max_size=7), st.sets(st.integers(1, 6)))
def test_of_a_preview_each_item_is_in_one_part_and_what_goes_is_kept_by_nothing(
    items: list[RequestItem], changes: list[dict[str, Any]], frozen: set[int]
) -> None:
    rows = {rec(number): recording(number, **each) for number, each in enumerate(changes)}
    found = erasure_preview(items, rows, frozen={rec(number) for number in frozen}, now=NOON)
    parts = [*found.erasable, *found.held, *found.kept, *found.gone]
    assert sorted(parts) == sorted(item.recording_id for item in items)
    for name in found.erasable:
        row = rows[name]
        assert row.state in (RecordingState.STORED, RecordingState.QUARANTINED)  # not one that is on its way
        assert not row.holds
        assert not row.restricted
        assert not row.altered
        assert name not in {rec(number) for number in frozen}
        assert row.not_before is None or row.not_before <= NOON
    assert set(found.held.values()) <= {why.value for why in Waits}
    assert all(rows[name].holds for name, why in found.held.items() if why == Waits.LITIGATION)
    again = erasure_preview(items[::-1], rows, frozen={rec(number) for number in frozen}, now=NOON)
    assert again.digest == found.digest


@given(
    kind=st.sampled_from(RequestType),
    answered=st.booleans(),
    mine=st.booleans(),
    found=st.booleans(),
    over=st.booleans(),
)
def test_only_what_is_asked_for_and_was_still_kept_is_frozen_and_only_until_the_answer(
    *, kind: RequestType, answered: bool, mine: bool, found: bool, over: bool
) -> None:
    one = request(1, type=kind, answered_at=at(1) if answered else None, received_at=NOON)
    row = recording(1, caller="num-k1-aa" if mine else "num-k1-zz", keep_until=NOON if over else at(1))
    asked = kind is not RequestType.INFORMATION and not answered
    assert is_frozen(row, one, found=found) == (asked and (mine or found) and not over)
