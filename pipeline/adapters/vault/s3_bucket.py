"""What the vault's bucket must be like, and its lifecycle rules."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from callwarden.adapters.aws import code_of, status_of, translated
from callwarden.adapters.s3_buckets import create_if_missing
from callwarden.errors import ConfigurationError
from callwarden.ports.vault import LifecycleRule

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleFilterTypeDef, LifecycleRuleOutputTypeDef, LifecycleRuleTypeDef

HOUSEKEEPING_RULE = "callwarden-housekeeping"

_EVERYBODY = frozenset(
    {
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    }
)


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
        created = create_if_missing(client, bucket)
        _require_lock(client, bucket)
        _refuse_public(client, bucket)
        encrypted = _encryption(client, bucket)
    return BucketFacts(bucket=bucket, created=created, encrypted_at_rest=encrypted)


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


def _refuse_public(client: "S3Client", bucket: str) -> None:
    public = False
    with _unless_unknown():
        public = client.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"].get("IsPublic", False)
    with _unless_unknown():
        grants = client.get_bucket_acl(Bucket=bucket)["Grants"]
        public |= any(grant.get("Grantee", {}).get("URI", "") in _EVERYBODY for grant in grants)
    if public:
        raise ConfigurationError(f"bucket {bucket} is open to the public: take the policy or grant away first")


def _encryption(client: "S3Client", bucket: str) -> str | None:
    with _unless_unknown():
        try:
            rules = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"].get("Rules")
        except ClientError as error:
            if code_of(error) != "ServerSideEncryptionConfigurationNotFoundError":
                raise
            rules = None
        if not rules:
            client.put_bucket_encryption(
                Bucket=bucket,
                ServerSideEncryptionConfiguration={
                    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
            )
    with _unless_unknown():
        found = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"].get("Rules", [])
        if found and "ApplyServerSideEncryptionByDefault" in found[0]:
            return found[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    return None


@contextmanager
def _unless_unknown() -> Iterator[None]:
    """Pass over a request this server does not know, or whose answer its administrator keeps to himself."""
    try:
        yield
    except ClientError as error:
        if status_of(error) not in {400, 403, 404, 405, 501}:
            raise


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
