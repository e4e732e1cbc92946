"""Which addresses audio may be fetched from: judged on the text alone, before anything is contacted."""

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from callwarden.model.landing import LandingUri
from callwarden.model.outcome import Reason

MAX_NAME_BYTES: Final = 1024
"""The longest S3 key (S3 user guide, object key names), and enough for a path in a spool folder."""

MAX_SEGMENT_BYTES: Final = 255
"""The longest file name that every common file system takes."""

_BUCKET: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]", re.ASCII)
_ENCODED: Final = re.compile(r"(?:[^%?#]|%[0-9A-Fa-f]{2})*")
"""A key as RFC 3986 has it in a path, but for what it would encode besides: ``%`` stands before two digits, ``?`` and
``#`` would end it."""
_PATTERN: Final = frozenset('%?#*|<>"')


def allowed(uri: str, areas: tuple[str, ...]) -> LandingUri | None:
    """The parts of `uri` when it lies in one of `areas`, else None.

    ``s3://<bucket>/<key>`` and ``spool:<relative name>`` are the only forms. The name of a file stands there as it is;
    in a key, ``%``, ``?`` and ``#`` are percent-encoded, and anything may be (RFC 3986, section 2.1). Refused besides
    every other scheme: names that are empty, absolute, too long or climb (``..``), percent-encoded or not; control
    characters and backslashes; text that Unicode compatibility normalisation (NFKC) would change, because a look-alike
    is then taken for what it looks like.
    """
    place = _parse(uri)
    if place is None or not place.name:
        return None
    return place if any(contains(area, place) for area in areas) else None


def unaddressed(uri: str, areas: tuple[str, ...]) -> Reason | None:
    """Why no audio can be had from this address, whatever lies where; None where it may be looked for."""
    if not uri:
        return Reason.MISSING_AUDIO
    return Reason.URI_NOT_ALLOWED if allowed(uri, areas) is None else None


def is_area(area: str) -> bool:
    """Whether `area` can stand in the policy: ``spool:``, ``spool:niort/``, ``s3://landing`` or
    ``s3://landing/niort/``, the closing slash as one likes."""
    return _area(area) is not None


def area_of(area: str) -> LandingUri:
    """An area of a policy that was checked, its name without a closing slash, empty for all of a folder or bucket."""
    found = _area(area)
    if found is None:
        raise ValueError("no landing area")
    return found


def place_of(place: LandingUri) -> str:
    """What is reached or away as a whole: the bucket, or the watched folder. Never the name of a file."""
    return f"s3://{place.bucket}" if place.scheme == "s3" else "spool:"


def name_of_place(uri: str, areas: tuple[str, ...]) -> str:
    """`place_of` an address, empty where it lies in none of `areas`."""
    place = allowed(uri, areas)
    return "" if place is None else place_of(place)


def contains(area: str, place: LandingUri) -> bool:
    """Whether `place` lies in `area`."""
    limits = _area(area)
    if limits is None or (limits.scheme, limits.bucket) != (place.scheme, place.bucket):
        return False
    # A whole part must match: s3://landing/niort does not open s3://landing/niort-old/.
    return not limits.name or place.name.startswith(f"{limits.name}/")


@lru_cache(maxsize=256)  # the areas of a policy, never foreign text
def _area(area: str) -> LandingUri | None:
    # What looks like a pattern was meant as one, and would open nothing.
    return None if area == "spool:/" or not _PATTERN.isdisjoint(area) else _parse(area.removesuffix("/"))


def _parse(uri: str) -> LandingUri | None:
    """The parts of a URI or an area; an area's name may be empty, everything else is checked."""
    if uri.startswith("spool:"):
        name = uri.removeprefix("spool:")
        return LandingUri(scheme="spool", bucket="", name=name) if not name or _is_name(name) else None
    if uri.startswith("s3://"):
        bucket, slash, name = uri.removeprefix("s3://").partition("/")
        if not _BUCKET.fullmatch(bucket) or ".." in bucket or len(name) > 3 * MAX_NAME_BYTES:
            return None
        key = _decoded(name)
        if key is None or (slash and not _is_name(key)):
            return None
        return LandingUri(scheme="s3", bucket=bucket, name=key)
    return None


def _decoded(name: str) -> str | None:
    """The key that is meant; None where it is not encoded as it ought to be."""
    try:
        return unquote(name, errors="strict") if _ENCODED.fullmatch(name) else None
    except UnicodeDecodeError:
        return None


def _is_name(name: str) -> bool:
    # Length first: the other checks take time in proportion to it, and foreign text can be a megabyte long.
    if len(name) > MAX_NAME_BYTES or not name.isprintable() or "\\" in name:
        return False
    if len(name.encode()) > MAX_NAME_BYTES or unicodedata.normalize("NFKC", name) != name:
        return False
    # Decoded once more by whoever thinks it encoded, it must not climb either.
    return all(_is_segment(segment) for form in (name, unquote(name)) for segment in form.split("/"))


def _is_segment(segment: str) -> bool:
    return segment.strip() not in {"", ".", ".."} and len(segment.encode()) <= MAX_SEGMENT_BYTES
