"""L1: author, time, operation, reference of the data; no content, no name, no telephone number."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.accesslog.proof.encoding import MAX_ENTRY_BYTES, decode_entry, encode_entry
from callwarden.model.log_entry import (
    ByteRange,
    EntryOutcome,
    InvalidEntryError,
    LogEntry,
    Operation,
    make_entry_id,
)
from callwarden.model.purpose import Purpose
from tests.support.log_builder import START, an_entry

EPOCH = START.replace(year=1970, tzinfo=None)
codes = st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True)
references = st.from_regex(r"[a-z]{2,5}-[0-9][0-9a-f]{0,7}", fullmatch=True)
entries = st.builds(
    LogEntry,
    entry_id=st.builds(
        make_entry_id,
        st.datetimes(EPOCH, timezones=st.just(UTC)),
        st.binary(min_size=10, max_size=10),
    ),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.one_of(st.just("service:redactor"), st.from_regex(r"[a-z]{3,9}:k1-[0-9a-f]{31}[0-9]", fullmatch=True)),
    operation=st.sampled_from(Operation),
    outcome=st.sampled_from(EntryOutcome),
    purpose=st.none() | st.sampled_from([purpose.value for purpose in Purpose]),
    artefact=st.none() | codes,
    subject=st.none() | references,
    reasons=st.lists(codes, max_size=4).map(tuple),
    policy_version=st.none() | st.from_regex(r"[a-z0-9][a-z0-9.]{0,20}", fullmatch=True),
    byte_range=st.none()
    | st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)).map(
        lambda pair: ByteRange(first=min(pair), end=max(pair))
    ),
    case=st.none() | references,
    correlation=st.none() | references,
    count=st.none() | st.integers(0, 2**40),
    digest=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
)


@given(entries)
def test_an_entry_survives_its_encoding(entry: LogEntry) -> None:
    data = encode_entry(entry)
    assert decode_entry(data) == entry
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()
    assert b"\n" not in data
    assert data.isascii()
    assert len(data) <= MAX_ENTRY_BYTES


def test_the_encoding_is_fixed_to_the_byte() -> None:
    """docs/log.md shows these bytes; a log written today must verify in ten years."""
    assert encode_entry(an_entry(7)) == (
        b'{"actor":"trainer:k1-7902699be42c8a8e46fbbb4501726517","artefact":"beeped-audio",'
        b'"at":"2026-09-01T00:00:07.000000Z","byte_range":[0,65543],"correlation":"r-7",'
        b'"entry_id":"01M1D485TR0000000000000007","operation":"content.range","outcome":"allowed",'
        b'"policy_version":"2026-01","purpose":"training","subject":"rec-e86b22c56a189f7625a6da49081b2451","v":1}'
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actor", "trainer:alice"),
        ("actor", "alice"),
        ("actor", "trainer:+33612345678"),
        ("actor", "service:Marie Curie"),
        ("subject", "rec"),
        ("subject", "+33612345678"),
        ("subject", "tel-0612345678"),
        ("subject", "tel-06.12.34.56.78"),
        ("subject", "tel:33612345678"),
        ("subject", "call-0033612345678"),
        ("subject", "rec-1 what was said"),
        ("case", "dupont"),
        ("case", "0612345678"),
        ("correlation", "marie@example.org"),
        ("purpose", "curiosity"),
        ("artefact", "Le texte"),
        ("reasons", ("not a code",)),
        ("reasons", ("x",) * 17),
        ("policy_version", "version of today"),
        ("count", -1),
        ("digest", "abc"),
        ("at", START.replace(tzinfo=None)),
        ("at", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ("entry_id", "01M42DKHJR"),
    ],
)
def test_a_value_that_could_be_content_a_name_or_a_number_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidEntryError) as caught:
        an_entry(1, **{field: value})
    assert caught.value.field == field
    assert str(value) not in str(caught.value)


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidEntryError):
        ByteRange(first=5, end=4)


def _altered(**changes: object) -> bytes:
    fields = json.loads(encode_entry(an_entry(1)))
    fields.update(changes)
    fields = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 3000,
        b"x" * (MAX_ENTRY_BYTES + 1),
        _altered(v=2),
        _altered(v=True),
        _altered(note="what was said"),
        _altered(operation="content.copied"),
        _altered(outcome=None),
        _altered(at="2026-02-30T00:00:00.000000Z"),
        _altered(at="2026-02-03T00:00:00Z"),
        _altered(byte_range=[1]),
        _altered(byte_range=[True, 2]),
        _altered(reasons="not_permitted"),
        _altered(reasons=[]),
        _altered(count=1.5),
        encode_entry(an_entry(1)) + b" ",
        encode_entry(an_entry(1)).replace(b'"v":1', b'"v":1,"v":1'),
    ],
)
def test_bytes_that_are_not_the_one_encoding_of_an_entry_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidEntryError):
        decode_entry(data)


def test_entry_ids_sort_by_time_and_differ_by_chance() -> None:
    earlier, later = (
        make_entry_id(START, b"\xff" * 10),
        make_entry_id(START + timedelta(milliseconds=1), b"\0" * 10),
    )
    assert earlier < later
    assert make_entry_id(START, b"\0" * 10) != make_entry_id(START, b"\1" * 10)
    with pytest.raises(ValueError, match="ten random bytes"):
        make_entry_id(START, b"")
