"""Bytes on their way into the bucket: whole objects in one request, large ones in parts.

Integrity of a put: every request is signed over the SHA-256 of its payload, so the server refuses bytes that are
not those we sent (AWS and Ceph do; a test damages them on the way). A checksum is sent besides and compared where
the server keeps and reports one (AWS); a server that reports none is not asked again. What went in parts has its
length compared at the end.

A request whose answer was lost on the way is repeated, and may then have been carried out twice: the version the
caller never hears of is found by listing (a fresh attempt clears its prefix, `reconcile` names it).
"""

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Literal, TypedDict
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from callwarden.adapters.aws import translated
from callwarden.errors import InvariantError, RetryableError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, TagTypeDef

PART_BYTES = 8 << 20
"""Objects up to this size go in one request; larger ones in parts of it, one part in memory at a time."""

_MAX_PARTS = 10_000
_MEDIA_TYPE = "application/octet-stream"


class _Checksum(TypedDict, total=False):
    """What goes into a request besides the payload's signature."""

    ChecksumSHA256: str


class _Algorithm(TypedDict, total=False):
    """What an upload in parts says about the checksums of its parts."""

    ChecksumAlgorithm: Literal["SHA256"]


_SHA256: _Algorithm = {"ChecksumAlgorithm": "SHA256"}
_NONE: _Algorithm = {}


class S3Upload:
    """Puts objects into one bucket. Thread-safe."""

    def __init__(self, client: "S3Client", bucket: str, *, part_bytes: int) -> None:
        self._client = client
        self._bucket = bucket
        self._part_bytes = part_bytes
        self._reports_checksums = True  # until a first answer shows otherwise

    def put(self, key: str, body: BinaryIO, *, size: int, tags: Mapping[str, str]) -> str:
        """The id of the new version; otherwise as `callwarden.ports.vault_writer.VaultWriter.put`."""
        if size <= self._part_bytes:
            return self._put_whole(key, _exactly(body, size, is_last=True), tags)
        return self._put_in_parts(key, body, size, tags)

    def _put_whole(self, key: str, content: bytes, tags: Mapping[str, str]) -> str:
        checksum = self._checksum(content)
        with translated(f"storing an object in {self._bucket}"):
            answer = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=_MEDIA_TYPE, Tagging=_query(tags), **checksum
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
                ContentType=_MEDIA_TYPE,
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
            tag(self._client, self._bucket, key, version_id, tags)  # Ceph forgets the tags an upload began with
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


def tag(client: "S3Client", bucket: str, key: str, version_id: str, tags: Mapping[str, str]) -> None:
    """Give a version exactly these tags. Raises RetryableError."""
    tag_set: list[TagTypeDef] = [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
    with translated(f"tagging an object in {bucket}"):
        client.put_object_tagging(Bucket=bucket, Key=key, VersionId=version_id, Tagging={"TagSet": tag_set})


def _exactly(body: BinaryIO, length: int, *, is_last: bool) -> bytes:
    pieces, missing = [], length
    while missing and (piece := body.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    if missing or (is_last and body.read(1)):
        raise InvariantError("an object's body has another length than was announced")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _query(tags: Mapping[str, str]) -> str:
    return urlencode(sorted(tags.items()))
