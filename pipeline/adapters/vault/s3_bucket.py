"""What the vault's bucket must be like, and its lifecycle rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipeline.adapters.aws import code_of, status_of, translated
from pipeline.errors import ConfigurationError
from pipeline.ports.vault import LifecycleRule

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleFilterTypeDef, LifecycleRuleOutputTypeDef, LifecycleRuleTypeDef

HOUSEKEEPING_RULE = "callwarden-housekeeping"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketFacts:
    """What was found out about a bucket. `encrypted_at_rest` is None where the server has no such thing; the
    vault's objects are encrypted before they leave us in any case."""

    bucket: str
    created: bool
    encrypted_at_rest: str | None


def ensure(client: "S3Client", bucket: str) -> BucketFacts:
    """Create or check the bucket; see `S3Vault.ensure_bucket`."""
    with translated(f"setting up the bucket {bucket}"):
        created = _create_if_missing(client, bucket)
        _require_lock(client, bucket)
        _shut_out_the_public(client, bucket)
        encrypted = _encryption(client, bucket)
    return BucketFacts(bucket=bucket, created=created, encrypted_at_rest=encrypted)


def _create_if_missing(client: "S3Client", bucket: str) -> bool:
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if status_of(error) != 404:
            raise
    else:
        return False
    region = client.meta.region_name
    try:
        if region == "us-east-1":  # the one region S3 refuses to be told
            client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        else:
            client.create_bucket(
                Bucket=bucket,
                ObjectLockEnabledForBucket=True,
                CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]  # the stubs list Amazon's regions; ours may be a Ceph zone group
            )
    except ClientError as error:
        if code_of(error) != "BucketAlreadyOwnedByYou":  # another process was first
            raise
    return True


def _require_lock(client: "S3Client", bucket: str) -> None:
    if client.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise ConfigurationError(f"bucket {bucket} has no versioning: make a new one with Object Lock enabled")
    try:
        lock = client.get_object_lock_configuration(Bucket=bucket).get("ObjectLockConfiguration", {})
    except ClientError as error:
        if code_of(error) != "ObjectLockConfigurationNotFoundError":
            raise
        lock = {}
    if lock.get("ObjectLockEnabled") != "Enabled":
        raise ConfigurationError(
            f"bucket {bucket} has no Object Lock, so legal holds would be empty words: make a new bucket with"
            " Object Lock enabled (it cannot be added everywhere)"
        )
    retention = lock.get("Rule", {}).get("DefaultRetention", {})
    if retention.get("Mode"):
        raise ConfigurationError(
            f"bucket {bucket} has a default retention ({retention['Mode']}): it would defeat erasure and objection;"
            " remove it, Object Lock stays enabled for legal holds"
        )


def _shut_out_the_public(client: "S3Client", bucket: str) -> None:
    try:
        client.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
    except ClientError as error:
        # Denied: an administrator may have set it and keep it to himself. Unknown to many other servers.
        if status_of(error) not in {400, 403, 404, 405, 501}:
            raise


def _encryption(client: "S3Client", bucket: str) -> str | None:
    try:
        rules = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    except ClientError as error:
        if code_of(error) == "ServerSideEncryptionConfigurationNotFoundError":
            return _enable_encryption(client, bucket)
        if status_of(error) not in {400, 403, 404, 405, 501}:
            raise
        return None
    return rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]


def _enable_encryption(client: "S3Client", bucket: str) -> str | None:
    try:
        client.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        )
    except ClientError as error:
        if status_of(error) not in {400, 403, 404, 405, 501}:
            raise
        return None
    return "AES256"


def lifecycle(client: "S3Client", bucket: str) -> Sequence[LifecycleRule]:
    """The expiry rules in force, housekeeping aside. A rule that is not of our shape is shown too, with the
    tags and days it has."""
    with translated(f"reading the lifecycle of {bucket}"):
        try:
            rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        except ClientError as error:
            if code_of(error) == "NoSuchLifecycleConfiguration":
                return ()
            raise
    found = [_from_s3(rule) for rule in rules if rule.get("ID") != HOUSEKEEPING_RULE]
    return tuple(sorted(found, key=lambda rule: rule.rule_id))


def apply_lifecycle(client: "S3Client", bucket: str, rules: Sequence[LifecycleRule]) -> None:
    """Make exactly these the rules in force, besides housekeeping: unfinished uploads go after a day, and so
    does a delete marker with nothing under it."""
    housekeeping: LifecycleRuleTypeDef = {
        "ID": HOUSEKEEPING_RULE,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    }
    with translated(f"setting the lifecycle of {bucket}"):
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket,
            LifecycleConfiguration={"Rules": [housekeeping, *(_to_s3(rule) for rule in rules)]},
        )


def _to_s3(rule: LifecycleRule) -> "LifecycleRuleTypeDef":
    match [{"Key": name, "Value": value} for name, value in rule.tags]:
        case []:
            # A rule without a tag would catch held objects too.
            raise ConfigurationError(f"lifecycle rule {rule.rule_id} names no tag: it would expire everything")
        case [tag]:
            chosen: LifecycleRuleFilterTypeDef = {"Tag": {"Key": tag["Key"], "Value": tag["Value"]}}
        case tags:
            chosen = {"And": {"Tags": [{"Key": tag["Key"], "Value": tag["Value"]} for tag in tags]}}
    return {
        "ID": rule.rule_id,
        "Status": "Enabled",
        "Filter": chosen,
        # With versions an expiry only adds a marker; the bytes go a day after.
        "Expiration": {"Days": rule.expire_after_days},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }


def _from_s3(rule: "LifecycleRuleOutputTypeDef") -> LifecycleRule:
    chosen = rule.get("Filter")
    if chosen is None:
        tags = []
    else:
        tags = [chosen["Tag"]] if "Tag" in chosen else chosen.get("And", {"Tags": []}).get("Tags", [])
    expiration = rule.get("Expiration")
    return LifecycleRule(
        rule_id=rule.get("ID", ""),
        tags=tuple((tag["Key"], tag["Value"]) for tag in tags),
        expire_after_days=expiration.get("Days", 0) if expiration is not None else 0,
    )
