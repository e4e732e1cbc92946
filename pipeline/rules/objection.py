"""What an objection does to one recording that is already there (R3, R4)."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callwarden.model.event import CallRecorded
from callwarden.model.ids import CallId, Pseudonym
from callwarden.model.objection import Objection, ScopeKind
from callwarden.model.policy import LinePolicy
from callwarden.model.purpose import RECORDING, Purpose
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.catalogue import ObjectionReference

EVERY_USE_BUT_DISPUTE = frozenset(purpose.value for purpose in Purpose) - {Purpose.DISPUTE.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Audio and everything derived from it goes; a content-free fact stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """It stays, closed to these purposes."""

    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForCase:
    """It is held for litigation: it stays for that case and is closed to every other use; the caller is told."""

    purposes: frozenset[str] = EVERY_USE_BUT_DISPUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """This line offers no objection to recording; the objection to other purposes counts, and the caller is told."""

    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEffect:
    """Withdrawn before this call, or nothing of it is left."""


Effect = Drop | Limit | KeptForCase | NotOffered | NoEffect


def effect_on(recording: Recording, objection: Objection, *, line: LinePolicy | None) -> Effect:
    """What `objection` does to `recording`; `line` is None for a line the policy no longer knows, which then
    honours every objection."""
    if not objection.covers(recording.ended_at) or recording.state in GONE:
        return NoEffect()
    if recording.state in (RecordingState.DISPOSING, RecordingState.REFUSED):
        return NoEffect()
    others = objection.purposes - {RECORDING}
    if RECORDING not in objection.purposes:
        return Limit(purposes=others) if others else NoEffect()
    if line is not None and not line.objection_honoured:
        return NotOffered(purposes=others)
    return KeptForCase() if recording.holds else Drop()


def doubtful(objection: Objection) -> Objection:
    """An objection whose row was altered: whatever it says now, it may have been to every use, and never withdrawn."""
    return replace(
        objection,
        purposes=objection.purposes | {purpose.value for purpose in Purpose},
        withdrawn_at=None,
        altered=True,
    )


def references_of(
    call_id: CallId, *, caller: Pseudonym | None, customer: Pseudonym | None
) -> tuple[ObjectionReference, ...]:
    """What an objection may be filed under that concerns such a call."""
    known = ((ScopeKind.CALL, call_id), (ScopeKind.NUMBER, caller), (ScopeKind.CUSTOMER, customer))
    return tuple(ObjectionReference(scope=scope, reference=ref) for scope, ref in known if ref is not None)


def as_objected(recording: Recording, on_file: Collection[Objection], *, line: LinePolicy | None) -> Recording:
    """The recording, closed to whatever the objections on file close it to as well: its own row may be an older one
    that somebody put back. Of what should have been dropped only the dispute stays open."""
    if not on_file or recording.state in GONE:
        return recording
    known = set(references_of(recording.call_id, caller=recording.caller, customer=recording.customer))
    objected = recording.objected
    for objection in on_file:
        if ObjectionReference(scope=objection.scope, reference=objection.reference) in known:
            match effect_on(recording, objection, line=line):
                case Limit(purposes=purposes) | KeptForCase(purposes=purposes) | NotOffered(purposes=purposes):
                    objected |= purposes
                case Drop():
                    objected |= EVERY_USE_BUT_DISPUTE
                case NoEffect():
                    pass
    return recording if objected == recording.objected else replace(recording, objected=objected)


def after_release(
    recording: Recording, objections: Sequence[Objection], *, line: LinePolicy | None, now: datetime, delay: timedelta
) -> Recording:
    """A recording that one case has let go; `holds` are those of other cases.

    Nothing is destroyed before the delay is over. The original clock applies again, unless the caller has objected to
    being recorded meanwhile and only the case kept it: then its period ends with the last hold.
    """
    released = replace(recording, not_before=now + delay)
    dropped = any(isinstance(effect_on(released, objection, line=line), Drop) for objection in objections)
    if not dropped or released.keep_until is None or released.keep_until <= now:
        return released
    return replace(released, keep_until=now)


def spoken_objection(event: CallRecorded, *, now: datetime) -> Objection:
    """An objection made during the call counts for the whole call: every leg and segment of it (R3)."""
    return Objection(
        objection_id="obj-" + hashlib.sha256(event.event_id.encode()).hexdigest()[:32],
        scope=ScopeKind.CALL,
        reference=event.call_id,
        purposes=event.objections or frozenset(),
        channel="call",
        objected_at=event.ended_at or now,
        recorded_at=now,
    )
