"""Landing areas: where the telephone system leaves audio for us to take."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, Protocol

from callwarden.errors import CallwardenError, RetryableError
from callwarden.model.landing import LandingUri


class LandingRefusedError(CallwardenError):
    """The URI lies outside every allowed area. No connection was attempted."""


class LandingMissingError(CallwardenError):
    """There is surely nothing at this URI. (An area out of reach is a RetryableError instead.)"""


class LandingOversizedError(CallwardenError):
    """What lies there is larger than allowed; at most `max_bytes` of it were read."""


class LandingAwayError(RetryableError):
    """The place an address lies in cannot be reached now, or does not let us in; other places may be there. ``place``
    is the bucket (``s3://landing``) or the watched folder (``spool:``)."""

    def __init__(self, message: str, *, place: str) -> None:
        self.place = place
        super().__init__(message, part="landing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Audio that was fetched, in a `with` block: a seekable binary file at position 0. `instance` tells what lay at
    its address from anything else that ever lay there, or ever will."""

    file: BinaryIO = field(repr=False)
    instance: str = field(repr=False)

    def __enter__(self) -> BinaryIO:
        return self.file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent."""
        self.file.close()


class LandingArea(Protocol):
    """Takes audio from where the telephone system left it. Thread-safe.

    URIs are ``s3://<allowed bucket>/key`` or ``spool:<relative name>``; nothing else is ever fetched, no link
    is followed out of an area, no other host is contacted.
    """

    def fetch(self, uri: str, *, max_bytes: int) -> Fetched:
        """The whole audio, which the caller closes.

        Small audio comes in memory, large audio in an anonymous temporary file that has no name and cannot
        outlive the process. Raises LandingRefusedError, LandingMissingError, LandingOversizedError, LandingAwayError,
        and RetryableError when this machine has no room for it.
        """
        ...

    def delete(self, uri: str) -> None:
        """Remove it, every version of it. Removing what is not there is fine. Raises LandingRefusedError,
        LandingAwayError."""
        ...

    def exists(self, uri: str) -> bool:
        """Whether any version is there. Raises LandingRefusedError, LandingAwayError."""
        ...


class Upload(Protocol):
    """Audio on its way into a landing area: seen by nobody before `finish`. One thread at a time."""

    def write(self, chunk: bytes) -> None:
        """Take in more of it; of all that was given, some megabytes are in memory at most. Raises LandingAwayError,
        and RetryableError when this machine has no room for it."""
        ...

    def finish(self) -> str:
        """Its address, at which all of it is durable. Raises as `write`; then nothing is there."""
        ...

    def abandon(self) -> None:
        """Leave nothing of it; where a place is away, the landing areas' sweep does. Nothing happens once it is
        finished. Never raises."""
        ...


class LandingIntake(Protocol):
    """Takes audio in where the telephone system hands it to us. Thread-safe."""

    def begin(self, area: str, name: str) -> Upload:
        """A new upload to this name, which nobody had before, within `area`, one of the policy's. Raises
        LandingRefusedError for another place, LandingAwayError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """One thing that lies in a landing area, whoever left it and whatever its name: a file, or one version, delete
    marker or unfinished upload of a bucket. `left_at` is when it came under its name, by the area's own clock."""

    place: LandingUri = field(repr=False)
    left_at: datetime
    size: int
    version_id: str | None = None
    upload_id: str | None = None


class LandingKeeper(Protocol):
    """Sees and removes whatever lies in the landing areas, announced or not. Thread-safe."""

    def areas(self) -> tuple[str, ...]:
        """The areas this system can look into, as the policy writes them, none within another. Buckets are among them
        where S3 is set up here."""
        ...

    def lying(self, area: str) -> Iterator[Landed]:
        """Everything in one of `areas`, in no order. No link is followed. Raises RetryableError."""
        ...

    def remove(self, landed: Landed) -> bool:
        """Remove exactly this, and whether it was there: what has come to lie under the same name since is left.
        Raises RetryableError."""
        ...

    def check(self, area: str) -> None:
        """Make sure that `area`, one of the policy's, is there and can be looked into. Raises ConfigurationError where
        it is not there or we may not, LandingRefusedError for another place, RetryableError out of reach."""
        ...
