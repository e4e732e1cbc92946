"""Landing areas: where the telephone system leaves audio for us to take."""

from typing import BinaryIO, Protocol

from pipeline.errors import CallwardenError


class LandingRefusedError(CallwardenError):
    """The URI lies outside every allowed area. No connection was attempted."""


class LandingMissingError(CallwardenError):
    """There is surely nothing at this URI. (An area out of reach is a RetryableError instead.)"""


class LandingOversizedError(CallwardenError):
    """What lies there is larger than allowed; at most `max_bytes` of it were read."""


class LandingArea(Protocol):
    """Takes audio from where the telephone system left it. Thread-safe.

    URIs are ``s3://<allowed bucket>/key`` or ``spool:<relative name>``; nothing else is ever fetched, no link
    is followed out of an area, no other host is contacted.
    """

    def fetch(self, uri: str, *, max_bytes: int) -> BinaryIO:
        """The whole audio as a seekable binary file at position 0, which the caller closes.

        Small audio comes in memory, large audio in an anonymous temporary file that has no name and cannot
        outlive the process. Raises LandingRefusedError, LandingMissingError, LandingOversizedError, RetryableError.
        """
        ...

    def delete(self, uri: str) -> None:
        """Remove it, every version of it. Removing what is not there is fine. Raises LandingRefusedError,
        RetryableError."""
        ...

    def exists(self, uri: str) -> bool:
        """Whether any version is there. Raises LandingRefusedError, RetryableError."""
        ...
