"""May this actor read this, for this purpose, now? One pure function, asked before every byte (U1, U2, U4, U9).

It collects *all* reasons to refuse. Somebody who may not even know that a recording exists gets the same single
answer, ``unknown``, as for one that does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callwarden.model.access import MACHINES, ORIGINALS, REDACTED, Actor, Readable, Role
from callwarden.model.outcome import Reason
from callwarden.model.policy import Grant, Policy
from callwarden.model.purpose import DUTIES, Purpose
from callwarden.model.recording import Recording, RecordingState
from callwarden.rules.audio_period import has_ended, readable_until
from callwarden.rules.retention import is_past


class ReadRefusal(StrEnum):
    """Why a reading is refused; closed vocabulary, documented in docs/reasons.md."""

    NOT_PERMITTED = "not_permitted"
    BREAK_GLASS_NEEDED = "break_glass_needed"
    TESTING_NOT_OPEN = "testing_not_open"
    NOT_INCLUDED = "not_included"
    PAST_RETENTION = "past_retention"
    HELD_FOR_DISPUTE_ONLY = "held_for_dispute_only"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    QUARANTINED = "quarantined"
    NOT_QUARANTINED = "not_quarantined"
    OBJECTION_UNREADABLE = "objection_unreadable"
    OBJECTION_UNKNOWN = "objection_unknown"
    ROW_ALTERED = "row_altered"
    REDACTION_INCOMPLETE = "redaction_incomplete"
    FUTURE_TIME = "future_time"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    DISPOSED = "disposed"
    KEY_MISSING = "key_missing"
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

NO_CONTENT = frozenset({Role.OPERATOR, Role.TELEPHONY})
"""Roles no policy can open any content to: they run the machines (U2)."""

TESTERS = frozenset({Role.TRAINER, Role.SUPERVISOR, Role.INVESTIGATOR, Role.ANALYST})
"""Roles a policy can let ask for real calls to test on (U8)."""

CONTENT = ORIGINALS | REDACTED
"""What callers said, in whatever form."""

_GONE = frozenset({RecordingState.DROPPING, RecordingState.DROPPED, RecordingState.DISPOSING, RecordingState.DISPOSED})
_NOT_THERE = frozenset({RecordingState.PENDING, RecordingState.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything the decision depends on. `recording` is None where there is none of that id (or none is meant,
    as for the log); `redaction_complete` is whether a released redaction of it is stored; `set_aside` is whether it is
    asked for to decide about what was set aside (`rights.Act.QUARANTINE_HEAR`), which opens nothing else;
    `requested` is whether an open request of the person concerned keeps it (`requests.is_frozen`)."""

    actor: Actor
    purpose: Purpose
    what: Readable
    recording: Recording | None
    redaction_complete: bool
    glass_broken: bool
    now: datetime
    set_aside: bool = False
    requested: bool = False
    own_restriction: bool = False
    """Whether an open request asks to know of it, by the person who alone has had it restricted."""
    testing: bool = False
    """Whether a permission to test opens this recording to this actor now."""
    included: bool = False
    """Whether an approved experiment of this actor that is not over includes it; asked where the policy wants that."""


def since_when(question: Question, reasons: tuple[ReadRefusal, ...]) -> datetime | None:
    """Since when a recording is closed for these reasons: its destruction, or the end of its period; else not kept."""
    row = question.recording
    if row is None or ReadRefusal.UNKNOWN in reasons or ReadRefusal.NOT_PERMITTED in reasons:
        return None
    if ReadRefusal.DISPOSED in reasons:
        return row.disposed_at
    if {ReadRefusal.PAST_RETENTION, ReadRefusal.HELD_FOR_DISPUTE_ONLY} & {*reasons}:
        return next((end for end in (row.keep_until, row.audio_until) if end and end <= question.now), None)
    return None


def decide(question: Question, *, policy: Policy) -> Reading:
    """Allow, or deny with every reason. Anything not granted is denied. Raises ValueError for a naive `now`."""
    if question.now.utcoffset() is None:
        raise ValueError("the instant of a reading is an aware one")
    role = question.actor.role
    grants = [grant for grant in policy.access if grant.role is role and _matches(grant, question)]
    if not grants and question.what in REDACTED and may_test(role, question.purpose, policy=policy):
        if not question.testing:
            return Deny(reasons=(ReadRefusal.TESTING_NOT_OPEN,))
        grants = [Grant(role=role, purposes=frozenset({Purpose.QUALITY}), artefacts=REDACTED)]
    if not grants:
        # The same for every recording, existing or not: it tells nothing of any.
        return Deny(reasons=(ReadRefusal.NOT_PERMITTED,))
    narrowed = question.what is not Readable.LOG and is_narrowed(question.actor, question.purpose, policy=policy)
    if narrowed and not question.included:
        return Deny(reasons=(ReadRefusal.NOT_INCLUDED,))  # the same for a recording that does not exist
    recording = question.recording
    if question.what is Readable.LOG:
        # The log as a whole is about every recording there is, so nobody who is narrowed to some may read it.
        open_to = [grant for grant in grants if _reaches(grant, question.actor, recording)]
        return _opened(open_to, question, reasons=()) if open_to else Deny(reasons=(ReadRefusal.NOT_PERMITTED,))
    if recording is None or recording.state in _NOT_THERE:
        return Deny(reasons=(ReadRefusal.UNKNOWN,))
    grants = [grant for grant in grants if _in_scope(grant, question.actor, recording)]
    if not grants:
        return Deny(reasons=(ReadRefusal.UNKNOWN,))
    return _opened(grants, question, reasons=_reasons_of_state(question, recording, policy))


