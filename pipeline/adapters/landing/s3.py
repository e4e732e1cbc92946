"""Landing buckets. Which ones, the policy says; nothing else is contacted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from callwarden.adapters.aws import code_of, translated
from callwarden.adapters.landing.received import receive
from callwarden.adapters.landing.s3_upload import S3Upload
from callwarden.model.landing import LandingUri
from callwarden.ports.landing import Fetched, Landed, LandingMissingError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_SAME_INSTANT = timedelta(seconds=1)
"""A listing gives milliseconds, a header seconds."""
_REMEMBERED = 4096
"""Places of which `S3Landing` knows what it fetched there; beyond them it looks again."""
_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "404"})


class S3Landing:
    """`callwarden.adapters.landing.areas.LandingPlace` over S3."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client
        self._without_versions: set[LandingUri] = set()

    def fetch(self, place: LandingUri, *, max_bytes: int) -> Fetched:
        with translated(f"fetching from the landing bucket {place.bucket}", part="landing"):
            try:
                answer = self._client.get_object(Bucket=place.bucket, Key=place.name)
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    raise LandingMissingError(f"nothing lies at this key in {place.bucket}") from error
                raise
            self._remember(place, has_versions="VersionId" in answer)
            with answer["Body"] as body:
                return Fetched(
                    file=receive(body, announced=answer["ContentLength"], max_bytes=max_bytes),
                    instance=f"{answer.get('VersionId', '')} {answer['ETag']} {answer['LastModified'].isoformat()}",
                )

    def delete(self, place: LandingUri) -> None:
        with translated(f"deleting from the landing bucket {place.bucket}", part="landing"):
            # Markers too: a bucket with versions would otherwise keep the voice under one.
            plain = place in self._without_versions
            for version_id in ["null"] if plain else [version_id for version_id, _ in self._versions(place)]:
                self._client.delete_object(Bucket=place.bucket, Key=place.name, VersionId=version_id)

        self._without_versions.discard(place)

    def _remember(self, place: LandingUri, *, has_versions: bool) -> None:
        """What was fetched from a bucket that never had versions is the only one: its deletion need not look for more.
        Whatever is put there afterwards, perhaps as a version, is other audio."""
        if has_versions:
            self._without_versions.discard(place)
            return
        if len(self._without_versions) >= _REMEMBERED:
            self._without_versions.clear()
        self._without_versions.add(place)

    def exists(self, place: LandingUri) -> bool:
        with translated(f"looking into the landing bucket {place.bucket}", part="landing"):
            return any(not is_marker for _, is_marker in self._versions(place))

    def begin(self, place: LandingUri) -> S3Upload:
        return S3Upload(self._client, place)

    def lying(self, area: LandingUri) -> Iterator[Landed]:
        prefix = f"{area.name}/" if area.name else ""
        with translated(f"listing the landing bucket {area.bucket}"):
            for page in self._client.get_paginator("list_object_versions").paginate(Bucket=area.bucket, Prefix=prefix):
                for version in page.get("Versions", []):
                    yield Landed(
                        place=LandingUri(scheme="s3", bucket=area.bucket, name=version["Key"]),
                        left_at=version["LastModified"],
                        size=version["Size"],
                        version_id=version["VersionId"],
                    )
                for marker in page.get("DeleteMarkers", []):
                    yield Landed(
                        place=LandingUri(scheme="s3", bucket=area.bucket, name=marker["Key"]),
                        left_at=marker["LastModified"],
                        size=0,
                        version_id=marker["VersionId"],
                    )
            for part in self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=area.bucket, Prefix=prefix
            ):
                for upload in part.get("Uploads", []):
                    yield Landed(
                        place=LandingUri(scheme="s3", bucket=area.bucket, name=upload["Key"]),
                        left_at=upload["Initiated"],
                        size=0,
                        upload_id=upload["UploadId"],
                    )

    def remove(self, landed: Landed) -> bool:
        place = landed.place
        with translated(f"deleting from the landing bucket {place.bucket}"):
            try:
                if landed.upload_id is not None:
                    self._client.abort_multipart_upload(Bucket=place.bucket, Key=place.name, UploadId=landed.upload_id)
                    return True
                if landed.version_id is None or not self._is_still(landed, landed.version_id):
                    return False
                self._client.delete_object(Bucket=place.bucket, Key=place.name, VersionId=landed.version_id)
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return False
                raise
        return True

    def _is_still(self, landed: Landed, version_id: str) -> bool:
        """A bucket without versions has only one, "null", whatever is put there. Versions keep their ids."""
        if version_id != "null":
            return True
        found = self._client.head_object(Bucket=landed.place.bucket, Key=landed.place.name)
        return abs(found["LastModified"] - landed.left_at) < _SAME_INSTANT

    def check(self, place: LandingUri) -> None:
        with translated(f"looking into the landing bucket {place.bucket}", part="landing"):
            self._client.list_object_versions(Bucket=place.bucket, Prefix=place.name, MaxKeys=1)

    def _versions(self, place: LandingUri) -> Iterator[tuple[str, bool]]:
        """Version ids of exactly this key, and whether each is a delete marker. ("null" in a plain bucket.)"""
        paginator = self._client.get_paginator("list_object_versions")
        for page in paginator.paginate(Bucket=place.bucket, Prefix=place.name):
            entries = [(version["Key"], version["VersionId"], False) for version in page.get("Versions", [])]
            entries += [(marker["Key"], marker["VersionId"], True) for marker in page.get("DeleteMarkers", [])]
            yield from ((version_id, is_marker) for key, version_id, is_marker in entries if key == place.name)
            if any(key != place.name for key, _, _ in entries):
                return  # by key: what continues our name comes after it
