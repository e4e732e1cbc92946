"""The vault's contract, over every adapter: a directory, and S3 (moto, Ceph)."""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast
from uuid import uuid4

import pytest

from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.vault.directory import DirectoryVault
from callwarden.adapters.vault.s3 import S3Vault
from callwarden.errors import ConfigurationError, InvariantError, RetryableError
from callwarden.ports.vault import LifecycleRule, ObjectHeldError, ObjectMissingError, ObjectVersion
from callwarden.ports.whole_vault import Vault

PART = 5 << 20
"""The smallest part S3 allows; an object larger than this goes in parts."""

RETENTION = {"callwarden-retention": "P6M"}
HELD = {"callwarden-held": "yes"}


@pytest.fixture(scope="module", params=["directory", "moto", "ceph"])
def vault(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    if request.param == "directory":
        return DirectoryVault(tmp_path_factory.mktemp("vault"))
    server = request.getfixturevalue(f"{request.param}_server")
    settings = AwsSettings(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )
    s3 = S3Vault(s3_client(settings), f"vault-{uuid4().hex}", part_bytes=PART)
    assert s3.ensure_bucket().created
    assert not s3.ensure_bucket().created
    return s3


@pytest.fixture
def key() -> str:
    name = uuid4().hex
    return f"recordings/{name[:2]}/rec-{name}/original-audio.1"


def put(vault: Vault, key: str, content: bytes) -> ObjectVersion:
    """Store and find it again in the listing."""
    stored = vault.put(key, io.BytesIO(content), size=len(content), tags=RETENTION)
    assert (stored.key, stored.size) == (key, len(content))
    [listed] = [version for version in vault.versions(key) if version.version_id == stored.version_id]
    assert listed.size == len(content)
    return listed


def everything(vault: Vault, version: ObjectVersion) -> bytes:
    return vault.read(version.key, version.version_id, start=0, length=version.size)


class Body(io.RawIOBase):
    """A body that cannot seek, gives few bytes at a time, and does something before its `at`-th byte."""

    def __init__(self, content: bytes, *, at: int = -1, then: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._inner = io.BytesIO(content)
        self._at, self._then = at, then

    def read(self, size: int = -1, /) -> bytes:
        piece = self._inner.read(min(size, 300_000) if size >= 0 else -1)
        if 0 <= self._at <= self._inner.tell():
            self._at = -1
            self._then()
        return piece


def body(content: bytes, *, at: int = -1, then: Callable[[], None] = lambda: None) -> BinaryIO:
    return cast(BinaryIO, Body(content, at=at, then=then))


@pytest.mark.parametrize("size", [0, 1, 500_000, PART, PART + 1, 2 * PART + 12_345])
def test_what_was_put_is_read_back_whole_and_in_parts(vault: Vault, key: str, size: int) -> None:
    content = os.urandom(size)
    stored = vault.put(key, body(content), size=size, tags=RETENTION)
    assert vault.read(key, stored.version_id, start=0, length=size) == content
    for start, length in ((0, 0), (0, 10), (size // 2, 1000), (max(0, size - 5), 50), (size, 10), (size + 7, 10)):
        found = vault.read(key, stored.version_id, start=start, length=length)
        assert found == content[start : start + length]
    assert [version.size for version in vault.versions(key)] == [size]
    assert list(vault.unfinished_uploads(key)) == []


def test_a_replayed_put_makes_a_second_version_and_hides_neither(vault: Vault, key: str) -> None:
    first = put(vault, key, b"first")
    second = put(vault, key, b"again")
    listed = list(vault.versions(key))
    assert {version.version_id for version in listed} == {first.version_id, second.version_id}
    assert [version.is_current for version in listed] == [True, False]
    assert listed[0].version_id == second.version_id, "newest first"
    assert everything(vault, first) == b"first"
    assert everything(vault, second) == b"again"


@pytest.mark.parametrize("size", [1000, 2 * PART])
@pytest.mark.parametrize("difference", [-1, 1])
def test_a_body_of_another_length_than_announced_is_refused(vault: Vault, key: str, size: int, difference: int) -> None:
    with pytest.raises(InvariantError):
        vault.put(key, body(bytes(size + difference)), size=size, tags=RETENTION)
    assert list(vault.versions(key)) == []
    assert list(vault.unfinished_uploads(key)) == []


@pytest.mark.parametrize("size", [400_000, 2 * PART + 1])
def test_a_body_that_breaks_leaves_no_version_and_no_bytes(vault: Vault, key: str, size: int) -> None:
    def broken() -> None:
        raise ConnectionResetError("the landing area went away")

    with pytest.raises(ConnectionResetError):
        vault.put(key, body(bytes(size), at=size - 10, then=broken), size=size, tags=RETENTION)
    assert list(vault.versions(key)) == []
    assert list(vault.unfinished_uploads(key)) == []


def test_nothing_shows_under_the_key_before_it_is_complete(vault: Vault, key: str) -> None:
    seen: list[object] = []
    content = bytes(2 * PART + 1)

    def look() -> None:
        seen.extend(vault.versions(key))
        seen.append([upload.key for upload in vault.unfinished_uploads(key)])

    vault.put(key, body(content, at=PART + 500_000, then=look), size=len(content), tags=RETENTION)
    assert seen == [[key]], "only an unfinished upload"


def test_an_upload_that_is_given_up_cannot_become_a_version_any_more(vault: Vault, key: str) -> None:
    content = bytes(2 * PART + 1)

    def sweep() -> None:
        for upload in vault.unfinished_uploads(key):
            assert upload.started_at.tzinfo is not None
            vault.give_up(upload)
            vault.give_up(upload)

    with pytest.raises(RetryableError):
        vault.put(key, body(content, at=PART + 500_000, then=sweep), size=len(content), tags=RETENTION)
    assert list(vault.versions(key)) == []
    assert list(vault.unfinished_uploads(key)) == []


def test_a_listing_is_by_key_and_keeps_to_its_prefix(vault: Vault) -> None:
    base = f"recordings/{uuid4().hex}"
    keys = [f"{base}/a", f"{base}/a-b", f"{base}/a.b", f"{base}/a/b", f"{base}/a/c.1", f"{base}/b"]
    for name in reversed(keys):
        put(vault, name, name.encode())
    assert [version.key for version in vault.versions(base)] == keys
    assert [version.key for version in vault.versions(f"{base}/a/")] == [f"{base}/a/b", f"{base}/a/c.1"]
    assert [version.key for version in vault.versions(f"{base}/a")] == keys[:-1]
    assert list(vault.versions(f"{base}/c")) == []
    assert set(keys) <= {version.key for version in vault.versions("")}
    assert all(version.modified_at.tzinfo is not None for version in vault.versions(base))


def test_destroying_every_version_leaves_a_listing_that_proves_it(vault: Vault, key: str) -> None:
    versions = [put(vault, key, bytes(100)) for _ in range(3)]
    other = put(vault, f"{key}.other", b"stays")
    vault.destroy([version for version in vault.versions(key) if version.key == key])
    assert [version.version_id for version in vault.versions(key)] == [other.version_id]
    for version in versions:
        with pytest.raises(ObjectMissingError):
            everything(vault, version)
    vault.destroy(versions)
    assert everything(vault, other) == b"stays"


def test_a_key_that_was_emptied_can_be_used_again(vault: Vault, key: str) -> None:
    vault.destroy([put(vault, key, b"old")])
    assert everything(vault, put(vault, key, b"new")) == b"new"


def test_a_held_version_survives_every_destruction_until_its_release(vault: Vault, key: str) -> None:
    """I4."""
    version = put(vault, key, b"evidence")
    assert not vault.is_held(key, version.version_id)
    for _ in range(2):
        vault.set_hold(key, version.version_id, held=True, tags=HELD)
    assert vault.is_held(key, version.version_id)
    for _ in range(2):
        with pytest.raises(ObjectHeldError):
            vault.destroy([version])
    assert everything(vault, version) == b"evidence"
    for _ in range(2):
        vault.set_hold(key, version.version_id, held=False, tags=RETENTION)
    assert not vault.is_held(key, version.version_id)
    vault.destroy([version])
    assert list(vault.versions(key)) == []


def test_a_hold_is_on_one_version_and_the_others_still_go(vault: Vault, key: str) -> None:
    first, second, third = (put(vault, key, bytes((number,))) for number in range(3))
    vault.set_hold(key, second.version_id, held=True, tags=HELD)
    with pytest.raises(ObjectHeldError):
        vault.destroy([first, second, third])
    assert [version.version_id for version in vault.versions(key)] == [second.version_id]
    vault.set_hold(key, second.version_id, held=False, tags=RETENTION)
    vault.destroy([second])


def test_the_tags_are_those_it_was_stored_or_last_flagged_with_where_tags_are_kept(vault: Vault, key: str) -> None:
    version = put(vault, key, b"tagged")
    assert vault.tags(key, version.version_id) in (RETENTION, None)
    vault.set_hold(key, version.version_id, held=True, tags=HELD)
    assert vault.tags(key, version.version_id) in (HELD, None)
    vault.set_hold(key, version.version_id, held=False, tags=RETENTION)
    assert (vault.tags(key, version.version_id) is None) == (vault.lifecycle() is None)


def test_what_is_not_there_is_missing_for_every_question(vault: Vault, key: str) -> None:
    version = put(vault, key, b"gone soon")
    vault.destroy([version])
    other = f"{key}.never"
    for name in (key, other):
        with pytest.raises(ObjectMissingError):
            vault.read(name, version.version_id, start=0, length=1)
        with pytest.raises(ObjectMissingError):
            vault.is_held(name, version.version_id)
        with pytest.raises(ObjectMissingError):
            vault.tags(name, version.version_id)
        with pytest.raises(ObjectMissingError):
            vault.set_hold(name, version.version_id, held=True, tags=HELD)


def test_many_threads_store_under_one_key_and_none_is_lost(vault: Vault, key: str) -> None:
    contents = [bytes((number,)) * 1000 for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        stored = list(
            pool.map(lambda content: vault.put(key, io.BytesIO(content), size=1000, tags=RETENTION), contents)
        )
    assert len({version.version_id for version in stored}) == 16
    assert len(list(vault.versions(key))) == 16
    for version, content in zip(stored, contents, strict=True):
        assert vault.read(key, version.version_id, start=0, length=1000) == content


def test_lifecycle_rules_come_back_as_applied_where_there_is_a_lifecycle(vault: Vault) -> None:
    rules = [
        LifecycleRule(rule_id="backstop-P12M", tags=(("callwarden-retention", "P12M"),), expire_after_days=372),
        LifecycleRule(rule_id="backstop-P6M", tags=(("callwarden-retention", "P6M"),), expire_after_days=190),
    ]
    if vault.lifecycle() is None:
        with pytest.raises(ConfigurationError):
            vault.apply_lifecycle(rules)
        return
    assert list(vault.lifecycle() or ()) == []
    vault.apply_lifecycle(rules)
    assert list(vault.lifecycle() or ()) == rules
    vault.apply_lifecycle(rules[:1])
    assert list(vault.lifecycle() or ()) == rules[:1]
    vault.apply_lifecycle([])
    assert list(vault.lifecycle() or ()) == []


def out_of_reach(kind: str, folder: Path) -> Vault:
    if kind == "directory":
        vault = DirectoryVault(folder / "vault")
        (folder / "vault").rename(folder / "unmounted")
        (folder / "vault").mkdir()
        return vault
    nowhere = AwsSettings(endpoint_url="http://127.0.0.1:9", region="eu-west-3", access_key="none", secret_key="none")
    return S3Vault(s3_client(nowhere), "vault")


@pytest.mark.parametrize("kind", ["directory", "s3"])
def test_an_outage_never_looks_like_absence(kind: str, tmp_path: Path, key: str) -> None:
    version_id = "00000000000000000001-00000000"
    vault = out_of_reach(kind, tmp_path)
    questions: list[Callable[[], object]] = [
        lambda: vault.put(key, io.BytesIO(b"x"), size=1, tags=RETENTION),
        lambda: vault.read(key, version_id, start=0, length=1),
        lambda: list(vault.versions("")),
        lambda: list(vault.unfinished_uploads("")),
        lambda: vault.is_held(key, version_id),
        lambda: vault.set_hold(key, version_id, held=True, tags=HELD),
    ]
    for question in questions:
        with pytest.raises(RetryableError):
            question()
