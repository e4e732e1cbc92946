"""Six months are six months on the calendar of the policy's time zone (K1, K2, K7)."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import assume, example, given
from hypothesis import strategies as st

from callwarden.model.outcome import Reason
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Limits
from callwarden.rules.retention import EARLIEST_CALL, LAST, credible_time, is_past, keep_until

PARIS = ZoneInfo("Europe/Paris")
APIA = ZoneInfo("Pacific/Apia")
SIX_MONTHS = CalendarPeriod(months=6)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LIMITS = Limits(
    max_audio_bytes=10**9,
    max_duration=timedelta(hours=12),
    max_channels=8,
    max_clock_ahead=timedelta(minutes=5),
    max_call_length=timedelta(hours=12),
)

zones = st.sampled_from(
    [
        "Europe/Paris",
        "Europe/London",
        "America/St_Johns",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Pacific/Chatham",
        "UTC",
    ]
).map(ZoneInfo)
instants = st.builds(
    lambda seconds, micros: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micros),
    st.integers(0, 60 * 365 * 86_400),
    st.integers(0, 999_999),
) | st.builds(
    # Around clock changes the seconds matter: the quarter hours of a few such nights.
    lambda day, quarters: day + timedelta(minutes=15 * quarters, microseconds=1),
    st.sampled_from(
        [
            datetime(2025, 9, 27, 20, tzinfo=UTC),
            datetime(2026, 3, 28, 20, tzinfo=UTC),
            datetime(2026, 10, 24, 20, tzinfo=UTC),
            datetime(2011, 6, 29, 20, tzinfo=UTC),
            datetime(2011, 12, 29, 0, tzinfo=UTC),
        ]
    ),
    st.integers(0, 100),
)
periods = st.one_of(
    st.builds(CalendarPeriod, months=st.integers(1, 120), days=st.integers(0, 400)),
    st.builds(CalendarPeriod, days=st.integers(1, 400)),
    st.just(SIX_MONTHS),
)


def in_paris(*parts: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=PARIS, fold=fold)


def oracle_wall(ended_at: datetime, period: CalendarPeriod, zone: ZoneInfo) -> datetime:
    wall = ended_at.astimezone(zone).replace(tzinfo=None, fold=0)
    return wall + relativedelta(months=period.months) + relativedelta(days=period.days)


def shown_at(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


@pytest.mark.parametrize(
    ("ended", "until"),
    [
        (in_paris(2026, 8, 31, 10, 31, 2), in_paris(2027, 2, 28, 10, 31, 2)),
        (in_paris(2027, 8, 31, 10, 31, 2), in_paris(2028, 2, 29, 10, 31, 2)),
        (in_paris(2026, 5, 20, 9, 0), in_paris(2026, 11, 20, 9, 0)),
        (in_paris(2026, 8, 30, 23, 59, 59), in_paris(2027, 2, 28, 23, 59, 59)),
    ],
)
def test_six_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(ended: datetime, until: datetime) -> None:
    assert keep_until(ended, SIX_MONTHS, PARIS) == until


def test_a_year_from_a_leap_day_ends_on_the_last_of_february() -> None:
    assert keep_until(in_paris(2028, 2, 29, 12), CalendarPeriod(months=12), PARIS) == in_paris(2029, 2, 28, 12)


def test_a_time_the_spring_night_skips_becomes_the_end_of_the_gap() -> None:
    ended = in_paris(2025, 9, 29, 2, 30)
    assert keep_until(ended, SIX_MONTHS, PARIS) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_the_autumn_night_shows_twice_is_its_first_showing() -> None:
    ended = in_paris(2026, 4, 25, 2, 30)
    assert keep_until(ended, SIX_MONTHS, PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_call_that_ends_in_the_repeated_hour_is_not_kept_longer_for_it() -> None:
    first, second = in_paris(2026, 10, 25, 2, 30, fold=0), in_paris(2026, 10, 25, 2, 30, fold=1)
    assert second - first.astimezone(UTC) == timedelta(hours=1)
    assert keep_until(second, SIX_MONTHS, PARIS) == keep_until(first, SIX_MONTHS, PARIS)


def test_a_day_a_country_skips_ends_the_period_at_the_start_of_the_next() -> None:
    """Samoa had no 30 December 2011."""
    ended = datetime(2011, 6, 30, 15, 0, tzinfo=APIA)
    assert keep_until(ended, SIX_MONTHS, APIA) == datetime(2011, 12, 31, 0, 0, tzinfo=APIA)


def test_the_offset_an_event_is_written_with_does_not_matter() -> None:
    """K7: the policy's time zone counts, wherever the telephone system stands."""
    ended = datetime(2026, 8, 30, 23, 30, tzinfo=UTC)
    assert keep_until(ended, SIX_MONTHS, PARIS) == in_paris(2027, 2, 28, 1, 30)
    assert keep_until(ended.astimezone(timezone(timedelta(hours=-9))), SIX_MONTHS, PARIS) == keep_until(
        ended, SIX_MONTHS, PARIS
    )


@given(ended=instants, period=periods, zone=zones)
def test_the_period_ends_at_the_first_instant_that_shows_the_promised_time(
    ended: datetime, period: CalendarPeriod, zone: ZoneInfo
) -> None:
    """K7, against python-dateutil; never a microsecond longer than promised."""
    until = keep_until(ended, period, zone)
    promised = oracle_wall(ended, period, zone)
    assert until.tzinfo is UTC
    assert shown_at(until, zone) >= promised
    assert shown_at(until - timedelta(microseconds=1), zone) < promised
    if shown_at(until, zone) > promised:
        skipped = promised.replace(tzinfo=zone)
        assert skipped.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != promised


