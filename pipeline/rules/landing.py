"""How long anything may lie in a landing area, and what has lain there too long: it may be a voice in clear."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from callwarden.ports.landing import Landed
from callwarden.rules.landing_uri import area_of, contains


def outermost(areas: Sequence[str]) -> tuple[str, ...]:
    """Those of these areas of the policy that lie in no other: listing them meets everything, and each thing once."""
    distinct = sorted({area_of(area): area for area in areas}.values())
    return tuple(
        area
        for area in distinct
        if not any(contains(other, area_of(area)) for other in distinct if area_of(other) != area_of(area))
    )


def is_overdue(landed: Landed, *, stays: Mapping[str, timedelta], now: datetime) -> bool:
    """Whether it has lain longer than its area allows: the narrowest area of `stays` that holds it decides."""
    around = [area for area in stays if contains(area, landed.place)]
    if not around:
        return False
    narrowest = max(around, key=lambda area: len(area_of(area).name))
    return landed.left_at + stays[narrowest] <= now
