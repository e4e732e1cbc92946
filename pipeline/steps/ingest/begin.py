"""Phase one: decide on each delivery, and number the attempt to store what is to be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callwarden.errors import InvalidMessageError
from callwarden.model.event import CallRecorded
from callwarden.model.ids import Pseudonym, RecordingId
from callwarden.model.objection import Objection
from callwarden.model.outcome import EventOutcome, Outcome, Reason
from callwarden.model.policy import Policy
from callwarden.model.purpose import RECORDING
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import ObjectionReference, Transaction
from callwarden.ports.codec import EventCodec, SenderNames
from callwarden.ports.keys import KeyStore
from callwarden.ports.numbers import NumberPlan
from callwarden.rules.admit import Admit, Quarantine, Refuse, Wait, admit
from callwarden.rules.clearing import OF_THE_AUDIO
from callwarden.rules.identity import recording_id, recording_identity
from callwarden.rules.objection import references_of
from callwarden.steps.ingest.plan import Close, Compare, Park, Plan, Reject, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A decoded delivery with the pseudonyms it is known by."""

    delivery: Delivery
    event: CallRecorded
    recording_id: RecordingId
    caller: Pseudonym | None
    customer: Pseudonym | None
    sha256: str | None
    """Of its audio, in lower case: as it was measured, else as the event promises it."""

    def references(self) -> tuple[ObjectionReference, ...]:
        """What an objection that concerns this call may be filed under."""
        return references_of(self.event.call_id, caller=self.caller, customer=self.customer)

    def concerned_by(self, objections: Sequence[Objection]) -> list[Objection]:
        """Those of `objections` that concern this call."""
        references = {(reference.scope, reference.reference) for reference in self.references()}
        return [objection for objection in objections if (objection.scope, objection.reference) in references]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Turns deliveries into calls. Thread-safe."""

    codec: EventCodec
    keys: KeyStore
    numbers: NumberPlan
    policy: Policy

    def read(self, delivery: Delivery) -> Call | Plan:
        """The call in a delivery, or what to do with a delivery that holds none."""
        if delivery.unreadable:
            return Reject(
                delivery=delivery,
                reason=Reason.UNREADABLE_MESSAGE,
                field_path="",
                names=SenderNames(),
            )
        try:
            event = self.codec.decode(delivery.value, delivery.headers)
        except InvalidMessageError as error:
            return self.rejected(delivery, error)
        if not isinstance(event, CallRecorded):
            return Close(position=delivery.position, event=None, outcome=None)
        return self.call(delivery, event)

    def rejected(self, delivery: Delivery, error: InvalidMessageError) -> Reject:
        """A delivery that is no event, for this reason."""
        return Reject(
            delivery=delivery,
            reason=Reason(error.reason),
            field_path=error.field,
            names=self.codec.names(delivery.value, delivery.headers),
        )

    def call(self, delivery: Delivery, event: CallRecorded) -> Call:
        """The call, with a canonical number and its pseudonyms."""
        caller = event.caller
        if caller.number is not None:
            caller = replace(caller, number=self.numbers.canonical(caller.number, region=self.policy.region) or None)
            event = replace(event, caller=caller)
        return Call(
            delivery=delivery,
            event=event,
            recording_id=self.identify(event),
            sha256=None if event.audio.sha256 is None else event.audio.sha256.lower(),
            caller=None if caller.number is None else self.keys.pseudonym("number", caller.number),
            customer=None if caller.customer_id is None else self.keys.pseudonym("customer", caller.customer_id),
        )

    def as_conflict(self, call: Call) -> Call:
        """The same call under the recording id of its other audio."""
        return replace(call, recording_id=self.identify(call.event, conflict=call.sha256 or ""))

    def identify(self, event: CallRecorded, *, conflict: str = "") -> RecordingId:
        """The recording id of this call, leg and segment."""
        identity = recording_identity(event, tenant=self.policy.tenant, conflict=conflict)
        return recording_id(self.keys.pseudonym("recording", identity))


def begin(
    calls: Sequence[Call], tx: Transaction, *, reader: Reader, now: datetime
) -> tuple[list[Plan], list[Delivery]]:
    """Decide on `calls`. Returns the plans, and deliveries to begin again later because another delivery of the
    same event or recording stands before them in this batch."""
    policy = reader.policy
    first, again = _one_of_each(calls)
    known = tx.outcomes.at([call.delivery.position for call in first])
    seen = tx.outcomes.of_events([call.event.event_id for call in first])
    objections = tx.objections.under([reference for call in first for reference in call.references()])
    rows = tx.recordings.get([call.recording_id for call in first], lock=True)
    conflicts = {call.delivery.position: reader.as_conflict(call) for call in first if _conflicts(call, rows)}
    rows = {**rows, **tx.recordings.get([call.recording_id for call in conflicts.values()], lock=True)}
    settled = {outcome.recording_id for outcome in known.values() if outcome.recording_id is not None} - rows.keys()
    rows = {**rows, **(tx.recordings.get(settled) if settled else {})}
    plans: list[Plan] = []
    to_take: list[tuple[Call, Admit | Quarantine]] = []
    pending: list[Recording] = []
    for one in first:
        call = conflicts.get(one.delivery.position, one)
        row = rows.get(call.recording_id)
        if (outcome := known.get(call.delivery.position)) is not None:
            there = None if outcome.recording_id is None else rows.get(outcome.recording_id)
            plans.append(_settled(call, outcome, there, own_id=one.recording_id))
            continue
        # A telephone system that counts anew after a restart gives an event's name to another call, or to other audio.
        earlier = [past for past in seen.get(call.event.event_id, ()) if _is_of(past, call)]
        if earlier and not _objects_now(call, earlier, row):
            plans.append(_duplicate_event(call, earlier[0], row))
            continue
        verdict = admit(call.event, policy=policy, objections=call.concerned_by(objections), now=now)
        if call is not one and isinstance(verdict, Admit | Wait):
            verdict = Quarantine(reason=Reason.CONFLICTING_DUPLICATE)
        decided = _by_state(call, row)
        if decided is not None and not (isinstance(verdict, Refuse) and verdict.reason is Reason.OBJECTION):
            plans.append(decided)
            continue
        match verdict:
            case Refuse():
                plans.append(_refused(call, verdict, row))
            case Wait():
                pending.append(_pending_row(call, policy=policy, objected=frozenset(), row=row))
                plans.append(
                    Park(
                        position=call.delivery.position,
                        event=call.event,
                        recording_id=call.recording_id,
                        wait=verdict,
                    )
                )
            case Admit() | Quarantine():
                objected = verdict.objected if isinstance(verdict, Admit) else frozenset[str]()
                pending.append(_pending_row(call, policy=policy, objected=objected, row=row))
                to_take.append((call, verdict))
    _write_pending(tx, pending, rows)
    attempts = tx.recordings.begin_attempts([call.recording_id for call, _ in to_take]) if to_take else {}
    plans += [
        Take(
            position=call.delivery.position,
            event=call.event,
            recording_id=call.recording_id,
            attempt=attempts[call.recording_id],
            verdict=verdict,
        )
        for call, verdict in to_take
    ]
    return plans, again


def _one_of_each(calls: Sequence[Call]) -> tuple[list[Call], list[Delivery]]:
    first: list[Call] = []
    again: list[Delivery] = []
    taken: set[str] = set()
    for call in calls:
        names = {call.event.event_id, call.recording_id}
        if names & taken:
            again.append(call.delivery)
        else:
            first.append(call)
        taken |= names
    return first, again


def _settled(call: Call, outcome: EventOutcome, row: Recording | None, *, own_id: RecordingId) -> Close:
    """A replay of a position that has its outcome: only what a crash may have left undone is done. `row` is the
    outcome's recording, `own_id` what the call is without any conflict."""
    match outcome.outcome:
        case Outcome.STORED | Outcome.REFUSED:
            taken = True
        case Outcome.QUARANTINED:
            taken = _was_taken(outcome, row, own_id=own_id)
        case Outcome.DUPLICATE:
            taken = outcome.reason is Reason.SAME_RECORDING
        case Outcome.DEAD_LETTERED | Outcome.APPLIED:
            taken = False
    return Close(
        position=call.delivery.position,
        event=call.event,
        outcome=None,
        recording_id=outcome.recording_id,
        drop_landing=taken,
        erase=row is not None and row.state is RecordingState.DROPPING,
    )


