"""Dates that a changed policy gives what is stored: never a later one without a stated ground (K1, K2, K7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.ids import LineId
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy_change import LinePeriods
from callwarden.model.recording import AudioState, Recording
from callwarden.rules.lifecycle import lifecycle_rules
from callwarden.rules.redating import Terms, is_later, redated
from callwarden.rules.redating import given as ingest_gives
from callwarden.rules.retention import keep_until
from callwarden.rules.vault_layout import HELD_TAG, RETENTION_TAG, tags_of
from tests.support.catalogue_rows import recording
from tests.support.workshop import LINE, SHIPPED_POLICY, policy_of, with_line

POLICY = policy_of(SHIPPED_POLICY)
BEGAN = datetime(2026, 1, 15, 9, tzinfo=UTC)
PERIODS = st.builds(CalendarPeriod, months=st.integers(0, 30), days=st.integers(1, 40))
ENDS = st.integers(0, 700).map(lambda days: BEGAN + timedelta(days=days, hours=days % 24))


@st.composite
def stored(draw: st.DrawFn) -> Recording:
    """A recording with its dates by some policy before, its audio kept as long, shorter, or gone."""
    ended_at, audio = draw(ENDS), draw(st.none() | PERIODS)
    periods = LinePeriods(line=LineId(LINE), retention=str(draw(PERIODS)), audio=None if audio is None else str(audio))
    until, audio_until = ingest_gives(ended_at, periods, POLICY.time_zone)
    state = draw(st.sampled_from([AudioState.KEPT, AudioState.ENDED])) if audio_until else AudioState.KEPT
    return replace(
        recording(1, line=LineId(LINE)),
        ended_at=ended_at,
        keep_until=until,
        audio_until=audio_until,
        audio=state,
        holds=(),
    )


@st.composite
def changed(draw: st.DrawFn, ground: bool | None = None) -> Terms:
    audio = draw(st.none() | PERIODS)
    stated = draw(st.booleans()) if ground is None else ground
    line = LinePeriods(
        line=LineId(draw(st.sampled_from([LINE, LINE, LINE, "another"]))),
        retention=str(draw(PERIODS)),
        audio=None if audio is None else str(audio),
        ground="decree 2026-1" if stated else None,
    )
    zone = ZoneInfo(draw(st.sampled_from(["Europe/Paris", "Indian/Reunion"])))
    return Terms(zone=zone, lines={line.line: line})


def ends(one: Recording) -> tuple[datetime, datetime]:
    assert one.keep_until is not None
    return one.keep_until, one.audio_until or one.keep_until


@given(stored(), changed(ground=False), ENDS)
def test_no_date_of_what_is_stored_ever_grows_where_the_policy_states_no_ground(
    one: Recording, by: Terms, as_at: datetime
) -> None:
    after = redated(one, by, as_at=as_at)
    assert after is None or all(new <= old for old, new in zip(ends(one), ends(after), strict=True))
    assert after is None or not is_later(one, after)


@given(stored(), changed(ground=True), ENDS)
def test_with_a_ground_none_grows_beyond_what_new_calls_get_nor_once_it_is_past(
    one: Recording, by: Terms, as_at: datetime
) -> None:
    after = redated(one, by, as_at=as_at)
    if after is None:
        return
    assert one.ended_at is not None
    until, audio = ingest_gives(one.ended_at, by.lines[one.line], by.zone)
    for old, new, at_most in zip(ends(one), ends(after), (until, audio or until), strict=True):
        assert new <= max(old, at_most)
        assert new <= old or old > as_at, "what was past its date when it was approved is not kept longer"


@given(stored(), changed(), ENDS)
def test_to_do_it_again_changes_nothing_and_sound_is_never_kept_longer_than_the_rest(
    one: Recording, by: Terms, as_at: datetime
) -> None:
    after = redated(one, by, as_at=as_at)
    if after is not None:
        assert redated(after, by, as_at=as_at) is None
        assert after.audio is not AudioState.KEPT or ends(after)[1] <= ends(after)[0]
        assert replace(after, keep_until=one.keep_until, audio_until=one.audio_until) == one, "only dates are moved"


@given(stored(), PERIODS, PERIODS)
def test_the_bucket_is_never_first_whatever_policy_gave_the_date(
    one: Recording, now: CalendarPeriod, other: CalendarPeriod
) -> None:
    """K2: the tag names a period that is over no earlier than the date, and there is a rule for every tag."""
    policy = with_line(POLICY, retention=now)
    tags = tags_of(one, excluded=False, policy=policy)
    assert one.ended_at is not None
    assert one.keep_until is not None
    if tags == {HELD_TAG: "yes"}:
        periods = [line.retention for line in policy.lines.values()]
        assert all(keep_until(one.ended_at, each, policy.time_zone) < one.keep_until for each in periods)
        return
    [rule] = [
        rule
        for rule in lifecycle_rules(policy, earlier={str(other)})
        if dict(rule.tags)[RETENTION_TAG] == tags[RETENTION_TAG]
    ]
    assert one.ended_at + timedelta(days=rule.expire_after_days) > one.keep_until


@given(PERIODS, PERIODS)
def test_objects_of_an_earlier_policy_keep_the_rule_of_their_tag(now: CalendarPeriod, before: CalendarPeriod) -> None:
    rules = lifecycle_rules(with_line(POLICY, retention=now), earlier={str(before)})
    days = {dict(rule.tags)[RETENTION_TAG]: rule.expire_after_days for rule in rules}
    assert {str(now), str(before), str(POLICY.quarantine)} <= days.keys()
    assert all(count > CalendarPeriod.parse(period).at_most_days() for period, count in days.items())
