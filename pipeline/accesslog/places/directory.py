"""Checkpoints in a directory: another disk, a mounted share, a volume with append-only attributes.

Nothing here ever opens an existing checkpoint for writing (`put_new`). Mode 0444 keeps honest programs honest; what
keeps dishonest ones is the place's owner (another account, ``chattr +a``, a write-once share).
"""

import errno
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from callwarden.accesslog.proof.naming import (
    STAMP_SUFFIX,
    SUFFIX,
    checkpoint_name,
    first_name,
    kept_timestamp,
    timestamp_name,
)
from callwarden.accesslog.proof.values import KeptTimestamp, PublishedCheckpoint
from callwarden.adapters.durable_files import put_new, sync_folder
from callwarden.errors import ConfigurationError, InvariantError, RetryableError

_PART = "checkpoints"


class CheckpointDirectory:
    """A `CheckpointPlace` on a file system. Thread-safe, and safe between processes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def name(self) -> str:
        """The directory's path."""
        return f"directory {self._directory}"

    def check(self) -> None:
        """See `CheckpointPlace.check`."""
        trial = self._directory / f".trial.{os.getpid()}.{os.urandom(4).hex()}"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            trial.touch(exist_ok=False)
            trial.unlink()
        except OSError as error:
            raise RetryableError(f"{self.name}: cannot be written ({error.strerror})", part=_PART) from error

    def publish(self, note: bytes, *, size: int) -> PublishedCheckpoint:
        """See `CheckpointPlace.publish`."""
        name = checkpoint_name(note, size=size)
        self._keep(name, note)
        return PublishedCheckpoint(name=name, note=note)

    def holds(self, note: bytes, *, size: int) -> bool:
        """See `CheckpointPlace.holds`."""
        name = checkpoint_name(note, size=size)
        try:
            return (self._directory / name).read_bytes() == note
        except FileNotFoundError:
            return False
        except OSError as error:
            raise RetryableError(f"{self.name}: {name} cannot be read ({error.strerror})", part=_PART) from error

    def largest_first(self, *, beyond: int = -1, but: Collection[str] = ()) -> Iterator[PublishedCheckpoint]:
        """See `CheckpointPlace.largest_first`."""
        for name in reversed([name for name in self._names(SUFFIX) if name >= first_name(beyond + 1)]):
            if name not in but:
                yield self._checkpoint(name)

    def iterate(self) -> Iterator[PublishedCheckpoint]:
        """See `CheckpointPlace.iterate`. A directory that is not there yet is empty."""
        for name in self._names(SUFFIX):
            yield self._checkpoint(name)

    def keep_timestamp(self, token: bytes, *, checkpoint: str) -> KeptTimestamp:
        """See `CheckpointPlace.keep_timestamp`."""
        name = timestamp_name(token, checkpoint=checkpoint)
        self._keep(name, token)
        return kept_timestamp(name, token)

    def timestamps(self) -> Iterator[KeptTimestamp]:
        """See `CheckpointPlace.timestamps`."""
        for name in self._names(STAMP_SUFFIX):
            yield kept_timestamp(name, self._read(name))

    def _names(self, suffix: str) -> list[str]:
        try:
            with os.scandir(self._directory) as entries:
                return sorted(entry.name for entry in entries if entry.name.endswith(suffix))
        except FileNotFoundError:
            return []
        except NotADirectoryError as error:
            raise ConfigurationError(f"{self.name}: is not a directory") from error
        except OSError as error:
            raise RetryableError(f"{self.name}: cannot be read ({error.strerror})", part=_PART) from error

    def _checkpoint(self, name: str) -> PublishedCheckpoint:
        return PublishedCheckpoint(name=name, note=self._read(name))

    def _read(self, name: str) -> bytes:
        try:
            return (self._directory / name).read_bytes()
        except OSError as error:
            raise RetryableError(f"{self.name}: {name} cannot be read ({error.strerror})", part=_PART) from error

    def _keep(self, name: str, data: bytes) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._write(name, data)
        except OSError as error:
            raise RetryableError(f"{self.name}: cannot keep {name} ({error.strerror})", part=_PART) from error

    def _write(self, name: str, data: bytes) -> None:
        final = self._directory / name
        try:
            put_new(final, data, mode=0o444)
        except FileExistsError as error:
            if final.read_bytes() != data:
                raise InvariantError(f"{self.name}: other bytes stand under the name {name}") from error
        try:
            sync_folder(self._directory)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network file systems cannot sync a directory
                raise
