"""How long anything may lie in a landing area."""

from datetime import UTC, datetime, timedelta

from callwarden.model.landing import LandingUri
from callwarden.ports.landing import Landed
from callwarden.rules.landing import is_overdue, outermost

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _landed(name: str, *, since: timedelta, scheme: str = "spool", bucket: str = "") -> Landed:
    place = LandingUri(scheme="s3" if scheme == "s3" else "spool", bucket=bucket, name=name)
    return Landed(place=place, left_at=NOW - since, size=1)


def test_what_has_lain_as_long_as_it_may_is_overdue_and_not_a_moment_sooner() -> None:
    stays = {"spool:": timedelta(days=3)}
    assert is_overdue(_landed("a.wav", since=timedelta(days=3)), stays=stays, now=NOW)
    assert not is_overdue(_landed("a.wav", since=timedelta(days=3, microseconds=-1)), stays=stays, now=NOW)


def test_the_narrowest_area_decides() -> None:
    stays = {"s3://landing": timedelta(days=3), "s3://landing/niort/": timedelta(hours=1)}
    two_hours = timedelta(hours=2)
    assert is_overdue(_landed("niort/a.wav", since=two_hours, scheme="s3", bucket="landing"), stays=stays, now=NOW)
    assert not is_overdue(_landed("pau/a.wav", since=two_hours, scheme="s3", bucket="landing"), stays=stays, now=NOW)


def test_what_lies_in_no_area_is_never_ours_to_remove() -> None:
    stays = {"s3://landing/niort/": timedelta(hours=1)}
    far_too_long = timedelta(days=400)
    assert not is_overdue(_landed("a.wav", since=far_too_long), stays=stays, now=NOW)
    elsewhere = _landed("niort-old/a.wav", since=far_too_long, scheme="s3", bucket="landing")
    assert not is_overdue(elsewhere, stays=stays, now=NOW)


def test_an_area_within_another_is_met_with_it() -> None:
    areas = ("spool:niort/", "spool:", "s3://landing/a/", "s3://landing/ab", "s3://landing/a/b")
    assert set(outermost(areas)) == {"spool:", "s3://landing/a/", "s3://landing/ab"}


def test_one_area_written_in_two_ways_is_met_once() -> None:
    assert len(outermost(("s3://landing/niort", "s3://landing/niort/"))) == 1
