"""Who reads otherwise than usual: held against their own past and their role's, never against nothing (U3)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callwarden.model.policy import UnusualReading
from callwarden.rules.unusual_reading import Read, Unusual, findings

PARIS = ZoneInfo("Europe/Paris")
LIMITS = UnusualReading(times=Decimal(3), at_least=5, from_hour=6, to_hour=22, days=30)
TODAY = date(2026, 11, 20)


def _day(actor: str, day: date, count: int, *, hour: int = 10) -> Iterable[Read]:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)
    return [Read(actor=actor, at=at, subject=f"rec-{number}") for number in range(count)]


def _past(actor: str, count: int, *, days: int = 10) -> list[Read]:
    return [read for ago in range(1, days + 1) for read in _day(actor, TODAY - timedelta(days=ago), count)]


def _found(reads: Iterable[Read], since: date = TODAY) -> list[tuple[Unusual, str, int]]:
    return [(one.what, one.actor, one.count) for one in findings(reads, since=since, limits=LIMITS, zone=PARIS)]


def test_more_than_they_ever_did_is_shown_and_as_much_as_ever_is_not() -> None:
    assert _found([*_past("trainer:a", 4), *_day("trainer:a", TODAY, 13)]) == [
        (Unusual.MORE_THAN_BEFORE, "trainer:a", 13)
    ]
    assert _found([*_past("trainer:a", 4), *_day("trainer:a", TODAY, 12)]) == []
    assert _found([*_past("trainer:a", 1), *_day("trainer:a", TODAY, 4)]) == []  # fewer than `at_least`


def test_who_has_no_past_is_held_against_their_role_only_and_a_role_of_few_against_nothing() -> None:
    role = [read for name in "bcd" for read in _day(f"trainer:{name}", TODAY, 2)]
    assert _found([*role, *_day("trainer:a", TODAY, 7)]) == [(Unusual.MORE_THAN_OTHERS, "trainer:a", 7)]
    assert _found([*role[:4], *_day("trainer:a", TODAY, 7)]) == []
    assert _found([*role, *_day("legal:a", TODAY, 7)]) == []


def test_a_recording_counts_once_a_day_however_often_it_is_heard() -> None:
    often = [read for _ in range(50) for read in _day("trainer:a", TODAY, 4)]
    assert _found([*_past("trainer:a", 1), *often]) == []


def test_each_reading_out_of_hours_and_each_emergency_is_shown() -> None:
    late = [
        *_day("trainer:a", TODAY, 1, hour=22),
        *_day("trainer:a", TODAY, 2, hour=5),
        *_day("trainer:a", TODAY, 1, hour=21),
    ]
    assert _found(late) == [(Unusual.OUT_OF_HOURS, "trainer:a", 2)]
    asked = [Read(actor="supervisor:s", at=datetime(2026, 11, 20, 9, tzinfo=UTC), subject="rec-1", emergency=True)]
    assert _found(asked) == [(Unusual.EMERGENCY, "supervisor:s", 1)]


_READS = st.lists(
    st.builds(
        Read,
        actor=st.sampled_from([f"trainer:{name}" for name in "abcde"]),
        at=st.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 20), timezones=st.just(UTC)),  # noqa: DTZ001
        subject=st.sampled_from([f"rec-{number}" for number in range(20)]),
        emergency=st.booleans(),
    ),
    max_size=60,
)


@given(_READS, st.dates(date(2026, 10, 1), TODAY))
def test_a_finding_is_of_its_days_has_been_read_and_is_over_what_is_usual(reads: list[Read], since: date) -> None:
    for one in findings(reads, since=since, limits=LIMITS, zone=PARIS):
        theirs = [read for read in reads if read.actor == one.actor and read.at.astimezone(PARIS).date() == one.day]
        assert one.day >= since
        assert 1 <= one.count <= len(theirs)
        assert one.usual is None or one.count > 3 * one.usual


@given(_READS, st.randoms())
def test_the_order_in_which_readings_come_says_nothing(reads: list[Read], random: Random) -> None:
    other = list(reads)
    random.shuffle(other)
    assert findings(reads, since=TODAY, limits=LIMITS, zone=PARIS) == findings(
        other, since=TODAY, limits=LIMITS, zone=PARIS
    )