def _was_taken(outcome: EventOutcome, row: Recording | None, *, own_id: RecordingId) -> bool:
    """Whether quarantined audio was copied before its outcome was recorded, so that its landing copy may go."""
    if outcome.reason is Reason.CONFLICTING_DUPLICATE and outcome.recording_id == own_id:
        return False  # an older version told it from the stored one by reading it, and left it where it is
    return row is not None and (row.source_sha256 is not None or row.state in GONE)


def _stays(row: Recording) -> bool:
    """Whether what is there is not to be replaced: stored, or set aside and under a hold or a restriction (I4, D4)."""
    set_aside = row.state is RecordingState.QUARANTINED and (bool(row.holds) or row.restricted)
    return row.source_sha256 is not None and (row.state is RecordingState.STORED or set_aside)


def _keeps_its_audio(row: Recording) -> bool:
    """Whether other audio never takes the place of what is there: it stays, or nothing but its event was wrong."""
    if row.source_sha256 is None or row.state not in _OPEN_TO_OBJECTION:
        return False
    return _stays(row) or row.quarantine_reason not in OF_THE_AUDIO


def _conflicts(call: Call, rows: Mapping[RecordingId, Recording]) -> bool:
    """Whether other audio is there to stay under this call's recording id."""
    row = rows.get(call.recording_id)
    return row is not None and _keeps_its_audio(row) and call.sha256 not in (None, row.source_sha256)


