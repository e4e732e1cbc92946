"""What only S3 has: tags, delete markers, buckets that cannot keep the promises, servers that damage bytes."""

import io
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from botocore.awsrequest import AWSPreparedRequest
from mypy_boto3_s3 import S3Client

from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.vault.s3 import S3Vault
from callwarden.adapters.vault.s3_bucket import HOUSEKEEPING_RULE
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.ports.vault import LifecycleRule
from tests.servers.s3 import RunningS3

RETENTION = {"callwarden-retention": "P6M"}
HELD = {"callwarden-held": "yes"}


@pytest.fixture(scope="module", params=["moto", "ceph"])
def client(request: pytest.FixtureRequest) -> S3Client:
    server = request.getfixturevalue(f"{request.param}_server")
    settings = AwsSettings(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )
    return s3_client(settings)


@pytest.fixture(scope="module")
def bucket(client: S3Client) -> str:
    name = f"vault-{uuid4().hex}"
    S3Vault(client, name).ensure_bucket()
    return name


@pytest.fixture
def vault(client: S3Client, bucket: str) -> S3Vault:
    return S3Vault(client, bucket)


def tags_of(client: S3Client, bucket: str, key: str, version_id: str) -> dict[str, str]:
    answer = client.get_object_tagging(Bucket=bucket, Key=key, VersionId=version_id)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


@pytest.mark.parametrize("size", [10, 6 << 20])
def test_an_object_carries_its_retention_tag_and_a_held_one_only_the_exclusion(
    client: S3Client, bucket: str, size: int
) -> None:
    """No lifecycle rule, which all name the retention tag, catches a held object (I4)."""
    vault = S3Vault(client, bucket, part_bytes=5 << 20)
    key = f"recordings/{uuid4().hex}"
    stored = vault.put(key, io.BytesIO(bytes(size)), size=size, tags=RETENTION)
    assert tags_of(client, bucket, key, stored.version_id) == RETENTION
    vault.set_hold(key, stored.version_id, held=True, tags=HELD)
    assert tags_of(client, bucket, key, stored.version_id) == HELD
    vault.set_hold(key, stored.version_id, held=False, tags=RETENTION)
    assert tags_of(client, bucket, key, stored.version_id) == RETENTION


def test_a_delete_marker_hides_nothing_from_us_and_is_listed_and_destroyed(
    client: S3Client, bucket: str, vault: S3Vault
) -> None:
    key = f"recordings/{uuid4().hex}"
    stored = vault.put(key, io.BytesIO(b"held evidence"), size=13, tags=RETENTION)
    client.delete_object(Bucket=bucket, Key=key)
    assert vault.read(key, stored.version_id, start=0, length=13) == b"held evidence"
    vault.set_hold(key, stored.version_id, held=True, tags=HELD)
    assert vault.is_held(key, stored.version_id)
    marker, version = vault.versions(key)
    assert (marker.is_marker, marker.is_current, marker.size) == (True, True, 0)
    assert (version.is_marker, version.is_current, version.version_id) == (False, False, stored.version_id)
    vault.set_hold(key, stored.version_id, held=False, tags=RETENTION)
    vault.destroy([marker, version])
    assert list(vault.versions(key)) == []


def test_a_bucket_without_object_lock_is_refused(client: S3Client) -> None:
    name = f"plain-{uuid4().hex}"
    client.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": client.meta.region_name},  # type: ignore[typeddict-item]  # a Ceph zone group
    )
    with pytest.raises(ConfigurationError, match="versioning"):
        S3Vault(client, name).ensure_bucket()
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(ConfigurationError, match="Object Lock"):
        S3Vault(client, name).ensure_bucket()


def test_a_bucket_with_a_default_retention_is_refused(client: S3Client) -> None:
    """It would defeat erasure and objection."""
    name = f"locked-{uuid4().hex}"
    S3Vault(client, name).ensure_bucket()
    client.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
    with pytest.raises(ConfigurationError, match="default retention"):
        S3Vault(client, name).ensure_bucket()


