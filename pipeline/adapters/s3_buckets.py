"""Buckets of our own: made with versions and Object Lock from the start, because neither is added everywhere."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from callwarden.adapters.aws import code_of, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def create_if_missing(client: "S3Client", bucket: str) -> bool:
    """Create the bucket unless it is there; True when it was made now. Lets vendor errors pass."""
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if status_of(error) != 404:
            raise
    else:
        return False
    region = client.meta.region_name
    try:
        if region == "us-east-1":  # the one region that S3 refuses by name
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
