"""Time-stamps of a third party: that some bytes existed at an instant (RFC 3161)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from callwarden.errors import RetryableError


class StampingFault(StrEnum):
    """Why there is no time-stamp; closed vocabulary, a label of the metric ``callwarden_log_timestamps_total``."""

    AWAY = "away"
    """No answer in time: refused connection, time-out, HTTP error."""
    REJECTED = "rejected"
    """The authority answered that it will not stamp this."""
    WRONG = "wrong"
    """The answer is no time-stamp, not of these bytes, not of this request, or not by a trusted authority."""


class NotStampedError(RetryableError):
    """There is no time-stamp. ``fault`` says why; nothing changed."""

    def __init__(self, fault: StampingFault, detail: str) -> None:
        self.fault = fault
        super().__init__(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObtainedTimestamp:
    """An authority's whole answer (a DER ``TimeStampResp``), verified, and the instant it proves, in UTC."""

    token: bytes = field(repr=False)
    at: datetime


class TimestampAuthority(Protocol):
    """Asks a time-stamping authority. Thread-safe."""

    def stamp(self, data: bytes) -> ObtainedTimestamp:
        """A time-stamp over the SHA-256 of ``data``, verified before it is returned: it answers this very request and
        stands under the trust roots this authority was built with.

        Raises: `NotStampedError` within the time-out it was built with, whatever the authority does.
        """
        ...
