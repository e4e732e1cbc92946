"""Landing buckets. Which ones, the policy says; nothing else is contacted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from pipeline.adapters.aws import code_of, translated
from pipeline.adapters.landing.received import receive
from pipeline.ports.landing import LandingMissingError
from pipeline.rules.landing_uri import LandingUri

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_ABSENT = frozenset({"NoSuchKey", "404"})


class S3Landing:
    """`pipeline.adapters.landing.areas.LandingPlace` over S3."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def fetch(self, place: LandingUri, *, max_bytes: int) -> BinaryIO:
        with translated(f"fetching from the landing bucket {place.bucket}", part="landing"):
            try:
                answer = self._client.get_object(Bucket=place.bucket, Key=place.name)
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    raise LandingMissingError(f"nothing lies at this key in {place.bucket}") from error
                raise
            with answer["Body"] as body:
                return receive(body, announced=answer["ContentLength"], max_bytes=max_bytes)

    def delete(self, place: LandingUri) -> None:
        with translated(f"deleting from the landing bucket {place.bucket}", part="landing"):
            # Markers too: a bucket with versions would otherwise keep the voice under one.
            for version_id, _ in self._versions(place):
                self._client.delete_object(Bucket=place.bucket, Key=place.name, VersionId=version_id)

    def exists(self, place: LandingUri) -> bool:
        with translated(f"looking into the landing bucket {place.bucket}", part="landing"):
            return any(not is_marker for _, is_marker in self._versions(place))

    def _versions(self, place: LandingUri) -> Iterator[tuple[str, bool]]:
        """Version ids of exactly this key, and whether each is a delete marker. ("null" in a plain bucket.)"""
        paginator = self._client.get_paginator("list_object_versions")
        for page in paginator.paginate(Bucket=place.bucket, Prefix=place.name):
            entries = [(version["Key"], version["VersionId"], False) for version in page.get("Versions", [])]
            entries += [(marker["Key"], marker["VersionId"], True) for marker in page.get("DeleteMarkers", [])]
            yield from ((version_id, is_marker) for key, version_id, is_marker in entries if key == place.name)
            if any(key != place.name for key, _, _ in entries):
                return  # by key: what continues our name comes after it
