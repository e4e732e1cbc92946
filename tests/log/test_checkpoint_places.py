"""One contract for every place that keeps checkpoints (L2): what is there stays as it is."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.accesslog.places.s3 import CheckpointBucket
from callwarden.accesslog.proof.naming import checkpoint_name
from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.errors import ConfigurationError, InvariantError, RetryableError
from callwarden.ports.log import CheckpointPlace
from tests.servers.s3 import RunningS3

NOW = datetime.now(UTC)


def settings_of(server: RunningS3) -> AwsSettings:
    return AwsSettings(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )


@pytest.fixture(params=["moto", "ceph"])
def settings(request: pytest.FixtureRequest) -> AwsSettings:
    return settings_of(request.getfixturevalue(f"{request.param}_server"))


@pytest.fixture
def bucket(settings: AwsSettings) -> str:
    name = f"checkpoints-{os.urandom(6).hex()}"
    create_bucket(settings, name, locks=True)
    return name


def create_bucket(settings: AwsSettings, name: str, *, locks: bool) -> None:
    options: Any = {"ObjectLockEnabledForBucket": True} if locks else {}
    if settings.region != "us-east-1":
        options["CreateBucketConfiguration"] = {"LocationConstraint": settings.region}
    s3_client(settings).create_bucket(Bucket=name, **options)


def locked(settings: AwsSettings, bucket: str) -> CheckpointBucket:
    return CheckpointBucket(s3_client(settings), bucket=bucket, keep=timedelta(days=400), now=lambda: NOW)


def test_a_bucket_that_is_missing_is_made_with_a_lock_and_one_that_is_there_is_left_alone(
    settings: AwsSettings,
) -> None:
    place = locked(settings, f"checkpoints-{os.urandom(6).hex()}")
    with pytest.raises(ConfigurationError, match="the bucket does not exist"):
        place.check()
    assert place.ensure_bucket()
    place.check()
    assert not place.ensure_bucket()


@pytest.fixture(params=["directory", "moto", "ceph"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointPlace:
    if request.param == "directory":
        return CheckpointDirectory(tmp_path / "outside" / "checkpoints")
    settings = settings_of(request.getfixturevalue(f"{request.param}_server"))
    name = f"checkpoints-{os.urandom(6).hex()}"
    create_bucket(settings, name, locks=True)
    return locked(settings, name)


def test_what_is_published_is_there_smallest_first(place: CheckpointPlace) -> None:
    assert list(place.iterate()) == []
    assert list(place.largest_first()) == []
    notes = {size: f"note of {size}".encode() for size in (100, 9, 20)}
    published = {size: place.publish(note, size=size) for size, note in notes.items()}
    assert list(place.iterate()) == [published[size] for size in (9, 20, 100)]
    assert [one.note for one in place.iterate()] == [notes[size] for size in (9, 20, 100)]
    assert list(place.largest_first()) == [published[size] for size in (100, 20, 9)]
    assert list(place.largest_first(beyond=9)) == [published[100], published[20]]
    assert list(place.largest_first(beyond=9, but={published[100].name})) == [published[20]]
    assert list(place.largest_first(but={published[20].name})) == [published[100], published[9]]
    assert list(place.largest_first(beyond=20)) == list(place.largest_first(beyond=99)) == [published[100]]
    assert list(place.largest_first(beyond=100)) == []


def test_a_place_that_can_be_written_is_looked_at_without_a_trace(place: CheckpointPlace) -> None:
    place.check()
    place.publish(b"note", size=1)
    place.check()
    assert [one.note for one in place.iterate()] == [b"note"]


def test_a_directory_that_takes_nothing_is_an_outage() -> None:
    with pytest.raises(RetryableError, match="cannot be written"):
        CheckpointDirectory(Path("/proc/callwarden")).check()  # not even the superuser's


def test_a_place_says_whether_it_holds_this_very_checkpoint(place: CheckpointPlace) -> None:
    assert not place.holds(b"note", size=1)
    place.publish(b"note", size=1)
    assert place.holds(b"note", size=1)
    assert not place.holds(b"other note", size=1)
    assert not place.holds(b"note", size=2)


def test_the_same_checkpoint_twice_is_kept_once(place: CheckpointPlace) -> None:
    assert place.publish(b"note", size=1) == place.publish(b"note", size=1)
    assert len(list(place.iterate())) == 1


def test_two_checkpoints_of_one_size_are_both_kept(place: CheckpointPlace) -> None:
    """A log that was set back and grew again signs a size twice: both must stay to be seen."""
    place.publish(b"one history", size=5)
    place.publish(b"another history", size=5)
    assert {one.note for one in place.iterate()} == {b"one history", b"another history"}


@pytest.fixture(params=["directory", "bucket"])
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointPlace:
    if request.param == "directory":
        (tmp_path / "file").touch()
        return CheckpointDirectory(tmp_path / "file" / "checkpoints")
    closed = AwsSettings(endpoint_url="http://127.0.0.1:9", region="eu-west-3", access_key="a", secret_key="b")
    return locked(closed, "nowhere")


def test_a_place_out_of_reach_is_an_outage_and_never_an_empty_place(unreachable: CheckpointPlace) -> None:
    with pytest.raises((RetryableError, ConfigurationError)):
        unreachable.publish(b"note", size=1)
    with pytest.raises((RetryableError, ConfigurationError)):
        list(unreachable.iterate())


def test_a_damaged_file_is_shown_as_it_is_and_never_written_over(tmp_path: Path) -> None:
    place = CheckpointDirectory(tmp_path)
    name = checkpoint_name(b"note", size=3)
    (tmp_path / name).write_bytes(b"damaged")
    assert [one.note for one in place.iterate()] == [b"damaged"]
    with pytest.raises(InvariantError, match=name):
        place.publish(b"note", size=3)
    assert (tmp_path / name).read_bytes() == b"damaged"


def test_a_kept_file_is_read_only_and_nothing_unfinished_is_left(tmp_path: Path) -> None:
    place = CheckpointDirectory(tmp_path)
    place.publish(b"note", size=3)
    [kept] = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o222 == 0


def on(settings: AwsSettings, bucket: str) -> Callable[[str], str]:
    client = s3_client(settings)
    return lambda key: client.list_object_versions(Bucket=bucket, Prefix=key)["Versions"][-1]["VersionId"]


def test_a_version_in_the_bucket_is_locked_and_a_lid_laid_over_it_does_not_hide_it(
    settings: AwsSettings, bucket: str
) -> None:
    place, client = locked(settings, bucket), s3_client(settings)
    place.check()
    place.publish(b"note", size=7)
    key = "checkpoints/" + checkpoint_name(b"note", size=7)
    version = on(settings, bucket)(key)
    head = client.head_object(Bucket=bucket, Key=key, VersionId=version)
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"] > NOW + timedelta(days=399)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key=key, VersionId=version)
    client.put_object(Bucket=bucket, Key=key, Body=b"laid over it")
    client.delete_object(Bucket=bucket, Key=key)
    assert [one.note for one in place.iterate()] == [b"note"]


def test_a_bucket_without_object_lock_is_refused(settings: AwsSettings) -> None:
    name = f"plain-{os.urandom(6).hex()}"
    create_bucket(settings, name, locks=False)
    with pytest.raises(ConfigurationError, match="Object Lock is off"):
        locked(settings, name).check()


def test_a_time_stamp_is_kept_beside_its_checkpoint_and_is_no_checkpoint(place: CheckpointPlace) -> None:
    assert list(place.timestamps()) == []
    published = [place.publish(f"note of {size}".encode(), size=size) for size in (9, 100)]
    kept = [place.keep_timestamp(f"token of {one.name}".encode(), checkpoint=one.name) for one in reversed(published)]
    assert list(place.timestamps()) == kept[::-1]
    assert [one.checkpoint for one in place.timestamps()] == [one.name for one in published]
    assert list(place.iterate()) == published
    assert next(place.largest_first()) == published[1]


def test_the_same_time_stamp_is_kept_once_and_a_second_beside_the_first(place: CheckpointPlace) -> None:
    published = place.publish(b"note", size=1)
    for token in (b"token", b"token", b"another"):
        place.keep_timestamp(token, checkpoint=published.name)
    assert {one.token for one in place.timestamps()} == {b"token", b"another"}
    assert len(list(place.timestamps())) == 2


def test_a_time_stamp_in_the_bucket_is_locked_like_its_checkpoint(settings: AwsSettings, bucket: str) -> None:
    place, client = locked(settings, bucket), s3_client(settings)
    kept = place.keep_timestamp(b"token", checkpoint=place.publish(b"note", size=7).name)
    key = "checkpoints/" + kept.name
    head = client.head_object(Bucket=bucket, Key=key, VersionId=on(settings, bucket)(key))
    assert (head["ObjectLockMode"], head["ContentType"]) == ("COMPLIANCE", "application/timestamp-reply")
    client.put_object(Bucket=bucket, Key=key, Body=b"laid over it")
    assert list(place.timestamps()) == [kept]


def test_time_stamps_of_a_place_out_of_reach_are_an_outage(unreachable: CheckpointPlace) -> None:
    with pytest.raises((RetryableError, ConfigurationError)):
        unreachable.keep_timestamp(b"token", checkpoint="1.checkpoint")
    with pytest.raises((RetryableError, ConfigurationError)):
        list(unreachable.timestamps())
