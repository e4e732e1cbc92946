"""The key store's contract, over every adapter: the key file and AWS KMS (served by moto)."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from mypy_boto3_kms.client import KMSClient

from callwarden.adapters.aws import AwsSettings, kms_client
from callwarden.adapters.keys.file import FileKeyStore
from callwarden.adapters.keys.kms import KmsKeyStore
from callwarden.errors import UsageError
from callwarden.model.key import KeyKind
from callwarden.ports.keys import KeyDestroyedError, KeyMissingError, KeyStore, WrappedKeyError
from tests.fakes.keys import rotated_master
from tests.servers.s3 import RunningS3

CONTEXT = {"recording": "rec-0123"}
OTHER = {"recording": "rec-4567"}

OpenStore = Callable[[], KeyStore]
"""Opens the same store again, as another process would."""


@pytest.fixture(scope="module")
def kms(moto_server: RunningS3) -> KMSClient:
    return kms_client(
        AwsSettings(
            endpoint_url=moto_server.endpoint_url,
            region=moto_server.region,
            access_key=moto_server.access_key,
            secret_key=moto_server.secret_key,
        )
    )


@pytest.fixture(params=["file", "kms"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    if request.param == "file":
        return lambda: FileKeyStore(tmp_path / "keys" / "callwarden.keys")
    client: KMSClient = request.getfixturevalue("kms")
    name = uuid4().hex

    def open_kms() -> KmsKeyStore:
        store = KmsKeyStore(client, master_alias=f"alias/{name}", pseudonym_alias=f"alias/{name}-pseudonyms")
        store.ensure_keys()
        return store

    return open_kms


def test_a_data_key_unwraps_to_what_it_was_in_any_process(open_store: OpenStore) -> None:
    made = open_store().new_data_key(CONTEXT)
    assert len(made.plaintext) == 32
    assert made.plaintext not in made.wrapped
    assert open_store().unwrap(made.wrapped, CONTEXT) == made.plaintext


def test_every_data_key_is_another_one(open_store: OpenStore) -> None:
    store = open_store()
    keys = [store.new_data_key(CONTEXT) for _ in range(3)]
    assert len({key.plaintext for key in keys}) == len({key.wrapped for key in keys}) == 3


def test_neither_form_of_a_data_key_is_printed(open_store: OpenStore) -> None:
    made = open_store().new_data_key(CONTEXT)
    assert repr(made.plaintext)[2:8] not in repr(made)
    assert "plaintext" not in repr(made)
    assert "wrapped" not in repr(made)


def test_a_wrapped_key_of_one_recording_is_worth_nothing_for_another(open_store: OpenStore) -> None:
    store = open_store()
    made = store.new_data_key(CONTEXT)
    for context in (OTHER, {}, {**CONTEXT, "more": "x"}):
        with pytest.raises(WrappedKeyError):
            store.unwrap(made.wrapped, context)
        with pytest.raises(WrappedKeyError):
            store.rewrap(made.wrapped, context)


def test_an_altered_or_cut_wrapped_key_is_refused(open_store: OpenStore) -> None:
    store = open_store()
    made = store.new_data_key(CONTEXT)
    altered = made.wrapped[:-1] + bytes((made.wrapped[-1] ^ 1,))
    for wrong in (altered, made.wrapped[:-1]):
        with pytest.raises(WrappedKeyError):
            store.unwrap(wrong, CONTEXT)


def test_rotation_rewraps_without_a_new_data_key_and_old_wrappings_still_open(open_store: OpenStore) -> None:
    store = open_store()
    made = store.new_data_key(CONTEXT)
    rotated = rotated_master(store)
    assert rotated == store.current_master_key() != made.master_key_id
    assert store.unwrap(made.wrapped, CONTEXT) == made.plaintext
    rewrapped = store.rewrap(made.wrapped, CONTEXT)
    assert rewrapped.master_key_id == rotated
    assert store.unwrap(rewrapped.wrapped, CONTEXT) == made.plaintext


def test_a_rotation_by_one_process_is_seen_by_the_others(open_store: OpenStore) -> None:
    first, second = open_store(), open_store()
    rotated = rotated_master(first)
    assert second.current_master_key() == rotated
    made = first.new_data_key(CONTEXT)
    assert second.unwrap(made.wrapped, CONTEXT) == made.plaintext


def test_what_was_rewrapped_outlives_the_old_master_key(open_store: OpenStore) -> None:
    """K4. That the old wrapping no longer opens: `tests/keys` (moto goes on decrypting under a deleted
    key)."""
    store = open_store()
    made = store.new_data_key(CONTEXT)
    rotated_master(store)
    kept = store.rewrap(made.wrapped, CONTEXT)
    store.destroy_master(made.master_key_id)
    store.destroy_master(made.master_key_id)
    for reader in (store, open_store()):
        assert reader.unwrap(kept.wrapped, CONTEXT) == made.plaintext


def test_the_master_key_in_use_cannot_be_destroyed(open_store: OpenStore) -> None:
    store = open_store()
    made = store.new_data_key(CONTEXT)
    with pytest.raises(UsageError, match="rotate"):
        store.destroy_master(store.current_master_key())
    assert store.unwrap(made.wrapped, CONTEXT) == made.plaintext


def test_a_pseudonym_is_stable_across_processes_and_rotations(open_store: OpenStore) -> None:
    store = open_store()
    before = store.pseudonym("caller", "+33612345678")
    rotated_master(store)
    assert store.pseudonym("caller", "+33612345678") == before
    assert open_store().pseudonym("caller", "+33612345678") == before


def test_a_pseudonym_names_its_key_and_tells_nothing_of_its_value(open_store: OpenStore) -> None:
    pseudonym = open_store().pseudonym("caller", "+33612345678")
    key_id, digest = pseudonym.split(":")
    assert key_id == "k1"
    assert len(digest) == 52
    assert digest == digest.lower()
    assert "612345678" not in pseudonym


def test_pseudonyms_of_different_kinds_or_values_never_meet(open_store: OpenStore) -> None:
    store = open_store()
    pairs = [("caller", "ab"), ("callera", "b"), ("caller", "abc"), ("call", "erab"), ("caller", "")]
    assert len({store.pseudonym(kind, value) for kind, value in pairs}) == len(pairs)


def test_two_stores_never_agree_on_a_pseudonym(tmp_path: Path) -> None:
    stores = [FileKeyStore(tmp_path / name / "keys") for name in ("a", "b")]
    first, second = (store.pseudonym("caller", "+33612345678") for store in stores)
    assert first != second


def test_a_fingerprint_tells_a_key_for_good_and_nothing_of_it(open_store: OpenStore) -> None:
    store = open_store()
    master, pseudonyms = store.current_master_key(), store.pseudonym_key()
    first = store.fingerprint(KeyKind.MASTER, master)
    second = store.fingerprint(KeyKind.PSEUDONYM, pseudonyms)
    assert first is not None
    assert second is not None
    assert first != second
    assert {len(one) for one in (first, second)} == {32}
    rotated = rotated_master(store)
    assert store.fingerprint(KeyKind.MASTER, rotated) not in (None, first)
    assert open_store().fingerprint(KeyKind.MASTER, master) == first
    assert open_store().fingerprint(KeyKind.PSEUDONYM, pseudonyms) == second


def test_a_key_the_store_never_had_has_no_fingerprint_and_cannot_be_used(open_store: OpenStore) -> None:
    store = open_store()
    assert store.fingerprint(KeyKind.MASTER, "m9-00000000") is None
    assert store.fingerprint(KeyKind.PSEUDONYM, "k9") is None
    with pytest.raises(KeyMissingError):
        store.use_master("m9-00000000")


def test_a_destroyed_key_is_told_from_a_missing_one(open_store: OpenStore) -> None:
    store = open_store()
    old = store.current_master_key()
    rotated_master(store)
    store.destroy_master(old)
    for reader in (store, open_store()):
        with pytest.raises(KeyDestroyedError):
            reader.fingerprint(KeyKind.MASTER, old)


def test_a_new_master_key_is_not_in_force_before_it_is_put_in_force(open_store: OpenStore) -> None:
    store = open_store()
    before = store.current_master_key()
    made = store.make_master()
    assert store.current_master_key() == before
    assert store.fingerprint(KeyKind.MASTER, made) is not None
    store.use_master(made)
    store.use_master(made)
    assert open_store().current_master_key() == made == store.new_data_key(CONTEXT).master_key_id


def test_pseudonym_keys_of_two_stores_bear_one_name_and_two_fingerprints(tmp_path: Path) -> None:
    stores = [FileKeyStore(tmp_path / name / "keys") for name in ("a", "b")]
    first, second = (store.fingerprint(KeyKind.PSEUDONYM, store.pseudonym_key()) for store in stores)
    assert first != second
