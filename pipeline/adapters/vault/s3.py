"""The distributed vault: one S3 bucket with versioning and Object Lock.

Integrity of a put: every request is signed over the SHA-256 of its payload, so the server refuses bytes that are
not those we sent (AWS and Ceph do; a test damages them on the way). A checksum is sent besides and compared where
the server keeps and reports one (AWS); a server that reports none is not asked again. What went in parts has its
length compared at the end.

Object Lock serves removable legal holds only: no retention mode is ever set, so that erasure and objection stay
possible.

A request whose answer was lost on the way is repeated, and may then have been carried out twice: the version the
caller never hears of is found by listing (a fresh attempt clears its prefix, `reconcile` names it).
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO, Literal, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.adapters.aws import code_of, status_of, translated
from pipeline.adapters.vault import s3_bucket
from pipeline.errors import InvariantError, RetryableError
from pipeline.ports.vault import (
    LifecycleRule,
    ObjectHeldError,
    ObjectMissingError,
    ObjectVersion,
    StoredVersion,
    UnfinishedUpload,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, TagTypeDef

PART_BYTES = 8 << 20
"""Objects up to this size go in one request; larger ones in parts of it, one part in memory at a time."""

_MAX_PARTS = 10_000
_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "405"})
"""Codes that surely mean absence; 405 is the answer to reading a delete marker. A missing bucket is not among
them: that is a wrong set-up or an outage."""

_NEVER_HELD = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"})
"""The version is there and no hold was ever set on it (AWS; Ceph)."""


class _Checksum(TypedDict, total=False):
    """What goes into a request besides the payload's signature."""

    ChecksumSHA256: str


class _Algorithm(TypedDict, total=False):
    """What an upload in parts says about the checksums of its parts."""

    ChecksumAlgorithm: Literal["SHA256"]


_SHA256: _Algorithm = {"ChecksumAlgorithm": "SHA256"}
_NONE: _Algorithm = {}


class S3Vault:
    """`pipeline.ports.vault.Vault` over a bucket. Give it a client of `pipeline.adapters.aws.s3_client` with
    at least as many connections as threads use the vault."""

    def __init__(self, client: "S3Client", bucket: str, *, part_bytes: int = PART_BYTES) -> None:
        self._client = client
        self._bucket = bucket
        self._part_bytes = part_bytes
        self._reports_checksums = True  # until a first answer shows otherwise

    def ensure_bucket(self) -> s3_bucket.BucketFacts:
        """Create the bucket where it is missing and check that it can keep the vault's promises.

        Raises ConfigurationError naming what is wrong with an existing bucket; RetryableError.
        """
        return s3_bucket.ensure(self._client, self._bucket)

    # writing

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> StoredVersion:
        if size <= self._part_bytes:
            version_id = self._put_whole(key, _exactly(body, size, is_last=True), tags)
        else:
            version_id = self._put_in_parts(key, body, size, tags)
        return StoredVersion(key=key, version_id=version_id, size=size)

    def _put_whole(self, key: str, content: bytes, tags: Mapping[str, str]) -> str:
        checksum = self._checksum(content)
        with translated(f"storing an object in {self._bucket}"):
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType="application/octet-stream",
                Tagging=_query(tags),
                **checksum,
            )
        version_id = self._version_of(answer.get("VersionId"))
        try:
            self._compare(checksum, answer.get("ChecksumSHA256"))
        except RetryableError:
            self._withdraw(key, version_id)
            raise
        return version_id

    def _put_in_parts(self, key: str, body: BinaryIO, size: int, tags: Mapping[str, str]) -> str:
        part_bytes = max(self._part_bytes, -(-size // _MAX_PARTS))
        with translated(f"beginning an upload in {self._bucket}"):
            upload_id = self._client.create_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                ContentType="application/octet-stream",
                Tagging=_query(tags),
                **(_SHA256 if self._reports_checksums else _NONE),
            )["UploadId"]
        try:
            parts: list[CompletedPartTypeDef] = []
            for number, start in enumerate(range(0, size, part_bytes), start=1):
                length = min(part_bytes, size - start)
                content = _exactly(body, length, is_last=start + length == size)
                parts.append(self._put_part(key, upload_id, number, content))
            with translated(f"finishing an upload in {self._bucket}"):
                answer = self._client.complete_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
                )
        except BaseException:
            with suppress(ClientError, BotoCoreError):  # the sweep of unfinished uploads comes after us
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
            raise
        version_id = self._version_of(answer.get("VersionId"))
        try:
            self._verify_length(key, version_id, size)
            self._tag(key, version_id, tags)  # Ceph forgets the tags an upload began with
        except BaseException:
            with suppress(RetryableError):
                self._withdraw(key, version_id)
            raise
        return version_id

    def _put_part(self, key: str, upload_id: str, number: int, content: bytes) -> "CompletedPartTypeDef":
        checksum = self._checksum(content)
        with translated(f"uploading to {self._bucket}"):
            answer = self._client.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=content,
                **checksum,
            )
        self._compare(checksum, answer.get("ChecksumSHA256"))
        part: CompletedPartTypeDef = {"ETag": answer["ETag"], "PartNumber": number}
        if "ChecksumSHA256" in answer:
            part["ChecksumSHA256"] = answer["ChecksumSHA256"]
        return part

    def _checksum(self, content: bytes) -> _Checksum:
        if not self._reports_checksums:
            return {}
        return {"ChecksumSHA256": base64.b64encode(hashlib.sha256(content).digest()).decode()}

    def _compare(self, sent: _Checksum, reported: str | None) -> None:
        if reported is None:
            self._reports_checksums = False
        elif "ChecksumSHA256" in sent and sent["ChecksumSHA256"] != reported:
            raise RetryableError("the server reports another digest than that of the bytes sent")

    def _verify_length(self, key: str, version_id: str, size: int) -> None:
        with translated(f"verifying an object in {self._bucket}"):
            found = self._client.head_object(Bucket=self._bucket, Key=key, VersionId=version_id)
        if found["ContentLength"] != size:
            raise RetryableError("the server stored another length than was sent")

    def _withdraw(self, key: str, version_id: str) -> None:
        with translated(f"withdrawing a damaged object from {self._bucket}"):
            self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version_id)

    def _version_of(self, version_id: str | None) -> str:
        if not version_id or version_id == "null":
            raise InvariantError(f"bucket {self._bucket} gave no version id: its versioning has been switched off")
        return version_id

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
        self._tag(key, version_id, tags)

    def _tag(self, key: str, version_id: str, tags: Mapping[str, str]) -> None:
        tag_set: list[TagTypeDef] = [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
        with translated(f"tagging an object in {self._bucket}"):
            self._client.put_object_tagging(
                Bucket=self._bucket, Key=key, VersionId=version_id, Tagging={"TagSet": tag_set}
            )

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

    def lifecycle(self) -> Sequence[LifecycleRule] | None:
        return s3_bucket.lifecycle(self._client, self._bucket)

    def apply_lifecycle(self, rules: Sequence[LifecycleRule]) -> None:
        s3_bucket.apply_lifecycle(self._client, self._bucket, rules)

    def _raise_if_absent(self, error: ClientError, key: str, version_id: str) -> None:
        if code_of(error) in _ABSENT:
            raise ObjectMissingError(f"no version {version_id} of {key}") from error


def _exactly(body: BinaryIO, length: int, *, is_last: bool) -> bytes:
    pieces, missing = [], length
    while missing and (piece := body.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    if missing or (is_last and body.read(1)):
        raise InvariantError("an object's body has another length than was announced")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _query(tags: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(tags.items()))
