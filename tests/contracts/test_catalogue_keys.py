"""The keys a system has used, in the catalogue, on every database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwarden.model.key import KeyKind, KnownKey
from callwarden.ports.catalogue import WrappedKey
from tests.support.catalogue_backends import DATABASES, Backend, backend_named
from tests.support.catalogue_rows import recording

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
MASTER = KnownKey(kind=KeyKind.MASTER, key_id="m1-0a1b2c3d", fingerprint="0" * 32, first_used_at=NOON)
PSEUDONYM = KnownKey(kind=KeyKind.PSEUDONYM, key_id="k1", fingerprint="1" * 32, first_used_at=NOON, rewrapped_at=NOON)


@pytest.fixture(params=["memory", *DATABASES])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    made = backend_named(request.param, request, tmp_path)
    yield made
    made.catalogue.close()


def test_a_known_key_comes_back_as_it_was_kept_and_is_replaced_by_its_kind_and_name(backend: Backend) -> None:
    later = replace(
        MASTER,
        rewrapped_at=NOON + timedelta(hours=1),
        retired_at=NOON + timedelta(hours=2),
        destroyed_at=NOON + timedelta(hours=3),
    )
    with backend.catalogue.transaction() as tx:
        tx.known_keys.save([MASTER, PSEUDONYM])
    with backend.catalogue.snapshot() as tx:
        assert tx.known_keys.all() == [MASTER, PSEUDONYM]
    with backend.catalogue.transaction() as tx:
        assert tx.known_keys.all(lock=True) == [MASTER, PSEUDONYM]
        tx.known_keys.save([later])
    with backend.catalogue.snapshot() as tx:
        assert tx.known_keys.all() == [later, PSEUDONYM]


def test_known_keys_come_in_the_order_of_their_first_use(backend: Backend) -> None:
    newer = replace(MASTER, key_id="m0-00000000", first_used_at=NOON + timedelta(microseconds=1))
    with backend.catalogue.transaction() as tx:
        tx.known_keys.save([newer, MASTER])
    with backend.catalogue.snapshot() as tx:
        assert [one.key_id for one in tx.known_keys.all()] == [MASTER.key_id, newer.key_id]


def test_a_catalogue_that_knows_a_key_is_not_empty(backend: Backend) -> None:
    with backend.catalogue.transaction() as tx:
        tx.known_keys.save([MASTER])
    assert not backend.catalogue.is_empty()


def test_what_is_wrapped_is_counted_by_its_master_key(backend: Backend) -> None:
    rows = [recording(number) for number in range(3)]
    keys = [
        WrappedKey(recording_id=row.recording_id, wrapped=b"w", master_key_id="m2" if number else "m1")
        for number, row in enumerate(rows)
    ]
    with backend.catalogue.transaction() as tx:
        tx.recordings.insert(rows)
        tx.keys.add(keys)
    with backend.catalogue.snapshot() as tx:
        assert dict(tx.keys.count_by_master()) == {"m1": 1, "m2": 2}
        assert tx.keys.any_under("m1") == keys[0]
        assert tx.keys.any_under("m2") in keys[1:]
        assert tx.keys.any_under("m3") is None
