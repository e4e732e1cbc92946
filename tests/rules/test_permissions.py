"""Testing on real calls: whatever is asked, nothing outside of a permission's scope and time is opened (U8, U2)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.errors import UsageError
from callwarden.model.access import Actor, Readable, Role
from callwarden.model.ids import LineId
from callwarden.model.permission import Permission, PermissionState, Wanted
from callwarden.model.policy import RealTesting
from callwarden.model.purpose import Purpose
from callwarden.model.recording import Recording
from callwarden.rules.permissions import checked, opening_permission, permission_state
from callwarden.rules.reading import Allow, Question, decide
from tests.contracts.test_permissions_contract import PERMISSION
from tests.rules.test_reading import POLICY
from tests.support.catalogue_rows import at, recording

PARIS = ZoneInfo("Europe/Paris")
LINE = LineId("customer-service")
FIRST, LAST, END = date(2026, 11, 1), date(2026, 11, 15), date(2026, 12, 1)
ASKED = datetime(2026, 11, 20, 12, tzinfo=PARIS)
OPEN = replace(
    PERMISSION,
    asked_at=ASKED,
    ends_at=datetime(2026, 12, 1, tzinfo=PARIS),
    recordings=(recording(1).recording_id, recording(2).recording_id),
    approved_by="chloe",
    approved_at=ASKED + timedelta(hours=1),
)
REDACTED = {Readable.BEEPED_AUDIO, Readable.REDACTED_TRANSCRIPT, Readable.WAVEFORM}
DAYS = st.dates(date(2026, 10, 28), date(2026, 12, 5))
INSTANTS = st.builds(
    lambda day, hours: datetime(day.year, day.month, day.day, tzinfo=PARIS) + timedelta(hours=hours),
    DAYS,
    st.integers(0, 23),
)
CALLS = st.builds(
    lambda number, line, ended: recording(
        number, line=LineId(line), started_at=ended, ended_at=ended, keep_until=ended + timedelta(days=180)
    ),
    st.integers(1, 3),
    st.sampled_from(["customer-service", "monitoring-centre"]),
    INSTANTS,
)
PERMISSIONS = st.builds(
    lambda ended, approved, altered: replace(
        OPEN, ended_at=ended, approved_at=approved, recordings=OPEN.recordings if approved else (), altered=altered
    ),
    st.none() | INSTANTS,
    st.none() | st.just(OPEN.approved_at),
    st.booleans(),
)
ACTORS = st.builds(Actor, role=st.sampled_from(Role), name=st.sampled_from(["ada", "ADA", "alan"]))


@given(
    permissions=st.lists(PERMISSIONS, max_size=3),
    actor=ACTORS,
    purpose=st.sampled_from(Purpose),
    what=st.sampled_from(Readable),
    call=CALLS,
    now=INSTANTS,
)
def test_nothing_outside_of_scope_and_time_is_ever_opened(
    permissions: list[Permission], actor: Actor, purpose: Purpose, what: Readable, call: Recording, now: datetime
) -> None:
    opened = opening_permission(permissions, actor, purpose, what, call, now=now, zone=PARIS)
    ended = call.ended_at
    assert ended is not None
    genuine = [one for one in permissions if one.approved_at and one.ended_at is None and not one.altered]
    inside = (
        call.line == LINE
        and FIRST <= ended.astimezone(PARIS).date() <= LAST
        and call.recording_id in OPEN.recordings
        and ASKED + timedelta(hours=1) <= now
        and now.astimezone(PARIS).date() < END
    )
    theirs = (actor.role, actor.name.casefold(), purpose) == (Role.ANALYST, "ada", Purpose.QUALITY)
    assert (opened is not None) == bool(genuine and inside and theirs and what in REDACTED)


@given(actor=ACTORS, purpose=st.sampled_from(Purpose), what=st.sampled_from(Readable), testing=st.booleans())
def test_a_permission_opens_redacted_forms_for_quality_to_whom_the_policy_names_and_nothing_else(
    actor: Actor, purpose: Purpose, what: Readable, testing: bool
) -> None:
    live = recording(1, keep_until=at(1), started_at=at(-2), ended_at=at(-1))
    question = Question(
        actor=actor,
        purpose=purpose,
        what=what,
        recording=live,
        redaction_complete=True,
        glass_broken=False,
        now=at(0),
        testing=testing,
    )
    without = replace(POLICY, testing=None)
    opened, ordinarily = (isinstance(decide(question, policy=one), Allow) for one in (POLICY, without))
    tests = actor.role is Role.ANALYST and purpose is Purpose.QUALITY and what in REDACTED
    assert opened == (ordinarily or (testing and tests))
    narrowed = replace(actor, lines=frozenset({LineId("another")}))
    assert not isinstance(decide(replace(question, actor=narrowed), policy=POLICY), Allow)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"line": LineId("sales")}, "unknown line sales"),
        ({"last": date(2026, 10, 1)}, "before it begins"),
        ({"number": 0}, "1 to 50"),
        ({"number": 51}, "1 to 50"),
        ({"until": date(2026, 11, 20)}, "lies in the past or is today"),
        ({"until": date(2026, 12, 5)}, "at most 14 days"),
        ({"reason": " \n"}, "needs a reason"),
    ],
)
def test_what_cannot_be_meant_or_goes_too_far_is_refused(changes: dict[str, object], says: str) -> None:
    limits = RealTesting(roles=(Role.ANALYST,))
    asked = Wanted(line=LINE, first=FIRST, last=LAST, number=3, until=END, reason=" why ")
    kept = checked(asked, limits=limits, lines={LINE}, today=ASKED.date())
    assert kept == replace(asked, reason="why")
    with pytest.raises(UsageError, match=says):
        checked(replace(asked, **changes), limits=limits, lines={LINE}, today=ASKED.date())  # type: ignore[arg-type]  # fields of it


def test_one_that_nobody_approved_before_its_end_has_lapsed() -> None:
    waits = replace(OPEN, approved_at=None, approved_by=None, recordings=())
    assert permission_state(waits, now=ASKED) is PermissionState.WAITING
    assert permission_state(waits, now=waits.ends_at) is PermissionState.LAPSED
    assert permission_state(replace(waits, ended_at=ASKED), now=ASKED) is PermissionState.LAPSED
    assert permission_state(OPEN, now=ASKED) is PermissionState.OVER, "approved later than now"
