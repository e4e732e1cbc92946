"""May this recording be kept? The one decision taken on every arriving event (R1, R3, R5, K7).

The caller's objection is looked at before anything else, so that nothing about a call of somebody who
objected is ever stored, not even to find out what was wrong with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callwarden.model.event import CallRecorded
from callwarden.model.note import Note
from callwarden.model.objection import Objection
from callwarden.model.outcome import Reason
from callwarden.model.policy import LinePolicy, Policy, WhenUnknown, WhenUntold
from callwarden.model.purpose import RECORDING
from callwarden.rules.audio_period import audio_until
from callwarden.rules.notice import NOTICE, NoticeStanding, is_noted, notice_standing
from callwarden.rules.objection import stops_recording
from callwarden.rules.retention import credible_time, is_past, keep_until
from callwarden.rules.sampling import is_sampled


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Keep it until `keep_until`; `objected` are the purposes it may not be used for."""

    keep_until: datetime
    audio_until: datetime | None
    """Where the audio has a period of its own."""
    objected: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Do not keep it; the landing copy goes too."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Keep it apart, unread, until somebody has looked, at most for the policy's quarantine period."""

    reason: Reason
    field: str = ""
    """Which field of the event is to blame, where one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Whether the caller objected is not known yet; decide again at `until` or when word comes."""

    until: datetime


OBJECTIONS = "data.objections"
"""The field of an event that holds what the caller objected to."""

Admission = Admit | Refuse | Quarantine | Wait


def admit(
    event: CallRecorded,
    *,
    policy: Policy,
    objections: Sequence[Objection],
    now: datetime,
    looked_at: bool = False,
) -> Admission:
    """Decide what to do with a recorded call. `objections` are all on file for its call, number and customer;
    `looked_at`: a person answers for it, whatever the caller was told."""
    line = policy.lines.get(event.line)
    objected = objected_purposes(event, objections)
    if objects_to_recording(event, objections, offered=line is None or line.objection_honoured):
        return Refuse(reason=Reason.OBJECTION)
    if event.faults:
        return _at_fault(event.faults)
    if line is None:
        return Quarantine(reason=Reason.UNKNOWN_LINE, field="data.line")
    if line.share == 0:
        return Refuse(reason=Reason.LINE_NOT_RECORDED)
    if not is_sampled(event.call_id, line.share, salt=policy.tenant):
        return Refuse(reason=Reason.NOT_SAMPLED)
    if (untold := None if looked_at else _untold(event, line)) is not None:
        return untold
    fault = credible_time(event.started_at, event.ended_at, now=now, limits=policy.limits)
    if fault is not None or event.ended_at is None:
        return Quarantine(reason=fault or Reason.NO_CREDIBLE_TIME)
    until = keep_until(event.ended_at, line.retention, policy.time_zone)
    audio = audio_until(event.ended_at, line, policy.time_zone, until=until)
    if is_past(audio or until, now=now):  # of sound that may be kept no longer nothing is made either
        return Refuse(reason=Reason.PAST_RETENTION)
    kept = Admit(keep_until=until, audio_until=audio, objected=objected - {RECORDING})
    if event.objections is None and not objections and line.objection_honoured:
        return _when_unknown(line, ended_at=event.ended_at, kept=kept, now=now)
    return kept


def objects_to_recording(event: CallRecorded, objections: Sequence[Objection], *, offered: bool) -> bool:
    """Whether this call is not to be recorded, by its event or by what is on file; `offered`: the line honours it."""
    spoken = RECORDING in (event.objections or ()) and offered
    return spoken or stops_recording(objections, event.ended_at, offered=offered)


def objected_purposes(event: CallRecorded, objections: Sequence[Objection]) -> frozenset[str]:
    """Everything objected to, in the event or on file, as it counts for this call."""
    on_file = (objection.purposes for objection in objections if objection.covers(event.ended_at))
    return (event.objections or frozenset()).union(*on_file)


def _untold(event: CallRecorded, line: LinePolicy) -> Refuse | Quarantine | None:
    """What the line's policy makes of an announcement that was not heard. What could not be read costs no call."""
    standing = notice_standing(event)
    if standing is NoticeStanding.HEARD or line.notice is WhenUntold.RECORD:
        return None
    reason = Reason.NOTICE_MISSING if standing is NoticeStanding.MISSING else Reason.NOTICE_UNFINISHED
    if line.notice is WhenUntold.QUARANTINE or is_noted(event):
        return Quarantine(reason=reason, field=NOTICE)
    return Refuse(reason=reason)


def _at_fault(faults: Sequence[Note]) -> Quarantine:
    """What cannot be read of the objections comes first: nothing else may look like the reason, and be put right."""
    unreadable = next((note for note in faults if note.field == OBJECTIONS), None)
    if unreadable is not None:
        return Quarantine(reason=Reason.OBJECTION_UNREADABLE, field=unreadable.field)
    return Quarantine(reason=Reason.INVALID_FIELD, field=faults[0].field)


def _when_unknown(line: LinePolicy, *, ended_at: datetime, kept: Admit, now: datetime) -> Admission:
    match line.when_unknown:
        case WhenUnknown.RECORD:
            return kept
        case WhenUnknown.REFUSE:
            return Refuse(reason=Reason.OBJECTION_UNKNOWN)
        case WhenUnknown.WAIT:
            over = ended_at + line.wait
            return Wait(until=over) if now < over else kept
