"""The step as the runtime sees it: events that are not recordings, and objections ingest heard of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import InvalidMessageError, InvariantError
from pipeline.model.access import Actor, Role
from pipeline.model.event import CallMonitored, CallObjected, CallRecorded, ObjectionWithdrawn
from pipeline.model.log_entry import EntryOutcome, LogEntry, Operation
from pipeline.model.objection import ScopeKind
from pipeline.model.outcome import EventOutcome, Outcome, Position, Reason
from pipeline.model.policy import Policy
from pipeline.ports.bus import Delivery
from pipeline.ports.catalogue import Catalogue, ObjectionReference
from pipeline.ports.clock import Clock
from pipeline.ports.codec import EventCodec
from pipeline.ports.step import Begun, Finished
from pipeline.rules.identity import call_reference
from pipeline.scribe import Scribe
from pipeline.steps.objections.desk import OBJECTIONS, ObjectionDesk

CALLS_TOPIC = "telephony.calls"
OBJECTIONS_TOPIC = "objections.recorded"

Handled = CallObjected | ObjectionWithdrawn | CallMonitored
_TYPES = {
    CallObjected: "call.objected",
    ObjectionWithdrawn: "call.objection_withdrawn",
    CallMonitored: "call.monitored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionPlan:
    """One delivery: an event to handle, or an objection ingest has filed (`objection_id` under `reference`)."""

    position: Position
    event: Handled | None = None
    objection_id: str | None = None
    reference: ObjectionReference | None = None


class Objections:
    """Consumes `telephony.calls` and `objections.recorded` for the group ``objections``. Thread-safe."""

    name = "objections"
    group = "objections"
    topics = (CALLS_TOPIC, OBJECTIONS_TOPIC)

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        catalogue: Catalogue,
        codec: EventCodec,
        desk: ObjectionDesk,
        scribe: Scribe,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._catalogue = catalogue
        self._codec = codec
        self._desk = desk
        self._scribe = scribe

    def begin(self, deliveries: Sequence[Delivery]) -> Begun[ObjectionPlan]:
        """Decode deliveries."""
        return Begun(plans=[self._read(delivery) for delivery in deliveries])

    def carry_out(self, plan: ObjectionPlan) -> ObjectionPlan:
        """File and apply what one delivery says. Raises RetryableError; it may then be carried out again."""
        match plan.event:
            case CallObjected() as event:
                filed = self._desk.file(
                    event.scope,
                    event.purposes,
                    channel=event.channel,
                    at=event.at,
                    actor=OBJECTIONS,
                    source=event.event_id,
                )
                self._desk.apply(filed)
            case ObjectionWithdrawn() as event:
                self._desk.withdraw(event.scope, event.purposes, at=event.at, actor=OBJECTIONS)
            case CallMonitored() | None:
                pass
        if plan.reference is not None:
            with self._catalogue.transaction() as tx:
                on_file = tx.objections([plan.reference])
            for objection in on_file:
                if objection.objection_id == plan.objection_id:
                    self._desk.apply(objection)
        return plan

    def finish(self, done: Sequence[ObjectionPlan]) -> Finished[ObjectionPlan]:
        """Record the outcomes, and double-listening in the access log (R2, U3)."""
        now = self._clock.now()
        with self._catalogue.transaction() as tx:
            known = tx.outcomes_at([plan.position for plan in done])
            events = [(plan.position, plan.event) for plan in done if plan.event and plan.position not in known]
            past = tx.events_seen([event.event_id for _, event in events])
            # The name may also be that of a call, or of what was no event at all: those were something else.
            seen = {name for name, each in past.items() if any(one.outcome is Outcome.APPLIED for one in each)}
            outcomes, entries = [], []
            for position, event in events:
                duplicate = event.event_id in seen
                seen.add(event.event_id)
                outcomes.append(self._outcome(position, event, duplicate=duplicate, now=now))
                if isinstance(event, CallMonitored) and not duplicate:
                    entries.append(self._monitored(event))
            tx.record_outcomes(outcomes)
            tx.append_log(entries)
        return Finished(aftermaths=done)

    def clean_up(self, aftermath: ObjectionPlan) -> None:
        """Nothing is left to do."""

    def overdue(self, *, limit: int) -> Sequence[Delivery]:
        """No event of this step waits."""
        return ()

    def _read(self, delivery: Delivery) -> ObjectionPlan:
        if delivery.position.topic == OBJECTIONS_TOPIC:
            return _read_filed(delivery)
        try:
            event = self._codec.decode(delivery.value)
        except InvalidMessageError:
            return ObjectionPlan(position=delivery.position)  # ingest dead-letters it
        return ObjectionPlan(position=delivery.position, event=None if isinstance(event, CallRecorded) else event)

    def _outcome(self, position: Position, event: Handled, *, duplicate: bool, now: datetime) -> EventOutcome:
        call_id = event.call_id if isinstance(event, CallMonitored) else event.scope.call_id
        return EventOutcome(
            position=position,
            event_id=event.event_id,
            type=_TYPES[type(event)],
            call_id=call_id,
            leg=None,
            segment=None,
            line=None,
            outcome=Outcome.DUPLICATE if duplicate else Outcome.APPLIED,
            reason=Reason.SAME_EVENT if duplicate else None,
            recording_id=None,
            policy_version=self._policy.version,
            decided_at=now,
        )

    def _monitored(self, event: CallMonitored) -> LogEntry:
        role = Role(event.listener_role) if event.listener_role in set(Role) else Role.SUPERVISOR
        return self._scribe.entry(
            Actor(role=role, name=event.listener_id),
            Operation.CALL_MONITORED,
            EntryOutcome.DONE,
            subject=call_reference(self._desk.keys.pseudonym("call", event.call_id)),
            purpose=event.purpose,
        )


def _read_filed(delivery: Delivery) -> ObjectionPlan:
    try:
        value = json.loads(delivery.value)
        return ObjectionPlan(
            position=delivery.position,
            objection_id=value["objection_id"],
            reference=ObjectionReference(scope=ScopeKind(value["scope"]), reference=value["reference"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InvariantError(f"a message of ours on {OBJECTIONS_TOPIC} cannot be read") from error