def is_narrowed(actor: Actor, purpose: Purpose, *, policy: Policy) -> bool:
    """Whether this person reads for this purpose only what an approved experiment of theirs includes (U5)."""
    return policy.only_included and purpose is Purpose.AI_EXPERIMENT and actor.role not in MACHINES


def may_test(role: Role, purpose: Purpose, *, policy: Policy) -> bool:
    """Whether a permission to test could open redacted calls to this role, for this purpose (U8)."""
    return purpose is Purpose.QUALITY and policy.testing is not None and role in TESTERS & set(policy.testing.roles)


def is_granted(actor: Actor, purpose: Purpose, what: Readable, *, policy: Policy) -> bool:
    """Whether this is granted at all, of some recording or other, without breaking glass: asked before a search."""
    return any(
        grant.role is actor.role
        and purpose in grant.purposes
        and what in grant.artefacts
        and not grant.break_glass
        and not (what in ORIGINALS and actor.role in NEVER_ORIGINALS)
        and not (what in CONTENT and actor.role in NO_CONTENT)
        for grant in policy.access
    )


def _opened(grants: Sequence[Grant], question: Question, *, reasons: tuple[ReadRefusal, ...]) -> Reading:
    """The verdict of grants that apply; those in an emergency only count once glass is broken."""
    grant = next((found for found in grants if not found.break_glass or question.glass_broken), None)
    if grant is None:
        return Deny(reasons=(ReadRefusal.BREAK_GLASS_NEEDED, *reasons))
    return Deny(reasons=reasons) if reasons else Allow(grant=grant)


def _matches(grant: Grant, question: Question) -> bool:
    """Of a grant to the actor's role."""
    if (
        question.what not in grant.artefacts
        or question.purpose not in grant.purposes
        or (question.what in CONTENT and grant.role in NO_CONTENT)
    ):
        return False
    if question.what not in ORIGINALS:
        return True
    # U4, whatever a policy says.
    return grant.role is not Role.TRAINER and (grant.role not in NEVER_ORIGINALS or grant.break_glass)


def is_scoped(actor: Actor) -> bool:
    """Whether somebody is narrowed to some lines or agents."""
    return actor.lines is not None or actor.agents is not None


def in_scope(actor: Actor, recording: Recording | None) -> bool:
    """Whether a recording is within what somebody is narrowed to. One that is not there is in nobody's narrow scope."""
    if not is_scoped(actor):
        return True
    if recording is None or (actor.lines is not None and recording.line not in actor.lines):
        return False
    return actor.agents is None or (recording.agent_id is not None and recording.agent_id in actor.agents)


def _in_scope(grant: Grant, actor: Actor, recording: Recording) -> bool:
    if not in_scope(actor, recording) or (grant.lines and recording.line not in grant.lines):
        return False
    if grant.own_calls_only and (actor.agent_id is None or recording.agent_id != actor.agent_id):
        return False
    return actor.agents is not None or not grant.team_only  # nobody's calls, where nobody is in one's charge


def _reaches(grant: Grant, actor: Actor, recording: Recording | None) -> bool:
    """Whether a grant of the log covers what stands in it about a recording; about everything where none is meant."""
    if recording is not None:
        return _in_scope(grant, actor, recording)
    return not (is_scoped(actor) or grant.lines or grant.own_calls_only or grant.team_only)


def _may_be_objected_to(question: Question, recording: Recording) -> bool:
    """An objection closes no purpose that rests on a duty, and not the dispute a recording is held for: legal claims
    outweigh it (GDPR, article 21(1)). Everything else it closes (R3, R4, K3)."""
    return question.purpose not in DUTIES and not (question.purpose is Purpose.DISPUTE and recording.holds)


def _reasons_of_state(question: Question, recording: Recording, policy: Policy) -> tuple[ReadRefusal, ...]:
    if recording.state in _GONE or has_ended(recording, question.what):
        return (ReadRefusal.DISPOSED,)
    until = readable_until(recording, question.what)
    past = until is None or is_past(until, now=question.now)
    held = bool(recording.holds)
    # What a person asked for in time they are answered about; to nobody else, and for nothing else, is it open (D1).
    past = past and not (question.requested and question.purpose is Purpose.RIGHTS_REQUEST)
    # A restriction shuts out everybody but the person who asked for it, who is answered about it (D4, D5).
    consented = question.own_restriction and question.purpose is Purpose.RIGHTS_REQUEST
    # A clock set back would open again what is over: a call that has not been yet is not readable.
    ahead = recording.ended_at is not None and recording.ended_at - question.now > policy.limits.max_clock_ahead
    quarantined = recording.state is RecordingState.QUARANTINED
    facts = (
        (ReadRefusal.QUARANTINED, quarantined and not question.set_aside),
        (ReadRefusal.NOT_QUARANTINED, question.set_aside and not quarantined),
        (
            ReadRefusal.OBJECTION_UNREADABLE,
            question.set_aside and recording.quarantine_reason == Reason.OBJECTION_UNREADABLE,
        ),
        (ReadRefusal.PAST_RETENTION, past and not held),
        (ReadRefusal.HELD_FOR_DISPUTE_ONLY, past and held and question.purpose is not Purpose.DISPUTE),
        (ReadRefusal.OBJECTED, question.purpose in recording.objected and _may_be_objected_to(question, recording)),
        (ReadRefusal.RESTRICTED, recording.restricted and not consented),
        (ReadRefusal.ROW_ALTERED, recording.altered),
        (ReadRefusal.REDACTION_INCOMPLETE, question.what in REDACTED and not question.redaction_complete),
        (ReadRefusal.FUTURE_TIME, ahead),
    )
    return tuple(reason for reason, applies in facts if applies)
