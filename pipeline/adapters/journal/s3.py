"""The erasure journal as a bucket: one object a record, and the record is the object's key.

A listing therefore is the whole journal. Every version is listed, so that a delete marker hides nothing; with
Object Lock on the bucket an administrator cannot remove a record either. Use another bucket than the vault's,
and replicate it as the vault's is not.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pipeline.adapters.aws import code_of, translated
from pipeline.adapters.journal import record
from pipeline.adapters.s3_buckets import create_if_missing
from pipeline.errors import InvariantError
from pipeline.model.ids import RecordingId
from pipeline.ports.journal import ErasureRecord, JournalDamagedError, JournalState

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_PREFIX = "erasures/"
_ALREADY_THERE = frozenset({"PreconditionFailed", "412"})


class S3Journal:
    """`pipeline.ports.journal.ErasureJournal` in a bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def ensure_bucket(self) -> bool:
        """Create the bucket, with versions and Object Lock, where it is missing; True if so. Raises RetryableError."""
        with translated(f"setting up the bucket {self._bucket}", part="journal"):
            return create_if_missing(self._client, self._bucket)

    def append(self, recording_id: RecordingId, *, destroyed_at: datetime, reason: str) -> None:
        text = record.write(recording_id, destroyed_at=destroyed_at, reason=reason)
        with translated(f"writing to the erasure journal {self._bucket}", part="journal"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=_PREFIX + text,
                    Body=text.encode(),
                    ContentType="text/plain",
                    # The same record again is the same key: nothing to write. A server that ignores the condition
                    # (Ceph, on a bucket with versions) adds an equal version, which reads as one.
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in _ALREADY_THERE:
                    raise

    def position(self) -> str:
        # The count of a listing: a bucket has no end to ask for, and keys do not come in the order of appends.
        return str(sum(1 for _ in self._texts()))

    def iterate(self, *, since: str = "") -> Iterator[ErasureRecord]:
        if since and int(since) > int(self.position()):
            raise InvariantError(
                f"the erasure journal in {self._bucket} holds less than it did: put its newest copy back before serving"
            )
        damaged = 0
        for text in self._texts():
            found = record.read(text)
            if found is None:
                damaged += 1
            else:
                yield found
        if damaged:
            raise JournalDamagedError(damaged)

    def inspect(self) -> JournalState:
        readable = damaged = 0
        for text in self._texts():
            if record.read(text) is None:
                damaged += 1
            else:
                readable += 1
        return JournalState(records=readable, unfinished=0, damaged=damaged)

    def _texts(self) -> Iterator[str]:
        last = ""
        with translated(f"reading the erasure journal {self._bucket}", part="journal"):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=_PREFIX)
            for page in pages:
                for version in page.get("Versions", []):
                    if version["Key"] != last:  # versions of one key stand together
                        last = version["Key"]
                        yield last.removeprefix(_PREFIX)
