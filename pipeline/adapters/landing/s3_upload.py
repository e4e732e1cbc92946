"""Audio on its way into a bucket: in parts, which are no object until all are there."""

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from callwarden.adapters.aws import translated
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.landing import LandingUri

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 5 << 20
"""The smallest part of an upload that S3 takes, so that little is in memory; 10,000 of them make 50 GB."""


class S3Upload:
    """`callwarden.ports.landing.Upload`. What fits into one part is put as it is."""

    def __init__(self, client: "S3Client", place: LandingUri) -> None:
        self._client = client
        self._place = place
        self._held = bytearray()
        self._upload_id: str | None = None
        self._parts: list[CompletedPartTypeDef] = []

    def write(self, chunk: bytes) -> None:
        self._held += chunk
        if len(self._held) >= PART_BYTES:
            self._send()

    def finish(self) -> str:
        bucket, key = self._place.bucket, self._place.name
        try:
            if self._upload_id is None:
                with translated(f"putting into the landing bucket {bucket}", part="landing"):
                    self._client.put_object(Bucket=bucket, Key=key, Body=_body(self._held))
            else:
                if self._held:
                    self._send()
                with translated(f"putting into the landing bucket {bucket}", part="landing"):
                    self._client.complete_multipart_upload(
                        Bucket=bucket, Key=key, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
                    )
        except BaseException:
            with suppress(RetryableError, ConfigurationError):
                self.abandon()
            raise
        self._upload_id = None
        return self._place.uri

    def abandon(self) -> None:
        self._held = bytearray()
        upload_id, self._upload_id = self._upload_id, None
        if upload_id is not None:
            bucket = self._place.bucket
            with translated(f"giving up an upload to the landing bucket {bucket}", part="landing"):
                self._client.abort_multipart_upload(Bucket=bucket, Key=self._place.name, UploadId=upload_id)

    def _send(self) -> None:
        """What is held becomes the next part, without a copy of it."""
        bucket, key, number = self._place.bucket, self._place.name, len(self._parts) + 1
        with translated(f"putting into the landing bucket {bucket}", part="landing"):
            if self._upload_id is None:
                self._upload_id = self._client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
            sent = self._client.upload_part(
                Bucket=bucket, Key=key, UploadId=self._upload_id, PartNumber=number, Body=_body(self._held)
            )
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})
        self._held = bytearray()


def _body(held: bytearray) -> bytes:
    """botocore takes it as it is; its stubs do not say so. A copy would be as large again."""
    return cast(bytes, held)
