"""The landing area: judges the address first, then asks the one place it names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from pipeline.errors import ConfigurationError, RetryableError
from pipeline.ports.landing import LandingRefusedError
from pipeline.rules.landing_uri import LandingUri, allowed


class LandingPlace(Protocol):
    """Fetches by an address that is allowed. Errors as `pipeline.ports.landing.LandingArea`."""

    def fetch(self, place: LandingUri, *, max_bytes: int) -> BinaryIO: ...

    def delete(self, place: LandingUri) -> None: ...

    def exists(self, place: LandingUri) -> bool: ...


@contextmanager
def _those_calls_wait() -> Iterator[None]:
    """An area that is set up wrongly (no credentials, no such bucket) stops the calls that lie there, and no others."""
    try:
        yield
    except ConfigurationError as error:
        raise RetryableError(f"{error}; the calls that lie there wait until it is put right") from error


class LandingAreas:
    """`pipeline.ports.landing.LandingArea` over a spool folder and S3. `areas` come from the policy; `s3` is asked
    for when the first address needs it, so an embedded system never makes a client."""

    def __init__(self, *, areas: tuple[str, ...], spool: LandingPlace, s3: Callable[[], LandingPlace]) -> None:
        self._areas = areas
        self._spool = spool
        self._make_s3 = s3
        self._s3: LandingPlace | None = None

    def fetch(self, uri: str, *, max_bytes: int) -> BinaryIO:
        with _those_calls_wait():
            place, area = self._at(uri)
            return area.fetch(place, max_bytes=max_bytes)

    def delete(self, uri: str) -> None:
        with _those_calls_wait():
            place, area = self._at(uri)
            area.delete(place)

    def exists(self, uri: str) -> bool:
        with _those_calls_wait():
            place, area = self._at(uri)
            return area.exists(place)

    def _at(self, uri: str) -> tuple[LandingUri, LandingPlace]:
        place = allowed(uri, self._areas)
        if place is None:
            # The address is foreign text and stays out of the message.
            raise LandingRefusedError("the address lies outside every landing area of the policy")
        if place.scheme == "spool":
            return place, self._spool
        if self._s3 is None:
            self._s3 = self._make_s3()
        return place, self._s3
