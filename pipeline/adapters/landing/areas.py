"""The landing area: judges the address first, then asks the one place it names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Protocol

from callwarden.errors import ConfigurationError, RetryableError
from callwarden.model.landing import LandingUri
from callwarden.ports.landing import Fetched, Landed, LandingAwayError, LandingRefusedError, Upload
from callwarden.rules.landing import outermost
from callwarden.rules.landing_uri import allowed, area_of, place_of


class LandingPlace(Protocol):
    """Fetches by an address that is allowed. Errors as `callwarden.ports.landing.LandingArea`."""

    def fetch(self, place: LandingUri, *, max_bytes: int) -> Fetched: ...

    def delete(self, place: LandingUri) -> None: ...

    def exists(self, place: LandingUri) -> bool: ...

    def begin(self, place: LandingUri) -> Upload: ...

    def lying(self, area: LandingUri) -> Iterator[Landed]: ...

    def remove(self, landed: Landed) -> bool: ...

    def check(self, place: LandingUri) -> None:
        """As `LandingArea.check`; `place.name` is the folder's, empty for all of it."""
        ...


@contextmanager
def _those_calls_wait(place: LandingUri) -> Iterator[None]:
    """A place that is out of reach or set up wrongly (no credentials, no such bucket) stops the calls that lie there,
    and no others."""
    try:
        yield
    except ConfigurationError as error:
        message = f"{error}; the calls that lie there wait until it is put right"
        raise LandingAwayError(message, place=place_of(place)) from error
    except RetryableError as error:
        if error.part != "landing":
            raise  # this machine's own trouble
        raise LandingAwayError(str(error), place=place_of(place)) from error


class _Guarded:
    """An upload, whose place may be away at any time."""

    def __init__(self, upload: Upload, place: LandingUri) -> None:
        self._upload = upload
        self._place = place

    def write(self, chunk: bytes) -> None:
        with _those_calls_wait(self._place):
            self._upload.write(chunk)

    def finish(self) -> str:
        with _those_calls_wait(self._place):
            return self._upload.finish()

    def abandon(self) -> None:
        with suppress(ConfigurationError, RetryableError):
            self._upload.abandon()


class LandingAreas:
    """`callwarden.ports.landing.LandingArea` and its keeper over a spool folder and S3. `areas` come from the policy;
    `s3` is asked for when the first address needs it, so an embedded system never makes a client: `has_s3` says that
    one is set up, and only then is a bucket looked into unasked."""

    def __init__(
        self, *, areas: tuple[str, ...], spool: LandingPlace, s3: Callable[[], LandingPlace], has_s3: bool = False
    ) -> None:
        self._areas = areas
        self._spool = spool
        self._make_s3 = s3
        self._has_s3 = has_s3
        self._s3: LandingPlace | None = None

    def fetch(self, uri: str, *, max_bytes: int) -> Fetched:
        place = self._allowed(uri)
        with _those_calls_wait(place):
            fetched = self._place(place).fetch(place, max_bytes=max_bytes)
        return replace(fetched, instance=f"{place.uri} {fetched.instance}")

    def delete(self, uri: str) -> None:
        place = self._allowed(uri)
        with _those_calls_wait(place):
            self._place(place).delete(place)

    def exists(self, uri: str) -> bool:
        place = self._allowed(uri)
        with _those_calls_wait(place):
            return self._place(place).exists(place)

    def begin(self, area: str, name: str) -> Upload:
        limits = area_of(area)
        place = self._allowed(replace(limits, name=f"{limits.name}/{name}".lstrip("/")).uri)
        with _those_calls_wait(place):
            return _Guarded(self._place(place).begin(place), place)

    def areas(self) -> tuple[str, ...]:
        looks_into = self._has_s3 or self._s3 is not None
        return tuple(area for area in outermost(self._areas) if looks_into or area_of(area).scheme == "spool")

    def lying(self, area: str) -> Iterator[Landed]:
        limits = area_of(area)
        with _those_calls_wait(limits):
            yield from self._place(limits).lying(limits)

    def remove(self, landed: Landed) -> bool:
        with _those_calls_wait(landed.place):
            return self._place(landed.place).remove(landed)

    def check(self, area: str) -> None:
        if area not in self._areas:
            raise LandingRefusedError("this is not a landing area of the policy")
        place = area_of(area)
        self._place(place).check(place)

    def _allowed(self, uri: str) -> LandingUri:
        place = allowed(uri, self._areas)
        if place is None:
            # The address is foreign text and stays out of the message.
            raise LandingRefusedError("the address lies outside every landing area of the policy")
        return place

    def _place(self, place: LandingUri) -> LandingPlace:
        if place.scheme == "spool":
            return self._spool
        if self._s3 is None:
            self._s3 = self._make_s3()
        return self._s3
