"""The dates a policy gives what is stored already: shorter ones, and longer ones on a stated ground only (K1, K2, K7).

A date is moved to what the policy would have given when the call was taken in, or not at all. What was promised to a
caller is never prolonged by a change of the policy, unless it states why it may be.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from callwarden.model.ids import LineId, PolicyVersion
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import Policy
from callwarden.model.policy_change import ChangeState, LinePeriods, PolicyChange
from callwarden.model.recording import AudioState, Recording, RecordingState
from callwarden.rules.retention import keep_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long the calls of each line are kept, and where months are counted."""

    zone: ZoneInfo
    lines: Mapping[LineId, LinePeriods]


def periods_of(policy: Policy) -> tuple[LinePeriods, ...]:
    """What a policy says of periods, line by line."""
    return tuple(
        LinePeriods(
            line=line.line,
            retention=str(line.retention),
            audio=None if line.audio_retention is None else str(line.audio_retention),
            ground=line.longer_for_stored,
        )
        for line in policy.lines.values()
    )


def terms(zone: str, lines: Sequence[LinePeriods]) -> Terms:
    """These, to count by."""
    return Terms(zone=ZoneInfo(zone), lines={each.line: each for each in lines})


def given(ended_at: datetime, periods: LinePeriods, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Until when a call that ended then is kept, and its audio if that has its own period: as ingest dates it."""
    until = keep_until(ended_at, CalendarPeriod.parse(periods.retention), zone)
    if periods.audio is None:
        return until, None
    return until, min(keep_until(ended_at, CalendarPeriod.parse(periods.audio), zone), until)


def redated(recording: Recording, by: Terms, *, as_at: datetime) -> Recording | None:
    """The recording with its dates by these terms; None where it keeps those it has.

    `as_at` is when this was decided: what was past its date by then gets no longer one. What keeps a recording from
    disposal is not looked at, and not lost: a hold, a restriction and an open request outrank any date.
    """
    periods = by.lines.get(recording.line)
    if (
        periods is None
        or recording.state is not RecordingState.STORED
        or recording.altered
        or recording.ended_at is None
        or recording.keep_until is None
    ):
        return None
    until, audio = given(recording.ended_at, periods, by.zone)
    until = _moved(recording.keep_until, until, periods, as_at)
    sound_until = recording.audio_until
    if recording.audio is AudioState.KEPT:
        before = recording.keep_until if recording.audio_until is None else recording.audio_until
        end = min(_moved(before, until if audio is None else audio, periods, as_at), until)
        sound_until = None if audio is None and end == until else end
    if (until, sound_until) == (recording.keep_until, recording.audio_until):
        return None
    return replace(recording, keep_until=until, audio_until=sound_until)


def is_later(before: Recording, after: Recording) -> bool:
    """Whether anything of it is kept longer than before."""
    return _ends(after) != _ends(before) and any(
        new > old for old, new in zip(_ends(before), _ends(after), strict=True)
    )


def _ends(recording: Recording) -> tuple[datetime, datetime]:
    assert recording.keep_until is not None  # only what has a date gets another
    return recording.keep_until, recording.audio_until or recording.keep_until


def _moved(was: datetime, wanted: datetime, periods: LinePeriods, as_at: datetime) -> datetime:
    if wanted <= was:
        return wanted
    return wanted if periods.ground is not None and was > as_at else was


DATED_BY: Final = "policy-dated-by"
"""The landmark of the periods by which what is stored was dated."""


def dated_by(known: str | None, policy: Policy) -> str:
    """The landmark once this policy is in force too; None: it was never written."""
    said = [] if known is None else list(json.loads(known))
    return json.dumps([*said, *([] if _periods_text(policy) in said else [_periods_text(policy)])])


def dated_anew(change: PolicyChange) -> str:
    """The landmark once everything was dated by this change."""
    return json.dumps([_text(change.time_zone, change.lines)])


def is_settled(known: str | None, policy: Policy) -> bool:
    """Whether everything stored is dated by the periods of this policy, or stays as it is by an approval."""
    return known is None or json.loads(known) == [_periods_text(policy)]


def is_waiting(known: str | None, changes: Sequence[PolicyChange], policy: Policy) -> bool:
    """Whether what is stored is dated by other periods than those of this policy, and nobody has approved that."""
    going = (ChangeState.APPROVED, ChangeState.RUNNING)
    approved = any(each.version == policy.version and each.state in going and not each.altered for each in changes)
    return not (approved or is_settled(known, policy))


def is_current(change: PolicyChange, *, in_force: PolicyVersion, before: PolicyVersion | None) -> bool:
    """Whether a change takes the place of the policy it was proposed against: of the one in force, or, being in force
    itself, of the one `before`."""
    return change.former == (before if change.version == in_force else in_force)


def _periods_text(policy: Policy) -> str:
    return _text(policy.time_zone.key, periods_of(policy))


def _text(zone: str, lines: Sequence[LinePeriods]) -> str:
    return json.dumps([zone, sorted([one.line, one.retention, one.audio, one.ground] for one in lines)])
