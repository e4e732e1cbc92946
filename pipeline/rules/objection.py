"""What an objection does to one recording that is already there, and what its withdrawal does to it (R3, R4)."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callwarden.model.event import CallRecorded
from callwarden.model.ids import CallId, Pseudonym
from callwarden.model.objection import Objection, ScopeKind, Withdrawal
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
class KeptForRequest:
    """The same person asks for it: it stays until that is answered, closed to all but the answer; then it goes."""

    purposes: frozenset[str] = frozenset(purpose.value for purpose in Purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """This line offers no objection to recording; the objection to other purposes counts, and the caller is told."""

    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEffect:
    """Withdrawn before this call, or nothing of it is left."""


Effect = Drop | Limit | KeptForCase | KeptForRequest | NotOffered | NoEffect


def is_offered(recording: Recording, line: LinePolicy | None) -> bool:
    """Whether the caller of this recording may object to it: where its line promised so when the call was recorded,
    whatever became of the line since, and where the line does now. `line` is None for one the policy no longer knows,
    which honours every objection where nothing is known of a promise."""
    if recording.objection_offered:
        return True
    return recording.objection_offered is None if line is None else line.objection_honoured


def stops_recording(objections: Sequence[Objection], ended_at: datetime | None, *, offered: bool) -> bool:
    """Whether one of these keeps a call that ended then from being recorded: each, where the line offers it, and
    everywhere one that was granted."""
    return any(
        RECORDING in each.purposes and each.covers(ended_at) and (offered or bool(each.granted)) for each in objections
    )


def effect_on(
    recording: Recording, objection: Objection, *, line: LinePolicy | None, requested: bool = False
) -> Effect:
    """What `objection` does to `recording`; `line` is None for a line the policy no longer knows; `requested` is
    whether an open request keeps it (`requests.is_frozen`)."""
    if not objection.covers(recording.ended_at) or not objection.reaches(recording.line) or recording.state in GONE:
        return NoEffect()
    if recording.state in (RecordingState.DISPOSING, RecordingState.REFUSED):
        return NoEffect()
    others = objection.purposes - {RECORDING}
    if RECORDING not in objection.purposes:
        return Limit(purposes=others) if others else NoEffect()
    if not stops_recording([objection], recording.ended_at, offered=is_offered(recording, line)):
        return NotOffered(purposes=others)
    if recording.holds:
        return KeptForCase()
    return KeptForRequest() if requested else Drop()


def in_release_delay(recording: Recording, *, now: datetime) -> bool:
    """Whether a case has let it go a short while ago: a release destroys nothing at once, so that it can be held again.
    What an objection would drop goes when the delay is over, and is closed until then."""
    return recording.not_before is not None and now < recording.not_before


def after_withdrawal(objection: Objection, withdrawal: Withdrawal) -> tuple[Objection, ...]:
    """What takes the objection's place: itself alone where the withdrawal is not about it, was before it, or something
    earlier has ended it. Of several withdrawals the earliest counts for each purpose, in whatever order they come."""
    going = objection.purposes & withdrawal.purposes if withdrawal.purposes else objection.purposes
    ended = objection.withdrawn_at is not None and objection.withdrawn_at <= withdrawal.withdrawn_at
    if withdrawal.altered or not going or ended or objection.objected_at > withdrawal.withdrawn_at:
        return (objection,)
    if going == objection.purposes:
        return (replace(objection, withdrawn_at=withdrawal.withdrawn_at),)
    part = hashlib.sha256(repr(sorted(going)).encode()).hexdigest()[:8]
    return (
        replace(objection, purposes=objection.purposes - going),
        replace(
            objection,
            objection_id=f"{objection.objection_id}-{part}",
            purposes=going,
            withdrawn_at=withdrawal.withdrawn_at,
        ),
    )


def after_withdrawals(objection: Objection, withdrawals: Sequence[Withdrawal]) -> tuple[Objection, ...]:
    """What is left of an objection that comes when these are on file already (I11)."""
    parts: tuple[Objection, ...] = (objection,)
    for withdrawal in withdrawals:
        parts = tuple(part for each in parts for part in after_withdrawal(each, withdrawal))
    return parts


def doubtful(objection: Objection) -> Objection:
    """An objection whose row was altered: whatever it says now, it may have been to every use, and never withdrawn."""
    return replace(
        objection,
        purposes=objection.purposes | {purpose.value for purpose in Purpose},
        withdrawn_at=None,
        counts_from=None,
        lines=None,
        altered=True,
    )


def references_of(
    call_id: CallId, *, caller: Pseudonym | None, customer: Pseudonym | None
) -> tuple[ObjectionReference, ...]:
    """What an objection may be filed under that concerns such a call."""
    known = ((ScopeKind.CALL, call_id), (ScopeKind.NUMBER, caller), (ScopeKind.CUSTOMER, customer))
    return tuple(ObjectionReference(scope=scope, reference=ref) for scope, ref in known if ref is not None)


def reference_of(one: Objection | Withdrawal) -> ObjectionReference:
    """What it is filed under."""
    return ObjectionReference(scope=one.scope, reference=one.reference)


def as_objected(recording: Recording, on_file: Collection[Objection], *, line: LinePolicy | None) -> Recording:
    """The recording, closed to whatever the objections on file close it to as well: its own row may be an older one
    that somebody put back. Of what should have been dropped only the dispute stays open."""
    if not on_file or recording.state in GONE:
        return recording
    known = set(references_of(recording.call_id, caller=recording.caller, customer=recording.customer))
    objected = recording.objected
    for objection in on_file:
        if reference_of(objection) in known:
            match effect_on(recording, objection, line=line):
                case (
                    Limit(purposes=purposes)
                    | KeptForCase(purposes=purposes)
                    | KeptForRequest(purposes=purposes)
                    | NotOffered(purposes=purposes)
                ):
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


def spoken_id(event: CallRecorded) -> str:
    """The name of the objection that an event came with. Whoever is narrowed takes no other event's name."""
    within = () if event.lines is None else (event.call_id, *sorted(event.lines))
    name = "".join((event.event_id, *(f"\0{len(part)}:{part}" for part in within)))
    return "obj-" + hashlib.sha256(name.encode()).hexdigest()[:32]


def spoken_objection(event: CallRecorded, *, now: datetime, entered_by: str) -> Objection:
    """An objection made during the call counts for the whole call: every leg and segment of it (R3), on the lines that
    its event was pushed for."""
    return Objection(
        objection_id=spoken_id(event),
        scope=ScopeKind.CALL,
        reference=event.call_id,
        purposes=event.objections or frozenset(),
        channel="call",
        objected_at=event.ended_at or now,
        recorded_at=now,
        entered_by=entered_by,
        lines=event.lines,
    )
