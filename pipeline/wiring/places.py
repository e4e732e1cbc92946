"""The places checkpoints of the log go to, by the settings."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from callwarden.accesslog.places.directory import CheckpointDirectory
from callwarden.ports.log import CheckpointPlace

if TYPE_CHECKING:
    from callwarden.wiring.records import Records

LOCKED_FOR: Final = timedelta(days=3 * 366)
"""How long a bucket keeps each checkpoint locked: as long as log entries may be kept at most (L3)."""


def checkpoint_places(parts: "Records", *, check: bool = True) -> list[CheckpointPlace]:
    """Every place; with `check`, a bucket is looked at first. Raises ConfigurationError, RetryableError."""
    folder = parts.settings.checkpoints or parts.home / "checkpoints"
    places: list[CheckpointPlace] = [CheckpointDirectory(folder)]
    if parts.settings.checkpoint_bucket is not None:
        from callwarden.accesslog.places.s3 import CheckpointBucket

        bucket = CheckpointBucket(
            parts.s3_client, bucket=parts.settings.checkpoint_bucket, keep=LOCKED_FOR, now=parts.clock.now
        )
        if check:
            bucket.ensure_bucket()
            bucket.check()
        places.append(bucket)
    return places
