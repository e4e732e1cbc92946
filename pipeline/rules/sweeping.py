"""May a sweep destroy what is due by this instant? Not by a clock that may be wrong, nor more than the policy lets go
at once (I5).

A clock that runs ahead makes everything due. So the instant a sweep goes by is compared with the last one that was
believed, which is kept with the rows and moves on with time; and what one sweep destroys is bounded by the policy.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final

from callwarden.model.policy import HoldLimits, SweepLimits

LONGEST_JUMP: Final = timedelta(days=11 * 366)
"""How far an instant may lie ahead that a person gives, or the fixed clock of a test system: no period of a policy is
longer than ten years, so nothing is learnt beyond."""


class ClockStanding(StrEnum):
    """How a clock stands to the last instant that was believed."""

    RIGHT = "right"
    AHEAD = "clock_ahead"
    BEHIND = "clock_behind"


class SweepStop(StrEnum):
    """Why a sweep destroys nothing that is due; documented in docs/reasons.md."""

    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"
    TOO_MANY_DUE = "too_many_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A sweep that waits for two people: `due` recordings by `at`, of which `at_most` may go unasked."""

    reasons: tuple[SweepStop, ...]
    at: datetime
    believed: datetime | None
    due: int
    at_most: int


def clock_standing(at: datetime, *, believed: datetime | None, within: timedelta) -> ClockStanding:
    """Whether `at` is believable after `believed`, None where nothing has ever been."""
    if believed is None or abs(at - believed) <= within:
        return ClockStanding.RIGHT
    return ClockStanding.AHEAD if at > believed else ClockStanding.BEHIND


def most_at_once(limits: SweepLimits | HoldLimits, *, kept: int) -> int:
    """How many recordings may go, or be held, at once of `kept`: the larger of the policy's number and its share."""
    return max(limits.at_most, floor(kept * Fraction(limits.share)))


def sweep_stops(standing: ClockStanding, *, due: int, at_most: int) -> tuple[SweepStop, ...]:
    """Every reason for which this sweep may not go ahead unasked."""
    stops = [] if standing is ClockStanding.RIGHT else [SweepStop(standing.value)]
    return (*stops, SweepStop.TOO_MANY_DUE) if due > at_most else tuple(stops)


def sweep_subject(at: datetime) -> str:
    """What the access log calls a sweep that went by this instant instead of the clock's."""
    return f"sweep-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