def _is_of(past: EventOutcome, call: Call) -> bool:
    """Whether this is an earlier outcome of this recording; while its audio is unknown, of any of its name."""
    if past.recording_id == call.recording_id:
        return True
    same = (past.call_id, past.leg, past.segment) == (call.event.call_id, call.event.leg, call.event.segment)
    return call.sha256 is None and past.reason is Reason.CONFLICTING_DUPLICATE and same


def _objects_now(call: Call, earlier: Sequence[EventOutcome], row: Recording | None) -> bool:
    """Whether an event that was seen comes with an objection that did not: it is not passed over for its name (R3)."""
    objects = RECORDING in (call.event.objections or ())
    refused = any(past.reason is Reason.OBJECTION for past in earlier)
    return objects and not refused and row is not None and row.state in _OPEN_TO_OBJECTION


_OPEN_TO_OBJECTION = frozenset({RecordingState.PENDING, RecordingState.STORED, RecordingState.QUARANTINED})


def _duplicate_event(call: Call, earlier: EventOutcome, row: Recording | None) -> Close | Compare:
    """An event sent twice. Audio landed twice goes too, where it is surely the same or surely not to be kept; audio
    nobody knows is looked at."""
    if call.sha256 is None and row is not None and _stays(row):
        return _compare(call, row, repeated=True)
    same_audio = row is not None and call.sha256 is not None and call.sha256 == row.source_sha256
    gone = row is not None and row.state in GONE
    return Close(
        position=call.delivery.position,
        event=call.event,
        outcome=Outcome.DUPLICATE,
        reason=Reason.SAME_EVENT,
        recording_id=earlier.recording_id,
        drop_landing=same_audio or gone or earlier.outcome is Outcome.REFUSED,
    )


def _compare(call: Call, row: Recording, *, repeated: bool = False) -> Compare:
    assert row.source_sha256 is not None  # what keeps its audio has some
    return Compare(
        position=call.delivery.position,
        event=call.event,
        recording_id=call.recording_id,
        known_sha256=row.source_sha256,
        sha256=call.sha256,
        stays=_stays(row),
        repeated=repeated,
    )


def _by_state(call: Call, row: Recording | None) -> Plan | None:
    """What the state of a recording that is there already decides; None when the policy is to decide."""
    if row is None:
        return None
    match row.state:
        case RecordingState.REFUSED:
            return None
        case RecordingState.PENDING | RecordingState.STORED | RecordingState.QUARANTINED:
            unknown = call.sha256 is None and _keeps_its_audio(row)
            return _compare(call, row) if _stays(row) or unknown else None
        case RecordingState.DROPPING | RecordingState.DROPPED:
            reason = Reason.OBJECTION
        case RecordingState.DISPOSING | RecordingState.DISPOSED:
            reason = Reason.ALREADY_DISPOSED
    return Close(
        position=call.delivery.position,
        event=call.event,
        outcome=Outcome.REFUSED,
        reason=reason,
        recording_id=call.recording_id,
        drop_landing=True,
        erase=row.state in (RecordingState.DROPPING, RecordingState.DROPPED),
    )


def _refused(call: Call, verdict: Refuse, row: Recording | None) -> Close:
    return Close(
        position=call.delivery.position,
        event=call.event,
        outcome=Outcome.REFUSED,
        reason=verdict.reason,
        recording_id=call.recording_id,
        drop_landing=True,
        erase=row is not None and row.state in (RecordingState.PENDING, RecordingState.DROPPING),
    )


def _pending_row(call: Call, *, policy: Policy, objected: frozenset[str], row: Recording | None) -> Recording:
    event = call.event
    return Recording(
        recording_id=call.recording_id,
        call_id=event.call_id,
        leg=event.leg,
        segment=event.segment,
        line=event.line,
        state=RecordingState.PENDING,
        started_at=event.started_at,
        ended_at=event.ended_at,
        keep_until=None,
        caller=call.caller,
        customer=call.customer,
        agent_id=event.agent.id,
        objected=objected,
        restricted=row is not None and row.restricted,
        policy_version=policy.version,
        holds=() if row is None else row.holds,
        # What an earlier event of this call left in quarantine is kept until there is something better.
        quarantine_reason=None if row is None else row.quarantine_reason,
        source_sha256=None if row is None else row.source_sha256,
        sealed_event=None if row is None else row.sealed_event,
    )


def _write_pending(tx: Transaction, pending: Sequence[Recording], rows: Mapping[RecordingId, Recording]) -> None:
    """New rows, and rows of quarantined recordings that get another try."""
    tx.recordings.insert([row for row in pending if row.recording_id not in rows])
    again = [row for row in pending if row.recording_id in rows]
    if again:
        tx.recordings.save(again)