def test_a_bucket_whose_versioning_was_suspended_is_refused(client: S3Client) -> None:
    name = f"suspended-{uuid4().hex}"
    client.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": client.meta.region_name},  # type: ignore[typeddict-item]  # a Ceph zone group
    )
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    with pytest.raises(ConfigurationError, match="versioning"):
        S3Vault(client, name).ensure_bucket()


def test_a_bucket_open_to_the_public_is_refused(client: S3Client) -> None:
    name = f"public-{uuid4().hex}"
    S3Vault(client, name).ensure_bucket()
    client.put_bucket_acl(Bucket=name, ACL="public-read")
    with pytest.raises(ConfigurationError, match="public"):
        S3Vault(client, name).ensure_bucket()


def test_housekeeping_is_always_among_the_rules_and_no_rule_is_without_a_tag(
    client: S3Client, bucket: str, vault: S3Vault
) -> None:
    vault.apply_lifecycle([])
    [rule] = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["ID"] == HOUSEKEEPING_RULE
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    with pytest.raises(ConfigurationError, match="expire everything"):
        vault.apply_lifecycle([LifecycleRule(rule_id="all", tags=(), expire_after_days=1)])


@pytest.fixture
def damaging_client(client: S3Client) -> Iterator[S3Client]:
    """A client whose requests lose a bit after they were signed and check-summed, as on a bad line."""

    def damage(request: AWSPreparedRequest, **_: object) -> None:
        assert isinstance(request.body, io.BytesIO)
        content = request.body.read()
        request.body = io.BytesIO(bytes((content[0] ^ 1,)) + content[1:])

    client.meta.events.register("before-send.s3.PutObject", damage)
    client.meta.events.register("before-send.s3.UploadPart", damage)
    yield client
    client.meta.events.unregister("before-send.s3.PutObject", damage)
    client.meta.events.unregister("before-send.s3.UploadPart", damage)


@pytest.mark.parametrize("size", [1000, 6 << 20])
@pytest.mark.parametrize("client", ["ceph"], indirect=True)  # moto reports whatever checksum it was told
def test_bytes_damaged_on_the_way_are_not_stored(damaging_client: S3Client, bucket: str, size: int) -> None:
    vault = S3Vault(damaging_client, bucket, part_bytes=5 << 20)
    key = f"recordings/{uuid4().hex}"
    with pytest.raises(RetryableError):
        vault.put(key, io.BytesIO(bytes(size)), size=size, tags=RETENTION)
    assert list(vault.versions(key)) == []
    assert list(vault.unfinished_uploads(key)) == []


@pytest.mark.timeout(200)
def test_the_lifecycle_expires_what_its_tag_names_and_never_what_is_held(ceph_lifecycle_server: RunningS3) -> None:
    """The backstop, really executed: the overdue object goes for good, the held one stays readable (K1, I4)."""
    server = ceph_lifecycle_server
    assert server.lifecycle_day_s is not None
    client = s3_client(
        AwsSettings(
            endpoint_url=server.endpoint_url,
            region=server.region,
            access_key=server.access_key,
            secret_key=server.secret_key,
        )
    )
    vault = S3Vault(client, f"vault-{uuid4().hex}")
    vault.ensure_bucket()
    overdue = vault.put("recordings/overdue", io.BytesIO(b"overdue"), size=7, tags=RETENTION)
    later = vault.put("recordings/later", io.BytesIO(b"later"), size=5, tags={"callwarden-retention": "P12M"})
    held = vault.put("recordings/held", io.BytesIO(b"held"), size=4, tags=RETENTION)
    vault.set_hold(held.key, held.version_id, held=True, tags=HELD)
    vault.apply_lifecycle([LifecycleRule(rule_id="P6M", tags=(("callwarden-retention", "P6M"),), expire_after_days=1)])
    deadline = time.monotonic() + 100  # its lifecycle thread starts a round when it finds the time
    while any(entry.key == overdue.key for entry in vault.versions("")) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert {(entry.key, entry.version_id, entry.is_marker) for entry in vault.versions("")} == {
        (later.key, later.version_id, False),
        (held.key, held.version_id, False),
    }
    assert vault.read(held.key, held.version_id, start=0, length=4) == b"held"
