"""Checkpoints in an S3 bucket with Object Lock in COMPLIANCE mode: nobody, not even the account's owner, can
change or remove a version before its time. For checkpoints only, which hold no personal data; recordings never
get that mode, because it would defeat erasure and objection.
"""

import base64
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from callwarden.accesslog.proof.naming import (
    STAMP_SUFFIX,
    SUFFIX,
    checkpoint_name,
    first_name,
    kept_timestamp,
    timestamp_name,
)
from callwarden.accesslog.proof.values import KeptTimestamp, PublishedCheckpoint
from callwarden.adapters.aws import code_of, translated
from callwarden.adapters.s3_buckets import create_if_missing
from callwarden.errors import ConfigurationError, InvariantError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class CheckpointBucket:
    """A `CheckpointPlace` in a versioned bucket with Object Lock on. Thread-safe.

    ``keep`` is how long each version is locked: at least the age the policy keeps log entries (L3).
    ``now`` tells the instant the lock is counted from.
    """

    def __init__(
        self,
        client: "S3Client",
        *,
        bucket: str,
        prefix: str = "checkpoints/",
        keep: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._keep_for = keep
        self._now = now

    @property
    def name(self) -> str:
        """Bucket and prefix."""
        return f"bucket {self._bucket}/{self._prefix}"

    def ensure_bucket(self) -> bool:
        """Create the bucket, with versions and Object Lock, where it is missing; True if so. Raises RetryableError."""
        with translated(f"setting up the bucket {self._bucket}"):
            return create_if_missing(self._client, self._bucket)

    def check(self) -> None:
        """Make sure the bucket locks what is put into it. Raises: `ConfigurationError`, RetryableError."""
        with translated(f"{self.name}: reading the lock's settings", part="checkpoints"):
            try:
                answer = self._client.get_object_lock_configuration(Bucket=self._bucket)
            except ClientError as error:
                if code_of(error) != "ObjectLockConfigurationNotFoundError":
                    raise
                answer = None
        if answer is None or answer["ObjectLockConfiguration"].get("ObjectLockEnabled") != "Enabled":
            raise ConfigurationError(
                f"{self.name}: Object Lock is off; create the bucket with ObjectLockEnabledForBucket=true"
            )

    def publish(self, note: bytes, *, size: int) -> PublishedCheckpoint:
        """See `CheckpointPlace.publish`."""
        name = checkpoint_name(note, size=size)
        self._keep(name, note, "text/plain; charset=utf-8")
        return PublishedCheckpoint(name=name, note=note)

    def holds(self, note: bytes, *, size: int) -> bool:
        """See `CheckpointPlace.holds`."""
        name = checkpoint_name(note, size=size)
        version = self._oldest_versions(SUFFIX, prefix=self._prefix + name).get(self._prefix + name)
        return version is not None and self._read(self._prefix + name, version) == note

    def largest_first(self, *, beyond: int = -1, but: Collection[str] = ()) -> Iterator[PublishedCheckpoint]:
        """See `CheckpointPlace.largest_first`. A larger one than `beyond` that somebody has hidden behind a delete
        marker is found only without that bound: no server lists versions from a name on that may not be there."""
        known = self._oldest_versions(SUFFIX) if beyond < 0 else {}
        keys = known or (self._after(first_name(beyond + 1)) if beyond >= 0 else ())
        for key in sorted(keys, reverse=True):
            if key.removeprefix(self._prefix) not in but:
                yield self._checkpoint(key, known.get(key) or self._oldest_versions(SUFFIX, prefix=key)[key])

    def iterate(self) -> Iterator[PublishedCheckpoint]:
        """See `CheckpointPlace.iterate`."""
        for key, version in sorted(self._oldest_versions(SUFFIX).items()):
            yield self._checkpoint(key, version)

    def keep_timestamp(self, token: bytes, *, checkpoint: str) -> KeptTimestamp:
        """See `CheckpointPlace.keep_timestamp`."""
        name = timestamp_name(token, checkpoint=checkpoint)
        self._keep(name, token, "application/timestamp-reply")
        return kept_timestamp(name, token)

    def timestamps(self) -> Iterator[KeptTimestamp]:
        """See `CheckpointPlace.timestamps`."""
        for key, version in sorted(self._oldest_versions(STAMP_SUFFIX).items()):
            yield kept_timestamp(key.removeprefix(self._prefix), self._read(key, version))

    def _keep(self, name: str, data: bytes, content_type: str) -> None:
        key = self._prefix + name
        with translated(f"{self.name}: keeping {name}", part="checkpoints"):
            try:
                # A locked put must carry a digest of its body; this header is the one every server knows.
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=data,
                    IfNoneMatch="*",
                    ContentType=content_type,
                    ContentMD5=base64.b64encode(md5(data, usedforsecurity=False).digest()).decode(),
                    ObjectLockMode="COMPLIANCE",
                    ObjectLockRetainUntilDate=self._now() + self._keep_for,
                )
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise
            kept = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        if kept != data:
            raise InvariantError(f"{self.name}: other bytes stand under the name {name}")

    def _after(self, name: str) -> list[str]:
        """The keys of checkpoints after this name."""
        keys: list[str] = []
        with translated(f"{self.name}: looking for checkpoints", part="checkpoints"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix, StartAfter=self._prefix + name
            )
            for page in pages:
                keys += (item["Key"] for item in page.get("Contents", []) if item["Key"].endswith(SUFFIX))
        return keys

    def _oldest_versions(self, suffix: str, *, prefix: str | None = None) -> dict[str, str]:
        """Key and version id of the *oldest* version of each name that ends so: a later version or a delete marker laid
        over it is how somebody would try to hide it, and the lock keeps the first."""
        oldest: dict[str, str] = {}
        with translated(f"{self.name}: listing checkpoints", part="checkpoints"):
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=prefix or self._prefix
            )
            for page in pages:
                for version in page.get("Versions", []):
                    if version["Key"].endswith(suffix):
                        oldest[version["Key"]] = version["VersionId"]  # newest first within a key
        return oldest

    def _checkpoint(self, key: str, version: str) -> PublishedCheckpoint:
        return PublishedCheckpoint(name=key.removeprefix(self._prefix), note=self._read(key, version))

    def _read(self, key: str, version: str) -> bytes:
        with translated(f"{self.name}: reading {key}", part="checkpoints"):
            return self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"].read()
