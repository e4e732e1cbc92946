"""May this actor read this, for this purpose, now? One pure function, asked before every byte (U1, U2, U4, U9).

It collects *all* reasons to refuse. Somebody who may not even know that a recording exists gets the same single
answer, ``unknown``, as for one that does not exist.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.model.access import ORIGINALS, REDACTED, Actor, Readable, Role
from pipeline.model.policy import Grant, Policy
from pipeline.model.purpose import Purpose
from pipeline.model.recording import Recording, RecordingState
from pipeline.rules.retention import is_past


class ReadRefusal(StrEnum):
    """Why a reading is refused; closed vocabulary, documented in docs/reasons.md."""

    NOT_PERMITTED = "not_permitted"
    BREAK_GLASS_NEEDED = "break_glass_needed"
    PAST_RETENTION = "past_retention"
    HELD_FOR_DISPUTE_ONLY = "held_for_dispute_only"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    QUARANTINED = "quarantined"
    REDACTION_INCOMPLETE = "redaction_incomplete"
    DISPOSED = "disposed"
    UNKNOWN = "unknown"
    LOG_UNAVAILABLE = "log_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """Read it, once the log has it."""

    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """Refuse, for all of these reasons."""

    reasons: tuple[ReadRefusal, ...]


Reading = Allow | Deny

NEVER_ORIGINALS = frozenset({Role.TRAINER, Role.SUPERVISOR, Role.ANALYST, Role.OPERATOR, Role.AUDITOR, Role.TELEPHONY})
"""Roles no policy can open an original to without breaking glass; a trainer not even so (U4)."""

_GONE = frozenset(
    {RecordingState.DROPPING, RecordingState.DROPPED, RecordingState.DISPOSING, RecordingState.DISPOSED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything the decision depends on. `recording` is None where there is none of that id (or none is meant,
    as for the log); `redaction_complete` is whether a released redaction of it is stored."""

    actor: Actor
    purpose: Purpose
    what: Readable
    recording: Recording | None
    redaction_complete: bool
    glass_broken: bool
    now: datetime


def decide(question: Question, *, policy: Policy) -> Reading:
    """Allow, or deny with every reason. Anything not granted is denied."""
    grants = [grant for grant in policy.access if _matches(grant, question)]
    if not grants:
        return Deny(reasons=(ReadRefusal.NOT_PERMITTED,))
    if question.what is Readable.LOG:
        return Allow(grant=grants[0])
    recording = question.recording
    if recording is None or recording.state in (RecordingState.PENDING, RecordingState.REFUSED):
        return Deny(reasons=(ReadRefusal.UNKNOWN,))
    grants = [grant for grant in grants if _in_scope(grant, question.actor, recording)]
    if not grants:
        return Deny(reasons=(ReadRefusal.UNKNOWN,))
    reasons = _reasons_of_state(question, recording)
    open_grants = [grant for grant in grants if not grant.break_glass or question.glass_broken]
    if not open_grants:
        reasons = (ReadRefusal.BREAK_GLASS_NEEDED, *reasons)
    return Deny(reasons=reasons) if reasons else Allow(grant=open_grants[0])


def _matches(grant: Grant, question: Question) -> bool:
    if question.what in ORIGINALS and question.actor.role is Role.TRAINER:
        return False  # U4, whatever a policy says
    if question.what in ORIGINALS and question.actor.role in NEVER_ORIGINALS and not grant.break_glass:
        return False
    return (
        grant.role is question.actor.role and question.purpose in grant.purposes and question.what in grant.artefacts
    )


def _in_scope(grant: Grant, actor: Actor, recording: Recording) -> bool:
    lines = (grant.lines or None, actor.lines)
    if any(allowed is not None and recording.line not in allowed for allowed in lines):
        return False
    if grant.own_calls_only and (actor.agent_id is None or recording.agent_id != actor.agent_id):
        return False
    return not (grant.team_only and (recording.agent_id is None or recording.agent_id not in (actor.agents or ())))


def _reasons_of_state(question: Question, recording: Recording) -> tuple[ReadRefusal, ...]:
    if recording.state in _GONE:
        return (ReadRefusal.DISPOSED,)
    past = recording.keep_until is None or is_past(recording.keep_until, now=question.now)
    dispute = question.purpose is Purpose.DISPUTE
    incomplete = question.what in REDACTED and not question.redaction_complete
    facts = {
        ReadRefusal.QUARANTINED: recording.state is RecordingState.QUARANTINED,
        ReadRefusal.PAST_RETENTION: past and not recording.holds,
        ReadRefusal.HELD_FOR_DISPUTE_ONLY: past and bool(recording.holds) and not dispute,
        ReadRefusal.OBJECTED: question.purpose.value in recording.objected,
        ReadRefusal.RESTRICTED: recording.restricted,
        ReadRefusal.REDACTION_INCOMPLETE: incomplete,
    }
    return tuple(reason for reason, applies in facts.items() if applies)
