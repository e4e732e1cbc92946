"""The distributed vault: one S3 bucket with versioning and Object Lock.

Object Lock serves removable legal holds only: no retention mode is ever set, so that erasure and objection stay
possible. How bytes get in: `s3_upload`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from callwarden.adapters.aws import code_of, status_of, translated
from callwarden.adapters.vault import s3_bucket
from callwarden.adapters.vault.s3_upload import PART_BYTES, S3Upload, tag
from callwarden.ports.vault import (
    LifecycleRule,
    ObjectHeldError,
    ObjectMissingError,
    ObjectVersion,
    StoredVersion,
    UnfinishedUpload,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "405"})
"""Codes that surely mean absence; 405 is the answer to reading a delete marker. A missing bucket is not among
them: that is a wrong set-up or an outage."""

_NEVER_HELD = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"})
"""The version is there and no hold was ever set on it (AWS; Ceph)."""


class S3Vault:
    """`callwarden.ports.whole_vault.Vault` over a bucket. Give it a client of `callwarden.adapters.aws.s3_client` with
    at least as many connections as threads use the vault."""

    def __init__(self, client: "S3Client", bucket: str, *, part_bytes: int = PART_BYTES) -> None:
        self._client = client
        self._bucket = bucket
        self._upload = S3Upload(client, bucket, part_bytes=part_bytes)

    def ensure_bucket(self) -> s3_bucket.BucketFacts:
        """Create the bucket where it is missing and check that it can keep the vault's promises.

        Raises ConfigurationError naming what is wrong with an existing bucket; RetryableError.
        """
        return s3_bucket.ensure(self._client, self._bucket)

    # writing

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> StoredVersion:
        version_id = self._upload.put(key, body, size=size, tags=tags)
        return StoredVersion(key=key, version_id=version_id, size=size)

    # reading

    def read(self, key: str, version_id: str, *, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        with translated(f"reading from {self._bucket}"):
            try:
                answer = self._client.get_object(
                    Bucket=self._bucket,
                    Key=key,
                    VersionId=version_id,
                    Range=f"bytes={start}-{start + length - 1}",
                )
                return answer["Body"].read()
            except ClientError as error:
                if code_of(error) == "InvalidRange":  # begins at or after the end
                    return b""
                self._raise_if_absent(error, key, version_id)
                raise

    # keeping

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        with translated(f"listing {self._bucket}"):
            for _, entries in groupby(self._listed(prefix), key=lambda entry: entry.key):
                # The service lists versions and markers apart; their instants put them together again. Ties
                # within a second keep the service's order, and the current one is first by definition.
                newest_first = sorted(entries, key=lambda entry: entry.modified_at, reverse=True)
                yield from sorted(newest_first, key=lambda entry: not entry.is_current)

    def _listed(self, prefix: str) -> Iterator[ObjectVersion]:
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            entries = [
                ObjectVersion(
                    key=version["Key"],
                    version_id=version["VersionId"],
                    size=version["Size"],
                    modified_at=version["LastModified"],
                    is_current=version["IsLatest"],
                )
                for version in page.get("Versions", [])
            ]
            entries += [
                ObjectVersion(
                    key=marker["Key"],
                    version_id=marker["VersionId"],
                    size=0,
                    modified_at=marker["LastModified"],
                    is_marker=True,
                    is_current=marker["IsLatest"],
                )
                for marker in page.get("DeleteMarkers", [])
            ]
            yield from sorted(entries, key=lambda entry: entry.key)

    def unfinished_uploads(self, prefix: str) -> Iterator[UnfinishedUpload]:
        paginator = self._client.get_paginator("list_multipart_uploads")
        with translated(f"listing the uploads of {self._bucket}"):
            for page in paginator.paginate(Bucket=self._bucket, Prefix=prefix):
                for upload in page.get("Uploads", []):
                    yield UnfinishedUpload(
                        key=upload["Key"], upload_id=upload["UploadId"], started_at=upload["Initiated"]
                    )

    def foreign_files(self) -> Iterator[str]:
        return iter(())

    def destroy(self, versions: Sequence[ObjectVersion]) -> None:
        held = []
        for version in versions:
            with translated(f"destroying an object in {self._bucket}"):
                try:
                    self._client.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
                except ClientError as error:
                    if code_of(error) in _ABSENT:
                        continue
                    if status_of(error) != 403 or version.is_marker or not self._is_held_now(version):
                        raise
                    held.append(version.version_id)
        if held:
            raise ObjectHeldError(f"{len(held)} version(s) under legal hold, such as {held[0]}")

    def _is_held_now(self, version: ObjectVersion) -> bool:
        try:
            return self.is_held(version.key, version.version_id)
        except ObjectMissingError:
            return False

    def give_up(self, upload: UnfinishedUpload) -> None:
        with translated(f"giving up an upload in {self._bucket}"):
            try:
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=upload.key, UploadId=upload.upload_id)
            except ClientError as error:
                if code_of(error) not in {"NoSuchUpload", "404"}:
                    raise

    def set_hold(self, key: str, version_id: str, *, held: bool, tags: Mapping[str, str]) -> None:
        # The hold first: whatever stops us in between, nothing held is without its hold.
        with translated(f"setting a hold in {self._bucket}"):
            try:
                # Not every server tells a missing version from a fault of its own when setting a hold.
                self._client.head_object(Bucket=self._bucket, Key=key, VersionId=version_id)
                self._client.put_object_legal_hold(
                    Bucket=self._bucket,
                    Key=key,
                    VersionId=version_id,
                    LegalHold={"Status": "ON" if held else "OFF"},
                )
            except ClientError as error:
                self._raise_if_absent(error, key, version_id)
                raise
        tag(self._client, self._bucket, key, version_id, tags)

    def is_held(self, key: str, version_id: str) -> bool:
        with translated(f"asking for a hold in {self._bucket}"):
            try:
                answer = self._client.get_object_legal_hold(Bucket=self._bucket, Key=key, VersionId=version_id)
            except ClientError as error:
                if code_of(error) in _NEVER_HELD:
                    return False
                self._raise_if_absent(error, key, version_id)
                raise
        return answer.get("LegalHold", {}).get("Status") == "ON"

    def tags(self, key: str, version_id: str) -> Mapping[str, str]:
        with translated(f"asking for tags in {self._bucket}"):
            try:
                answer = self._client.get_object_tagging(Bucket=self._bucket, Key=key, VersionId=version_id)
                if not answer["TagSet"]:  # not every server tells a missing version from one without tags
                    self._client.head_object(Bucket=self._bucket, Key=key, VersionId=version_id)
            except ClientError as error:
                self._raise_if_absent(error, key, version_id)
                raise
        return {each["Key"]: each["Value"] for each in answer["TagSet"]}

    def lifecycle(self) -> Sequence[LifecycleRule] | None:
        return s3_bucket.lifecycle(self._client, self._bucket)

    def apply_lifecycle(self, rules: Sequence[LifecycleRule]) -> None:
        s3_bucket.apply_lifecycle(self._client, self._bucket, rules)

    def _raise_if_absent(self, error: ClientError, key: str, version_id: str) -> None:
        if code_of(error) in _ABSENT:
            raise ObjectMissingError(f"no version {version_id} of {key}") from error
