"""Phase one: decide on each delivery, and number the attempt to store what is to be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from callwarden.model.ids import LineId, Pseudonym, RecordingId
from callwarden.model.outcome import EventOutcome, Outcome, Reason
from callwarden.model.policy import Policy
from callwarden.model.recording import GONE, Recording, RecordingState
from callwarden.ports.bus import Delivery
from callwarden.ports.catalogue import Transaction
from callwarden.rules.admit import Admit, Quarantine, Refuse, Wait, admit
from callwarden.rules.measured import measured_of
from callwarden.rules.notice import notice_of
from callwarden.steps.ingest.call import Call, Reader
from callwarden.steps.ingest.plan import Aftermath, Close, Compare, Leave, Park, Plan, Take
from callwarden.steps.ingest.standing import has_other_audio, is_of, keeps_its_audio, objects_now, stays, was_taken


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
    conflicts = {call.delivery.position: reader.as_conflict(call) for call in first if has_other_audio(call, rows)}
    rows = {**rows, **tx.recordings.get([call.recording_id for call in conflicts.values()], lock=True)}
    settled = {outcome.recording_id for outcome in known.values() if outcome.recording_id is not None} - rows.keys()
    rows = {**rows, **(tx.recordings.get(settled) if settled else {})}
    plans: list[Plan] = []
    to_take: list[tuple[Call, Admit | Quarantine]] = []
    pending: list[Recording] = []
    labels: dict[RecordingId, Mapping[Pseudonym, str]] = {}
    for one in first:
        call = conflicts.get(one.delivery.position, one)
        row = rows.get(call.recording_id)
        labels[call.recording_id] = call.labels
        if (outcome := known.get(call.delivery.position)) is not None:
            there = None if outcome.recording_id is None else rows.get(outcome.recording_id)
            plans.append(_settled(call, outcome, there, own_id=one.recording_id))
            continue
        # A telephone system that counts anew after a restart gives an event's name to another call, or to other audio.
        earlier = [past for past in seen.get(call.event.event_id, ()) if is_of(past, call)]
        if earlier and not objects_now(call, earlier, row):
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
                begun = row is not None and row.state in (RecordingState.PENDING, RecordingState.DROPPING)
                plans.append(_refused(call, verdict.reason, erase=begun))
            case Wait():
                pending.append(_pending_row(call, policy=policy, objected=frozenset(), row=row))
                park = Park(
                    position=call.delivery.position, event=call.event, recording_id=call.recording_id, wait=verdict
                )
                plans.append(park)
            case Admit() | Quarantine():
                objected = verdict.objected if isinstance(verdict, Admit) else frozenset[str]()
                pending.append(_pending_row(call, policy=policy, objected=objected, row=row))
                to_take.append((call, verdict))
    _write_pending(tx, pending, rows)
    tx.labels.add({row.recording_id: labels[row.recording_id] for row in pending})
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


def _settled(call: Call, outcome: EventOutcome, row: Recording | None, *, own_id: RecordingId) -> Leave:
    """A replay of a position that has its outcome: only what a crash may have left undone is done. `row` is the
    outcome's recording, `own_id` what the call is without any conflict."""
    match outcome.outcome:
        case Outcome.STORED | Outcome.REFUSED:
            taken = True
        case Outcome.QUARANTINED:
            taken = was_taken(outcome, row, own_id=own_id)
        case Outcome.DUPLICATE:
            taken = outcome.reason is Reason.SAME_RECORDING
        case Outcome.DEAD_LETTERED | Outcome.APPLIED:
            taken = False
    dropping = row is not None and row.state is RecordingState.DROPPING
    after = _after(call, drop_landing=taken, erase=outcome.recording_id if dropping else None)
    stays = outcome.outcome in (Outcome.STORED, Outcome.QUARANTINED) and outcome.recording_id is not None
    return Leave(aftermath=replace(after, replaced=outcome.recording_id) if stays else after)


def _after(call: Call, *, drop_landing: bool, erase: RecordingId | None = None) -> Aftermath:
    uri = call.event.audio.uri if drop_landing else None
    return Aftermath(position=call.delivery.position, drop_landing=uri, erase=erase)


def _duplicate_event(call: Call, earlier: EventOutcome, row: Recording | None) -> Close | Compare:
    """An event sent twice. Audio landed twice goes too, where it is surely the same or surely not to be kept; audio
    nobody knows is looked at."""
    if call.sha256 is None and row is not None and stays(row):
        return _compare(call, row, repeated=True)
    same_audio = row is not None and call.sha256 is not None and call.sha256 == row.source_sha256
    gone = row is not None and row.state in GONE
    return Close(
        event=call.event,
        outcome=Outcome.DUPLICATE,
        reason=Reason.SAME_EVENT,
        recording_id=earlier.recording_id,
        aftermath=_after(call, drop_landing=same_audio or gone or earlier.outcome is Outcome.REFUSED),
    )


def _compare(call: Call, row: Recording, *, repeated: bool = False) -> Compare:
    assert row.source_sha256 is not None  # what keeps its audio has some
    return Compare(
        position=call.delivery.position,
        event=call.event,
        recording_id=call.recording_id,
        known_sha256=row.source_sha256,
        sha256=call.sha256,
        stays=stays(row),
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
            unknown = call.sha256 is None and keeps_its_audio(row)
            return _compare(call, row) if stays(row) or unknown else None
        case RecordingState.DROPPING | RecordingState.DROPPED:
            return _refused(call, Reason.OBJECTION, erase=True)
        case RecordingState.DISPOSING | RecordingState.DISPOSED:
            return _refused(call, Reason.ALREADY_DISPOSED, erase=False)


def _refused(call: Call, reason: Reason, *, erase: bool) -> Close:
    """Its landing copy goes, and with `erase` whatever is left of it."""
    return Close(
        event=call.event,
        outcome=Outcome.REFUSED,
        reason=reason,
        recording_id=call.recording_id,
        aftermath=_after(call, drop_landing=True, erase=call.recording_id if erase else None),
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
        notice=notice_of(event),
        measured=measured_of(event),
        objection_offered=_offered(event.line, policy, row),
        policy_version=policy.version,
        holds=() if row is None else row.holds,
        # What an earlier event of this call left in quarantine is kept until there is something better.
        quarantine_reason=None if row is None else row.quarantine_reason,
        source_sha256=None if row is None else row.source_sha256,
        sealed_event=None if row is None else row.sealed_event,
        sealed_audio_key=None if row is None else row.sealed_audio_key,
    )


def _offered(line: LineId, policy: Policy, row: Recording | None) -> bool | None:
    """What its line promises of objections, unless it was promised them before."""
    known = policy.lines.get(line)
    promised = None if row is None else row.objection_offered
    return promised or (promised if known is None else known.objection_honoured)


def _write_pending(tx: Transaction, pending: Sequence[Recording], rows: Mapping[RecordingId, Recording]) -> None:
    """New rows, and rows of quarantined recordings that get another try."""
    tx.recordings.insert([row for row in pending if row.recording_id not in rows])
    again = [row for row in pending if row.recording_id in rows]
    if again:
        tx.recordings.save(again)
