"""What every S3 server hands out, and a client for it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningS3:
    """An S3 endpoint. `lifecycle_day_s` is how long the server's lifecycle takes a day to be; None: a real day."""

    endpoint_url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    lifecycle_day_s: int | None = None

    def client(self) -> "S3Client":
        """A client with path-style addresses (127.0.0.1 has no bucket host names) and few, quick retries."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
        )