@given(ended=instants, period=periods, zone=zones)
def test_a_recording_is_kept_at_least_until_its_period_is_over(
    ended: datetime, period: CalendarPeriod, zone: ZoneInfo
) -> None:
    assert keep_until(ended, period, zone) > ended
    assert keep_until(ended, period, zone) - ended <= timedelta(days=period.at_most_days() + 1)


@given(first=instants, later=st.timedeltas(timedelta(0), timedelta(hours=12)), period=periods, zone=zones)
def test_of_two_calls_of_a_day_the_later_by_the_clock_is_not_gone_first(
    first: datetime, later: timedelta, period: CalendarPeriod, zone: ZoneInfo
) -> None:
    """Of one day: where a month is shorter, the calls of several days end on its last, each at its time of day."""
    second = first + later
    assume(shown_at(first, zone).date() == shown_at(second, zone).date())
    assume(shown_at(first, zone) <= shown_at(second, zone))
    assert keep_until(first, period, zone) <= keep_until(second, period, zone)


@given(ended=instants, period=periods, zone=zones, jump=st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_clock_that_jumps_changes_the_answer_only_while_it_is_wrong(
    ended: datetime, period: CalendarPeriod, zone: ZoneInfo, jump: timedelta
) -> None:
    until = keep_until(ended, period, zone)
    assert is_past(until, now=until + jump) == (jump >= timedelta(0))
    assert is_past(until, now=until)
    assert not is_past(until, now=until - timedelta(microseconds=1))


def test_a_naive_end_of_call_has_no_answer() -> None:
    with pytest.raises(ValueError, match="aware"):
        keep_until(NOW.replace(tzinfo=None), SIX_MONTHS, PARIS)


def test_a_period_past_the_end_of_the_calendar_ends_with_it() -> None:
    for period in (CalendarPeriod(months=12 * 9000), CalendarPeriod(days=99999)):
        assert keep_until(datetime(9998, 1, 1, tzinfo=UTC), period, PARIS) == LAST


offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
all_instants = st.datetimes(timezones=offsets) | st.sampled_from(
    [
        datetime.combine(edge.date(), edge.time(), zone)
        for edge in (EARLIEST_CALL.min, EARLIEST_CALL.max)
        for zone in (UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)))
    ]
)
all_zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)


@given(started=all_instants, ended=all_instants, period=periods, zone=all_zones)
@example(started=NOW, ended=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), period=SIX_MONTHS, zone=PARIS)
def test_nothing_an_event_says_of_its_times_is_without_an_answer(
    started: datetime, ended: datetime, period: CalendarPeriod, zone: ZoneInfo
) -> None:
    """I1: the period of what is quarantined is computed as well, by reconcile and by a change of the policy."""
    until = keep_until(ended, period, zone)
    assert until.tzinfo is UTC
    assert until == LAST or until > ended
    kept = until - max(ended, datetime(1, 1, 3, tzinfo=UTC))
    assert until == LAST or kept <= timedelta(days=period.at_most_days() + 1)
    credible_time(started, ended, now=NOW, limits=LIMITS)


def test_an_ordinary_call_has_credible_times() -> None:
    assert credible_time(NOW - timedelta(minutes=6), NOW, now=NOW, limits=LIMITS) is None
    assert credible_time(NOW, NOW, now=NOW, limits=LIMITS) is None


@pytest.mark.parametrize(
    ("started", "ended"),
    [
        (None, NOW),
        (NOW, None),
        (None, None),
        (NOW.replace(tzinfo=None), NOW),
        (NOW, NOW.replace(tzinfo=None)),
        (NOW, NOW - timedelta(microseconds=1)),
        (NOW - LIMITS.max_call_length - timedelta(microseconds=1), NOW),
        (EARLIEST_CALL - timedelta(microseconds=1), EARLIEST_CALL),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 5, tzinfo=UTC)),
    ],
)
def test_a_call_without_a_believable_time_is_not_given_one(started: datetime | None, ended: datetime | None) -> None:
    assert credible_time(started, ended, now=NOW, limits=LIMITS) is Reason.NO_CREDIBLE_TIME


def test_a_clock_may_run_ahead_a_little_and_no_more() -> None:
    ahead = NOW + LIMITS.max_clock_ahead
    assert credible_time(ahead, ahead, now=NOW, limits=LIMITS) is None
    further = ahead + timedelta(microseconds=1)
    assert credible_time(NOW, further, now=NOW, limits=LIMITS) is Reason.FUTURE_TIME


@given(
    started=st.datetimes(timezones=st.timezones()),
    ended=st.datetimes(timezones=st.timezones()),
    now=instants,
)
def test_whatever_two_clocks_say_there_is_an_answer_and_only_sane_times_pass(
    started: datetime, ended: datetime, now: datetime
) -> None:
    if credible_time(started, ended, now=now, limits=LIMITS) is None:
        assert started >= EARLIEST_CALL
        assert timedelta(0) <= ended - started <= LIMITS.max_call_length
        assert ended <= now + LIMITS.max_clock_ahead
        assert keep_until(ended, SIX_MONTHS, PARIS) > ended
