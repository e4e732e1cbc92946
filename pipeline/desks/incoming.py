"""Audio that is being handed over: measured on its way into the landing area, held nowhere."""

import hashlib
from types import TracebackType
from typing import Self

from callwarden.custody.store import Measure
from callwarden.ports.landing import LandingOversizedError, Upload


class Incoming:
    """One upload, in a `with` block. One thread at a time."""

    def __init__(self, upload: Upload, *, name: str, max_bytes: int) -> None:
        self.name = name
        self._upload = upload
        self._max_bytes = max_bytes
        self._size = 0
        self._sha256 = hashlib.sha256()

    @property
    def measure(self) -> Measure:
        """Of what came in so far."""
        return Measure(size=self._size, sha256=self._sha256.hexdigest())

    def write(self, chunk: bytes) -> None:
        """Take in more of it. Raises LandingOversizedError once it is more than the policy allows, and as
        `callwarden.ports.landing.Upload`."""
        if self._size + len(chunk) > self._max_bytes:
            raise LandingOversizedError(f"more than the {self._max_bytes} bytes that the policy allows")
        self._upload.write(chunk)
        self._size += len(chunk)
        self._sha256.update(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left of what was not finished."""
        self.abandon()

    def finish(self) -> str:
        """See `callwarden.ports.landing.Upload`."""
        return self._upload.finish()

    def abandon(self) -> None:
        """See `callwarden.ports.landing.Upload`."""
        self._upload.abandon()
