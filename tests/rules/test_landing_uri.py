"""Audio is fetched from the allowed areas and from nowhere else, judged before anything is contacted (K5)."""

import posixpath
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callwarden.rules.landing_uri import MAX_NAME_BYTES, LandingUri, allowed, is_area

AREAS = ("spool:", "s3://landing")


def s3(name: str, bucket: str = "landing") -> LandingUri:
    return LandingUri(scheme="s3", bucket=bucket, name=name)


def spool(name: str) -> LandingUri:
    return LandingUri(scheme="spool", bucket="", name=name)


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("s3://landing/c-20261120-000017.wav", s3("c-20261120-000017.wav")),
        ("s3://landing/2026/11/20/c 17.wav", s3("2026/11/20/c 17.wav")),
        ("s3://landing/2026-11-20T10:25:01+01:00.wav", s3("2026-11-20T10:25:01+01:00.wav")),
        ("s3://landing/appel-côté-niort.wav", s3("appel-côté-niort.wav")),
        ("spool:c-17.wav", spool("c-17.wav")),
        ("spool:niort/c-17.wav", spool("niort/c-17.wav")),
        ("spool:..wav", spool("..wav")),
        ("spool: 100 % #7?.wav", spool(" 100 % #7?.wav")),
        ("spool:*98<+33612345678>|1.wav", spool("*98<+33612345678>|1.wav")),
        ("spool:c%2017.wav", spool("c%2017.wav")),
        ("s3://landing/c%2017%23a%3Fb%25.wav", s3("c 17#a?b%.wav")),
        ("s3://landing/appel-c%C3%B4t%C3%A9.wav", s3("appel-côté.wav")),
        ("s3://landing/2026%2F11/c.wav", s3("2026/11/c.wav")),
    ],
)
def test_names_in_an_allowed_area_are_taken_apart(uri: str, place: LandingUri) -> None:
    assert allowed(uri, AREAS) == place


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "c-17.wav",
        "spool:",
        "spool:/etc/passwd",
        "spool://host/c-17.wav",
        "spool:../c-17.wav",
        "spool:a/../../c-17.wav",
        "spool:a/..",
        "spool:./c-17.wav",
        "spool:a//c-17.wav",
        "spool:a/",
        "spool:..\\c-17.wav",
        "spool:c-17.wav\0.txt",
        "spool:c-17.wav\n",
        "spool: ../c-17.wav",
        "spool: .. /c-17.wav",
        "spool:%2e%2e/c-17.wav",
        "spool:..%2fc-17.wav",
        "spool:．．/c-17.wav",
        "spool:a／b.wav",
        "spool:‥/c-17.wav",
        "spool:c\u202e-17.wav",
        "spool:c-17\ufeff.wav",
        "spool:e\u0301.wav",
        "spool:\ud800.wav",
        "Spool:c-17.wav",
        "SPOOL:c-17.wav",
        " spool:c-17.wav",
        "s3://",
        "s3:///c-17.wav",
        "s3://landing",
        "s3://landing/",
        "s3://landing//c-17.wav",
        "s3:/landing/c-17.wav",
        "s3:landing/c-17.wav",
        "s3://landing/../vault/c-17.wav",
        "s3://landing/%2e%2e/vault",
        "s3://landing/%252e%252e/vault",
        "s3://landing/a%2F..%2F..%2Fvault",
        "s3://landing/a%5Cb.wav",
        "s3://landing/a%00.wav",
        "s3://landing/a%FF.wav",
        "s3://landing/100%.wav",
        "s3://landing/c-17.wav?versionId=1",
        "s3://landing/c-17.wav#x",
        "s3://landing@vault/c-17.wav",
        "s3://user:secret@landing/c-17.wav",
        "s3://landing:443/c-17.wav",
        "s3://landing.evil.example/c-17.wav",
        "s3://landing\\@evil/c-17.wav",
        "s3://LANDING/c-17.wav",
        "s3://ｌanding/c-17.wav",
        "s3://vault/c-17.wav",
        "s3://landing-2/c-17.wav",
        "s3a://landing/c-17.wav",
        "s3://127.0.0.1/c-17.wav",
        "http://landing/c-17.wav",
        "https://169.254.169.254/latest/meta-data/",
        "http://localhost:9000/c-17.wav",
        "file:///etc/passwd",
        "ftp://landing/c-17.wav",
        "arn:aws:s3:::landing/c-17.wav",
        "data:audio/wav;base64,AAAA",
        "spool:" + "a" * 256,
        "spool:" + "é" * 128,
        "s3://landing/" + "a/" * 512 + "a",
        "s3://landing/" + "a" * 1_000_000,
    ],
)
def test_everything_else_is_refused(uri: str) -> None:
    assert allowed(uri, AREAS) is None


def test_an_area_within_a_bucket_opens_that_part_only() -> None:
    for area in ("s3://landing/niort/", "s3://landing/niort"):
        assert allowed("s3://landing/niort/c-17.wav", (area,)) == s3("niort/c-17.wav")
        for outside in ("s3://landing/c-17.wav", "s3://landing/niort-old/c-17.wav", "s3://landing/niort"):
            assert allowed(outside, (area,)) is None
    assert allowed("spool:niort/c-17.wav", ("spool:niort/",)) == spool("niort/c-17.wav")
    assert allowed("spool:c-17.wav", ("spool:niort/",)) is None


def test_no_area_opens_nothing_and_one_scheme_does_not_open_the_other() -> None:
    assert allowed("spool:c-17.wav", ()) is None
    assert allowed("spool:c-17.wav", ("s3://landing",)) is None
    assert allowed("s3://landing/c-17.wav", ("spool:",)) is None


def test_an_area_that_is_none_opens_nothing() -> None:
    for area in (
        "",
        "/",
        "*",
        "s3://",
        "s3://*",
        "s3:///",
        "spool:/",
        "spool:*",
        "spool:../",
        "s3://landing//",
        "http://landing",
    ):
        assert not is_area(area)
        assert allowed("s3://landing/c-17.wav", (area,)) is None
        assert allowed("spool:c-17.wav", (area,)) is None


tricky = st.text(st.sampled_from("ab./\\%:@?#*~ \0\n\u202e．／é\u0301Ａ3s"), max_size=30) | st.text(max_size=30)


@given(name=tricky, head=st.sampled_from(["spool:", "s3://landing/", "s3://", "s3:/", ""]))
@example(name="a/../b", head="spool:")
def test_what_is_allowed_stays_under_its_area_however_it_is_read(name: str, head: str) -> None:
    uri = head + name
    place = allowed(uri, AREAS)
    if place is None:
        return
    assert allowed(place.uri, AREAS) == place
    assert uri == place.uri or place.scheme == "s3"
    assert ".." not in unquote(place.name).split("/")
    assert place.bucket == ("" if place.scheme == "spool" else "landing")
    assert posixpath.normpath(f"/area/{place.name}") == f"/area/{place.name}"
    assert 0 < len(place.name.encode()) <= MAX_NAME_BYTES
    assert unicodedata.normalize("NFKC", place.name) == place.name
    assert place.name.isprintable()
